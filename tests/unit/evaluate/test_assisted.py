from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from tests.unit.evaluate.test_weighting import review
from workbench.errors import InputError
from workbench.evaluate import (
    assisted_figures,
    assisted_ratio,
    effective_number,
    expected_counts,
    inverse_weights,
)

N, N_LABELS, N_REVIEWED = 600, 4, 100


@dataclass(frozen=True)
class World:
    """Messages of which everything is known; chances that made the truth are what a model says."""

    truth: np.ndarray
    said: np.ndarray

    @property
    def recall(self) -> float:
        return float((self.truth & (self.said >= 0.5)).sum() / self.truth.sum())

    @property
    def precision(self) -> float:
        return float((self.truth & (self.said >= 0.5)).sum() / (self.said >= 0.5).sum())


def world(seed: int = 0) -> World:
    rng = np.random.default_rng(seed)
    right = rng.beta(0.25, 0.5, (N, N_LABELS))
    return World(truth=rng.random((N, N_LABELS)) < right, said=right)


def errors(known: World, expected: np.ndarray, n: int = 300, *, leaks: bool = False) -> np.ndarray:
    """Errors of recall and precision, whether the intervals hold the truth, and Hajek's errors of recall; (n, 5)."""
    rng = np.random.default_rng(1)
    hard = np.argsort(np.abs(known.said - 0.5).min(axis=1))
    groups, above = np.arange(N_REVIEWED), known.said >= 0.5
    found = []
    for _ in range(n):
        rows, is_random = review(N_REVIEWED, N, hard, rng)
        weights = inverse_weights(is_random, groups, N)
        told = expected.copy()
        if leaks:
            told[rows] = 0.5 * expected[rows] + 0.5 * known.truth[rows]
        counts = expected_counts(known.said, told)
        one = assisted_figures(
            known.truth[rows],
            known.said[rows],
            weights,
            is_random,
            groups,
            counts[rows],
            counts.sum(axis=0),
        )
        hit = (weights @ (known.truth & above)[rows]).sum() / (weights @ known.truth[rows]).sum()
        found.append(
            [
                one.recall.value - known.recall,
                one.precision.value - known.precision,
                one.recall.low <= known.recall <= one.recall.high,
                one.precision.low <= known.precision <= one.precision.high,
                hit - known.recall,
            ]
        )
    return np.array(found)


def bias_in_errors(values: np.ndarray) -> float:
    """Mean, in its standard errors."""
    return float(abs(values.mean()) / (values.std() / np.sqrt(len(values))))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["calibrated", "too sure", "of other messages", "upside down"])
def test_figures_are_unbiased_whatever_the_model_is_worth(model):
    known = world()
    expected = {
        "calibrated": known.said,
        "too sure": np.sqrt(known.said),
        "of other messages": np.random.default_rng(3).permutation(known.said),
        "upside down": 1 - known.said,
    }[model]
    found = errors(known, expected)
    # A ratio of two estimates is off by a small part of its own error.
    assert bias_in_errors(found[:, 0]) < 4
    assert bias_in_errors(found[:, 1]) < 4
    assert found[:, :2].std(axis=0).max() / np.sqrt(len(found)) < 0.005
    assert found[:, 2].mean() > 0.93
    assert found[:, 3].mean() > 0.93


@pytest.mark.slow
def test_a_model_that_knows_makes_errors_smaller_and_one_that_does_not_leaves_them():
    known = world()
    helped = errors(known, known.said, 200)
    alone = errors(known, np.random.default_rng(3).permutation(known.said), 200)
    assert np.abs(helped[:, 0]).mean() < 0.8 * np.abs(helped[:, 4]).mean()
    assert np.abs(alone[:, 0]).mean() < 1.1 * np.abs(alone[:, 4]).mean()


@pytest.mark.slow
def test_a_model_that_learned_from_the_reviewed_messages_makes_figures_wrong():
    known = world()
    found = errors(known, known.said**2, 200, leaks=True)
    assert bias_in_errors(found[:, 0]) > 10
    assert bias_in_errors(errors(known, known.said**2, 200)[:, 0]) < 4


def test_the_same_expectation_for_all_leaves_hajeks_ratio():
    rng = np.random.default_rng(2)
    seen = np.sort(rng.integers(0, 3, (30, 2)), axis=1).astype(float)
    weights, is_random = rng.random(30) * 9, np.arange(30) % 2 == 0
    # The sum of weights need not be the population's: the expectation does not count.
    found = assisted_ratio(
        seen, np.full((30, 2), 0.7), np.array([70.0, 70.0]), weights, is_random, np.arange(30)
    )
    assert found.trust == 0.0
    plain = weights @ seen
    assert found.figure.value == pytest.approx(plain[0] / plain[1])
    against = assisted_ratio(
        seen,
        np.stack([2 - seen[:, 0], seen[:, 1]], axis=1),
        np.array([50.0, 90.0]),
        weights,
        is_random,
        np.arange(30),
    )
    assert against.trust == 0.0
    assert against.figure.value == found.figure.value


