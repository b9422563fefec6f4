"""History in: what was said before the bot came, from the stream of an export's messages.

It goes in batches, each one transaction. Ids are the platform's, so that it can be stopped at any
moment, continued, and repeated without change.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supportbot.domain.chat.history import PastMessage
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Answer, Question, QuestionState, Standing
from supportbot.domain.knowledge import capture
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.knowledge.teaching import TeachingRules, Verdict, judge_accepted, judge_reply
from supportbot.domain.recognition.acknowledgements import calls_it_wrong
from supportbot.domain.recognition.conversations import (
    Conversations,
    Tally,
    approving,
    as_answer,
    asks,
    gives_thanks,
    refusing,
    says_unsolved,
)
from supportbot.domain.redaction.redact import redact
from supportbot.knowledge.names import put_names
from supportbot.knowledge.search import Progress, Search, untold
from supportbot.store import (
    conversations,
    knowledge,
    lifecycle,
    messages,
    outsiders,
    places,
    tombstones,
)
from supportbot.store.acceptances import count_people_helped
from supportbot.store.conversations import Asked
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction
from supportbot.store.messages import Said

_AT_ONCE = 2_000
_LETTERS_AT_ONCE = 4_000_000
_DECIDED_AT_ONCE = 200
_NO_NAMES: Mapping[str, Mapping[str, str]] = {}
_USUAL_RULES = TeachingRules()
CALLED_WRONG = "somebody said that it is wrong, or that it did not help"
_SOURCE = "history"
"""A source without documents: its sync embeds what is stored and has no vector yet."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an export holds, and how much of it was new."""

    messages: int
    """By people, where others may read them."""
    questions: int
    """First messages that ask, and that somebody else replied to."""
    answers: int
    """Questions to which somebody else said something."""
    people: int
    """Those who gave these answers."""
    new_messages: int
    learned: int
    """Answers that became knowledge now."""
    waiting: int = 0
    """Answers that wait now until a maintainer has looked at them."""


