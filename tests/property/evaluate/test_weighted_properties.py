from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.evaluate import (
    ap_interval,
    average_precision,
    effective_number,
    inverse_weights,
    mean_interval,
    measure_points,
    precision_bias,
    precision_influence,
    precision_recall_curve,
    wilson_interval,
)

pytest.importorskip("sklearn")
from sklearn.metrics import average_precision_score


@st.composite
def weighted(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Truth with a positive of weight, tied scores, weights (some 0), and groups."""
    rows = draw(
        st.lists(
            st.tuples(st.booleans(), st.integers(0, 6), st.integers(0, 4), st.integers(0, 5)),
            min_size=1,
            max_size=40,
        )
    )
    truth, scores, weights, groups = (np.array(column) for column in zip(*rows, strict=True))
    truth[0], weights[0] = True, max(weights[0], 1)
    return truth.astype(bool), scores / 6, weights.astype(np.float64), groups


def test_average_precision_is_scikit_learns_on_a_thousand_cases_with_ties():
    rng = np.random.default_rng(0)
    worst = 0.0
    for _ in range(1_000):
        n, n_values = int(rng.integers(1, 200)), int(rng.integers(1, 30))
        truth, scores = rng.random(n) < rng.random(), rng.integers(0, n_values, n) / n_values
        truth[rng.integers(n)] = True
        wanted = average_precision_score(truth, scores)
        found = average_precision(truth, scores)
        by_influence, _ = precision_influence(truth, scores)
        worst = max(worst, abs(found - wanted), abs(by_influence - wanted))
    assert worst <= 1e-12


@given(weighted())
def test_weighted_average_precision_is_scikit_learns(case):
    truth, scores, weights, _ = case
    found, _ = precision_influence(truth, scores, weights)
    assert found == pytest.approx(average_precision_score(truth, scores, sample_weight=weights), abs=1e-12)


@settings(deadline=None)
@given(weighted())
def test_shares_are_the_derivative_by_the_weights(case):
    truth, scores, weights, _ = case
    _, shares = precision_influence(truth, scores, weights)
    assert shares.sum() == pytest.approx(0, abs=1e-9)
    step = 1e-6
    for row in np.flatnonzero(weights)[:8]:
        around = []
        for sign in (1, -1):
            moved = weights.copy()
            moved[row] *= 1 + sign * step
            around.append(precision_influence(truth, scores, moved)[0])
        assert (around[0] - around[1]) / (2 * step) == pytest.approx(shares[row], abs=1e-5)


@given(weighted())
def test_whole_weights_count_rows(case):
    truth, scores, weights, _ = case
    drawn = np.repeat(np.arange(len(truth)), weights.astype(int))
    thresholds = np.unique(scores)
    found = measure_points(truth, scores, thresholds, weights=weights)
    plain = measure_points(truth[drawn], scores[drawn], thresholds)
    np.testing.assert_allclose(found.precisions, plain.precisions)
    np.testing.assert_allclose(found.recalls, plain.recalls)


@given(weighted())
def test_points_without_weights_are_the_curve_and_recall_never_rises(case):
    truth, scores, weights, groups = case
    curve = precision_recall_curve(truth, scores)
    found = measure_points(truth, scores, curve.thresholds)
    np.testing.assert_array_equal(found.precisions, curve.precisions)
    np.testing.assert_array_equal(found.recalls, curve.recalls)
    np.testing.assert_array_equal(found.n_predicted, curve.predicted)
    corrected = measure_points(truth, scores, curve.thresholds, weights=weights, groups=groups)
    assert (np.diff(corrected.recalls) <= 1e-12).all()
    for low, value, high in (
        (corrected.precision_low, corrected.precisions, corrected.precision_high),
        (corrected.recall_low, corrected.recalls, corrected.recall_high),
    ):
        known = ~np.isnan(value)
        assert (low[known] >= 0).all()
        assert (low[known] <= value[known]).all()
        assert (value[known] <= high[known]).all()
        assert (high[known] <= 1).all()


@given(weighted())
def test_bounds_rest_on_the_effective_number_of_the_messages_above_the_threshold(case):
    truth, scores, weights, groups = case
    thresholds = np.unique(scores)
    found = measure_points(truth, scores, thresholds, weights=weights, groups=groups)
    for place, threshold in enumerate(thresholds):
        above = scores >= threshold
        worth = np.array([effective_number(weights[above], groups[above])])
        if worth[0] > 0:
            low, high = wilson_interval(found.precisions[place] * worth, worth)
            assert found.precision_low[place] == pytest.approx(min(low[0], found.precisions[place]), abs=1e-9)
            assert found.precision_high[place] == pytest.approx(
                max(high[0], found.precisions[place]), abs=1e-9
            )
    worth = np.array([effective_number(weights[truth], groups[truth])])
    low, high = wilson_interval(found.recalls[-1:] * worth, worth)
    assert found.recall_low[-1] == pytest.approx(min(low[0], found.recalls[-1]), abs=1e-9)
    assert found.recall_high[-1] == pytest.approx(max(high[0], found.recalls[-1]), abs=1e-9)


@given(weighted(), st.randoms(use_true_random=False))
def test_row_order_does_not_move_weighted_figures(case, random):
    order = list(range(len(case[0])))
    random.shuffle(order)
    truth, scores, weights, groups = case
    mixed = tuple(column[order] for column in case)
    found = ap_interval(truth, scores, weights=weights, groups=groups)
    again = ap_interval(mixed[0], mixed[1], weights=mixed[2], groups=mixed[3])
    for name in ("value", "low", "high", "n_effective", "n_positive", "n"):
        assert getattr(found, name) == pytest.approx(getattr(again, name), abs=1e-9)
    thresholds = np.unique(scores)
    here = measure_points(truth, scores, thresholds, weights=weights, groups=groups)
    there = measure_points(mixed[0], mixed[1], thresholds, weights=mixed[2], groups=mixed[3])
    for name in ("precisions", "precision_low", "recall_high", "n_predicted"):
        np.testing.assert_allclose(getattr(here, name), getattr(there, name), atol=1e-9)


@given(weighted())
def test_weighted_interval_holds_its_value(case):
    truth, scores, weights, groups = case
    found = ap_interval(truth, scores, weights=weights, groups=groups)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high - found.low > 0.02
    assert 0 < found.n_effective <= found.n_positive + 1e-9
    whole = mean_interval(truth[:, None], scores[:, None], np.array([0]), weights=weights, groups=groups)
    assert (whole.low, whole.value, whole.high) == pytest.approx((found.low, found.value, found.high))


@given(
    st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 500), st.randoms(use_true_random=False)
)
def test_weights_sum_to_the_population(is_random, n_more, random):
    n = len(is_random)
    places = list(range(0, 3 * n, 3))
    random.shuffle(places)
    weights = inverse_weights(np.array(is_random), np.array(places), n + n_more)
    assert (weights >= 0).all()
    assert weights.sum() == pytest.approx(n + n_more if any(is_random) else 0)
    assert (weights[~np.array(is_random)] <= 1 + 1e-9).all()


@settings(deadline=None)
@given(weighted())
def test_bias_is_the_jackknifes(case):
    truth, scores, weights, _ = case
    weights = weights + 1
    found = precision_bias(truth, scores, weights)
    if truth.sum() < 2:
        assert found is None
        return
    value, _ = precision_influence(truth, scores, weights)
    wanted = 0.0
    for stratum in (truth, ~truth):
        rows = np.flatnonzero(stratum)
        apart = [
            precision_influence(*(np.delete(column, row) for column in (truth, scores, weights)))[0] - value
            for row in rows
        ]
        wanted += (len(rows) - 1) * np.mean(apart) if len(rows) else 0.0
    assert found == pytest.approx(wanted, abs=1e-9)
