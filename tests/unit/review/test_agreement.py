"""Agreement against published and independently computed values, and what it must do at its edges."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.review import agreement, gwet_ac1, krippendorff_alpha

# The reliability data of Krippendorff's computing guide: 4 observers, 12 units, 5 categories, 0 = not judged.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
        [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
    ]
)
COUNTS = np.stack([(category == OBSERVERS).sum(axis=0) for category in range(1, 6)], axis=1)


def test_both_measures_give_the_reference_values() -> None:
    # 0.743 and 0.775 in the literature; the further digits are of the R and Python packages irrCAC and krippendorff.
    assert krippendorff_alpha(COUNTS) == pytest.approx(0.743421052631579, abs=1e-12)
    assert gwet_ac1(COUNTS) == pytest.approx(0.775444068126995, abs=1e-12)


def test_yes_and_no_with_gaps_give_the_reference_values() -> None:
    people = (
        "-00110010011-000000--10-10--0101001000-0",
        "-00---01000100-000000-1100110100-01-00--",
        "0-01-00--1100010-0-101-1001001-100111010",
    )
    marks = np.array([[-1 if mark == "-" else int(mark) for mark in row] for row in people])
    yes, judged = (marks == 1).sum(axis=0), (marks >= 0).sum(axis=0)
    counts = np.stack([yes, judged - yes], axis=1)
    assert krippendorff_alpha(counts) == pytest.approx(0.4590163934426229, abs=1e-12)
    assert gwet_ac1(counts) == pytest.approx(0.547717386183394, abs=1e-12)


def test_labels_side_by_side_equal_each_alone_and_weights_repeat_units() -> None:
    random = np.random.default_rng(3)
    counts = random.integers(0, 4, size=(30, 2, 3))
    weights = random.integers(0, 3, size=(2, 30)).astype(float)
    for measure in (krippendorff_alpha, gwet_ac1):
        together = measure(counts, weights)
        assert together.shape == (2, 3)
        for resample in range(2):
            repeated = np.repeat(counts, weights[resample].astype(int), axis=0)
            alone = [float(measure(repeated[:, :, label])) for label in range(3)]
            assert together[resample] == pytest.approx(alone, abs=1e-12)


def test_a_rare_label_shows_the_difference_between_the_measures() -> None:
    yes, people = np.zeros((100, 1), dtype=int), np.full(100, 2)
    yes[:2] = 1  # two messages on which the two people differ, 98 on which both say no
    found = agreement(yes, people)[0]
    assert found.observed == pytest.approx(0.98)
    assert found.alpha is not None and found.alpha < 0.05
    assert found.ac1 is not None and found.ac1 > 0.95
    assert found.ac1_low is not None and found.ac1_high is not None
    assert found.ac1_low <= found.ac1 <= found.ac1_high
    assert (found.n_units, found.n_judgements) == (100, 200)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(11)
    big = _two_people(random, 400_000)
    truth = float(gwet_ac1(np.stack([big, 2 - big], axis=1)))
    inside = 0
    for seed in range(120):
        yes = _two_people(random, 120)[:, None]
        found = agreement(yes, np.full(120, 2), n_resamples=300, random_state=seed)[0]
        inside += found.ac1_low <= truth <= found.ac1_high  # type: ignore[operator]
    assert (
        104 <= inside <= 120
    )  # 95 % of 120 is 114; at 104 chance would have to be below one in ten thousand


def test_what_cannot_be_told_is_none() -> None:
    always = agreement(np.full((10, 1), 2), np.full(10, 2))[0]
    assert always.alpha is None and always.alpha_low is None
    assert always.ac1 == 1.0 and always.observed == 1.0
    nobody = agreement(np.ones((5, 2), dtype=int), np.ones(5, dtype=int))
    assert [(one.alpha, one.ac1, one.n_units) for one in nobody] == [(None, None, 0)] * 2


def test_thread_mates_are_drawn_together() -> None:
    random = np.random.default_rng(2)
    yes = np.repeat(_two_people(random, 40), 5)[:, None]
    people = np.full(200, 2)
    alone = agreement(yes, people)[0]
    together = agreement(yes, people, groups=np.repeat(np.arange(40), 5))[0]
    assert together.ac1 == alone.ac1
    assert together.ac1_high - together.ac1_low > 1.5 * (alone.ac1_high - alone.ac1_low)  # type: ignore[operator]


def test_more_yes_than_people_is_refused() -> None:
    with pytest.raises(InputError, match="at most as many people"):
        agreement(np.full((1, 1), 3), np.full(1, 2))


def _two_people(random: np.random.Generator, n: int) -> np.ndarray:
    """How many of two people say yes: three in ten carry the label, each errs in one of eight."""
    truth = random.random(n) < 0.3
    said = [truth ^ (random.random(n) < 0.125) for _ in range(2)]
    return np.sum(said, axis=0).astype(int)
