"""Closing a question: whose answer was it, and thanks."""

from collections.abc import Sequence
from dataclasses import replace

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Answer, Standing
from supportbot.domain.language.catalogue import say, words
from supportbot.domain.language.texts import Name
from supportbot.domain.replies.reply import THE_BOTS_OWN, Action, Choice, Reply


def compose_whose(choices: Sequence[Choice]) -> Reply:
    """Ask whose answer it was that solved a question, with one press."""
    text = say("thread.whose")
    if len(choices) == 1:
        is_mine = choices[0].message_id == THE_BOTS_OWN
        name = Name(choices[0].label)
        text = say("thread.whose_mine") if is_mine else say("thread.whose_of", name=name)
    return Reply(text, actions=(Action.SOLVED,), choices=tuple(choices))


def compose_which(choices: Sequence[Choice]) -> Reply:
    """Ask one who says that a question is solved by what; to them alone."""
    return replace(compose_whose(choices), text=say("thread.which"))


def the_bots_answer() -> str:
    """Name, in the menu of answers, what the bot itself has shown."""
    return words("thread.bots_answer")


def compose_check(choices: Sequence[Choice]) -> Reply:
    """Ask the asker, once, whether an answer solved it."""
    return replace(compose_whose(choices), closing=say("thread.check_how"))


def compose_thanks(answer: Answer, accepted_by: Author) -> Reply:
    """Thank the one whose answer was accepted, and say what becomes of it."""
    becomes = "shown" if answer.standing is Standing.KNOWLEDGE else "waiting"
    thanks = say(
        f"thread.thanks_{becomes}", who=Name(answer.author.name), asker=Name(accepted_by.name)
    )
    return Reply(thanks, is_solved=True)


def compose_closing_offer(choices: Sequence[Choice]) -> Reply:
    """Offer to close a question whose asker said thanks, and ask whose answer it was."""
    if len(choices) > 1:
        return replace(compose_whose(choices), text=say("thread.closing_which"))
    text = say("thread.closing_offer", solved=words("press.solved"))
    return Reply(text, actions=(Action.SOLVED,), choices=tuple(choices))
