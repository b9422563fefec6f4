"""The plan of the house in figures: what an event reads, and how large its rooms are.

    python -m tests.benchmarks.house [--source FOLDER]

Counts the transactions and statements of four events, handled by the real worker on a real
database, and the parameters, classes and modules of the source. `--source` counts another tree,
such as a checkout of an older commit, by its source alone.
"""

import argparse
import ast
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event as sql_event

from supportbot.domain.chat.events import AnswerAccepted, AnswerRejected, Event, MessagePosted
from supportbot.domain.chat.members import Author
from supportbot.domain.chat.places import Place
from supportbot.domain.experts.declared import Declared
from supportbot.domain.knowledge.documents import Document
from supportbot.experts.people import People
from supportbot.knowledge.search import Search
from supportbot.runtime.metrics import Metrics
from supportbot.runtime.worker import Worker
from supportbot.store import inbox
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder, SetClock
from supportbot.testing.building import services_over

ROOT = Path(__file__).parents[2]
HELP = Place("slack", "T1", "help")
MARIA, PAUL = Author("slack", "U1", "Maria"), Author("slack", "U2", "Paul")
KNOWN = Document(
    "handbook:toner", "Toner", "Order the toner from the printer cupboard list.", "handbook"
)


@dataclass
class Counted:
    """What one event has opened and run."""

    counts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        parts = ("reading", "writing", "statements")
        return "  ".join(f"{self.counts[part]:>4} {part}" for part in parts)


@contextmanager
def counting(database: Database) -> Iterator[Counted]:
    """Count the transactions of a database, and its statements."""
    counted = Counted()

    def counts(kind: str, opens: Callable[[], Any]) -> Callable[[], Any]:
        def opened() -> Any:
            counted.counts[kind] += 1
            return opens()

        return opened

    def statement(*_: object) -> None:
        counted.counts["statements"] += 1

    database.reading = counts("reading", database.reading)  # type: ignore[method-assign]
    database.writing = counts("writing", database.writing)  # type: ignore[method-assign]
    sql_event.listen(database._engine, "before_cursor_execute", statement)
    try:
        yield counted
    finally:
        sql_event.remove(database._engine, "before_cursor_execute", statement)
        del database.reading, database.writing


def count_events() -> None:
    """Print what a question, a known one, an accepted answer and a press read and write."""
    clock = SetClock()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(Path(folder) / "bench.db", "bench")
        with closing(database):
            search = Search(database, HashingEmbedder())
            search.sync("handbook", [KNOWN])
            experts = (Declared("Paul", ("ledger",), ("slack:U2",)),)
            people = People(database, search, experts, clock=clock)
            services = services_over(search, people, clock)
            worker = Worker(database, services, metrics=Metrics(), on_outgoing=lambda: None)

            def handle(event: Event) -> Counted:
                clock.move(timedelta(minutes=1))
                with database.writing() as tx:
                    inbox.put(tx, event, now=clock.now())
                with counting(database) as counted:
                    worker.handle_next()
                return counted

            def said(number: int, who: Author, text: str, place: Place = HELP) -> MessagePosted:
                return MessagePosted(f"e{number}", place, f"m{number}", who, text, clock.now())

            handle(said(0, PAUL, "Good morning to you all."))
            asked = "How do I close the ledger of last year?"
            thread = HELP.in_thread("m1")
            print("what the worker does for")
            print(f"  a first question    {handle(said(1, MARIA, asked))}")
            known = "Where do I order toner for the printer?"
            print(f"  a known one         {handle(said(2, MARIA, known))}")
            answer = "Open the setup of the ledger, and widen the dates there."
            print(f"  an expert's answer  {handle(said(3, PAUL, answer, thread))}")
            accepted = AnswerAccepted("e4", thread, MARIA, clock.now(), "m3")
            print(f"  an accepted answer  {handle(accepted)}")
            press = AnswerRejected("e5", HELP.in_thread("m2"), MARIA, clock.now())
            print(f"  a press             {handle(press)}")


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def measure(source: Path) -> None:
    """Print how large the rooms are."""
    core = source / "supportbot"
    files = [
        path
        for path in (*core.rglob("*.py"), *(source / "adapters").rglob("*.py"))
        if "migrations" not in path.parts
    ]
    lines = {path: path.read_text("utf-8").count("\n") for path in files}
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    functions = [n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    classes = [n for n in nodes if isinstance(n, ast.ClassDef)]
    arguments = {
        f: [a.arg for a in (*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs)]
        for f in functions
    }
    methods = {
        c: sum(isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) for n in c.body)
        for c in classes
    }
    wide = [f for f in functions if f.name == "__init__" and len(arguments[f]) > 9]
    long = [f for f in functions if _length(f) > 40]
    at_root = [path for path in files if path.parent == core and not path.name.startswith("__")]
    print(f"what stands in {source.name}: {len(files)} modules")
    named = sum("community_id" in names for names in arguments.values())
    large = sorted(c.name for c in classes if methods[c] > 15)
    print(f"  parameters named community_id     {named}")
    print(f"  classes of more than 15 methods   {large}")
    print(f"  constructors of more than 8       {len(wide)}")
    over = sorted(p.name for p in files if lines[p] > 400)
    print(f"  modules over 400 lines            {over}")
    share = f"{len(long)} of {len(functions)} ({len(long) / len(functions):.1%})"
    print(f"  functions over 40 lines           {share}")
    print(f"  modules at the root               {sorted(path.name for path in at_root)}")


def main() -> None:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, help="another tree, counted by its source alone")
    source = parser.parse_args().source
    if source is None:
        count_events()
    measure(source or ROOT)


if __name__ == "__main__":
    main()
