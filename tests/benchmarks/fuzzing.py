"""Broken and hostile inputs for everything that reads what others wrote: does anything crash?

`python tests/benchmarks/fuzzing.py [--inputs 1000000] [--seed N] [--only NAME] [--jobs 2]`. Good
samples are damaged, cut, joined and repeated at random. A target may refuse an input with a
`SupportbotError`; whatever else it raises is a crash, and so is more than ten seconds. An input
depends on the seed, the target and its number only: `--from 4711 --inputs 1` makes it again.
"""

import argparse
import contextlib
import gzip
import importlib
import io
import json
import math
import random
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from rich.console import Console
from sqlalchemy.dialects.sqlite import dialect

from supportbot.domain.chat.events import Event
from supportbot.domain.knowledge.documents import Document
from supportbot.domain.replies.reply import Quote, Reply
from supportbot.errors import SupportbotError
from supportbot.importers import beir
from supportbot.importers.archives import Limits, open_folder
from supportbot.knowledge import markdown
from supportbot.retrieval.chunking import passages_of
from supportbot.retrieval.ranking import words_of
from supportbot.settings import read_settings
from supportbot.store.engine.columns import Json
from supportbot_terminal.events import read_event, read_line
from supportbot_terminal.render import render_message, render_reply
from supportbot_terminal.room import read_entry

SLOW = 1.0
"""Seconds after which an input is told."""
HANGS = 10
LARGEST = 60_000
"""Bytes of an input."""
SMALL = Limits(
    entries=1_000,
    directory_bytes=100_000,
    file_bytes=3_000_000,
    total_bytes=5_000_000,
    whole_bytes=2_000_000,
    free_bytes=100_000,
)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

Target = Callable[[bytes], object]


