from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.review import LabelStanding, PastBatch, Standing, forecast, propose


def a_label(label_id: str, n_pins: int, *, ap: float | None = None, **more: object) -> LabelStanding:
    state = "gathering" if n_pins < 25 else "healthy" if (ap or 0) >= 0.75 else "fair"
    return LabelStanding(
        **{
            "label_id": label_id,
            "n_pins": n_pins,
            "n_train": int(0.8 * n_pins),
            "n_test": n_pins - int(0.8 * n_pins),
            "average_precision": ap,
            "low": None if ap is None else max(ap - 0.1, 0),
            "high": None if ap is None else min(ap + 0.1, 1),
            "health": min(49.0, 2.0 * n_pins) if ap is None else 100 * ap,
            "state": state,
            **more,
        }
    )


MATURE = Standing(
    n_messages=10_000,
    n_reviewed=1_000,
    has_clusters=True,
    n_first_clusters=30,
    n_first_clusters_reviewed=30,
    mode_shares={"cluster": 0.3, "shuffle": 0.25, "low_confidence": 0.45},
    factors={"balance": 90.0, "coverage": 85.0, "all_labels": 88.0, "underperforming_labels": 75.0},
    rating=85.0,
    mean_average_precision=0.9,
    labels=tuple(a_label(f"l{index}", 100, ap=0.9) for index in range(8)),
    seconds_per_message=None,
)
RARE = (*MATURE.labels, a_label("rare", 9))
WEAK = (*MATURE.labels, a_label("weak", 60, ap=0.6))


@pytest.mark.parametrize(
    ("change", "rule", "mode", "label_id"),
    [
        ({"labels": ()}, "define", "define", None),
        ({"n_messages": 0, "n_reviewed": 0}, "define", "define", None),
        ({"n_first_clusters_reviewed": 14}, "cluster", "cluster", None),
        ({"mode_shares": {"search": 1.0}}, "shuffle", "shuffle", None),
        ({"has_model": False}, "shuffle", "shuffle", None),
        ({"factors": {"coverage": 69.9}}, "coverage", "low_confidence", None),
        ({"factors": {}}, "coverage", "low_confidence", None),
        ({"labels": RARE}, "few_examples", "teach", "rare"),
        ({"factors": {"coverage": 90.0, "balance": 60.0}}, "balance", "rebalance", None),
        (
            {"factors": {"coverage": 90.0, "balance": 60.0}, "has_clusters": False, "n_first_clusters": 0},
            "balance",
            "shuffle",
            None,
        ),
        ({"labels": WEAK}, "teach", "teach", "weak"),
        ({}, "ready", "ready", None),
        ({"n_reviewed": 10_000}, "ready", "ready", None),
    ],
)
def test_the_first_rule_that_fires_is_recommended(change, rule, mode, label_id):
    found = propose(replace(MATURE, **change))[0]
    assert (found.rule, found.mode, found.label_id) == (rule, mode, label_id)


def test_many_labels_with_few_examples_are_raised_together_and_stragglers_one_by_one():
    few = tuple(a_label(f"f{index}", 10) for index in range(3))
    assert propose(replace(MATURE, labels=MATURE.labels + few))[0].rule == "coverage"
    assert propose(replace(MATURE, labels=MATURE.labels + few[:2]))[0].rule == "few_examples"


@pytest.mark.parametrize(("n_check", "n_missed", "mode", "n"), [(9, 4, "check", 9), (4, 31, "missed", 20)])
def test_a_weak_label_is_checked_for_the_errors_that_dominate(n_check, n_missed, mode, n):
    weak = a_label("weak", 60, ap=0.6, n_check=n_check, n_missed=n_missed)
    found = propose(replace(MATURE, labels=(*MATURE.labels, weak)))[0]
    assert (found.rule, found.label_id, found.n, found.gain) == (mode, "weak", n, None)


def test_within_a_rule_weight_times_missing_health_decides():
    light, heavy = a_label("light", 5), a_label("heavy", 20, weight=3.0)
    assert propose(replace(MATURE, labels=(*MATURE.labels, light, heavy)))[0].label_id == "heavy"


def test_clusters_come_by_five_and_the_last_messages_are_not_exceeded():
    fresh = replace(MATURE, n_first_clusters_reviewed=0)
    assert propose(fresh)[0].n == 60
    assert propose(replace(fresh, n_messages=1_007))[0].n == 7


def test_minutes_follow_the_measured_pace_or_say_a_wide_range():
    assert propose(replace(MATURE, labels=RARE))[0].minutes == (pytest.approx(20 / 12), pytest.approx(20 / 3))
    measured = replace(MATURE, labels=RARE, seconds_per_message=12.0)
    assert propose(measured)[0].minutes == (pytest.approx(3.0), pytest.approx(6.0))


def test_alternatives_come_by_gain_and_unknown_gains_last():
    doubted = a_label("doubted", 40, ap=0.4, n_check=5)
    found = propose(replace(MATURE, labels=(*MATURE.labels, doubted)))[1:]
    gains = [proposal.gain.value for proposal in found if proposal.gain is not None]
    assert gains == sorted(gains, reverse=True)
    assert len(gains) > 3
    assert {proposal.mode for proposal in found} >= {
        "shuffle",
        "cluster",
        "rebalance",
        "low_confidence",
        "teach",
    }


def test_a_gain_shrinks_with_experience_and_grows_with_the_batch():
    young = replace(MATURE, n_reviewed=80, labels=tuple(replace(label, n_pins=8) for label in MATURE.labels))
    assert forecast(young, "shuffle", None, 20).value > 2 * forecast(MATURE, "shuffle", None, 20).value
    assert forecast(young, "shuffle", None, 40).value > 1.5 * forecast(young, "shuffle", None, 20).value
    assert forecast(young, "check", "l0", 20) is None


def test_past_batches_that_brought_nothing_lower_the_forecast_and_narrow_it():
    def after(points: float) -> Standing:
        batch = PastBatch(mode="shuffle", label_id=None, n=30, before=0.7, after=0.7 + points)
        return replace(MATURE, n_reviewed=200, history=(batch,) * 6)

    plain = forecast(replace(MATURE, n_reviewed=200), "shuffle", None, 20)
    none, much = (forecast(after(points), "shuffle", None, 20) for points in (0.0, 0.08))
    assert none.value < plain.value < much.value
    assert none.high - none.low < plain.high - plain.low
    # What was not measured says nothing.
    blank = replace(after(0.0).history[0], before=None)
    assert forecast(replace(MATURE, n_reviewed=200, history=(blank,)), "shuffle", None, 20) == plain


def test_a_teach_batch_is_about_its_label():
    labels = (*MATURE.labels, a_label("rare", 4))
    assert (
        forecast(replace(MATURE, labels=labels), "teach", "rare", 20).value
        > 3 * forecast(replace(MATURE, labels=labels), "teach", "l0", 20).value
    )


def test_the_second_example_of_a_label_is_worth_more_than_the_first():
    blank = replace(MATURE, n_reviewed=0, labels=tuple(a_label(f"l{index}", 0) for index in range(50)))
    assert 15 * forecast(blank, "shuffle", None, 2).value < forecast(blank, "shuffle", None, 20).value


def test_a_huge_batch_is_promised_no_more_than_what_is_missing():
    found = forecast(MATURE, "low_confidence", None, 1_000_000)
    assert 0.02 < found.value <= 0.1 + 1e-9
