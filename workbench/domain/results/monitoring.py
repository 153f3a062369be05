"""Drift and balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.domain.ids import DatasetId, LabelId, Uid
from workbench.domain.results.models import RatingBand


@dataclass(frozen=True, kw_only=True)
class DriftTest:
    """One test of one window against the reference.

    Attributes
    ----------
    name
        ``low_confidence``, ``label_rates``, ``label_mix``, ``embedding``, ``wording`` or ``volume``.
    statistic, p_value, p_adjusted
        ``p_adjusted`` is Holm-corrected over all tests of the window.
    effect
        Size in the unit of ``effect_unit`` (e.g. share points); ``material`` = beyond the stated least size.
    alarm
        ``p_adjusted`` below the stated rate and the effect material.
    """

    name: str
    window_start: datetime
    window_end: datetime
    n: int
    statistic: float
    p_value: float
    p_adjusted: float
    effect: float
    effect_unit: str
    material: bool
    alarm: bool


@dataclass(frozen=True, kw_only=True)
class LabelChange:
    """A label's share before and now (means of probabilities, in [0, 1]) and its z; ``alarm`` as corrected.

    Of a label with an alarm, ``phrases`` are those of its messages that became more frequent with it (or less, where it
    fell), and ``messages`` up to 5 of its surest messages: of the window where it rose, of the reference where it fell.
    """

    label_id: LabelId
    name: str
    share_before: float
    share_now: float
    z: float
    p_adjusted: float
    alarm: bool
    messages: tuple[Uid, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PhraseChange:
    """A phrase used more (or less) than before: shares of messages that contain it, and smoothed log-odds."""

    phrase: str
    share_before: float
    share_now: float
    log_odds: float


@dataclass(frozen=True, kw_only=True)
class ClusterChange:
    """A group over-represented in the current window: what came new.

    Attributes
    ----------
    share_before, share_now
        Of the reference's and of the window's messages, in [0, 1].
    residual
        Standardised residual of its count.
    mean_confidence
        Mean top probability of its members.
    messages
        Up to 5 medoids.
    seeds
        Up to 12 of its messages in the window, the most typical first: with them a label can begin.
    share_new, share_new_low, share_new_high
        Share of the window that is new with it, ``(now - before) / (1 - before)``, in [-1, 1], with a 95 % interval. The group
        was chosen because it grew, so that small ones look larger than they are.
    """

    name: str
    share_before: float
    share_now: float
    residual: float
    mean_confidence: float
    messages: tuple[Uid, ...]
    phrases: tuple[str, ...]
    seeds: tuple[Uid, ...] = ()
    share_new: float = 0.0
    share_new_low: float = 0.0
    share_new_high: float = 0.0


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """Reference window against recent windows.

    ``false_alarm_rate`` is the rate per window that the procedure keeps to when nothing changed.
    ``windows`` are the current windows' (start, end), oldest first. ``alarm`` = two windows in a row, or
    one when ``p_adjusted`` is below a tenth of the rate.
    """

    dataset_id: DatasetId
    version: int
    created_at: datetime
    reference_start: datetime
    reference_end: datetime
    n_reference: int
    false_alarm_rate: float
    tests: tuple[DriftTest, ...]
    labels: tuple[LabelChange, ...]
    phrases: tuple[PhraseChange, ...]
    clusters: tuple[ClusterChange, ...]
    alarm: bool
    summary: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BalanceGroup:
    """A region of the map: its share of all messages, of the reviewed ones, and what is expected by chance."""

    name: str
    share_all: float
    share_reviewed: float
    low: float
    high: float
    n_reviewed: int
    messages: tuple[Uid, ...]


@dataclass(frozen=True, kw_only=True)
class BalanceReport:
    """How far the reviewed messages resemble all messages.

    ``balance`` in [0, 1]: histogram overlap divided by its expectation under random sampling; None below
    100 reviewed messages. ``mode_shares`` = share of reviews by review mode.
    """

    dataset_id: DatasetId
    created_at: datetime
    n_messages: int
    n_reviewed: int
    balance: float | None
    balance_low: float | None
    balance_high: float | None
    similarity: float | None
    band: RatingBand
    groups: tuple[BalanceGroup, ...]
    mode_shares: dict[str, float]
    coverage: float | None


__all__ = [
    "BalanceGroup",
    "BalanceReport",
    "ClusterChange",
    "DriftReport",
    "DriftTest",
    "LabelChange",
    "PhraseChange",
]
