"""Redact every message of chat exports, and count: `python tests/benchmarks/redaction.py ZIP …`.

Reads exports of Slack (a folder a channel, a file a day) and of DiscordChatExporter.

`--sample 100` writes up to 100 findings of each kind to stdout, as tab-separated lines: label
(empty), kind, id of the message, and the finding between « and » with its surroundings. A person
writes `yes` (rightly found) or `no` as the label, and adds a line with `missed` for everything that
should have been found. `--labels FILE` computes precision and recall of such a file.
"""

import argparse
import csv
import json
import random
import sys
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from supportbot.domain.redaction.findings import Finding, SecretKind
from supportbot.domain.redaction.redact import find_secrets, redact

BESIDE = 60


def main() -> None:
    """Count and time; or sample, or compute, as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="*", type=Path)
    parser.add_argument("--sample", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--labels", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    if arguments.labels:
        _report_labels(arguments.labels)
    elif arguments.sample:
        _sample(arguments.exports, arguments.sample, random.Random(arguments.seed))  # noqa: S311 - no secret
    else:
        _count(arguments.exports)


def _read_messages(export: Path) -> Iterator[tuple[str, str]]:
    """Yield id and text of each message that has one."""
    with zipfile.ZipFile(export) as archive:
        for name in sorted(archive.namelist()):
            if name.endswith(".json"):
                for position, message in enumerate(_messages(json.loads(archive.read(name)))):
                    if text := message.get("text") or message.get("content"):
                        yield f"{export.stem}/{name}#{position}", text


def _messages(content: Any) -> list[dict[str, Any]]:
    """Return the messages of a file: Discord's are in an object, Slack's are the file.

    Slack's lists of users and channels have no texts, so they may pass.
    """
    if isinstance(content, dict):
        return list(content.get("messages", []))
    return [entry for entry in content if isinstance(entry, dict)]


def _count(exports: list[Path]) -> None:
    messages = 0
    seconds: list[float] = []
    found: Counter[SecretKind] = Counter()
    touched: Counter[SecretKind] = Counter()
    for _, text in chain.from_iterable(map(_read_messages, exports)):
        messages += 1
        began = time.perf_counter()
        redact(text)
        seconds.append(time.perf_counter() - began)
        kinds = Counter(finding.kind for finding in find_secrets(text))
        found.update(kinds)
        touched.update(kinds.keys())
    print(f"{'kind':16}{'findings':>10}{'messages':>10}{'per 10,000':>12}")
    for kind in SecretKind:
        rate = touched[kind] / messages * 10_000
        print(f"{kind:16}{found[kind]:10}{touched[kind]:10}{rate:12.2f}")
    mean = sum(seconds) / messages * 1e6
    print(f"{messages} messages, {mean:.0f} µs each, the longest {max(seconds) * 1e3:.0f} ms")


def _sample(exports: list[Path], size: int, chance: random.Random) -> None:
    lines = defaultdict(list)
    for message_id, text in chain.from_iterable(map(_read_messages, exports)):
        for finding in find_secrets(text):
            shown = _surroundings(text, finding)
            lines[finding.kind].append(["", str(finding.kind), message_id, shown])
    writer = csv.writer(sys.stdout, delimiter="\t")
    for of_kind in lines.values():
        writer.writerows(chance.sample(of_kind, min(size, len(of_kind))))


def _surroundings(text: str, finding: Finding) -> str:
    before = text[max(0, finding.start - BESIDE) : finding.start]
    after = text[finding.end : finding.end + BESIDE]
    return " ".join(f"{before}«{text[finding.start : finding.end]}»{after}".split())


def _report_labels(file: Path) -> None:
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    with file.open(encoding="utf-8", newline="") as lines:
        for label, kind, *_ in csv.reader(lines, delimiter="\t"):
            labels[kind][label] += 1
    print(f"{'kind':16}{'yes':>6}{'no':>6}{'missed':>8}{'precision':>11}{'recall':>8}")
    for kind, count in labels.items():
        right, wrong, missed = (count[label] for label in ("yes", "no", "missed"))
        print(
            f"{kind:16}{right:6}{wrong:6}{missed:8}"
            f"{right / (right + wrong or 1):11.2f}{right / (right + missed or 1):8.2f}"
        )


if __name__ == "__main__":
    main()
