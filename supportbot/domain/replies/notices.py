"""The bot's own sentences. Everything else that it shows is a quotation."""

from collections.abc import Collection
from dataclasses import replace

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Listening
from supportbot.domain.language.catalogue import say, words
from supportbot.domain.language.texts import Name, Said, joined, with_links
from supportbot.domain.replies.reply import Action, OutgoingMessage, Reply


def compose_not_shared() -> Reply:
    """Tell the asker that their question could not be posted, and what to do."""
    return Reply(say("alone.not_shared"), actions=(Action.SHARE,))


def compose_cannot_post(where: str, *, has_others: bool) -> Reply:
    """Tell the asker at once that nobody can be asked in a channel, before anything is promised.

    Args:
        where: The channel's name; empty where the bot does not know it.
        has_others: Whether the asker can choose another channel.
    """
    key = "alone.cannot_post" if has_others else "alone.cannot_post_here"
    channel = Name(where) if where else words("alone.this_channel")
    actions = (Action.SHARE,) if has_others else ()
    return Reply(say(key, channel=channel), actions=actions)


def compose_cannot_see() -> Reply:
    """Tell somebody at once that the bot cannot reply in a channel that it does not see."""
    return Reply(say("alone.cannot_see"))


def compose_taking() -> Reply:
    """Tell somebody that a message of another's is taken as a question."""
    return Reply(say("you.taken"))


def linked(reply: Reply, url: str) -> Reply:
    """Return a reply whose open links lead to an address; without one, they are plain words."""
    return replace(reply, text=with_links(reply.text, url))


def compose_unreadable() -> Reply:
    """Ask for words where there is only a picture."""
    return Reply(say("read.no_picture"))


def compose_unheard() -> Reply:
    """Ask for words where there is only a recording."""
    return Reply(say("read.no_recording"))


def compose_unread_file() -> Reply:
    """Ask for words where there is only a file that is not read."""
    return Reply(say("read.no_file"))


def without_the_recording(reply: Reply) -> Reply:
    """Say that only the words of a question were taken in."""
    return replace(reply, text=joined(reply.text, say("read.without_recording")))


def without_the_picture(reply: Reply) -> Reply:
    """Say that only the words of a question were read."""
    return replace(reply, text=joined(reply.text, say("read.without_picture")))


def compose_listening(listening: Listening) -> Reply:
    """Say to what the bot listens in a channel from now on."""
    return Reply(say("listen.confirmed", what=listens_to(listening)))


def listens_to(listening: Listening) -> str:
    """Name what the bot listens to, within a sentence."""
    return words(f"listen.{listening}")


def compose_not_served() -> Reply:
    """Tell somebody that the bot belongs to a group of which they are not, or not here."""
    return Reply(say("you.not_served"))


def compose_maintainers_only() -> Reply:
    """Say that somebody may not decide this."""
    return Reply(say("you.maintainers_only"))


def compose_enough_taken() -> Reply:
    """Say, to them alone, that somebody has taken on as many questions as they may at once."""
    return Reply(say("you.enough_taken"))


def compose_not_asked() -> Reply:
    """Say, to them alone, that only those who were asked can pass a question on."""
    return Reply(say("you.not_asked"))


def compose_not_open() -> Reply:
    """Say, to them alone, that there is nothing to take on or to pass on any more."""
    return Reply(say("you.not_open"))


def compose_gone() -> Reply:
    """Say, to them alone, that what they pressed is about a question that is not held."""
    return Reply(say("you.gone"))


def compose_solved_before() -> Reply:
    """Say, to them alone, that a question was marked as solved before."""
    return Reply(say("you.solved_before"))


def compose_askers_only(asker: Author) -> Reply:
    """Say kindly, to them alone, who may mark a question as solved."""
    return Reply(say("you.askers_only", asker=_whoever(asker)))


def compose_askers_only_may_ask(asker: Author) -> Reply:
    """Say kindly, to them alone, who may say that an answer does not fit."""
    return Reply(say("you.askers_only_may_ask", asker=_whoever(asker)))


def _whoever(asker: Author) -> Name:
    return Name(asker.name or words("you.whoever_asked"))


def compose_asked_already() -> Reply:
    """Say, to them alone, that people are asked already."""
    return Reply(say("you.asked_already"))


def compose_own_question() -> Reply:
    """Say, to them alone, that a question is theirs."""
    return Reply(say("you.own_question"))