def main() -> None:
    """Fuzz every target, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="of all targets together")
    parser.add_argument("--from", type=int, default=0, dest="first", help="number of the first")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))  # noqa: S311
    parser.add_argument("--only", action="append", choices=[*TARGETS, REDACTION])
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--crashes", type=Path, default=Path("crashes"), help="folder for them")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    names = [name for name in arguments.only or [*TARGETS, REDACTION] if _is_there(name)]
    each = math.ceil(arguments.inputs / len(names))
    print(
        f"{'target':14}{'inputs':>10}{'crashes':>9}{'slowest ms':>12}{'inputs/s':>10}", flush=True
    )
    with ProcessPoolExecutor(arguments.jobs) as jobs:
        for name in names:
            part = partial(_fuzz, _Run(name, arguments.seed, arguments.jobs, arguments.crashes))
            first, last = arguments.first, arguments.first + each
            starts = range(first, min(first + arguments.jobs, last))
            began = time.perf_counter()
            results = list(jobs.map(part, starts, [last] * len(starts)))
            _print_row(name, results, time.perf_counter() - began)


@dataclass(frozen=True, slots=True)
class _Run:
    target: str
    seed: int
    jobs: int
    crashes: Path


@dataclass(slots=True)
class _Result:
    inputs: int = 0
    slowest: float = 0.0
    told: list[str] = field(default_factory=list)
    crashes: dict[str, int] = field(default_factory=dict)


def _print_row(name: str, results: Sequence[_Result], seconds: float) -> None:
    inputs = sum(result.inputs for result in results)
    crashes = sum(sum(result.crashes.values()) for result in results)
    slowest = max(result.slowest for result in results) * 1000
    print(f"{name:14}{inputs:>10,}{crashes:>9}{slowest:>12.1f}{inputs / seconds:>10,.0f}")
    for line in (line for result in results for line in result.told):
        print(f"  {line}")
    sys.stdout.flush()


def _fuzz(run: _Run, first: int, last: int) -> _Result:
    result = _Result()
    with _target(run.target) as target:
        for number in range(first, last, run.jobs):
            data = _made(run.target, run.seed, number)
            began = time.perf_counter()
            crash = _crash_of(target, data)
            seconds = time.perf_counter() - began
            result.inputs += 1
            result.slowest = max(result.slowest, seconds)
            if seconds > SLOW:
                result.told.append(f"slow: {seconds:.1f} s, seed {run.seed}, input {number}")
            if crash is not None:
                result.crashes[crash] = result.crashes.get(crash, 0) + 1
                if result.crashes[crash] == 1:
                    path = _saved(run, number, _minimised(target, data, crash))
                    result.told.append(f"{crash}, seed {run.seed}, input {number}: see {path}")
    return result


def _saved(run: _Run, number: int, data: bytes) -> Path:
    run.crashes.mkdir(parents=True, exist_ok=True)
    path = run.crashes / f"{run.target.replace(' ', '-')}-{run.seed}-{number}"
    path.write_bytes(data)
    return path


class _HangsError(Exception):
    pass


def _crash_of(target: Target, data: bytes) -> str | None:
    """Return what an input does to a target: the error and its place, None when it is fine."""
    signal.signal(signal.SIGALRM, _raise_hang)
    signal.alarm(HANGS)
    try:
        target(data)
    except SupportbotError:
        return None
    except Exception as error:  # noqa: BLE001 - which errors there are is what we want to know
        places = traceback.extract_tb(error.__traceback__)
        ours = [f for f in places if "supportbot" in f.filename] or list(places)
        place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        return f"{type(error).__name__} at {place} ({str(error)[:80]!a})".split("0x")[0]
    finally:
        signal.alarm(0)
    return None


def _raise_hang(_signal: int, _frame: object) -> None:
    raise _HangsError


def _minimised(target: Target, data: bytes, crash: str) -> bytes:
    """Leave out pieces, large ones first, as long as the same crash remains."""
    kind = crash.partition(" (")[0]
    piece = len(data) // 2
    tries = 0
    while piece and tries < 300:
        at = 0
        while at < len(data) and tries < 300:
            tries += 1
            shorter = data[:at] + data[at + piece :]
            if (_crash_of(target, shorter) or "").partition(" (")[0] == kind:
                data = shorter
            else:
                at += piece
        piece //= 2
    return data


# What makes the inputs.


def _made(name: str, seed: int, number: int) -> bytes:
    chance = random.Random(f"{seed} {name} {number}")  # noqa: S311 - no secret
    samples = SAMPLES.get(name, TEXTS)
    data = bytearray(chance.choice(samples))
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        chance.choice(MUTATIONS)(data, chance, samples)
    return bytes(data[:LARGEST])


def _place(data: bytearray, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(data) + 1)
    return start, min(len(data), start + chance.choice((0, 1, 2, 4, 8, 32, 200)))


def _flip(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    for _ in range(chance.choice((1, 1, 2, 8))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    width = chance.choice((1, 2, 4, 8))
    value = chance.choice((0, 1, 2**31, 2**15, 255, 2**64 - 1, len(data)))
    start = chance.randrange(len(data) + 1)
    data[start : start + width] = (value % 256**width).to_bytes(width, "little")


def _leave_out(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    start, end = _place(data, chance)
    del data[start:end]


def _cut(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    del data[chance.randrange(len(data) + 1) :]


def _repeat(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    start, end = _place(data, chance)
    times = chance.choice((2, 2, 3, 3, 10, 10, 50, 500)) if len(data) < LARGEST else 1
    data[start:end] = (data[start:end] * times)[:LARGEST]


def _splice(data: bytearray, chance: random.Random, samples: Sequence[bytes]) -> None:
    other = bytearray(chance.choice(samples))
    start, end = _place(other, chance)
    at, until = _place(data, chance)
    data[at : chance.choice((at, until))] = other[start:end] or other


def _put_token(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    start, end = _place(data, chance)
    data[start : chance.choice((start, start, end))] = chance.choice(TOKENS)


def _put_letter(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    start, _ = _place(data, chance)
    data[start:start] = chance.choice(LETTERS)


def _nest(data: bytearray, chance: random.Random, _samples: Sequence[bytes]) -> None:
    opening, closing = chance.choice(PAIRS)
    depth = chance.choice((2, 5, 20, 20, 100, 100, 1_200)) if len(data) < LARGEST else 1
    start, end = _place(data, chance)
    data[start:end] = opening * depth + data[start:end] + closing * depth


MUTATIONS = (
    *(_flip, _overwrite, _leave_out, _cut, _repeat, _splice, _put_token, _put_token),
    *(_put_letter, _nest),
)
LETTERS = [
    letter.encode("utf-8", "surrogatepass")
    for letter in (
        *"\0\t\r\x0b\x0c\x1b\x1c\x7f\x85\xa0\xad\u0130\xdf\u0301\u200b\u200d\u2028\u202e\u2066",
        *"\ufeff\ufffd\uffff\ud800\udfff\U0001f468\U0010ffff\u0660\u2160\u3000\u1e9e",
    )
] + [b"\xff", b"\xc0\x80", b"\xf8", b"\xed\xa0"]
TOKENS = [
    *rb"""{ } [ ] : , " ' \ \" \u0000 \ud800 \udc00\ud83d null true 1e999 NaN Infinity""".split(),
    *rb"""# ## > - + * 1. ``` ~~~ | |-| ![ ]( <a <!-- --> & &#0; &#x110000; \ === ...""".split(),
    *b"--- ... !!python/object:os.system !!int !!binary !!timestamp !!set &a *a << ? %YAML".split(),
    *b"PK\x01\x02 PK\x03\x04 PK\x05\x06 PK\x06\x06 PK\x06\x07 ../ C:\\ .zip .gz".split(),
    *b"0001-01-01T00:00:00+23:59 9999-12-31T23:59:59-23:59 2026-02-30 /solved /edit @3: ?".split(),
    *b"a@b.example +49301234567 4111111111111111 sk-live_ AKIA password= Bearer https://a:b@c".split(),
    *(b"\n", b"\r\n", b"\n\n", b"    ", b"\t", b"\n---\n", b"\\U00110000", b"0x" + b"f" * 4_000),
    *(b"9" * 30, b"9" * 5_000, b"1:" * 50, b"author", b"thread", b'"text": '),
    *(b'"_id": ', b"metadata", b"title: ", b"[experts]", b"[[experts]]", b"a.b = 1"),
]
PAIRS = (
    *((b"[", b"]"), (b"{", b"}"), (b'{"a":', b"}"), (b"(", b")"), (b"> ", b""), (b"- ", b"")),
    *((b"* ", b""), (b"1. ", b""), (b"**", b"**"), (b"_a ", b""), (b"`", b"`"), (b"<b>", b"</b>")),
    *((b"![", b"](a)"), (b"[a](", b")"), (b"# ", b"\n"), (b"a.", b""), (b"  ", b""), (b"? ", b"")),
)


