"""What is the same however a platform tells what happened. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from supportbot.domain.chat.events import (
    AnswerAccepted,
    AnswerRejected,
    Event,
    HelpRequested,
    QuestionClaimed,
    QuestionPassed,
    TopicRefused,
)
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.replies.reply import THE_BOTS_OWN, Action
from supportbot.errors import SupportbotError
from supportbot.files.toml_errors import explain_value

LARGEST_FILE = 20_000
"""Bytes of a text file that is read; a larger one is named."""

Press = Callable[[str, Place, Author, datetime], Event]
"""Makes the event of a press: by its id, the thread that it is about, who pressed, and when."""

PRESSED: Mapping[str, Press] = MappingProxyType(
    {
        Action.SOLVED: AnswerAccepted,
        Action.REJECT: AnswerRejected,
        Action.PERSON: HelpRequested,
        Action.FIND: HelpRequested,
        Action.CLAIM: QuestionClaimed,
        Action.PASS: QuestionPassed,
        Action.PASS_TO: partial(QuestionPassed, is_choosing=True),
        Action.REFUSE: TopicRefused,
    }
)
"""What a button means that needs nothing to be chosen, or what was chosen of a menu."""


def read_pressed(name: str, chosen: str = "") -> Press | None:
    """Find what a press means; None when it means nothing here.

    Args:
        name: What the button or the menu is called.
        chosen: What was chosen of the menu, or what the button carries.
    """
    if name == Action.SOLVED:
        return partial(AnswerAccepted, message_id="" if chosen == THE_BOTS_OWN else chosen)
    return PRESSED.get(chosen if name == Action.PASS and chosen else name)


_Options = TypeVar("_Options", bound=BaseModel)


def read_options(model: type[_Options], platform: str, options: Mapping[str, object]) -> _Options:
    """Read the settings of an adapter.

    Args:
        model: What there is to be set.
        platform: The name of its table.
        options: What stands there.

    Raises:
        SupportbotError: They cannot be used; the message says all that is wrong.
    """
    try:
        return model.model_validate(dict(options))
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, one['loc'])) or platform}: {explain_value(dict(one))}"
            for one in error.errors()
        ]
        known = ", ".join(model.model_fields)
        message = (
            f"supportbot.toml, [adapters.{platform}]: {'; '.join(problems)}. "
            f"Known settings: {known}."
        )
        raise SupportbotError(message) from error
