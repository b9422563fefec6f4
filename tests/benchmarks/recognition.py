"""How well messages are recognised: `python tests/benchmarks/recognition.py LABELS_FOLDER`.

The folder has `question-detection.tsv` (label, community, channel, title, text; Q is a question to
the group, F a follow-up or one to a single person, N neither, U unclear) and
`answer-capture.jsonl` (threads: `messages` with `n`, `from` and `text`, and `accept`). Sentences of
our own about trouble that is told without asking stand beside this file: `trouble-fit.tsv`, on
which the words were chosen, and `trouble-held-out.tsv`, on which nothing was (label, text). So do
what askers say of an answer, in twenty languages: `reply-fit.tsv` and `reply-held-out.tsv` (S it
helped, F it did not and people are to be asked, N neither: it is not to be closed). With `--chat`,
Slack exports whose open messages are counted by kind.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from supportbot.domain.chat.events import MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.chat.questions import Question, QuestionState
from supportbot.domain.recognition.kinds import ASKS, MessageKind, asks_probability, recognise

OPEN = Place("any", "any", "any")
THREAD = OPEN.in_thread("1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
ASKER = Author("any", "asker", "Asker")
MEANT: Mapping[str, Callable[[MessageKind], bool]] = {
    "S": lambda kind: kind is not MessageKind.FOLLOW_UP,
    "F": lambda kind: kind is MessageKind.FOLLOW_UP,
    "N": lambda kind: kind is not MessageKind.THANKS,
}
QUESTION = Question(THREAD, ASKER, "", NOW, "", QuestionState.ROUTED, 0.0)


def main() -> None:
    """Print precision and recall of each kind, on labels that nothing was fitted on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--chat", type=Path, action="append", default=[])
    arguments = parser.parse_args()
    labels = arguments.labels
    report_questions(labels / "question-detection.tsv")
    report_threads(labels / "answer-capture.jsonl")
    for name in ("trouble-fit.tsv", "trouble-held-out.tsv"):
        report_trouble(Path(__file__).with_name(name))
    for name in ("reply-fit.tsv", "reply-held-out.tsv"):
        report_replies(Path(__file__).with_name(name))
    for path in arguments.chat:
        report_chat(path)


def report_questions(path: Path) -> None:
    """Print how well questions to the group are told from all else in the open."""
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if row[0] in {"Q", "F", "N"}]
    texts = [row[4].replace("\\n", "\n") for row in rows]
    started = time.perf_counter()
    kinds = [recognise(posted(text, OPEN, ASKER), None) for text in texts]
    taken = (time.perf_counter() - started) / len(texts)
    print(f"in the open: {len(rows)} messages, {taken * 1_000:.2f} ms each")
    for label in "QFN":
        of_it = [kind for kind, row in zip(kinds, rows, strict=True) if row[0] == label]
        print(f"  {label}: {len(of_it)} messages: {counted(of_it)}")
    is_question = [row[0] == "Q" for row in rows]
    asks = [kind is MessageKind.QUESTION for kind in kinds]
    offered = [kind is MessageKind.MAYBE_QUESTION for kind in kinds]
    either = [ask or offer for ask, offer in zip(asks, offered, strict=True)]
    print(f"  question, an offer is no:  {judged(is_question, asks)}")
    print(f"  question, an offer is yes: {judged(is_question, either)}")
    print(f"  chatter, an offer is no:   {judged(map(flip, is_question), map(flip, asks))}")
    print(f"  chatter, an offer is yes:  {judged(map(flip, is_question), map(flip, either))}")
    print(f"  offered: {sum(offered) / len(offered):.3f} of messages")


def report_threads(path: Path) -> None:
    """Print what the replies in labelled threads are recognised as."""
    accepted: list[MessageKind] = []
    rest: list[MessageKind] = []
    asked_back: list[MessageKind] = []
    by_asker: list[MessageKind] = []
    for thread, message in messages_of(path):
        is_asker = message["from"] == "asker"
        author = ASKER if is_asker else Author("any", message["from"], message["from"])
        kind = recognise(posted(message["text"], THREAD, author), QUESTION)
        if is_asker:
            by_asker.append(kind)
        elif message["n"] in thread.get("accept", ()):
            accepted.append(kind)
        elif message["text"].rstrip().endswith("?"):
            asked_back.append(kind)
        else:
            rest.append(kind)
    print("in threads:")
    print(f"  accepted answers: {counted(accepted)}")
    print(f"  others' replies that end with a question mark: {counted(asked_back)}")
    print(f"  others' further replies: {counted(rest)}")
    print(f"  the asker's replies: {counted(by_asker)}")


