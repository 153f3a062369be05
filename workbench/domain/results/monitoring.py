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
        ``low_confidence``, ``label_rates``, ``label_mix``, ``embedding``, ``wording``, ``volume`` or
        ``exception_rate``.
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
        Share of the window that is new with its topic, ``(now - before) / (1 - before)`` of the messages like it, in
        [-1, 1], with a 95 % interval. Its topic can be larger than the group. The group was chosen because it grew, so that a
        small topic, which is seen only where it came out large by chance, looks larger than it is.
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
class ExceptionChange:
    """Messages tagged with one type of exception in one stream: shares, in [0, 1], and counts, before and now.

    The shares are of the messages that came since exceptions are tagged. ``messages`` are up to 5 of them:
    of the window, or of the reference where the window has none.
    """

    stream: str
    type: str
    share_before: float
    share_now: float
    n_before: int
    n_now: int
    messages: tuple[Uid, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DriftReport:
    """Reference window against recent windows.

    ``false_alarm_rate`` is the rate per window that the procedure keeps to when nothing changed.
    ``windows`` are the current windows' (start, end), oldest first. ``alarm`` = two windows in a row, or
    one when ``p_adjusted`` is below a tenth of the rate. ``exceptions`` explain the newest window's rate of exceptions, the
    largest change first; ``untested`` says what could not be compared in it, and why.
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
    exceptions: tuple[ExceptionChange, ...] = ()
    untested: tuple[str, ...] = ()


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
class ValueShare:
    """A value of a property: its share of all and of the reviewed messages, and what is expected by chance.

    Between ``low`` and ``high`` lies ``share_reviewed`` in 95 % of random samples of that size.
    """

    value: str
    share_all: float
    share_reviewed: float
    low: float
    high: float
    n_messages: int
    n_reviewed: int


@dataclass(frozen=True, kw_only=True)
class PropertyBalance:
    """How far the reviewed messages resemble all by one property.

    Attributes
    ----------
    name
        Full name of the property (``string:Team``), or ``source``, ``language``, ``month``.
    balance
        Overlap of the two distributions over its mean for random samples of that size, in [0, 1].
    p_adjusted
        How often random samples of that size differ as much (Pearson's chi-square, 999 draws without replacement),
        Holm-corrected over the properties.
    values
        Months and numbers in their order, others by size; those of few messages together.
    """

    name: str
    balance: float
    p_adjusted: float
    values: tuple[ValueShare, ...]


@dataclass(frozen=True, kw_only=True)
class UncoveredGroup:
    """Like messages without an informative label: ``n`` of them, ``share`` of all messages in [0, 1].

    ``phrases`` tell them from the others; ``seeds`` are up to 12 of them, the most typical first: with them a label can
    begin.
    """

    name: str
    phrases: tuple[str, ...]
    n: int
    share: float
    seeds: tuple[Uid, ...]


@dataclass(frozen=True, kw_only=True)
class BalanceReport:
    """How far the reviewed messages resemble all messages, and what labels cover.

    Attributes
    ----------
    balance
        In [0, 1]: histogram overlap divided by its expectation under random sampling; None below 100 reviewed
        messages.
    mode_shares
        Share of reviews by review mode.
    coverage
        Expected share of messages with an informative label, in [0, 1]; None without a label.
    share_covered
        Share of messages that are rather covered than not (cover of 0.5 or more).
    properties
        The same by source, language, month and user properties, the least balanced first. Properties that a source
        marks as sensitive are left out for callers without the right to read them.
    uncovered
        Groups of messages that are rather not covered, the largest first.
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
    share_covered: float | None = None
    properties: tuple[PropertyBalance, ...] = ()
    uncovered: tuple[UncoveredGroup, ...] = ()


__all__ = [
    "BalanceGroup",
    "BalanceReport",
    "ClusterChange",
    "DriftReport",
    "DriftTest",
    "ExceptionChange",
    "LabelChange",
    "PhraseChange",
    "PropertyBalance",
    "UncoveredGroup",
    "ValueShare",
]
