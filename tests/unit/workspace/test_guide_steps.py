"""Steps from proposals, whether to stop, and labels in doubt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from workbench.domain import (
    AveragePrecision,
    DatasetId,
    LabelId,
    LabelState,
    LabelValidation,
    Rating,
    RatingFactor,
    ValidationReport,
)
from workbench.domain.stopping import advise
from workbench.review import LabelStanding, Pool, Standing, check, missed
from workbench.workspace.guide_doubts import count_doubts
from workbench.workspace.guide_steps import steps

LABEL = LabelStanding(
    label_id="l1", n_pins=40, n_train=32, n_test=8, average_precision=0.9, low=0.8, high=0.95, health=90,
    state="excellent",
)  # fmt: skip
GOOD = Standing(
    n_messages=1000,
    n_reviewed=300,
    has_clusters=True,
    n_first_clusters=30,
    n_first_clusters_reviewed=30,
    mode_shares={"shuffle": 0.5},
    factors={"balance": 90.0, "coverage": 90.0},
    rating=90.0,
    mean_average_precision=0.9,
    labels=(LABEL,),
    seconds_per_message=12.0,
)
NAMES = {"l1": "Refund"}


def kinds(standing: Standing, names: dict[str, str] = NAMES, *, is_pinned: bool = False) -> list[str]:
    return [one.kind for one in steps(standing, names=names, is_pinned=is_pinned)]


def test_each_state_of_a_dataset_has_its_next_step() -> None:
    fresh = replace(
        GOOD, n_reviewed=0, labels=(), mode_shares={}, factors={}, rating=None, has_model=False,
        n_first_clusters_reviewed=0, mean_average_precision=None, seconds_per_message=None,
    )  # fmt: skip
    assert kinds(replace(fresh, n_messages=0), {}) == ["import"]
    unmapped = replace(fresh, has_clusters=False, n_first_clusters=0)
    assert kinds(unmapped, {})[0] == "discover"
    first = steps(fresh, names={})[0]
    assert (first.rule, first.mode, first.n, first.title) == (
        "define",
        "cluster",
        60,
        "Name the first labels",
    )
    begun = replace(fresh, labels=(LABEL,), n_reviewed=12, n_first_clusters_reviewed=20)
    assert "train" not in kinds(begun)
    enough = replace(begun, n_reviewed=20)
    assert kinds(enough)[0] == "train"
    assert kinds(replace(enough, has_clusters=False, n_first_clusters=0))[-1] == "discover"


def test_all_is_good_ends_in_a_pinned_version() -> None:
    assert kinds(GOOD)[0] == "pin"
    assert "batch" in kinds(GOOD)
    assert "pin" not in kinds(GOOD, is_pinned=True)
    done = replace(GOOD, n_reviewed=1000)  # nothing is left to review
    (only,) = [one for one in steps(done, names=NAMES, is_pinned=True) if one.mode == "shuffle"]
    assert only.rule == "watch"


def test_a_label_that_is_gone_is_not_proposed() -> None:
    weak = replace(LABEL, state="poor", health=30.0)
    first = steps(replace(GOOD, labels=(weak,)), names=NAMES)[0]
    assert (first.mode, first.label, first.title) == ("teach", "Refund", "Teach label Refund")
    assert (first.minutes_low, first.minutes_high) == (3.0, 6.0)
    assert all(one.label_id is None for one in steps(replace(GOOD, labels=(weak,)), names={}))


def report(score: float, state: LabelState) -> ValidationReport:
    measured = AveragePrecision(value=0.9, low=0.8, high=0.95, n_positive=8, n=60)
    factor = RatingFactor(
        name="coverage", score=score, band="good", weight=0.25, contributors={}, action="Go on."
    )
    label = LabelValidation(
        label_id=LabelId("l1"), name="Old name", average_precision=measured, thresholds=(), precisions=(), recalls=(),
        precision_low=(), precision_high=(), recall_low=(), recall_high=(), choices=(), n_train=32, n_test=8,
        n_pins=40, health=60, state=state,
    )  # fmt: skip
    return ValidationReport(
        dataset_id=DatasetId("d"), version=1, created_at=datetime(2026, 3, 1, tzinfo=UTC), n_train=240, n_test=60,
        n_reviewed=300, n_labels=1, mean_average_precision=measured, recall_grid=(), mean_precision=(),
        labels=(label,), rating=Rating(score=score, band="good", factors=(factor,)), seed=1,
    )  # fmt: skip


def test_when_to_stop() -> None:
    assert advise(None, NAMES).readiness == "go_on"
    low = advise(report(60, "healthy"), NAMES)
    assert low.readiness == "go_on"
    assert low.missing == (
        "the rating is 60, good begins at 70",
        "coverage: 60, good begins at 70",
    )
    warned = advise(report(80, "fair"), NAMES)
    assert (warned.readiness, warned.missing) == ("go_on", ("1 label with a warning: 'Refund'",))
    assert advise(report(80, "fair"), {}).readiness == "good"  # the label is gone
    good = advise(report(80, "healthy"), NAMES)
    assert (good.readiness, good.missing[0]) == ("good", "the rating is 80, excellent begins at 90")
    assert advise(report(95, "excellent"), NAMES).readiness == "excellent"


def test_labels_in_doubt_are_those_the_strategies_show() -> None:
    rng = np.random.default_rng(3)
    scores, carries = rng.random((80, 5)), rng.random((80, 5)) < 0.4
    scores[rng.random((80, 5)) < 0.2] = np.nan
    carries[:, 3], carries[:, 4] = False, True
    settled = rng.random((80, 5)) < 0.3
    n_check, n_missed = count_doubts(scores, carries, settled)
    assert n_check.sum() < count_doubts(scores, carries)[0].sum()
    for label in range(5):
        pool = Pool(
            reviewed=np.ones(80, dtype=bool), out_of_fold=scores, assigned=carries, settled=settled[:, label]
        )
        assert n_check[label] == len(check(pool, 80, label=label).indices)
        assert n_missed[label] == len(missed(pool, 80, label=label).indices)
    assert n_missed[3] == n_check[4] == 0
