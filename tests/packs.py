"""Writes packs in BEIR's layout for tests."""

import json
from collections.abc import Sequence
from pathlib import Path


def write_records(path: Path, records: Sequence[tuple[str, str, str]]) -> None:
    """Write a corpus or queries: id, text and day of each."""
    lines = [{"_id": id_, "text": text, "metadata": {"ts": ts}} for id_, text, ts in records]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def write_table(pack: Path, kind: str, *rows: str, split: str = "dev") -> None:
    """Write `qrels` or `candidates` of a split; each row has its three values, with blanks."""
    (pack / kind).mkdir(exist_ok=True)
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(row.split()) for row in rows)]
    (pack / kind / f"{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
