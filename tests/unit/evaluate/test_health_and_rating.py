from __future__ import annotations

import pytest

from workbench.domain import AveragePrecision
from workbench.errors import InputError
from workbench.evaluate import (
    WEIGHTS,
    LabelEvidence,
    RatingEvidence,
    label_health,
    label_state,
    label_warnings,
    rate,
    rating_band,
)

ENOUGH = LabelEvidence(n_pins=30, n_train=24, lower_bound=0.75)
UNSURE = LabelEvidence(n_pins=30, n_train=24, lower_bound=0.74)


def measured(value: float | None) -> AveragePrecision:
    return AveragePrecision(value=value, low=None, high=None, n_positive=5, n=50)


@pytest.mark.parametrize(
    ("value", "health"),
    [(0.0, 0), (0.25, 25), (0.5, 50), (0.625, 60), (0.75, 70), (0.9, 90), (0.95, 95), (1.0, 100)],
)
def test_health_follows_average_precision(value, health):
    assert label_health(ENOUGH, value) == pytest.approx(health)


@pytest.mark.parametrize(("n", "health"), [(0, 0), (10, 20), (24, 48), (40, 49)])
def test_health_of_few_examples_stays_below_fifty(n, health):
    assert label_health(LabelEvidence(n_pins=n, n_train=min(n, 19)), 1.0) == health


def test_bias_and_inconsistency_cost_ten_each():
    biased = LabelEvidence(n_pins=30, n_train=24, search_share=0.51, disagreement_share=0.11)
    assert label_health(biased, 0.9) == pytest.approx(70)
    assert label_health(biased, 0.05) == 0
    assert len(label_warnings(biased, 0.9)) == 2


@pytest.mark.parametrize(
    ("evidence", "value", "state"),
    [
        (LabelEvidence(n_pins=0, n_train=0), None, "untrained"),
        (LabelEvidence(n_pins=24, n_train=24), 0.99, "gathering"),
        (LabelEvidence(n_pins=25, n_train=19), 0.99, "gathering"),
        (LabelEvidence(n_pins=25, n_train=20), 0.49, "poor"),
        (ENOUGH, 0.5, "fair"),
        (ENOUGH, 0.74, "fair"),
        (ENOUGH, None, "fair"),
        (ENOUGH, 0.75, "healthy"),
        (ENOUGH, 0.9, "excellent"),
        (UNSURE, 0.75, "fair"),
        (UNSURE, 0.97, "fair"),
        (LabelEvidence(n_pins=30, n_train=24), 0.97, "fair"),
        (LabelEvidence(n_pins=30, n_train=24, search_share=0.6, lower_bound=0.8), 0.95, "fair"),
    ],
)
def test_states(evidence, value, state):
    assert label_state(evidence, measured(value)) == state


@pytest.mark.parametrize(
    ("evidence", "value", "word"),
    [
        (LabelEvidence(n_pins=10, n_train=8), None, "15 more"),
        (LabelEvidence(n_pins=30, n_train=10), None, "training part"),
        (ENOUGH, 0.3, "Check label"),
        (ENOUGH, 0.6, "Teach label"),
        (UNSURE, 0.9, "may be as low as 0.74"),
        (UNSURE, 0.9, "Shuffle"),
    ],
)
def test_warnings_name_the_action(evidence, value, word):
    assert word in label_warnings(evidence, value)[0]
    assert label_warnings(ENOUGH, 0.8) == ()


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0, "poor"),
        (49, "poor"),
        (49.49, "poor"),
        (49.5, "average"),
        (50, "average"),
        (69, "average"),
        (70, "good"),
        (89, "good"),
        (90, "excellent"),
        (None, "none"),
    ],
)
def test_bands(score, band):
    assert rating_band(score) == band


