"""Thresholds by cost and by promise, and what they lead to in a week."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from workbench.domain import (
    ActionCosts,
    CostThreshold,
    DatasetId,
    ExpectedErrors,
    HeldOutKind,
    LabelId,
    MessageFilter,
    PromisedThreshold,
    PromiseSample,
    Risk,
)
from workbench.errors import ModelError, TooFewAnnotationsError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.held_out_rows import HeldOutRows, held_out_rows
from workbench.workspace.keeping_thresholds import check_threshold
from workbench.workspace.sensitive import check_conditions

if TYPE_CHECKING:
    from workbench.evaluate import Promise

MOST_WEEKS = 8
"""Weeks, counted back from the newest message, that volumes come from."""
LEAST_HELD_OUT = 10
"""Test messages with the label below which mistakes are not counted up to weeks."""
_DAY_US = 86_400 * 10**6
_WEEK_US = 7 * _DAY_US
_RISKS: tuple[Risk, ...] = ("wrong", "missed")
_KINDS: tuple[HeldOutKind, ...] = ("test", "cross_validated")
_SAMPLES: tuple[PromiseSample, ...] = ("random", "all")


class _Volumes(NamedTuple):
    """Recent probabilities, float32, (m,), the week of each, int64, (m,), how many weeks, and how long one is in days."""

    probabilities: np.ndarray
    weeks: np.ndarray
    n_weeks: int
    days: float

    def weekly(self, chosen: np.ndarray) -> list[float]:
        """Chosen messages of each week, as of seven days."""
        counts = np.bincount(self.weeks[chosen], minlength=self.n_weeks)
        return [float(count) * 7 / self.days for count in counts]


def expected_errors(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    threshold: float,
    version: int | None = None,
    where: MessageFilter | None = None,
) -> ExpectedErrors:
    """What a threshold leads to."""
    from workbench.evaluate import estimate, reaches, tally, weekly_draws  # noqa: PLC0415

    check_threshold("threshold", threshold)
    known, volumes = _read(caller, dataset_id, label_id, version, where)
    counts = tally(known.truth, known.scores, threshold)
    seed = caller.settings.random_seed
    week = weekly_draws(
        volumes.weekly(reaches(volumes.probabilities, threshold)), None, counts, random_state=seed
    )
    predicted, wrong, _, missed = week.value
    return ExpectedErrors(
        dataset_id=dataset_id,
        version=known.version,
        label_id=label_id,
        threshold=threshold,
        n_weeks=volumes.n_weeks,
        n_messages=len(volumes.weeks) * 7 / (volumes.days * volumes.n_weeks),
        predicted=estimate(predicted, week.actions),
        wrong=estimate(wrong, week.wrong),
        missed=estimate(missed, week.missed),
        n_held_out=counts.n,
        n_right=counts.right,
        n_wrong=counts.wrong,
        n_missed=counts.missed,
        seed=seed,
    )


def threshold_for_cost(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    costs: ActionCosts,
    version: int | None = None,
    where: MessageFilter | None = None,
) -> CostThreshold:
    """The cheapest thresholds."""
    from workbench.evaluate import (  # noqa: PLC0415
        cheapest,
        choose_thresholds,
        cost_of,
        estimate,
        precision_recall_curve,
        reaches,
        tally,
        weekly_draws,
    )

    known, volumes = _read(caller, dataset_id, label_id, version, where)
    policy = cheapest(costs, volumes.probabilities, volumes.days * volumes.n_weeks)
    seed = caller.settings.random_seed
    above = reaches(volumes.probabilities, policy.act_from)
    between = reaches(volumes.probabilities, policy.check_from) & ~above
    checks = policy.check_from < policy.act_from
    week = weekly_draws(
        volumes.weekly(above),
        volumes.weekly(between) if checks else None,
        tally(known.truth, known.scores, policy.act_from, policy.check_from if checks else None),
        random_state=seed,
    )
    actions, wrong, checked, missed = week.value
    choices = choose_thresholds(precision_recall_curve(known.truth, known.scores))
    balanced = next(one.threshold for one in choices if one.name == "balanced")
    counts = tally(known.truth, known.scores, balanced)
    other = weekly_draws(
        volumes.weekly(reaches(volumes.probabilities, balanced)), None, counts, random_state=seed
    )
    # All that the label applies to: what is found at the balanced threshold, and what is missed there.
    nothing = costs.missed * (other.value[0] - other.value[1] + other.value[3])
    nothing_draws = costs.missed * (other.actions - other.wrong + other.missed)
    return CostThreshold(
        dataset_id=dataset_id,
        version=known.version,
        label_id=label_id,
        costs=costs,
        act_from=policy.act_from,
        check_from=policy.check_from,
        price_of_check=policy.price,
        actions=estimate(actions, week.actions),
        wrong=estimate(wrong, week.wrong),
        checks=estimate(checked, week.checks),
        missed=estimate(missed, week.missed),
        cost=estimate(*cost_of(costs, week)),
        cost_balanced=estimate(*cost_of(costs, other)),
        cost_of_nothing=estimate(nothing, nothing_draws),
        n_weeks=volumes.n_weeks,
        n_held_out=len(known.truth),
        seed=seed,
    )


def threshold_with_promise(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    risk: Risk = "wrong",
    at_most: float = 0.02,
    sure: float = 0.95,
    version: int | None = None,
    held_out: HeldOutKind = "test",
    over_next: int | None = None,
    sample: PromiseSample = "random",
) -> PromisedThreshold:
    """A threshold that keeps a risk within a limit."""
    from workbench.evaluate import promise, reaches  # noqa: PLC0415

    for what, value, among in (
        ("risk", risk, _RISKS),
        ("kind of held-out messages", held_out, _KINDS),
        ("sample of held-out messages", sample, _SAMPLES),
    ):
        if value not in among:
            raise UnknownNameError(what, str(value)[:100], among)
    with caller.store.read() as session:
        known = held_out_rows(caller.workspace, session, dataset_id, label_id, version, kind=held_out)
    seed = caller.settings.random_seed
    n_all = len(np.unique(known.groups))
    if sample == "random":
        known = known.rows(np.flatnonzero(known.random))
    known = known.one_of_each_thread(seed)
    found = promise(known.truth, known.scores, risk=risk, at_most=at_most, sure=sure, over_next=over_next)
    carried = int(known.truth.sum())
    recall = None
    if found.threshold is not None and carried:
        recall = float((reaches(known.scores, found.threshold) & known.truth).sum() / carried)
    return PromisedThreshold(
        dataset_id=dataset_id,
        version=known.version,
        label_id=label_id,
        risk=risk,
        at_most=at_most,
        sure=sure,
        held_out=held_out,
        over_next=over_next,
        threshold=found.threshold,
        n=found.n,
        n_bad=found.n_bad,
        upper=found.upper,
        recall=recall,
        n_needed=found.n_needed,
        n_held_out=len(known.truth),
        n_random=int(known.random.sum()),
        seed=seed,
        reason="" if found.threshold is not None else _why_not(found, risk, len(known.truth), n_all),
        sample=sample,
    )


def _read(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    version: int | None,
    where: MessageFilter | None,
) -> tuple[HeldOutRows, _Volumes]:
    """Test messages of the label, and what the last weeks brought."""
    with caller.store.read() as session:
        if where is not None:
            check_conditions(caller, session, dataset_id, where)
        known = held_out_rows(caller.workspace, session, dataset_id, label_id, version)
        n_carried = int(known.truth.sum())
        if n_carried < LEAST_HELD_OUT:
            raise TooFewAnnotationsError(
                f"label {known.name!r} has {n_carried} test messages under version {known.version}; "
                f"at least {LEAST_HELD_OUT} are needed to count mistakes.",
                next_step="Review more messages with it and train: every fifth becomes a test message.",
                details={"n": n_carried, "least": LEAST_HELD_OUT, "version": known.version},
            )
        volumes = _volumes(session, dataset_id, known, where or MessageFilter())
    return known, volumes


def _volumes(session: Session, dataset_id: DatasetId, known: HeldOutRows, where: MessageFilter) -> _Volumes:
    span = session.thresholds.span(dataset_id)
    assert span is not None, "test messages are messages"
    oldest, newest = span
    n_weeks = min(MOST_WEEKS, max(1, (newest - oldest) // _WEEK_US))
    # A dataset of less than a week: what there is stands for its days, one at least.
    length = _WEEK_US if newest - oldest >= _WEEK_US else max(newest - oldest, _DAY_US)
    after = newest - n_weeks * length
    found = session.thresholds.recent(dataset_id, known.version, known.place, after=after, where=where)
    predicted = np.isfinite(found.probabilities)
    if len(predicted) and not predicted.any():
        raise ModelError(
            f"version {known.version} was kept without its predictions.",
            next_step=f"Predict with it again: start_predict(version={known.version}), "
            f"ds.predict(version={known.version}).",
            details={"version": known.version},
        )
    weeks = np.minimum((newest - found.times[predicted]) // length, n_weeks - 1)
    return _Volumes(found.probabilities[predicted], weeks, int(n_weeks), length / _DAY_US)


def _why_not(found: Promise, risk: Risk, n_used: int, n_all: int) -> str:
    """Why nothing can be promised, and what helps."""
    what = "reach a threshold" if risk == "wrong" else "carry the label"
    if found.n:
        return (
            f"Of the {found.n:,} held-out messages that {what} where the test begins, {found.n_bad:,} count against it. "
            "Improve the label, allow more, or be less sure."
        )
    said = (
        f"Too few held-out messages {what}: without one mistake at least {found.n_needed:,} would have to. "
    )
    if n_used < n_all:
        return (
            f"{said}Only those that came by Shuffle from nearly all messages count, {n_used:,} of {n_all:,}: review "
            "with Shuffle and train, allow more, or be less sure."
        )
    return f"{said}Review more messages with the label and train, allow more, or be less sure."
