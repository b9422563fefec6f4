"""Make quicker models of the default one: `python tests/benchmarks/distilling.py FOLDER`.

A static model: each word piece of the vocabulary gets one vector, from the model that sees it
alone, and a text is the mean of its word pieces' vectors. That takes no attention, and next to no
time. With `--layers N` it is the lower layers of the model instead. Neither is trained.

Source: Model2Vec (MinishLab 2024): principal components of these vectors, each weighted by
log(1 + rank), as the vocabulary of a WordPiece tokenizer begins with what is common.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding
from sklearn.decomposition import PCA
from tokenizers import Tokenizer

from supportbot.retrieval.models import MINILM, find_folder


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--dimension", type=int, default=256, help="of the static model")
    parser.add_argument("--layers", type=int, default=0)
    arguments = parser.parse_args()
    folder = find_folder(MINILM)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    if arguments.layers:
        made = _cut(model, arguments.layers)
    else:
        made = _static(model, Tokenizer.from_file(f"{folder}/tokenizer.json"), arguments.dimension)
    made.save_pretrained(str(arguments.target), create_model_card=False)


def _cut(model: SentenceTransformer, layers: int) -> SentenceTransformer:
    transformer: Any = model.transformers_model
    transformer.encoder.layer = transformer.encoder.layer[:layers]
    transformer.config.num_hidden_layers = layers
    return model


def _static(
    model: SentenceTransformer, tokenizer: Tokenizer, dimension: int
) -> SentenceTransformer:
    tokenizer.no_padding()
    tokenizer.no_truncation()
    pieces = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    alone = model.encode(
        [piece.removeprefix("##") for piece in pieces], batch_size=256, normalize_embeddings=False
    )
    vectors = PCA(dimension, random_state=0).fit_transform(alone)
    vectors *= np.log1p(np.arange(1, len(pieces) + 1))[:, None]
    static = StaticEmbedding(tokenizer, embedding_weights=vectors.astype(np.float32))
    return SentenceTransformer(modules=[static, Normalize()], device="cpu")


if __name__ == "__main__":
    main()
