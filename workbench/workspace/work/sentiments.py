"""Learning and predicting the sentiments of labels, where a dataset has them: beside what learns the labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.classify import SentimentClassifier, sentiments

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEAST_PROBABLE = np.float32(0.05)
"""Of a label less likely than this nobody asks the sentiment; 0 is stored."""
_ROWS = 16_384


def signs_of(payload: dict[str, Any], kept: np.ndarray) -> np.ndarray | None:
    """int8, (n, n_labels): 1 positive, -1 negative, 0 not said, rows as in ``kept``; None = without label sentiment."""
    if payload.get("signs") is None:
        return None
    signs = np.zeros((len(payload["uids"]), len(payload["label_ids"])), dtype=np.int8)
    signs[payload["pairs"][:, 0], payload["pairs"][:, 1]] = payload["signs"]
    rows: np.ndarray = signs[kept]
    return rows


def learn(
    payload: dict[str, Any],
    vectors: np.ndarray,
    lexical: csr_matrix,
    signs: np.ndarray,
    groups: np.ndarray,
) -> SentimentClassifier:
    """Train on reviewed messages; all arrays have a row for each."""
    made = SentimentClassifier(random_state=payload["seed"], n_threads=payload["n_threads"])
    return made.fit(vectors, lexical, signs, label_ids=payload["label_ids"], groups=groups)


def positive(weights: bytes, vectors: np.ndarray, lexical: csr_matrix) -> np.ndarray:
    """float32, (n, n_labels): probability that a label is meant well where it applies."""
    return SentimentClassifier.from_bytes(weights).predict_proba(vectors, lexical)


def predict(weights: bytes, vectors: np.ndarray, lexical: csr_matrix, spool: Path) -> dict[str, str]:
    """Write the sentiments of all rows beside their probabilities, and say where; nothing for a version without.

    float32, (n, n_labels), worked out piece by piece: an array of a million messages is held once, on disk.
    """
    if not weights:
        return {}
    model = SentimentClassifier.from_bytes(weights)
    probabilities = np.load(spool / "probabilities.npy", mmap_mode="r")
    path = spool / "sentiments.npy"
    out = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=probabilities.shape)
    for begin in range(0, len(out), _ROWS):
        piece = slice(begin, begin + _ROWS)
        found = sentiments(model.predict_proba(vectors[piece], lexical[piece]))
        found[probabilities[piece] < LEAST_PROBABLE] = 0.0
        out[piece] = found
    out.flush()
    return {"sentiments": str(path)}
