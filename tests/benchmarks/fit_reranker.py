"""Fit a cross-encoder on a pack's judgements: `fit_reranker.py PACK TARGET --split S …`.

It begins with the weights of the embedding model, and learns for each judged pair of question and
passage whether it is relevant. With a few thousand pairs this shows what a second stage costs, and
in which direction it goes; a cross-encoder that was trained on millions does more.
"""

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import torch
from sentence_transformers import CrossEncoder
from torch.nn.functional import binary_cross_entropy_with_logits

from supportbot.importers import beir
from supportbot.retrieval.chunking import passages_of
from supportbot.retrieval.models import MINILM, find_folder

BATCH = 16
LEARNING_RATE = 3e-5
WARM_UP = 0.1


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--split", action="append", required=True)
    parser.add_argument("--epochs", type=int, default=2)
    arguments = parser.parse_args()
    random.seed(0)
    torch.manual_seed(0)
    pairs = list(_pairs(arguments.pack, arguments.split))
    model = CrossEncoder(str(find_folder(MINILM)), num_labels=1, max_length=256, device="cpu")
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE)
    planned = arguments.epochs * len(pairs) // BATCH
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, planned))
    model.train()
    for epoch in range(arguments.epochs):
        random.shuffle(pairs)
        losses = []
        for start in range(0, len(pairs) - BATCH + 1, BATCH):
            some = pairs[start : start + BATCH]
            features = model.tokenizer(
                [question for question, _, _ in some],
                [passage for _, passage, _ in some],
                padding=True,
                truncation="longest_first",
                max_length=256,
                return_tensors="pt",
            )
            wanted = torch.tensor([float(is_right) for _, _, is_right in some])
            logits = model.model(**features).logits[:, 0]
            loss = binary_cross_entropy_with_logits(logits, wanted)
            loss.backward()  # type: ignore[no-untyped-call]  # it has no types
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        print(f"epoch {epoch + 1}: {len(pairs):,} pairs, loss {sum(losses) / len(losses):.3f}")
    model.eval()
    model.save_pretrained(str(arguments.target))


def _pairs(pack: Path, splits: list[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield question, passage, and whether somebody judged it relevant."""
    questions = {record.id: record.text for record in beir.read_records(pack, "queries")}
    passages = {one.key: passages_of(one)[0].searched for one in beir.read_documents(pack)}
    for split in splits:
        judgements = beir.read_judgements(pack / "qrels" / f"{split}.tsv")
        for question_id, grades in judgements.items():
            for key, grade in grades.items():
                yield questions[question_id], passages[key], grade > 0


def _rate(step: int, planned: int) -> float:
    warm_up = WARM_UP * planned
    return min((step + 1) / warm_up, max(0.0, (planned - step) / (planned - warm_up)))


if __name__ == "__main__":
    main()
