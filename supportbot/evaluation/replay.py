"""A chat export as a past that can be lived through again, and its gold: who answered what.

The gold is a table, tab-separated, a line a question: id (`channel:message id`), seconds since
1970, asker, main answerer, all answerers (`|` between them), split. More columns are passed over.
"""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from supportbot.domain.chat.audiences import audience_of
from supportbot.domain.chat.history import PastMessage
from supportbot.domain.experts.expertise import Answered, Asking, Step, Utterance
from supportbot.domain.recognition.conversations import Conversations, gives_thanks
from supportbot.errors import SupportbotError
from supportbot.files.text import read_text
from supportbot.importers import discord_export, slack_export, slack_workspace
from supportbot.importers.json_streams import Passed


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question of which it is known who answered. People are the platform's user ids."""

    id: str
    asker: str
    main: str
    answerers: frozenset[str]
    split: str
    is_question: bool = True
    """Somebody, or a rule, took it for one; the seventh column, 1 where there is none."""


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that was said in an export, in the order of time."""

    platform: str
    messages: tuple[PastMessage, ...]
    steps: tuple[Step, ...]
    """One for each message."""
    askings: tuple[Asking, ...]
    """Each message as if it were a question: who may know?"""

    def find(self, questions: Sequence[GoldQuestion]) -> dict[str, int]:
        """Return the number of the message that each question is.

        Raises:
            SupportbotError: The export lacks one of them.
        """
        wanted = {question.id for question in questions}
        found: dict[str, int] = {}
        for number, message in enumerate(self.messages):
            place = message.place
            for channel in (message.channel_name, place.channel, place.thread):
                id_ = f"{channel}:{message.message_id}"
                if id_ in wanted:
                    found[id_] = number
        missing = wanted - found.keys()
        if missing:
            message_ = (
                f"{len(missing)} questions of the gold are not in the export, such as "
                f"{min(missing)}. Do the two belong together?"
            )
            raise SupportbotError(message_)
        return found


def read_past(
    export: Path, on_file: Callable[[int, int], object] = lambda _done, _total: None
) -> Past:
    """Read an export of Slack or Discord, whichever it is.

    Raises:
        SupportbotError: It is neither.
    """
    with discord_export.open_export(export) as files:
        is_slack = any(name.endswith(("users.json", "channels.json")) for name in files.names)
        past = (
            slack_export.read_messages(files, Passed(), on_file, _ANY_WORKSPACE)
            if is_slack
            else discord_export.read_messages(files, Passed(), on_file)
        )
        messages = sorted(
            (message for message in past if not message.is_bot),
            key=lambda message: (message.said_at, message.key),
        )
    platform = slack_export.PLATFORM if is_slack else discord_export.PLATFORM
    steps, askings = _live_through(messages)
    return Past(platform, tuple(messages), tuple(steps), tuple(askings))


_ANY_WORKSPACE = slack_workspace.Known(workspace="T0")
"""Which one it is changes nothing for who answers whom, and nothing is stored."""


def read_gold(path: Path, *, with_unanswered: bool = False) -> list[GoldQuestion]:
    """Read who answered what, for the questions that somebody answered, or for all.

    Raises:
        SupportbotError: The table is missing or broken; it says where.
    """
    lines = read_text(path, most=_LARGEST).splitlines()
    found = []
    for number, row in enumerate(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE), 1):
        if not row or row[0].startswith("#"):
            continue
        if len(row) < _COLUMNS or ":" not in row[0]:
            message = (
                f"{path}:{number}: expected a question's id (channel:message), seconds, asker, "
                "main answerer, answerers and split, with tabs."
            )
            raise SupportbotError(message)
        id_, _, asker, main, answerers, split = row[:_COLUMNS]
        if answerers or with_unanswered:
            people = frozenset(filter(None, answerers.split("|")))
            is_question = row[_COLUMNS : _COLUMNS + 1] != ["0"]
            found.append(GoldQuestion(id_, asker, main, people, split, is_question))
    return found


_COLUMNS = 6
_LARGEST = 200_000_000
"""Bytes of a table. It is held in memory."""


def _live_through(messages: Iterable[PastMessage]) -> tuple[list[Step], list[Asking]]:
    conversations, talk = Conversations(), _Talk()
    steps, askings = [], []
    for message in messages:
        conversation = conversations.place(message)
        step, asking = talk.hear(message, conversation)
        steps.append(step)
        askings.append(asking)
    return steps, askings


class _Talk:
    """Remembers who said what, to say whom a message answers or thanks."""

    def __init__(self) -> None:
        self._said: dict[str, PastMessage] = {}
        self._last: dict[str, str] = {}
        """Who spoke last in a conversation besides the one who began it."""

    def hear(self, message: PastMessage, conversation: str) -> tuple[Step, Asking]:
        self._said[message.key] = message
        first = self._said.get(conversation)
        who, place = message.author.member_id, message.place
        begins = conversation == message.key
        said = Utterance(who, place.channel_key, message.said_at, conversation)
        is_asker = first is not None and first.author.member_id == who
        thanked = ""
        if is_asker and not begins and conversation in self._last and gives_thanks(message):
            thanked = self._last[conversation]
        if not is_asker:
            self._last[conversation] = who
        step = Step(said, self._answered(message, first), thanked)
        asking = Asking(
            text=message.text,
            asker_id=who,
            channel_key=place.channel_key,
            asked_at=message.said_at,
            thread="" if begins else conversation,
            mentions=frozenset(f"{message.author.platform}:{id_}" for id_ in message.mentions),
        )
        return step, asking

    def _answered(self, message: PastMessage, first: PastMessage | None) -> Answered | None:
        replied_to = self._said.get(message.place.message_key(message.reply_to))
        question = replied_to or first
        who = message.author.member_id
        if question is None or question.author.member_id == who:
            return None
        return Answered(
            member_id=who,
            asker_id=question.author.member_id,
            channel_key=message.place.channel_key,
            question_id=question.key,
            said_at=message.said_at,
            question=question.text,
            audience=audience_of(question.place),
            asked_at=question.said_at,
        )
