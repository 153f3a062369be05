"""Windows drawn from a small world of three topics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from workbench.language import phrases
from workbench.monitor import Drift, WindowData, drift

LABELS = ("a" * 16, "b" * 16, "c" * 16)
NAMES = ("Delivery", "Refund", "Customs")
WORDS = (
    "where is my parcel today",
    "refund the wrong charge",
    "customs fee for import",
    "drone landed on roof",
)
START = datetime(2026, 1, 5, tzinfo=UTC)
MakeWindow = Callable[..., WindowData]


@pytest.fixture
def make_window() -> MakeWindow:
    """A window of ``n`` messages with the given shares of topics; topic 3 fits no label."""

    def make(
        n: int = 600, shares: tuple[float, ...] = (0.5, 0.4, 0.1, 0.0), *, seed: int = 0, week: int = 0
    ) -> WindowData:
        random = np.random.default_rng(seed)
        topic = random.choice(4, size=n, p=shares)
        vectors = np.zeros((n, 8), dtype=np.float32)
        vectors[np.arange(n), topic] = 1
        vectors += random.normal(0, 0.15, vectors.shape).astype(np.float32)
        probabilities = random.uniform(0, 0.1, (n, 3)).astype(np.float32)
        known = topic < 3
        probabilities[np.flatnonzero(known), topic[known]] = random.uniform(0.7, 1, known.sum())
        return WindowData(
            uids=tuple(f"{seed}.{i}" for i in range(n)),
            vectors=vectors,
            probabilities=probabilities,
            texts=tuple(f"{WORDS[t]} {i % 7}" for i, t in enumerate(topic)),
            start=START + timedelta(weeks=week),
            end=START + timedelta(weeks=week + 1),
        )

    return make


@pytest.fixture
def compare() -> Callable[..., Drift]:
    """``drift`` with the world's labels."""

    def run(reference: WindowData, *windows: WindowData, n_permutations: int = 299) -> Drift:
        return drift(
            reference,
            windows,
            label_ids=LABELS,
            names=NAMES,
            random_state=0,
            n_permutations=n_permutations,
            find_phrases=phrases,
        )

    return run
