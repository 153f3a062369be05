from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.evaluate import (
    ap_interval,
    average_precision,
    choose_thresholds,
    precision_at_recall,
    precision_recall_curve,
    thin,
    wilson_interval,
)
from workbench.evaluate.intervals import resample_weights, weighted_average_precision

pytest.importorskip("sklearn")
from sklearn.metrics import average_precision_score
from sklearn.metrics import precision_recall_curve as sklearn_curve


@st.composite
def judged(draw: st.DrawFn, *, with_positive: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Truth and scores with many ties."""
    rows = draw(st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=1, max_size=60))
    truth = np.array([has for has, _ in rows], dtype=bool)
    if with_positive and not truth.any():
        truth[draw(st.integers(0, len(rows) - 1))] = True
    return truth, np.array([score / 8 for _, score in rows])


@given(judged())
def test_average_precision_is_scikit_learns(case):
    truth, scores = case
    assert average_precision(truth, scores) == pytest.approx(
        average_precision_score(truth, scores), abs=1e-12
    )


@given(judged())
def test_curve_is_scikit_learns(case):
    truth, scores = case
    curve = precision_recall_curve(truth, scores)
    precisions, recalls, thresholds = sklearn_curve(truth, scores)
    np.testing.assert_array_equal(curve.thresholds, thresholds)
    np.testing.assert_allclose(curve.precisions, precisions[:-1], atol=1e-12)
    np.testing.assert_allclose(curve.recalls, recalls[:-1], atol=1e-12)


@given(judged(with_positive=False))
def test_recall_never_rises_with_the_threshold(case):
    curve = precision_recall_curve(*case)
    assert (np.diff(curve.thresholds) > 0).all()
    assert (np.diff(curve.recalls) <= 0).all()
    assert (np.diff(precision_at_recall(curve)) <= 0).all()


@given(judged(), st.randoms(use_true_random=False))
def test_row_order_does_not_matter(case, random):
    truth, scores = case
    order = list(range(len(truth)))
    random.shuffle(order)
    mixed = precision_recall_curve(truth[order], scores[order])
    curve = precision_recall_curve(truth, scores)
    np.testing.assert_array_equal(curve.predicted, mixed.predicted)
    np.testing.assert_array_equal(curve.true_positives, mixed.true_positives)


@given(judged(), st.integers(2, 12))
def test_thinned_curve_keeps_its_ends(case, n_points):
    curve = precision_recall_curve(*case)
    shown = thin(curve, n_points)
    assert len(shown) <= max(n_points, 2)
    assert shown[0] == 0
    assert shown[-1] == len(curve.thresholds) - 1
    assert (np.diff(shown) > 0).all()


@given(judged())
def test_choices_are_points_of_the_curve(case):
    curve = precision_recall_curve(*case)
    for choice in choose_thresholds(curve):
        predicted = case[1] >= choice.threshold
        assert choice.precision == pytest.approx((case[0] & predicted).sum() / predicted.sum())
        assert choice.recall == pytest.approx((case[0] & predicted).sum() / case[0].sum())


@settings(deadline=None)
@given(judged(), st.integers(0, 5))
def test_resampled_average_precision_is_that_of_the_drawn_rows(case, seed):
    truth, scores = case
    weights = resample_weights(len(truth), 3, seed)
    found = weighted_average_precision(truth, scores, weights)
    for value, row in zip(found, weights.astype(int), strict=True):
        drawn = np.repeat(np.arange(len(truth)), row)
        if truth[drawn].any():
            assert value == pytest.approx(average_precision_score(truth[drawn], scores[drawn]), abs=1e-5)
        else:
            assert np.isnan(value)


@settings(deadline=None)
@given(judged(), st.sampled_from(["score", "bootstrap", "logit"]))
def test_interval_holds_its_value(case, method):
    found = ap_interval(*case, method=method, n_resamples=20)
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found == ap_interval(*case, method=method, n_resamples=20)


@given(st.integers(0, 50), st.integers(0, 50))
def test_wilson_bounds_hold_the_share(successes, failures):
    trials = successes + failures
    low, high = wilson_interval(np.array([successes]), np.array([trials]))
    share = successes / trials if trials else 0.5
    assert 0 <= low[0] <= share <= high[0] <= 1
