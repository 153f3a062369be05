from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.evaluate import (
    average_precision,
    choose_thresholds,
    precision_at_recall,
    precision_recall_curve,
    split,
    thin,
)
from workbench.evaluate.curves import descending
from workbench.evaluate.influence import effective_number
from workbench.evaluate.intervals import wilson_interval
from workbench.evaluate.points import measure_points
from workbench.primitives import unit_interval


def test_split_hangs_on_the_id_alone():
    ids = [f"source.{number}" for number in range(5_000)]
    mask = split(ids)
    np.testing.assert_array_equal(mask[::-1], split(ids[::-1]))
    np.testing.assert_array_equal(mask[100:200], split(ids[100:200]))
    assert mask.tolist() == [unit_interval(name) < 0.2 for name in ids]
    # 5 standard deviations of a share of 0.2 in 5,000.
    assert abs(mask.mean() - 0.2) < 5 * np.sqrt(0.16 / 5_000)


def test_thread_mates_stay_together():
    threads = ["t1", "t2", "t1", "t3", "t2"]
    mask = split(threads)
    assert mask[0] == mask[2]
    assert mask[1] == mask[4]
    assert split([]).shape == (0,)


def test_curve_of_a_small_example():
    curve = precision_recall_curve(np.array([1, 0, 1, 1, 0], dtype=bool), np.array([0.9, 0.8, 0.8, 0.3, 0.1]))
    assert curve.thresholds.tolist() == [0.1, 0.3, 0.8, 0.9]
    assert curve.predicted.tolist() == [5, 4, 3, 1]
    assert curve.true_positives.tolist() == [3, 3, 2, 1]
    np.testing.assert_allclose(curve.precisions, [0.6, 0.75, 2 / 3, 1])
    np.testing.assert_allclose(curve.recalls, [1, 1, 2 / 3, 1 / 3])


def test_no_positive_has_no_average_precision():
    assert average_precision(np.zeros(3, dtype=bool), np.arange(3.0)) is None
    curve = precision_recall_curve(np.zeros(3, dtype=bool), np.arange(3.0))
    assert choose_thresholds(curve) == ()
    assert not precision_at_recall(curve).any()


def test_nothing_at_all_is_no_error():
    curve = precision_recall_curve(np.zeros(0, dtype=bool), np.zeros(0))
    assert len(curve.thresholds) == curve.n == 0
    assert len(thin(curve)) == 0


def test_all_positive_is_perfect():
    truth = np.ones(4, dtype=bool)
    assert average_precision(truth, np.array([0.1, 0.4, 0.3, 0.2])) == 1.0
    assert {c.recall for c in choose_thresholds(precision_recall_curve(truth, np.full(4, 0.5)))} == {1.0}


@pytest.mark.parametrize(
    ("truth", "scores"),
    [
        (np.zeros(3, dtype=bool), np.zeros(2)),
        (np.zeros(2, dtype=bool), np.array([0.1, np.nan])),
        (np.zeros(2, dtype=bool), np.array([0.1, np.inf])),
    ],
)
def test_unusable_rows_are_refused(truth, scores):
    with pytest.raises(InputError) as caught:
        precision_recall_curve(truth, scores)
    assert caught.value.next_step


def test_precision_at_recall_looks_ahead():
    curve = precision_recall_curve(np.array([0, 1, 1], dtype=bool), np.array([0.9, 0.8, 0.7]))
    points = precision_at_recall(curve, 3)
    np.testing.assert_allclose(points, [2 / 3, 2 / 3, 2 / 3])


def test_automatic_thresholds_of_a_small_example():
    truth = np.array([1, 1, 1, 0, 1, 0, 0, 0], dtype=bool)
    scores = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])
    choices = {choice.name: choice for choice in choose_thresholds(precision_recall_curve(truth, scores))}
    assert choices["balanced"].threshold == 0.5
    assert choices["high_precision"].threshold == 0.7
    assert choices["high_recall"].threshold == 0.5
    assert [choices[f"sampled_{n}"].threshold for n in range(5)] == [0.9, 0.8, 0.8, 0.7, 0.5]
    assert choices["high_precision"].precision == 1.0
    assert choices["high_precision"].recall == 0.75


def test_high_precision_out_of_reach_takes_the_best():
    truth = np.array([0, 1, 1, 0], dtype=bool)
    choices = choose_thresholds(precision_recall_curve(truth, np.array([0.9, 0.8, 0.7, 0.1])))
    chosen = next(choice for choice in choices if choice.name == "high_precision")
    assert chosen.threshold == 0.7
    assert chosen.precision == pytest.approx(2 / 3)


def test_thresholds_are_measured_on_other_rows_than_they_were_chosen_on():
    chosen_on = precision_recall_curve(np.array([1, 1, 0], dtype=bool), np.array([0.9, 0.6, 0.3]))
    other = precision_recall_curve(np.array([1, 0, 1, 0], dtype=bool), np.array([0.8, 0.7, 0.5, 0.2]))
    choices = {choice.name: choice for choice in choose_thresholds(chosen_on, measured_on=other)}
    balanced = choices["balanced"]
    # "Yes" at or above 0.6 is right for 0.8 and wrong for 0.7.
    assert (balanced.threshold, balanced.precision, balanced.recall) == (0.6, 0.5, 0.5)
    # No other row reaches 0.9: the highest score there takes its place.
    highest = choices["sampled_0"]
    assert (highest.threshold, highest.precision, highest.recall) == (0.8, 1.0, 0.5)
    nothing = precision_recall_curve(np.zeros(0, dtype=bool), np.zeros(0))
    assert choose_thresholds(chosen_on, measured_on=nothing) == choose_thresholds(chosen_on)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("digits", [0, 2, 9])
def test_the_order_of_scores_is_a_stable_one(kind, digits):
    scores = np.random.default_rng(digits).normal(size=3_000).round(digits).astype(kind)
    scores[:4] = (0.0, -0.0, 1e30, -1e30)
    stable = np.argsort(-scores.astype(np.float64), kind="stable")
    assert descending(scores).tolist() == stable.tolist()
    assert descending(scores[:0]).tolist() == []


def test_thread_mates_count_together_whatever_their_numbers():
    rng = np.random.default_rng(4)
    truth, scores = rng.random(400) < 0.3, rng.random(400)
    groups, weights = rng.integers(0, 150, 400), rng.random(400)
    names = rng.choice(10**12, 150, replace=False) - 10**11
    thresholds = np.array([0.1, 0.5, 0.9])
    small, large = (
        measure_points(truth, scores, thresholds, weights=weights, groups=given)
        for given in (groups, names[groups])
    )
    weight_of = [np.bincount(groups[scores >= at], weights=weights[scores >= at]) for at in thresholds]
    worth = np.array([sums.sum() ** 2 / (sums**2).sum() for sums in weight_of])
    low, high = wilson_interval(small.precisions * worth, worth)
    assert np.allclose(small.precision_low, low) and np.allclose(small.precision_high, high)
    for one in ("precision_low", "precision_high", "recall_low", "recall_high"):
        assert np.allclose(getattr(small, one), getattr(large, one))
    assert np.isclose(effective_number(weights, groups), effective_number(weights, names[groups]))