def compose_taken_already() -> Reply:
    """Say, to them alone, that they have taken a question on."""
    return Reply(say("you.taken_already"))


def compose_how_to_review() -> Reply:
    """Tell a maintainer how to take back, restore or correct an answer."""
    return Reply(say("review.how"))


def compose_no_such_answer() -> Reply:
    """Tell a maintainer that a link leads to no answer that can be changed so."""
    return Reply(say("review.none"))


def compose_reviewed(*, is_shown: bool) -> Reply:
    """Confirm to a maintainer what became of an answer."""
    if is_shown:
        return Reply(say("review.shown"))
    return Reply(say("review.withdrawn"))


def compose_settled_already() -> Reply:
    """Say, to them alone, that they have answered or passed a question on."""
    return Reply(say("you.settled_already"))


def compose_to_whom() -> Reply:
    """Ask one who was asked, alone, to whom a question goes instead."""
    return Reply(say("you.to_whom"), actions=(Action.PASS_TO,))


def compose_profile(described: Said, *, is_new: bool) -> Reply:
    """Say to somebody what they have chosen."""
    return Reply(text=joined(say("you.noted"), described) if is_new else described)


def compose_misread(sentence: Said) -> Reply:
    """Say to somebody what they may choose, when what they typed cannot be read."""
    return Reply(say("you.unchanged", sentence=sentence))


def compose_help_offer() -> Reply:
    """Offer to find somebody, where it is not clear that a message asks for help."""
    return Reply(say("thread.help_offer"), actions=(Action.FIND,))


def compose_unseen() -> Reply:
    """Say, when called into a thread, that its first message is not known."""
    return Reply(say("thread.unseen"))


def compose_solved_already() -> Reply:
    """Say, when asked again in the thread of a solved question, where to ask."""
    return Reply(say("thread.solved"))


def compose_silence(*, minutes: int) -> Reply:
    """Say that the bot leaves the next questions to people for a while."""
    return Reply(say("thread.silence", n=minutes))


def compose_enough() -> Reply:
    """Tell one person alone that they have asked for too much within the last hour."""
    return Reply(say("you.enough"))


def compose_not_here() -> Reply:
    """Tell one person alone that the bot is not in the channel of what they want asked."""
    return Reply(say("you.not_here"))


def compose_noted() -> Reply:
    """Tell one person alone that what they pressed counts, though nothing more is said of it."""
    return Reply(say("you.noted_enough"))


def compose_no_question() -> Reply:
    """Tell one person alone that what they typed asks nothing."""
    return Reply(say("you.no_question"))


def compose_still_working() -> Reply:
    """Tell one person alone that what they typed is not done yet."""
    return Reply(say("you.still_working"))


def compose_forgotten(*, questions: int, answers: int) -> Reply:
    """Confirm to a member that they are forgotten. It names nobody."""
    return Reply(
        say(
            "you.forgotten",
            questions=say("count.questions", n=questions),
            answers=say("count.answers", n=answers),
        )
    )


def without_quotes(message: OutgoingMessage, document_ids: Collection[str]) -> OutgoingMessage:
    """Strike out of a message what was deleted or changed since it was written."""
    reply = message.reply
    kept = tuple(quote for quote in reply.quotes if quote.document_id not in document_ids)
    if kept:
        return replace(message, reply=replace(reply, quotes=kept))
    closing = reply.closing if reply.mentions else say("ask.whoever")
    text = say("found.gone")
    return replace(message, reply=replace(reply, text=text, quotes=(), closing=closing))


def without_mentions(message: OutgoingMessage) -> OutgoingMessage:
    """Strike out of a message whom it asks, because one of them was forgotten."""
    reply = replace(message.reply, closing=say("ask.whoever"))
    return replace(message, reply=reply)


def compose_closed() -> Reply:
    """Confirm that a question is closed although nobody but the bot answered it."""
    return Reply(say("thread.closed"), is_solved=True)


def compose_maintainers_only_see() -> Reply:
    """Say that somebody may not see this."""
    return Reply(say("you.maintainers_only_see"))


def compose_say_it_there() -> Reply:
    """Ask somebody to go to the channel whose settings they mean."""
    return Reply(say("you.say_it_there"))


def compose_no_topic() -> Reply:
    """Ask for a topic that tells something."""
    return Reply(say("you.no_topic"))
