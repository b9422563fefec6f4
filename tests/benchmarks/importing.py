"""Import exports, twice: seconds, memory, and whether the second time changed anything.

python tests/benchmarks/importing.py EXPORT… [--synthetic 1000000]

Each is imported into a database of its own, with a model without weights: embedding has its own
benchmark. A synthetic export is made in Slack's layout, and so is its zip.
"""

import argparse
import hashlib
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from supportbot.importers import discord_export, slack_export
from supportbot.importers.archives import open_folder
from supportbot.importers.json_streams import Passed
from supportbot.knowledge.history import ImportReport, import_history
from supportbot.knowledge.search import Search
from supportbot.store.engine.sqlite import Database
from supportbot.testing import HashingEmbedder

TABLES = ("message", "question", "answer", "document", "passage", "embedding", "place")
_START = datetime(2016, 1, 4, tzinfo=UTC)
_CHANNELS = 20
_A_DAY = 25
_WORDS = (
    "posting",
    "invoice",
    "ledger",
    "workflow",
    "permission",
    "customer",
    "dimension",
    "report",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="*", type=Path)
    parser.add_argument("--synthetic", type=int, default=0)
    parser.add_argument("--into", type=Path, help="what each run of its own is called with")
    arguments = parser.parse_args()
    if arguments.into is not None:
        measure(arguments.exports[0], arguments.into)
        return
    with tempfile.TemporaryDirectory() as folder:
        if arguments.synthetic:
            path = Path(folder, "synthetic.zip")
            make_export(path, arguments.synthetic)
            arguments.exports.append(path)
        for number, export in enumerate(arguments.exports):
            for _ in range(2):
                path = Path(folder, f"{number}.db")
                subprocess.run([sys.executable, __file__, export, "--into", path], check=True)  # noqa: S603


def measure(export: Path, into: Path) -> None:
    """Import once, in a process of its own, and print the figures."""
    began, worked = time.perf_counter(), time.process_time()
    database = Database(into, "ours")
    report = bring_in(export, database)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{export.name}: {report.messages:,} messages ({report.new_messages:,} new), "
        f"{report.questions:,} questions, {report.answers:,} answers, {report.people:,} people, "
        f"{report.learned:,} learned; {seconds:.0f} s ({cpu:.0f} s of CPU), {memory:.0f} MB, "
        f"rows {digest(into)}",
        flush=True,
    )
    database.close()


def bring_in(export: Path, database: Database) -> ImportReport:
    search = Search(database, HashingEmbedder())
    if "discord" in export.name:
        with discord_export.open_export(export) as files:
            past = discord_export.read_messages(files, Passed())
            return import_history(past, database, search)
    with open_folder(export) as files:
        past = slack_export.read_messages(files, Passed())
        return import_history(past, database, search)


def digest(path: Path) -> str:
    """Name everything that is stored."""
    found = hashlib.sha256()
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES:
            for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3"):  # noqa: S608
                found.update(repr(row).encode())
    return found.hexdigest()[:12]


def make_export(path: Path, messages: int) -> None:
    """Write an export of a workspace that never was."""
    chance = random.Random(1)  # noqa: S311 - the same each time
    users = [{"id": f"U{n}", "name": f"member{n}", "team_id": "T1"} for n in range(2_000)]
    channels = [{"id": f"C{n}", "name": f"channel-{n}"} for n in range(_CHANNELS)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("users.json", json.dumps(users))
        archive.writestr("channels.json", json.dumps(channels))
        said = 0
        day = _START
        while said < messages:
            for channel in channels:
                rows = list(_day(chance, day))
                name = f"{channel['name']}/{day:%Y-%m-%d}.json"
                archive.writestr(name, json.dumps(rows))
                said += len(rows)
            day += timedelta(days=1)


def _day(chance: random.Random, day: datetime) -> Iterator[dict[str, object]]:
    thread, moment = "", day.timestamp() + 8 * 3_600
    for _ in range(_A_DAY):
        moment += chance.expovariate(1 / 1_200)
        ts = f"{moment:.6f}"
        begins = not thread or chance.random() < 1 / 6
        thread = ts if begins else thread
        about = " ".join(chance.choices(_WORDS, k=chance.randint(5, 25)))
        text = f"How do I get the {about}?" if begins else f"Open the {about} and look there."
        user = f"U{int(chance.paretovariate(0.6)) % 2_000}"
        marked = {} if chance.random() < 0.3 else {"thread_ts": thread}
        yield {"type": "message", "user": user, "ts": ts, "text": f"{text} {ts}", **marked}


if __name__ == "__main__":
    main()