def test_a_model_that_knows_everything_is_believed():
    known = world()
    rows, is_random = review(N_REVIEWED, N, np.arange(N), np.random.default_rng(5))
    weights = inverse_weights(is_random, np.arange(N_REVIEWED), N)
    counts = expected_counts(known.said, known.truth.astype(float))
    found = assisted_figures(
        known.truth[rows],
        known.said[rows],
        weights,
        is_random,
        np.arange(N_REVIEWED),
        counts[rows],
        counts.sum(axis=0),
    )
    assert found.recall.value == pytest.approx(known.recall)
    assert found.precision.value == pytest.approx(known.precision)
    assert found.recall.high - found.recall.low < 0.16
    said = known.said[rows] >= 0.5
    assert found.raw_recall == pytest.approx((known.truth[rows] & said).sum() / known.truth[rows].sum())
    assert found.raw_precision == pytest.approx((known.truth[rows] & said).sum() / said.sum())


def test_trust_is_what_makes_the_variance_smallest():
    rng = np.random.default_rng(7)
    n = 40
    expected = np.stack([rng.random(n), np.ones(n)], axis=1)
    seen = np.stack([(rng.random(n) < 0.5 * expected[:, 0]).astype(float), np.ones(n)], axis=1)
    weights, is_random = rng.random(n) + 5, np.ones(n, dtype=bool)
    found = assisted_ratio(seen, expected, weights @ expected, weights, is_random, np.arange(n))
    # The model expects twice too much: about half is believed.
    assert 0.2 < found.trust < 0.8

    def spread(trust: float) -> float:
        left = weights * (seen[:, 0] - trust * expected[:, 0] - weights @ seen[:, 0] / weights.sum())
        left += weights * trust * weights @ expected[:, 0] / weights.sum()
        return float(((left - weights * (left @ weights) / (weights @ weights)) ** 2).sum())

    here = spread(found.trust)
    assert here < spread(found.trust - 0.05)
    assert here < spread(found.trust + 0.05)


def test_thread_mates_count_together():
    rng = np.random.default_rng(8)
    seen = np.stack([(rng.random(20) < 0.5).astype(float), np.ones(20)], axis=1).repeat(2, axis=0)
    weights, is_random = np.full(40, 5.0), np.ones(40, dtype=bool)
    nothing = np.zeros((40, 2))
    apart, together = (
        assisted_ratio(seen, nothing, np.zeros(2), weights, is_random, groups).figure
        for groups in (np.arange(40), np.arange(40) // 2)
    )
    assert apart.value == together.value
    assert together.high - together.low > 1.2 * (apart.high - apart.low)


def test_without_a_random_pick_or_an_example_nothing_is_known():
    truth = np.ones((3, 1), dtype=bool)
    said, counts = np.full((3, 1), 0.6), np.ones((3, 3))
    none = assisted_figures(
        truth, said, np.zeros(3), np.zeros(3, dtype=bool), np.arange(3), counts, np.ones(3)
    )
    assert (none.recall.value, none.recall.low, none.precision.high) == (None, None, None)
    assert (none.raw_recall, none.raw_precision) == (1.0, 1.0)
    empty = assisted_figures(
        ~truth, said * 0, np.ones(3), np.ones(3, dtype=bool), np.arange(3), counts, np.ones(3)
    )
    assert empty.recall.value is None
    assert (empty.raw_recall, empty.raw_precision) == (None, None)


def test_expected_counts_are_sums_over_labels():
    said = np.array([[0.9, 0.5, 0.1]])
    np.testing.assert_allclose(expected_counts(said), [[1.4, 1.5, 2.0]])
    np.testing.assert_allclose(expected_counts(said, np.array([[0.8, 0.2, 0.3]])), [[1.0, 1.3, 2.0]])


def test_counts_must_fit():
    with pytest.raises(
        InputError, match=r"expected counts have shape \(2, 3\) and totals \(3,\) for 3"
    ) as caught:
        assisted_figures(
            np.ones((3, 1), dtype=bool),
            np.ones((3, 1)),
            np.ones(3),
            np.ones(3, dtype=bool),
            np.arange(3),
            np.ones((2, 3)),
            np.ones(3),
        )
    assert caught.value.next_step.startswith("Give three expected counts of each reviewed message")


def test_few_picks_without_a_miss_do_not_promise_much():
    seen = np.ones((12, 2))
    found = assisted_ratio(
        seen,
        np.zeros((12, 2)),
        np.zeros(2),
        np.full(12, 50.0),
        np.ones(12, dtype=bool),
        np.arange(12),
    ).figure
    assert found.value == 1.0
    assert 0.85 < found.low < 0.95
    assert effective_number(np.full(12, 50.0)) == pytest.approx(12)
