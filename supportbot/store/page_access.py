"""What a page may say of questions: they are read anew when it leaves, and the walls hold.

The words of others stand in the outbox only as the name of a question. So what is deleted, edited,
forgotten or closed off until the page leaves is not on it.
"""

from dataclasses import replace

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import direct_to
from supportbot.domain.chat.questions import Question
from supportbot.domain.knowledge.capture import first_line
from supportbot.domain.replies.reply import Line, OutgoingMessage, Section
from supportbot.store import asks, conversations, messages, outsiders, places
from supportbot.store.engine.transaction import Transaction


def may_read(tx: Transaction, question: Question, member_id: str) -> bool:
    """Whether a member may read a question.

    Any member may read what was asked in the open; an outsider, what was asked in their channels.
    Of a private channel, it is its asker, and who was asked or answered there and has spoken in
    that channel: somebody may be asked who was never in it. None of them who has left.
    """
    place, is_asker = question.place, member_id == question.asker.member_id
    if not place.is_private:
        return is_asker or outsiders.may_be_in(tx, place, member_id)
    if direct_to(place):
        return is_asker
    if member_id in places.members_away(tx, place):
        return False
    return is_asker or (
        messages.has_spoken_in(tx, place.channel_key, member_id)
        and _took_part(tx, question, member_id)
    )


def _took_part(tx: Transaction, question: Question, member_id: str) -> bool:
    climb = asks.climb_of(tx, question)
    return member_id in climb.asked_ids or conversations.has_answered(tx, question.id, member_id)


def as_it_stands(tx: Transaction, message: OutgoingMessage) -> OutgoingMessage:
    """Return a message whose page says what its questions say now, without those that are gone."""
    page, user_id = message.reply.page, direct_to(message.place)
    if page is None:
        return message
    reader = Author(message.place.platform, user_id, "").member_id

    def stands(line: Line) -> Line | None:
        if line.about is None:
            return line
        question = conversations.question_in(tx, line.about)
        if question is None or not may_read(tx, question, reader):
            return None
        return replace(line, asked=first_line(question.text, limit=_LONGEST) or "(no words)")

    def stand(section: Section) -> Section:
        lines = (stands(line) for line in section.lines)
        return replace(section, lines=tuple(line for line in lines if line is not None))

    sections = tuple(stand(section) for section in page.sections)
    return replace(message, reply=replace(message.reply, page=replace(page, sections=sections)))


_LONGEST = 100
"""Characters of a question's first words."""
