from __future__ import annotations

import numpy as np
import pytest

from workbench.evaluate import (
    ap_interval,
    average_precision,
    logit_interval,
    mean_interval,
    score_interval,
    wilson_interval,
)


def test_wilson_matches_a_published_example():
    # Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
    low, high = wilson_interval(np.array([81, 0, 20]), np.array([263, 20, 20]))
    assert low[0] == pytest.approx(0.2553, abs=5e-5)
    assert high[0] == pytest.approx(0.3662, abs=5e-5)
    # And 0 of 20: 0 to 0.1611.
    assert low[1] == 0
    assert high[1] == pytest.approx(0.1611, abs=5e-5)
    assert high[2] == 1


def test_wilson_without_trials_says_nothing():
    low, high = wilson_interval(np.array([0]), np.array([0]))
    assert (low[0], high[0]) == (0, 1)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_logit_interval_has_width_even_at_the_ends(value):
    low, high = logit_interval(value, 10)
    assert 0 <= low <= value <= high <= 1
    assert high - low > 0.05


def test_one_positive_counts_as_one_trial():
    truth = np.array([False, True, False])
    found = ap_interval(truth, np.array([0.9, 0.8, 0.1]))
    low, high = wilson_interval(np.array([0.5]), np.array([1.0]))
    assert (found.low, found.high) == (low[0], high[0])
    assert (found.value, found.n_positive, found.n_effective) == (0.5, 1, 1.0)
    assert ap_interval(truth, np.array([0.9, 0.8, 0.1]), method="bootstrap").method == "logit"


def test_alike_positives_do_not_make_an_interval_vanish():
    # All perfect: the variance is 0, but the next positives may be hard.
    low, high = score_interval(1.0, 0.0, 12.0)
    assert 0.8 < low < 0.9
    assert high == 1.0
    # As many trials as the variance is worth, between half and 2.25 times the positives.
    bounds = [score_interval(0.6, spread, 20.0) for spread in (1.0, 0.24 / 20, 1e-9)]
    widths = [high - low for low, high in bounds]
    for width, trials in zip(widths[::2], (10.0, 45.0), strict=True):
        low, high = wilson_interval(np.array([0.6 * trials]), np.array([trials]))
        assert width == pytest.approx(high[0] - low[0])
    assert widths[2] < widths[1] < widths[0]


def test_no_positive_has_no_interval():
    found = ap_interval(np.zeros(5, dtype=bool), np.arange(5.0))
    assert found.value is found.low is found.high is None
    assert found.n_effective == 0
    # Nor has one without weight; it is counted all the same.
    unweighted = ap_interval(np.array([True, False]), np.array([0.2, 0.1]), weights=np.array([0.0, 1.0]))
    assert (unweighted.value, unweighted.n_positive, unweighted.n_effective) == (None, 1, 0.0)


def test_seed_decides_the_bounds():
    rng = np.random.default_rng(0)
    truth, scores = rng.random(80) < 0.3, rng.random(80)
    bounds = {
        (found.low, found.high)
        for found in (ap_interval(truth, scores, method="bootstrap", random_state=s) for s in (1, 1, 2))
    }
    assert len(bounds) == 2


@pytest.mark.parametrize("method", ["score", "bootstrap", "logit"])
def test_intervals_cover_the_truth_about_as_often_as_they_say(method):
    """200 simulated test parts of 250 messages, 50 of them positive."""
    rng = np.random.default_rng(5)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        truth = rng.random(n) < 0.2
        return truth, rng.normal(size=n) + 1.5 * truth

    target = average_precision(*draw(200_000))
    inside = 0
    for seed in range(200):
        found = ap_interval(*draw(250), method=method, random_state=seed)
        inside += found.low <= target <= found.high
    # Nominal 0.95; 0.88 lies 4.5 standard deviations of the simulation below it.
    assert inside / 200 >= 0.88