def evidence(**changes: object) -> RatingEvidence:
    values: dict[str, object] = {
        "healths": {f"label {n}": 80.0 for n in range(10)},
        "n_ready": 10,
        "n_reviewed": 500,
        "coverage": 0.85,
        "similarity": 0.95,
        "mode_shares": {"shuffle": 0.2},
    }
    return RatingEvidence(**(values | changes))


def factors(**changes: object) -> dict[str, float | None]:
    return {factor.name: factor.score for factor in rate(evidence(**changes)).factors}


def test_rating_is_the_weighted_mean():
    rating = rate(evidence())
    assert factors() == {
        "balance": pytest.approx(100),
        "coverage": pytest.approx(90),
        "all_labels": pytest.approx(80),
        "underperforming_labels": pytest.approx(80),
    }
    # 0.30 * 80 + 0.20 * 80 + 0.25 * 90 + 0.25 * 100 = 87.5, rounded half up
    assert rating.score == 88
    assert rating.band == "good"
    assert sum(factor.weight for factor in rating.factors) == pytest.approx(1)


def test_a_poor_factor_holds_the_rating_at_69():
    rating = rate(evidence(coverage=0.5))
    assert rating.score == 69
    assert rating.band == "average"
    assert "coverage" in rating.reason


def test_underperforming_labels_are_a_tenth_rounded_up():
    healths = {f"label {n:02}": 90.0 for n in range(23)} | {
        "label 03": 10.0,
        "label 07": 20.0,
        "label 11": 30.0,
    }
    rating = rate(evidence(healths=healths))
    factor = next(f for f in rating.factors if f.name == "underperforming_labels")
    assert factor.contributors == {"label 03": 10.0, "label 07": 20.0, "label 11": 30.0}
    assert factor.score == pytest.approx(20)
    assert "label 03" in factor.action


@pytest.mark.parametrize(
    ("shares", "score"),
    [
        ({"shuffle": 0.2}, 100),
        ({"shuffle": 0.1, "rebalance": 0.1}, 100),
        ({"shuffle": 0.1}, 90),
        ({"search": 1.0}, 70),
        ({"shuffle": 0.2, "search": 0.15}, 95),
    ],
)
def test_balance_counts_how_messages_were_chosen(shares, score):
    assert factors(mode_shares=shares)["balance"] == pytest.approx(score)


def test_balance_falls_with_similarity():
    assert factors(similarity=0.5)["balance"] == pytest.approx(30)
    assert factors(similarity=0.725)["balance"] == pytest.approx(65)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"n_ready": 4}, "5 labels"),
        ({"coverage": None}, "Coverage"),
        ({"similarity": None}, "not measured"),
        ({"similarity": None, "n_reviewed": 42}, "there are 42"),
        ({"n_reviewed": 99}, "there are 99"),
        ({"healths": {}, "n_ready": 5}, "no label"),
    ],
)
def test_no_rating_without_evidence(changes, word):
    rating = rate(evidence(**changes))
    assert rating.score is None
    assert rating.band == "none"
    assert word in rating.reason
    assert len(rating.factors) == 4


def test_weights_are_arguments():
    only = dict.fromkeys(WEIGHTS, 0.0) | {"coverage": 2.0}
    assert rate(evidence(), weights=only).score == 90
    for wrong in (
        {},
        dict.fromkeys(WEIGHTS, 0.0),
        {**WEIGHTS, "balance": -1.0},
        {**WEIGHTS, "luck": 1.0},
        {**WEIGHTS, "balance": float("nan")},
        {**WEIGHTS, "balance": float("inf")},
    ):
        with pytest.raises(InputError, match="weights"):
            rate(evidence(), weights=wrong)


def test_a_factor_of_weight_0_neither_caps_the_rating_nor_is_asked_for():
    without = {**WEIGHTS, "coverage": 0.0}
    assert rate(evidence(coverage=0.5), weights=without).score == rate(evidence(), weights=without).score > 69
    unknown = rate(evidence(coverage=None), weights=without)
    assert unknown.score is not None
    assert next(one for one in unknown.factors if one.name == "coverage").reason
