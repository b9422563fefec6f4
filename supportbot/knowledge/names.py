"""Names in the place of ids that were shown for want of them: the better name wins."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from supportbot.domain.chat.members import Author
from supportbot.domain.chat.questions import Answer, Question
from supportbot.domain.knowledge import capture
from supportbot.domain.knowledge.documents import Document
from supportbot.knowledge.search import Search
from supportbot.store import conversations, knowledge
from supportbot.store.engine.sqlite import Database
from supportbot.store.engine.transaction import Transaction

_AT_ONCE = 500
_ID = re.compile(r"(?<=[@#])[A-Z][A-Z0-9]+\b")


def put_names(database: Database, search: Search, platform: str, names: Mapping[str, str]) -> None:
    """Let questions, answers and what was learned from them say names that are known by now.

    Only ids give way: a name that is there stays. What changes is found by its words, and by its
    meaning after the next sync.

    Args:
        database: Where everything is kept.
        search: What makes it findable.
        platform: Where the people and channels are.
        names: What they are called, by their ids.
    """
    better = {id_: name for id_, name in names.items() if id_ and name not in {"", id_}}
    after = f"{platform}/"
    while better:
        with database.reading() as tx:
            ids = conversations.question_ids(tx, after=after, limit=_AT_ONCE)
            ids = tuple(id_ for id_ in ids if id_.startswith(f"{platform}/"))
            changed = [id_ for id_ in ids if _Thread.read(tx, id_).named(better)]
        if changed:
            with database.writing() as tx:
                for id_ in changed:
                    _rename(tx, search, _Thread.read(tx, id_), better)
        if not ids:
            return
        after = ids[-1]


@dataclass(frozen=True, slots=True)
class _Thread:
    """A question, if it is there, and its answers."""

    question: Question | None
    answers: tuple[Answer, ...]

    @classmethod
    def read(cls, tx: Transaction, question_id: str) -> "_Thread":
        return cls(
            conversations.question_of(tx, question_id),
            conversations.answers_to(tx, question_id),
        )

    def named(self, names: Mapping[str, str]) -> "_Thread | None":
        """Return it with the names; None when nothing changes."""
        question = self.question
        if question is not None:
            question = replace(
                question,
                asker=_named(question.asker, names),
                text=_with_names(question.text, names),
            )
        answers = tuple(
            replace(
                answer, author=_named(answer.author, names), text=_with_names(answer.text, names)
            )
            for answer in self.answers
        )
        thread = _Thread(question, answers)
        return None if thread == self else thread

    def document(self) -> Iterator[Document]:
        """Make what was learned of it, if anything was."""
        taught = capture.taught(self.answers)
        if self.question is not None and taught is not None:
            yield capture.document_from(self.question, taught)


def _rename(tx: Transaction, search: Search, thread: _Thread, names: Mapping[str, str]) -> None:
    named = thread.named(names)
    if named is None or named.question is None:
        return
    conversations.save_question(tx, named.question)
    for answer in named.answers:
        conversations.save_answer(tx, answer)
    for before, after in zip(thread.document(), named.document(), strict=True):
        stored = knowledge.hashes_of(tx, {before.id}).get(before.id)
        # What a maintainer has worded otherwise stays as it is.
        if stored == search.make_findable(before, by_meaning=False).prepared.hash:
            findable = search.make_findable(after, by_meaning=False)
            knowledge.put_documents(tx, [findable.prepared])


def _named(author: Author, names: Mapping[str, str]) -> Author:
    is_nameless = author.name in {author.user_id, ""}
    return replace(author, name=names.get(author.user_id, author.name)) if is_nameless else author


def _with_names(text: str, names: Mapping[str, str]) -> str:
    return _ID.sub(lambda match: names.get(match[0], match[0]), text)
