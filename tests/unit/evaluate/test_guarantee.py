"""Thresholds with a promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest, hypergeom

from workbench.errors import InputError
from workbench.evaluate import GRID, n_needed, promise, upper_bound
from workbench.evaluate.guarantee import share_p_value


def sample(rng, n, prevalence=0.2):
    """Truth and calibrated probabilities; the risk above a threshold is known."""
    p = rng.beta(0.1, 0.1 / prevalence - 0.1, n)
    return rng.random(n) < p, p.astype(np.float32)


def test_numbers_of_the_exact_test():
    assert n_needed(0.02, 0.95) == 149
    assert n_needed(0.10, 0.95) == 29
    assert n_needed(0.5, 0.75) == 2
    for bad, n in ((0, 149), (3, 200), (7, 60)):
        wanted = binomtest(bad, n, alternative="less").proportion_ci(0.95, method="exact").high
        assert upper_bound(bad, n, 0.95) == pytest.approx(wanted)
    assert upper_bound(5, 5, 0.9) == 1.0


def test_the_share_to_come_follows_the_hypergeometric_distribution():
    assert share_p_value(3, 400, 500, 0.02) == pytest.approx(hypergeom.cdf(3, 900, 3 + 11, 400))
    assert share_p_value(0, 19, 1, 0.02) == pytest.approx(1 / 20)
    assert share_p_value(2, 5, 3, 1.0) == 0.0, "more than all to come cannot be bad"


def test_the_lowest_threshold_whose_tests_all_pass_is_promised():
    scores = np.repeat([0.95, 0.75, 0.55], 100)
    truth = np.ones(300, dtype=bool)
    truth[100:102] = False  # 2 of 200 at 0.75: promised at 4 %
    truth[200:230] = False  # 32 of 300 at 0.55: not
    found = promise(truth, scores, risk="wrong", at_most=0.04)
    assert (found.threshold, found.n, found.n_bad) == (0.56, 200, 2)
    assert found.upper == pytest.approx(upper_bound(2, 200, 0.95)) and found.upper <= 0.04


def test_a_failed_test_ends_the_list():
    # At 0.8 a third is wrong; below, enough is right that the whole would keep the limit again.
    scores = np.repeat([0.85, 0.45], [90, 2_000])
    truth = np.ones(2_090, dtype=bool)
    truth[:30] = False
    found = promise(truth, scores, risk="wrong", at_most=0.1)
    assert found.threshold is None and (found.n, found.n_bad) == (90, 30)


def test_missed_messages_are_promised_from_below():
    truth = np.repeat([True, False], [200, 100])
    scores = np.concatenate([np.full(2, 0.3), np.full(198, 0.62), np.full(100, 0.1)])
    found = promise(truth, scores, risk="missed", at_most=0.04)
    assert (found.threshold, found.n, found.n_bad) == (0.62, 200, 2)
    few = promise(truth[150:], scores[150:], risk="missed", at_most=0.04)
    assert few.threshold is None and (few.n, few.upper, few.n_needed) == (0, None, 74)


def test_the_promise_of_a_share_to_come_asks_for_more():
    rng = np.random.default_rng(0)
    truth, scores = sample(rng, 3_000)
    risk = promise(truth, scores, risk="wrong", at_most=0.1)
    share = promise(truth, scores, risk="wrong", at_most=0.1, over_next=1_000)
    endless = promise(truth, scores, risk="wrong", at_most=0.1, over_next=10**8)
    assert share.threshold > risk.threshold == endless.threshold


@pytest.mark.parametrize("over_next", [None, 2_000])
@pytest.mark.parametrize("risk", ["wrong", "missed"])
def test_promises_are_broken_as_seldom_as_they_say(risk, over_next):
    rng = np.random.default_rng(11)
    truth, scores = sample(rng, 1_000_000)
    n_runs, given, broken = 400, 0, 0
    for _ in range(n_runs):
        found = promise(*sample(rng, 1_500), risk=risk, at_most=0.1, over_next=over_next)
        if found.threshold is None:
            continue
        given += 1
        to_come = (truth, scores) if over_next is None else sample(rng, over_next)
        above = to_come[1] >= np.float32(found.threshold)
        asked, bad = (above, above & ~to_come[0]) if risk == "wrong" else (to_come[0], to_come[0] & ~above)
        broken += bad.sum() > 0.1 * asked.sum()
    assert given > n_runs / 2
    # 5 %, and three standard deviations of a share over the runs.
    assert broken / n_runs < 0.05 + 3 * np.sqrt(0.05 * 0.95 / n_runs)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"at_most": 0.0}, r"at_most is 0.0; .* Give a share, such as at_most=0.02"),
        ({"at_most": float("nan")}, "at_most is nan"),
        ({"at_most": 0.1, "sure": 1.0}, "sure is 1.0"),
        ({"at_most": 0.1, "over_next": 0}, "over the next 0 messages says nothing. Give 1 or more"),
    ],
)
def test_impossible_promises_are_refused(asked, said):
    with pytest.raises(InputError, match=said):
        promise(np.ones(3, dtype=bool), np.ones(3), risk="wrong", **asked)


def test_the_list_is_ascending_and_inside():
    assert list(GRID) == sorted(set(GRID)) and GRID[0] > 0 and GRID[-1] < 1