# What is fuzzed, and good samples of it.


@contextlib.contextmanager
def _target(name: str) -> Iterator[Target]:
    with tempfile.TemporaryDirectory() as folder:
        if name == REDACTION:
            module = importlib.import_module("supportbot.domain.redaction.redact")
            yield lambda data: _redact(module.redact, data)
        else:
            yield partial(TARGETS[name], Path(folder))


def _is_there(name: str) -> bool:
    if name == REDACTION:
        try:
            importlib.import_module("supportbot.domain.redaction.redact")
        except ImportError as error:
            print(f"{REDACTION} is left out: there is none here ({error})")
            return False
    return True


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace")


def _read_an_event(_: Path, data: bytes) -> None:
    entry = read_entry(7, data)
    event = read_event(entry, "room1")
    read_line(_text(data), now=NOW)
    if event is not None:
        once = EVENT.process_bind_param(event, SQLITE)
        again = EVENT.process_result_value(once, SQLITE)
        assert EVENT.process_bind_param(again, SQLITE) == once
        assert once is not None
        once.encode()


def _render(_: Path, data: bytes) -> None:
    text = _text(data)
    reply = Reply(text, (Quote(text, text, text, NOW, text, 0.5),), closing=text)
    for is_plain in (True, False):
        console = Console(file=io.StringIO(), width=80, force_terminal=not is_plain)
        console.print(render_message(7, text, text, text, is_plain=is_plain))
        console.print(render_reply(reply, text, is_plain=is_plain))


def _cut_markdown(_: Path, data: bytes) -> None:
    text = _text(data)
    for passage in passages_of(Document("s", "k", "Title", text, (text,), is_markdown=True)):
        words_of(passage.searched)


