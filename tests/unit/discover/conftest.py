"""Vectors in well separated groups."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]


@pytest.fixture
def make_blobs() -> MakeBlobs:
    """``n`` vectors around ``n_groups`` directions, and each one's group."""

    def make(
        n: int, n_groups: int = 5, *, dims: int = 24, noise: float = 0.08, seed: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        random = np.random.default_rng(seed)
        centres = np.linalg.qr(random.normal(size=(dims, n_groups)))[0].T
        group = np.arange(n) % n_groups
        return (centres[group] + random.normal(0, noise, (n, dims))).astype(np.float32), group

    return make
