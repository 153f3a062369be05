"""The thresholds of a stream against the rule in plain Python, number by number."""

from __future__ import annotations

import struct

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.domain import returned

STORED = st.floats(0, 1, width=32)
TYPED = st.one_of(st.floats(0, 1), st.integers(0, 1_000).map(lambda n: n / 1_000), STORED)


def single(value: float) -> float:
    """The nearest number of single precision, by the machine's own format."""
    rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    return rounded


@given(
    st.integers(0, 4).flatmap(
        lambda k: st.tuples(
            st.lists(st.lists(STORED, min_size=k, max_size=k), max_size=5),
            st.lists(TYPED, min_size=k, max_size=k),
        )
    )
)
@example(([[1.0, 1.0], [0.99, 0.0]], [1.0, 0.0]))
@example(([[single(0.7)]], [0.7]))
@example(([[single(0.1)]], [0.1]))
def test_a_label_comes_at_or_above_its_threshold_unless_that_is_one(
    case: tuple[list[list[float]], list[float]],
) -> None:
    rows, thresholds = case
    expected = [
        [p >= single(threshold) and threshold != 1 for p, threshold in zip(row, thresholds, strict=True)]
        for row in rows
    ]
    probabilities = np.array(rows, np.float32).reshape(len(rows), len(thresholds))
    assert returned(probabilities, np.array(thresholds, np.float64)).tolist() == expected


@given(STORED, st.lists(TYPED, min_size=2, max_size=2).map(sorted))
def test_a_higher_threshold_returns_no_more(probability: float, pair: list[float]) -> None:
    low, high = returned(np.array([[probability] * 2], np.float32), np.array(pair))[0]
    assert low or not high