def report_trouble(path: Path) -> None:
    """Print how well trouble that is told is a question, with the wording model alone before."""
    rows = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines()]
    is_question = [label == "Q" for label, _ in rows]
    kinds = [recognise(posted(text, OPEN, ASKER), None) for _, text in rows]
    print(f"{path.stem}: {len(rows)} sentences")
    by_model = [asks_probability(text) >= ASKS for _, text in rows]
    print(f"  by the model alone:  {judged(is_question, by_model)}")
    asks = [kind is MessageKind.QUESTION for kind in kinds]
    print(f"  and by trouble told: {judged(is_question, asks)}")


def report_replies(path: Path) -> None:
    """Print how often what the asker says of an answer is taken as it was meant."""
    rows = [line.split("\t", 1) for line in path.read_text("utf-8").splitlines()]
    print(f"{path.stem}: {len(rows)} sentences")
    for label, is_right in MEANT.items():
        kinds = [
            recognise(posted(text, THREAD, ASKER), QUESTION) for of, text in rows if of == label
        ]
        print(f"  {label}: {sum(map(is_right, kinds))} of {len(kinds)} taken as meant")


def report_chat(path: Path) -> None:
    """Print what the messages in the open channels of an export are, per 100."""
    said = [text for text in texts_of(path) if text.strip()]
    kinds = [recognise(posted(text, OPEN, ASKER), None) for text in said]
    by_model = sum(asks_probability(text) >= ASKS for text in said)
    print(
        f"{path.stem}: {len(said)} messages; of 100, {100 * by_model / len(said):.1f} by the model"
    )
    for kind in (MessageKind.QUESTION, MessageKind.MAYBE_QUESTION, MessageKind.FAINT):
        print(f"  {kind}: {100 * kinds.count(kind) / len(said):.1f}")


def texts_of(path: Path) -> Iterator[str]:
    """Return what people said outside threads in a Slack export."""
    with ZipFile(path) as archive:
        for name in archive.namelist():
            if name.count("/") != 1 or not name.endswith(".json"):
                continue
            for message in json.loads(archive.read(name)):
                is_open = message.get("thread_ts") in {None, message.get("ts")}
                if message.get("type") == "message" and "subtype" not in message and is_open:
                    yield message.get("text") or ""


def messages_of(path: Path) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield every reply of every thread, with its thread."""
    for line in path.read_text("utf-8").splitlines():
        thread = json.loads(line)
        for message in thread["messages"][1:]:
            yield thread, message


def posted(text: str, place: Place, author: Author) -> MessagePosted:
    """Make the message."""
    return MessagePosted("e", place, "m", author, text, NOW)


def judged(truth: Iterable[bool], said: Iterable[bool]) -> str:
    """Return precision, recall and F1, with the counts."""
    pairs = list(zip(truth, said, strict=True))
    right = sum(is_so and is_said for is_so, is_said in pairs)
    there, given = sum(is_so for is_so, _ in pairs), sum(is_said for _, is_said in pairs)
    precision, recall = right / max(given, 1), right / max(there, 1)
    f1 = 2 * right / max(there + given, 1)
    return (
        f"precision {precision:.3f} ({right} of {given}), recall {recall:.3f} "
        f"({right} of {there}), F1 {f1:.3f}"
    )


def counted(kinds: Iterable[MessageKind]) -> str:
    """Return how many there are of each kind."""
    found = list(kinds)
    return ", ".join(f"{found.count(kind)} {kind}" for kind in MessageKind if kind in found)


def flip(value: bool) -> bool:  # noqa: FBT001 - the value itself
    """Return the contrary."""
    return not value


if __name__ == "__main__":
    main()
