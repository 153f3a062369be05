"""Thresholds of a label: chosen by cost or by a promise, what to expect of one, and the one kept with a version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import DatasetId, LabelId

Risk = Literal["wrong", "missed"]
"""``wrong``: share of the messages with the label predicted to which it does not apply (1 - precision).
``missed``: share of the messages the label applies to that are not predicted (1 - recall)."""
HeldOutKind = Literal["test", "cross_validated"]
"""``test``: the test part, judged by a model that never saw it. ``cross_validated``: every reviewed message, each
judged by a model that did not learn from it; about five times as many, but the promise is then approximate."""
PromiseSample = Literal["random", "all"]
"""Which held-out messages a promise is tested on. ``random``: those that came by Shuffle from nearly all that was open then.
``all``: whatever was reviewed, as if it had been drawn at random; what search or a model chose bends the promise."""
ThresholdBasis = Literal[
    "chosen",
    "balanced",
    "high_precision",
    "high_recall",
    "sampled_0",
    "sampled_1",
    "sampled_2",
    "sampled_3",
    "sampled_4",
    "cost",
    "promise",
]
"""Why a threshold was kept: ``chosen`` = by hand; the names of ``ThresholdChoice``; by cost; with a promise."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A figure with its 95 % interval; all None = it cannot be estimated."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class ActionCosts:
    """What mistakes and checks cost, in one unit (money or minutes), 0 or more.

    Attributes
    ----------
    wrong_action
        Acting on a message to which the label does not apply.
    missed
        Not acting on one to which it applies.
    manual_check
        A person looks at a message and decides rightly; None = nobody checks.
    checks_per_day
        How many messages people can check in a day; None = any number.
    """

    wrong_action: float
    missed: float
    manual_check: float | None = None
    checks_per_day: float | None = None


@dataclass(frozen=True, kw_only=True)
class ExpectedErrors:
    """What a threshold means for a week of messages, at current volumes.

    Attributes
    ----------
    n_weeks
        Last weeks of the dataset that volumes were counted in, 1-8.
    n_messages
        Messages a week.
    predicted, wrong, missed
        Messages a week that reach the threshold, those of them to which the label does not apply, and those to
        which it applies that stay below. Intervals know the weeks and the test messages there were.
    n_held_out, n_right, n_wrong, n_missed
        Test messages the shares come from: all, and right, wrong and missed at the threshold.
    """

    dataset_id: DatasetId
    version: int
    label_id: LabelId
    threshold: float
    n_weeks: int
    n_messages: float
    predicted: Estimate
    wrong: Estimate
    missed: Estimate
    n_held_out: int
    n_right: int
    n_wrong: int
    n_missed: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class CostThreshold:
    """The thresholds of least expected cost, and what they lead to in a week.

    Attributes
    ----------
    act_from
        Act on messages at or above it.
    check_from
        Let a person look at messages from here up to ``act_from``; equal to it = nobody checks.
    price_of_check
        What a check is worth: its cost, or more where people cannot check all that would be worth it; None = nobody
        checks.
    actions, wrong, checks, missed
        Messages a week.
    cost, cost_balanced, cost_of_nothing
        A week: by these thresholds, by the balanced one without checks, and of acting on nothing.
    n_weeks, n_held_out
        Last weeks volumes come from, and test messages shares come from.
    """

    dataset_id: DatasetId
    version: int
    label_id: LabelId
    costs: ActionCosts
    act_from: float
    check_from: float
    price_of_check: float | None
    actions: Estimate
    wrong: Estimate
    checks: Estimate
    missed: Estimate
    cost: Estimate
    cost_balanced: Estimate
    cost_of_nothing: Estimate
    n_weeks: int
    n_held_out: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class PromisedThreshold:
    """A threshold with a promise: the risk is at most ``at_most``, with probability ``sure`` over held-out samples.

    Attributes
    ----------
    threshold
        None = nothing can be promised; ``reason`` says why and what helps.
    over_next
        The promise speaks of the share among this many messages to come; None = of the risk in the long run.
    n, n_bad
        Held-out messages the risk is a share of at the threshold, and those of them that count against it.
    upper
        Exact upper bound of the risk at this threshold alone, at the same probability.
    n_needed
        Held-out messages without one mistake that the promise takes at least.
    sample, n_held_out, n_random
        Held-out messages it was tested on, one of each thread, and how many of them came by Shuffle: the promise is for
        messages like them.
    recall
        Share of the held-out messages with the label that reach the threshold.
    """

    dataset_id: DatasetId
    version: int
    label_id: LabelId
    risk: Risk
    at_most: float
    sure: float
    held_out: HeldOutKind
    over_next: int | None
    threshold: float | None
    n: int
    n_bad: int
    upper: float | None
    recall: float | None
    n_needed: int
    n_held_out: int
    n_random: int
    seed: int
    reason: str = ""
    sample: PromiseSample = "all"


@dataclass(frozen=True, kw_only=True)
class KeptThreshold:
    """The threshold of a label that is kept with a model version, for streams and for people.

    ``check_from`` as in ``CostThreshold``, None = nobody checks. ``name`` is that of the label now, empty where it is
    gone from the taxonomy; the version still predicts it.
    """

    dataset_id: DatasetId
    version: int
    label_id: LabelId
    name: str
    threshold: float
    check_from: float | None
    basis: ThresholdBasis
    reason: str
    kept_at: datetime
    kept_by: str


__all__ = [
    "ActionCosts",
    "CostThreshold",
    "Estimate",
    "ExpectedErrors",
    "HeldOutKind",
    "KeptThreshold",
    "PromiseSample",
    "PromisedThreshold",
    "Risk",
    "ThresholdBasis",
]
