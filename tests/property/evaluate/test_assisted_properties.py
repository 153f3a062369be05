from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.evaluate import assisted_figures, expected_counts


@st.composite
def reviewed(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """Truth, scores, expectations, weights, random picks and groups of reviewed messages, and totals."""
    n = draw(st.integers(1, 25))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    truth = rng.random((n, 3)) < draw(st.sampled_from([0.05, 0.4, 0.95]))
    scores = np.round(rng.random((n, 3)), 1)
    counts = expected_counts(scores, rng.random((n, 3)))
    totals = counts.sum(axis=0) * draw(st.sampled_from([0.0, 1.0, 3.0, 50.0]))
    weights = rng.integers(0, 4, n) * draw(st.sampled_from([1.0, 20.0]))
    return truth, scores, weights, rng.random(n) < 0.6, rng.integers(0, n, n), counts, totals


@given(reviewed())
def test_intervals_hold_their_figures_within_0_and_1(case):
    found = assisted_figures(*case)
    for one in (found.recall, found.precision):
        if one.value is None:
            assert (one.low, one.high) == (None, None)
        else:
            assert 0 <= one.low <= one.value <= one.high <= 1


@given(reviewed(), st.randoms(use_true_random=False))
def test_row_order_does_not_move_assisted_figures(case, random):
    order = list(range(len(case[0])))
    random.shuffle(order)
    found = assisted_figures(*case)
    again = assisted_figures(*(column[order] for column in case[:6]), case[6])
    for here, there in ((found.recall, again.recall), (found.precision, again.precision)):
        assert (here.value is None) == (there.value is None)
        if here.value is not None:
            assert (here.low, here.value, here.high) == pytest.approx(
                (there.low, there.value, there.high), abs=1e-6
            )


@given(reviewed())
def test_everything_reviewed_is_known_exactly(case):
    truth, scores, _, _, groups, counts, _ = case
    n = len(truth)
    found = assisted_figures(
        truth, scores, np.ones(n), np.ones(n, dtype=bool), groups, counts, counts.sum(axis=0)
    )
    assert found.recall.value == pytest.approx(found.raw_recall)
    assert found.precision.value == pytest.approx(found.raw_precision)
