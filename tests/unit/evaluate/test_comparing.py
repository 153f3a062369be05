"""Two models on the same messages."""

from __future__ import annotations

import numpy as np

from workbench.evaluate import average_precision, compare


def test_the_difference_is_that_of_the_two_and_knows_what_both_find_hard() -> None:
    rng = np.random.default_rng(3)
    truth = rng.random((200, 3)) < 0.3
    truth[:, 2] = False
    first = truth * 0.4 + rng.random((200, 3))
    second = first + truth * 0.1
    overall, pairs = compare(truth, first, second, counts=np.array([True, True, True]))
    for label in range(2):
        pair = pairs[label]
        assert pair.first.value == average_precision(truth[:, label], first[:, label])
        assert pair.difference == pair.second.value - pair.first.value > 0  # type: ignore[operator]
        width = pair.difference_high - pair.difference_low  # type: ignore[operator]
        assert 0 < width < pair.first.high - pair.first.low  # type: ignore[operator]
    assert pairs[2].difference is None
    assert overall.first.value == np.mean([pairs[0].first.value, pairs[1].first.value])
    assert overall.difference_low <= overall.difference <= overall.difference_high  # type: ignore[operator]
    same, _ = compare(truth, first, first, counts=np.array([True, False, False]))
    assert (same.difference, same.difference_low, same.difference_high) == (0, 0, 0)
    none, _ = compare(truth, first, second, counts=np.zeros(3, dtype=bool))
    assert none.difference is None
