"""What a model version said of its test messages, beside what people say of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.messages import Message

Outcome = Literal["true_positive", "false_positive", "false_negative", "true_negative"]
OUTCOMES: dict[Outcome, tuple[bool, bool]] = {
    "true_positive": (True, True),
    "false_positive": (False, True),
    "false_negative": (True, False),
    "true_negative": (False, False),
}
"""Each outcome: whether the message carries the label, and whether it was predicted."""
BREAKDOWNS = ("source", "language", "month")
"""What test messages can be grouped by, besides the full name of a property."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A share with its 95 % Wilson interval, of ``n`` cases; ``value`` is None without a case."""

    value: float | None
    low: float
    high: float
    n: int


@dataclass(frozen=True, kw_only=True)
class OutcomeCounts:
    """How many of ``n`` decisions came out how. One message and one label is one decision."""

    n: int
    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int


@dataclass(frozen=True, kw_only=True)
class MixedUp:
    """Another label that stands in for this one, or this one for it.

    Attributes
    ----------
    taken_for
        Test messages that carry this label and were given the other instead.
    taken_from
        Test messages that carry the other and were given this label instead.
    """

    label_id: LabelId
    name: str
    taken_for: int
    taken_from: int


@dataclass(frozen=True, kw_only=True)
class LabelOutcomes:
    """What a threshold makes of the test messages of one label.

    Attributes
    ----------
    counts, precision, recall
        At ``threshold``, judged by what people say now.
    mixed_up
        Most often first; for the other labels the threshold of their best F1 counts.
    """

    dataset_id: DatasetId
    version: int
    label_id: LabelId
    name: str
    threshold: float
    counts: OutcomeCounts
    precision: Share
    recall: Share
    mixed_up: tuple[MixedUp, ...]


@dataclass(frozen=True, kw_only=True)
class JudgedMessage:
    """A test message and the probability that the version gave it."""

    message: Message
    probability: float


@dataclass(frozen=True, kw_only=True)
class OutcomePage:
    """Test messages of one outcome, the most telling first; ``n_total`` is how many there are."""

    messages: tuple[JudgedMessage, ...]
    n_total: int


@dataclass(frozen=True, kw_only=True)
class BreakdownGroup:
    """One group of test messages. ``value`` is empty for those that have none."""

    value: str
    n_messages: int
    counts: OutcomeCounts
    precision: Share
    recall: Share


@dataclass(frozen=True, kw_only=True)
class ValidationBreakdown:
    """How a version does on parts of its test messages.

    Attributes
    ----------
    by
        ``source``, ``language``, ``month``, or the full name of a property.
    label_id
        The label it is about; None = decisions on all labels together.
    groups
        Most messages first, at most 50; months in their order.
    n_groups
        How many there are.
    whole
        All test messages together.
    """

    dataset_id: DatasetId
    version: int
    by: str
    label_id: LabelId | None
    groups: tuple[BreakdownGroup, ...]
    n_groups: int
    whole: BreakdownGroup
