"""Accuracy of sentiments: apart from average precision, with n, interval and what guessing would reach."""

from __future__ import annotations

import numpy as np

from workbench.domain import SentimentAccuracy
from workbench.evaluate import sentiment_accuracy


def test_counts_examples_only() -> None:
    signs = np.array([1, -1, 0, 1, 1], dtype=np.int8)
    found = sentiment_accuracy(signs, np.array([0.9, 0.2, 0.9, 0.4, 0.5], dtype=np.float32))
    assert (found.value, found.majority, found.n) == (0.75, 0.75, 4)
    assert found.low is not None and found.high is not None
    assert np.allclose([found.low, found.high], [0.3006, 0.9544], atol=1e-4)  # Wilson, 3 of 4


def test_nothing_without_an_example() -> None:
    empty = sentiment_accuracy(np.zeros(3, dtype=np.int8), np.ones(3, dtype=np.float32))
    assert empty == SentimentAccuracy(value=None, low=None, high=None, majority=None, n=0)
