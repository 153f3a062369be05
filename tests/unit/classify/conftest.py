"""Reviewed messages in a small world: each label has its own direction and its own word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.sparse import csr_matrix


@dataclass(frozen=True, kw_only=True)
class Reviews:
    """Vectors (n, 24), lexical features (n, n_labels + 5) and targets (n, n_labels)."""

    vectors: np.ndarray
    lexical: csr_matrix
    targets: np.ndarray


MakeReviews = Callable[..., Reviews]


@pytest.fixture
def make_reviews() -> MakeReviews:
    """``n`` reviews of labels with the given shares; ``noise`` hides the labels in the vectors."""

    def make(
        n: int, shares: tuple[float, ...] = (0.4, 0.2, 0.1, 0.05), *, noise: float = 0.5, seed: int = 0
    ) -> Reviews:
        random = np.random.default_rng(seed)
        directions = np.linalg.qr(np.random.default_rng(99).normal(size=(24, len(shares))))[0].T
        targets = random.random((n, len(shares))) < shares
        vectors = targets @ directions + random.normal(0, noise, (n, 24))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        words = np.concatenate((targets, random.random((n, 5)) < 0.5), axis=1).astype(np.float32)
        lengths = np.linalg.norm(words, axis=1, keepdims=True)
        words /= np.where(lengths > 0, lengths, 1)
        return Reviews(vectors=vectors.astype(np.float32), lexical=csr_matrix(words), targets=targets)

    return make