def import_history(  # noqa: PLR0913 - what is imported, into what, and who is told
    past: Iterable[PastMessage],
    database: Database,
    search: Search,
    *,
    rules: TeachingRules = _USUAL_RULES,
    names: Mapping[str, Mapping[str, str]] = _NO_NAMES,
    is_dry: bool = False,
    on_embedded: Progress = untold,
) -> ImportReport:
    """Bring in what was said.

    1. Who said something, where and when, is noted; questions and replies in threads are kept.
    2. What solved a question becomes knowledge, or waits, by the rules for what is said live. There
       is one difference: where nobody accepted an answer, and none is reviewed, the first that says
       something counts, unless somebody called it wrong.
    3. What became knowledge is embedded.

    Args:
        past: Messages, each channel's in the order of time.
        database: Where everything is kept.
        search: What makes it findable.
        rules: Whose answers teach, and which wait in `supportbot review`.
        names: What people and channels are called, by platform and id; read after `past`.
        is_dry: Only count; store nothing, and load no model.
        on_embedded: Told how many of how many passages are embedded.
    """
    importer = _Importer(database)
    for batch in _batches(past):
        importer.take(batch, is_dry=is_dry)
    learned = Learned()
    if not is_dry:
        for platform, called in names.items():
            put_names(database, search, platform, called)
        learned = _learn(database, search, rules)
        search.sync(_SOURCE, (), on_embedded)
    tally = importer.tally
    return ImportReport(
        messages=importer.messages,
        questions=tally.questions,
        answers=tally.answers,
        people=tally.people,
        new_messages=importer.new_messages,
        learned=learned.taught,
        waiting=learned.waiting,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """A message with the conversation that it belongs to."""

    message: PastMessage
    key: str
    channel_key: str
    conversation: str
    is_question: bool

    @property
    def in_thread(self) -> bool:
        """Whether the platform marked the conversation."""
        return self.message.place.thread is not None

    @property
    def said(self) -> Said:
        """What is noted of it. Alone it has no conversation until somebody replies."""
        is_alone = not self.in_thread and self.conversation == self.key
        return Said(
            message_key=self.key,
            channel_key=self.channel_key,
            member_id=self.message.author.member_id,
            thread="" if is_alone else self.conversation,
            said_at=self.message.said_at,
        )

    def is_until(self, moment: datetime | None) -> bool:
        """Whether it was said before its author was forgotten."""
        return moment is not None and self.message.said_at <= moment


class _Importer:
    """Takes batches of messages in the order of time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._conversations = Conversations()
        self.tally = Tally()
        self.messages = 0
        self.new_messages = 0

    def take(self, batch: Sequence[PastMessage], *, is_dry: bool) -> None:
        """Take the next messages: all of them, or none when it is stopped."""
        told = [self._tell(message) for message in batch if not message.is_bot]
        with self._database.reading() as tx:
            told = self._without_forgotten(tx, self._without_deleted(tx, told))
            new = self._new(tx, told)
        for one in told:
            self.tally.count(one.message, one.conversation, is_question=one.is_question)
        if told and not is_dry:
            with self._database.writing() as tx:
                # Somebody may have been forgotten since.
                self._note_standing(tx, self._without_forgotten(tx, told))
                self._store(tx, self._without_forgotten(tx, new))
        self.messages += len(told)
        self.new_messages += len(new)

    def _tell(self, message: PastMessage) -> _Told:
        key, conversation = message.key, self._conversations.place(message)
        is_question = conversation == key and asks(message)
        return _Told(message, key, message.place.channel_key, conversation, is_question)

    def _without_deleted(self, tx: Transaction, told: Sequence[_Told]) -> list[_Told]:
        """Leave out what the platform has told of as deleted: it, its thread or its channel."""
        keys = {key for one in told for key in (one.key, one.channel_key)}
        threads = {one.conversation for one in told if one.in_thread}
        gone = messages.deleted(tx, keys | threads)
        return [
            one
            for one in told
            if one.key not in gone
            and one.channel_key not in gone
            and not (one.in_thread and one.conversation in gone)
        ]

    def _without_forgotten(self, tx: Transaction, told: Sequence[_Told]) -> list[_Told]:
        """Leave out what members had said before they were forgotten."""
        members = {one.message.author.member_id for one in told}
        forgotten = tombstones.forgotten_among(tx, members)
        return [
            one for one in told if not one.is_until(forgotten.get(one.message.author.member_id))
        ]

    def _new(self, tx: Transaction, told: Sequence[_Told]) -> list[_Told]:
        """Leave out what is noted, and what came in by itself."""
        keys = {one.key for one in told}
        known = messages.known(tx, keys)
        known |= messages.came_in(tx, keys - known)
        return [one for one in told if one.key not in known]

    def _store(self, tx: Transaction, told: Sequence[_Told]) -> None:
        where = self._note_places(tx, told)
        messages.note(tx, [one.said for one in told])
        in_threads = [one for one in told if one.in_thread]
        questions = [
            _question(one.message, where[one.channel_key]) for one in in_threads if one.is_question
        ]
        conversations.put_questions(tx, questions)
        asked = conversations.asked(tx, {one.conversation for one in in_threads})
        replies = [
            one for one in in_threads if one.conversation in asked and not one.message.is_first
        ]
        answers = [
            (_answer(one.message), one.key)
            for one in replies
            if one.message.author.member_id != asked[one.conversation].asker_id
        ]
        conversations.put_answers(tx, answers, asked)
        for one in replies:
            self._follow(tx, one.message, asked[one.conversation])

    def _note_standing(self, tx: Transaction, told: Sequence[_Told]) -> None:
        """Note who may read what, and who people are, also where nothing that was said is new."""
        self._note_places(tx, told)
        latest = {one.message.author.member_id: one.message for one in _by_time(told)}
        self._note_outsiders(tx, latest)
        self._note_leavers(tx, latest)

    def _note_outsiders(self, tx: Transaction, latest: Mapping[str, PastMessage]) -> None:
        """Note who is a guest, or of another company, unless the bot has heard of them since."""
        for member, said in latest.items():
            if said.author.is_outsider == outsiders.is_outsider(tx, member):
                continue
            known_until = messages.last_said_at(tx, member)
            if known_until is None or known_until <= said.said_at:
                outsiders.note(tx, said.author)

    def _note_leavers(self, tx: Transaction, latest: Mapping[str, PastMessage]) -> None:
        """Note who has left the workspace: they are asked nothing, unless the bot hears of them."""
        away = dict[Place, frozenset[str]]()
        for member, said in latest.items():
            home = Place(said.place.platform, said.place.workspace, "")
            if home not in away:
                away[home] = places.members_away(tx, home)
            if said.has_left != (member in away[home]) and not said.is_bot:
                places.note_member(tx, member, home, said.said_at, is_away=said.has_left)

    def _note_places(self, tx: Transaction, told: Sequence[_Told]) -> dict[str, Place]:
        """Note the channels. An export may close one that was open; it opens none."""
        where = {}
        for key, message in {one.channel_key: one.message for one in told}.items():
            place, heard_at = replace(message.place, thread=None), message.said_at
            closed_at = places.closed_elsewhere(tx, place)
            if closed_at is not None:
                place, heard_at = replace(place, is_private=True), closed_at
            is_opening = places.as_known(tx, place).is_private and not place.is_private
            if not is_opening and places.note(tx, place, heard_at):
                lifecycle.move_audience(tx, place)
            if place.is_private or place.is_shared:
                for closed in places.close(tx, place):
                    lifecycle.move_audience(tx, closed)
            where[key] = places.as_known(tx, place)
        return where

    def _follow(self, tx: Transaction, message: PastMessage, asked: Asked) -> None:
        """Let people say which answer it was, and which it was not."""
        if not asked.is_past:
            return
        question_id, asker_id = message.place.key, asked.asker_id
        is_asker = message.author.member_id == asker_id
        accepted: Sequence[Answer] = ()
        wrong: Sequence[Answer] = ()
        if is_asker and gives_thanks(message):
            accepted = _answers_before(tx, question_id, message)[-1:]
        elif not is_asker and asker_id in approving(message):
            accepted = [as_answer(message, question_id)]
        elif not is_asker and asker_id in refusing(message):
            wrong = [as_answer(message, question_id)]
        elif is_asker and says_unsolved(message):
            wrong = _answers_before(tx, question_id, message)
        elif calls_it_wrong(message.text) and not message.author.is_outsider:
            wrong = _answers_before(tx, question_id, message)[-1:]
        for answer in filter(capture.says_something, accepted):
            conversations.accept_first(tx, answer)
        for answer in wrong:
            conversations.call_wrong(tx, answer, CALLED_WRONG)


def _by_time(told: Iterable[_Told]) -> list[_Told]:
    return sorted(told, key=lambda one: one.message.said_at)


def _batches(past: Iterable[PastMessage]) -> Iterator[list[PastMessage]]:
    """Cut the stream so that a batch fits in memory, whatever is said in it."""
    batch: list[PastMessage] = []
    letters = 0
    for message in past:
        batch.append(message)
        letters += len(message.text)
        if len(batch) == _AT_ONCE or letters > _LETTERS_AT_ONCE:
            yield batch
            batch, letters = [], 0
    if batch:
        yield batch


@dataclass(frozen=True, slots=True)
class Learned:
    """How many answers became knowledge, and how many wait."""

    taught: int = 0
    waiting: int = 0


def _learn(database: Database, search: Search, rules: TeachingRules) -> Learned:
    """Let what solved the past questions become knowledge; found by words at once."""
    learned, after = Learned(), ""
    while True:
        with database.writing() as tx:
            questions = conversations.past_questions_with_answers(
                tx, after=after, limit=_DECIDED_AT_ONCE
            )
            judged = [_learn_from(tx, question, rules) for question in questions]
            prepared = [
                search.make_findable(document, by_meaning=False).prepared
                for document in judged
                if isinstance(document, Document)
            ]
            knowledge.put_documents(tx, prepared)
        if not questions:
            return learned
        waiting = judged.count(Standing.WAITING)
        learned = Learned(learned.taught + len(prepared), learned.waiting + waiting)
        after = questions[-1].id


def _learn_from(tx: Transaction, question: Question, rules: TeachingRules) -> Document | Standing:
    """Choose among the answers about which nobody has decided, and judge it.

    Returns:
        What it teaches, or what becomes of it.
    """
    answers = conversations.answers_to(tx, question.id)
    if any(answer.standing is Standing.WAITING for answer in answers):
        return Standing.GIVEN
    undecided = [
        answer
        for answer in answers
        if answer.standing is Standing.GIVEN and capture.says_something(answer)
    ]
    accepted = next((answer for answer in undecided if answer.is_accepted), None)
    helpful = [answer for answer in undecided if answer.reason != CALLED_WRONG]
    outside = outsiders.all_of(tx)
    ours = [answer for answer in helpful if answer.author.member_id not in outside]
    chosen = accepted or capture.choose_answer(ours or helpful)
    if chosen is None:
        return Standing.GIVEN
    verdict = _judge(tx, question, chosen, rules)
    judged = replace(chosen, standing=verdict.standing, reason=verdict.reason, from_history=True)
    conversations.save_answer(tx, judged)
    if verdict.standing is not Standing.KNOWLEDGE:
        return verdict.standing
    resolved = replace(question, state=QuestionState.RESOLVED)
    conversations.save_question(tx, resolved)
    return capture.document_from(resolved, judged)


def _judge(tx: Transaction, question: Question, answer: Answer, rules: TeachingRules) -> Verdict:
    who = answer.author.member_id
    outside = outsiders.all_of(tx)
    author = replace(answer.author, is_outsider=who in outside)
    asker = replace(question.asker, is_outsider=question.asker.member_id in outside)
    # Live, an answer is judged before it is counted.
    count = count_people_helped(tx, who, without=answer.id)
    if answer.is_accepted:
        return judge_accepted(author, asker, count, rules)
    if rules.review_newcomers or author.is_outsider:
        return judge_reply(author, count, rules)
    return Verdict(Standing.KNOWLEDGE, "")


def _question(message: PastMessage, channel: Place) -> Question:
    return Question(
        place=message.place.with_privacy(
            is_private=channel.is_private, is_shared=channel.is_shared
        ),
        asker=message.author,
        text=redact(message.text),
        asked_at=message.said_at,
        url=message.url,
        state=QuestionState.PAST,
        confidence=0.0,
    )


def _answer(message: PastMessage) -> Answer:
    return replace(as_answer(message, message.place.key), text=redact(message.text))


def _answers_before(tx: Transaction, question_id: str, message: PastMessage) -> list[Answer]:
    """Return the answers of others that somebody's message may be about, the latest last.

    That is the one that it replies to, where it says so; else all that say something.
    """
    before = [
        answer
        for answer in conversations.answers_to(tx, question_id)
        if answer.said_at <= message.said_at
        and answer.author.member_id != message.author.member_id
        and capture.says_something(answer)
    ]
    meant = [answer for answer in before if answer.id == f"{question_id}/{message.reply_to}"]
    return meant or before