def _read_front_matter(_: Path, data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    file = markdown._Reading(Path(), "https://docs.example/", ())._read_text(text, Path("a.md"))
    "\n".join(map(str, file.problems)).encode()
    if file.document is not None:
        repr(file.document).encode()
        "\n".join((file.document.title, *file.document.asked, *file.document.topics)).encode()


def _read_an_archive(folder: Path, data: bytes) -> None:
    path = folder / "export.zip"
    path.write_bytes(data)
    with open_folder(path, limits=SMALL) as files:
        for name in files.names:
            files.read(name)
        "\n".join(map(str, files.problems)).encode()
    list(beir.read_documents(path))


def _read_a_corpus(folder: Path, data: bytes) -> None:
    (folder / "corpus.jsonl").write_bytes(data)
    for document in beir.read_documents(folder):
        "\n".join((document.id, document.title, document.body, *document.asked)).encode()
        f"{document.url}\n{document.author}".encode()


def _read_settings(folder: Path, data: bytes) -> None:
    path = folder / "supportbot.toml"
    path.write_bytes(data)
    read_settings(path)


def _redact(redact: Callable[[str], str], data: bytes) -> None:
    once = redact(_text(data))
    assert redact(once) == once


def _zip(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return buffer.getvalue()


def _lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


EVENT = Json(Event)
SQLITE = dialect()
REDACTION = "redaction"
TARGETS: dict[str, Callable[[Path, bytes], None]] = {
    "events": _read_an_event,
    "render": _render,
    "Markdown": _cut_markdown,
    "front matter": _read_front_matter,
    "archives": _read_an_archive,
    "BEIR": _read_a_corpus,
    "settings": _read_settings,
}
TEXTS = [
    b"# Post an invoice\n\nUse **the button** [Post](https://docs.example/post).\n\n## Why\nSo\n",
    b"1. One\n   - two\n\n     three\n2. Four\n\n> quoted\n> > twice\n\n```sql\nSELECT 1\n```\n",
    b"| a | b |\n|---|:-:|\n| 1 | `2` |\n\n<div>html</div>\n\n[ref]: <https://a.example> 'title'\n",
    b"Setext\n======\n\n![image](a.png) &amp; <https://auto.example> line  \nbreak\\\n\n***\n",
    b"Mail me: jane.doe@mail.example or +49 30 1234567, IBAN DE89 3704 0044 0532 0130 00.\n",
    b"password: hunter2 token=ghp_0123456789abcdefghijABCDEFGHIJ012345 eyJhbGciOi.eyJzdWIi.c2ln",
    b"Does anybody know how to post? Thanks in advance! 10.0.0.1 C:\\Users\\Jane\\x.log\n",
]
_CORPUS = _lines(
    {
        "_id": "d1",
        "title": "Post",
        "text": "How do I post?",
        "metadata": {"answers": ["So."], "ts": 1_772_442_000, "url": "https://a", "author": "P"},
    },
    {"_id": 2, "title": "", "text": "Why?\nSo.", "metadata": {"ts": "2026-03-02T09:00:00+01:00"}},
)
SAMPLES: dict[str, list[bytes]] = {
    "events": [
        *_lines(
            {"author": "Maria", "thread": None, "text": "How?", "at": "2026-03-02T09:00:00+00:00"},
            {"author": "Paul", "thread": "3", "text": "/solved", "at": "2026-03-02T09:00:00Z"},
            {"author": "Paul", "thread": 3, "text": "/edit 3 Other words", "at": "2026-03-02"},
            {"author": "Paul", "thread": "3", "text": "/delete 3", "at": ""},
            {"room": "0123456789ab"},
            {"message_id": "e1/reply", "thread": "3", "reply": {"text": "Hello", "quotes": []}},
        ).splitlines(keepends=True),
        b"Paul @3: With the button.\n",
    ],
    "front matter": [
        b"---\ntitle: Post\ntopics: [a, b]\nowner: Finance\nreviewed: 2026-03-02\n---\n\n# Post\n",
        b"---\ntitle: 'Post'\nasked_as:\n  - Why?\n  - |\n    How?\nshould_find: [x]\n---\nText\n",
        b'---\n"title": "\\u00e4\\x41\\ud83d"\n? owner\n: {a: 1, b: [0x1F, 1e3, 1:30]}\n---\nx\n',
        b"---\ntitle: &t >-\n  a\n  b\nreviewed: 2026-03-02T09:00:00+01:00 # x\n---\nText\n",
    ],
    "archives": [
        _zip(("corpus.jsonl", _CORPUS), ("qrels/test.tsv", b"q\td\t1\n")),
        _zip(("small/corpus.jsonl.gz", gzip.compress(_CORPUS, mtime=0)), ("small/a.json", b"[]")),
        _zip(("corpus.jsonl", _CORPUS), ("B.json", b"[1]"), method=zipfile.ZIP_STORED),
        _zip(("general/2026-03-02.json", b'[{"text": "hi"}]' * 9), ("users.json", b"[]")),
        _zip(("bomb.json", b"0" * 400_000), ("a/b/\xe4.json", b"{}"), ("inner.zip", _zip())),
        _zip(),
    ],
    "BEIR": [_CORPUS, *_CORPUS.splitlines(keepends=True)],
    "settings": [
        b'community = "dynamics"\n\n[knowledge]\nfolder = "docs"\nbase_url = "https://a/"\n',
        b'[model]\nname = "a/b"\nprecision = "auto"\ndimension = 384\nmax_tokens = 256\n',
        b'[[experts]]\nname = "Paul"\ntopics = ["a", "b"]\nidentities = ["slack:U1"]\n',
        b"[thresholds]\nanswer = 0.9\nsuggest = 0.5\n\n[adapters.terminal]\nx = [1, {a = 2}]\n",
        b'[calibration]\nmodel = "m"\nintercept = -1.5\nslope = 2e1\nanswer_threshold = 0.9\n',
        (
            b"a.b.c = 1979-05-27T07:32:00Z\n'q' = '''x'''\nd = 0xff\nf = inf\n"
            b'"t\\u00e4" = 07:32:00\n'
        ),
    ],
}


if __name__ == "__main__":
    main()
