"""What a week of messages is expected to bring."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.evaluate import estimate, reaches, tally, weekly_draws

TRUTH = np.array([1, 1, 1, 1, 0, 0, 0], dtype=bool)
SCORES = np.array([0.9, 0.7, 0.5, 0.1, 0.8, 0.4, 0.0], dtype=np.float32)


def test_a_score_equal_to_the_threshold_reaches_it():
    # 0.7 as stored (float32) is a little below 0.7 as typed.
    assert float(np.float32(0.7)) < 0.7
    assert reaches(np.array([0.7], dtype=np.float32), 0.7).all()


def test_held_out_messages_are_counted_by_policy():
    one = tally(TRUTH, SCORES, 0.7)
    assert (one.right, one.wrong, one.checked_right, one.checked_wrong, one.missed, one.n) == (
        2,
        1,
        0,
        0,
        2,
        7,
    )
    two = tally(TRUTH, SCORES, 0.7, 0.4)
    assert (two.right, two.wrong, two.checked_right, two.checked_wrong, two.missed) == (2, 1, 1, 1, 1)


def test_the_middle_is_volume_times_held_out_share():
    week = weekly_draws([30, 50], [10, 20], tally(TRUTH, SCORES, 0.7, 0.4))
    # Above: 40 a week, 1 of 3 wrong. Checked: 15. Missed: 1 for each 5 that reach 0.4, of 55.
    np.testing.assert_allclose(week.value, (40, 40 / 3, 15, 11))


def test_without_a_held_out_prediction_nothing_is_estimated():
    week = weekly_draws([3], None, tally(TRUTH, SCORES, 0.95))
    found = [estimate(value, draws) for value, draws in zip(week.value, _figures(week), strict=True)]
    assert found[0].value == 3 and found[0].low < 3 < found[0].high
    assert found[1].value is None and found[1].low is None and found[3].high is None


def test_no_week_is_refused():
    with pytest.raises(InputError, match=r"there is no week of messages to count in\. .*widen the filter"):
        weekly_draws([], None, tally(TRUTH, SCORES, 0.5))


def test_weeks_that_differ_make_the_interval_wider():
    counts = tally(TRUTH, SCORES, 0.7)
    widths = []
    for weeks in ([100, 100, 100, 100], [20, 180, 60, 140]):
        week = weekly_draws(weeks, None, counts)
        found = estimate(week.value[0], week.actions)
        widths.append(found.high - found.low)
    assert widths[1] > 3 * widths[0]


@pytest.mark.parametrize(("precision", "recall", "n_positive"), [(0.9, 0.8, 60), (0.6, 0.95, 25)])
def test_intervals_hold_the_truth_about_as_often_as_they_say(precision, recall, n_positive):
    rng = np.random.default_rng(7)
    volume, n_runs = 40.0, 400
    wrong, missed = volume * (1 - precision), volume * precision * (1 - recall) / recall
    held = np.zeros(2)
    for run in range(n_runs):
        right = rng.binomial(n_positive, recall)
        n_wrong = rng.poisson(n_positive * recall * (1 - precision) / precision)
        truth = np.repeat([True, False, True], [right, n_wrong, n_positive - right])
        scores = np.repeat([0.9, 0.9, 0.1], [right, n_wrong, n_positive - right])
        week = weekly_draws(rng.poisson(volume, 8), None, tally(truth, scores, 0.5), random_state=run)
        for place, (value, draws, true) in enumerate(
            ((week.value[1], week.wrong, wrong), (week.value[3], week.missed, missed))
        ):
            found = estimate(value, draws)
            held[place] += found.low <= true <= found.high
    # 95 %, and four standard deviations of a share over the runs.
    assert (np.abs(held / n_runs - 0.95) < 4 * np.sqrt(0.95 * 0.05 / n_runs)).all(), held / n_runs


def _figures(week):
    return week.actions, week.wrong, week.checks, week.missed