@pytest.mark.parametrize(("n_positive", "least"), [(5, 0.91), (20, 0.93)])
def test_score_intervals_hold_the_truth_with_few_positives(n_positive, least):
    """1,000 simulated test parts with a tenth positive; 5 positives make the value itself a little too good."""
    rng = np.random.default_rng(n_positive)
    truth = np.arange(10 * n_positive) < n_positive

    def score(held: np.ndarray) -> np.ndarray:
        return rng.normal(size=len(held)) + 2.0 * held

    everything = np.arange(200_000) < 20_000
    target = average_precision(everything, score(everything))
    inside = 0
    for _ in range(1_000):
        found = ap_interval(truth, score(truth))
        inside += found.low <= target <= found.high
    assert least <= inside / 1_000 <= 0.97


def test_mean_over_labels_knows_that_messages_carry_several():
    """Of two labels that always come together the mean is as unsure as one of them; of two others it is surer."""
    rng = np.random.default_rng(2)
    truth = rng.random((400, 2)) < 0.2
    scores = rng.normal(size=(400, 2)) + 1.5 * truth
    both = np.array([0, 1])
    alike = mean_interval(truth[:, [0, 0]], scores[:, [0, 0]], both)
    apart = mean_interval(truth, scores, both)
    assert mean_interval(truth, scores, both[:1]) == ap_interval(truth[:, 0], scores[:, 0])
    assert apart.high - apart.low < 0.85 * (alike.high - alike.low)
    assert (apart.n, apart.n_positive) == (400, truth.sum())
    assert mean_interval(truth, scores, both[:0]).value is None


def test_mean_of_perfect_labels_is_nearly_certain():
    truth = np.zeros((60, 3), dtype=bool)
    truth[:12, 0] = truth[10:22, 1] = truth[5:17, 2] = True
    scores = truth * 0.8 + np.random.default_rng(0).random((60, 3)) * 0.1
    weights = np.random.default_rng(1).random(60)
    for one in (None, weights):
        found = mean_interval(truth, scores, np.arange(3), weights=one)
        assert found.value == found.high == 1.0
        assert 0.8 < found.low < 0.95


def test_means_of_labels_with_few_positives_hold_the_truth():
    """200 simulated test parts of 30 labels with 4 positives each, which flatter every label alike."""
    rng = np.random.default_rng(8)
    n, n_labels = 200, 30

    def draw(rows: int) -> tuple[np.ndarray, np.ndarray]:
        truth = rng.random((rows, n_labels)) < 4 / n
        return truth, rng.normal(size=(rows, n_labels)) + 2.0 * truth

    truth, scores = draw(100_000)
    target = np.mean([average_precision(truth[:, one], scores[:, one]) for one in range(n_labels)])
    inside, above = 0, 0
    for _ in range(200):
        truth, scores = draw(n)
        found = mean_interval(truth, scores, np.flatnonzero(truth.any(axis=0)))
        inside += found.low <= target <= found.high
        above += found.value > target
    assert above / 200 > 0.9  # the mean itself is nearly always too good
    assert inside / 200 >= 0.9


def test_threads_of_like_messages_are_resampled_together():
    """150 simulated test parts of 85 threads with three like messages each."""
    rng = np.random.default_rng(0)

    def draw(n_threads: int) -> tuple[np.ndarray, np.ndarray]:
        truth = np.repeat(rng.random(n_threads) < 0.2, 3)
        return truth, np.repeat(rng.normal(size=n_threads), 3) * 0.8 + rng.normal(
            size=3 * n_threads
        ) * 0.6 + 1.5 * truth

    target = average_precision(*draw(60_000))
    groups = np.arange(85 * 3) // 3
    inside = np.zeros(2)
    for seed in range(150):
        truth, scores = draw(85)
        for kind, units in enumerate((None, groups)):
            found = ap_interval(truth, scores, random_state=seed, groups=units)
            inside[kind] += found.low <= target <= found.high
    singly, together = inside / 150
    assert singly < 0.82
    assert together >= 0.86
