"""Label totals by period: read once, then summed over a window and the one before it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from workbench.charts.words import as_date
from workbench.domain import Label, Resolution

if TYPE_CHECKING:
    import pyarrow as pa

ALPHA = 0.05
"""Adjusted p value below which a change of share is said to be one."""
STEP_DAYS: dict[Resolution, int] = {"day": 1, "week": 7, "month": 31}


def period_start(value: date, resolution: Resolution) -> date:
    """The first day of the period that holds ``value``: the day, its Monday, or the first of the month."""
    if resolution == "week":
        return value - timedelta(days=value.weekday())
    return value.replace(day=1) if resolution == "month" else value


def next_period(value: date, resolution: Resolution) -> date:
    """The first day of the period after the one that begins at ``value``."""
    if resolution == "month":
        return date(value.year + value.month // 12, value.month % 12 + 1, 1)
    return value + timedelta(days=STEP_DAYS[resolution])


def periods_between(first: date, last: date, resolution: Resolution) -> tuple[date, ...]:
    """Every period start from the one holding ``first`` to the one holding ``last``."""
    at, found = period_start(first, resolution), []
    while at <= last:
        found.append(at)
        at = next_period(at, resolution)
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class LabelTrend:
    """A label in a window and in the window of equal length before it.

    Attributes
    ----------
    now, before
        Expected messages that carry the label: sums of probabilities, 1 or 0 where reviewed.
    n_now, n_before
        Messages of the windows.
    p_adjusted
        Two-proportion z-test of the two shares, Benjamini-Hochberg over all labels; 1.0 when it cannot be
        tested. Expected counts are treated as counts, which is a little conservative.
    series
        Expected messages of the window before and the current one in at most 28 equal pieces, oldest first.
    """

    label_id: str
    name: str
    now: float
    before: float
    n_now: int
    n_before: int
    p_adjusted: float
    series: tuple[float, ...]

    @property
    def share_now(self) -> float:
        """Share of the window's messages, in [0, 1]."""
        return self.now / self.n_now if self.n_now else 0.0

    @property
    def share_before(self) -> float:
        """Share of the previous window's messages, in [0, 1]."""
        return self.before / self.n_before if self.n_before else 0.0


@dataclass(frozen=True, kw_only=True)
class Totals:
    """The table of ``label_totals`` as look-ups; ``periods`` has no gaps."""

    resolution: Resolution
    periods: tuple[date, ...]
    messages: dict[date, int]
    expected: dict[str, dict[date, float]]
    names: dict[str, str]

    @classmethod
    def read(
        cls,
        table: pa.Table,
        resolution: Resolution,
        labels: Iterable[Label] = (),
        *,
        since: date | None = None,
        until: date | None = None,
    ) -> Totals:
        """Read ``period, label, expected, n_messages``.

        The table may be finer than ``resolution``; ``label`` may be an id or a name of ``labels``, or null where
        only messages are counted. Periods that begin before ``since`` or from ``until`` on are left out.
        """
        by_id = {str(label.label_id): label.name for label in labels}
        ids = {name: label_id for label_id, name in by_id.items()}
        counted: dict[date, int] = {}
        expected: dict[str, dict[date, float]] = {}
        for row in table.to_pylist():
            raw = as_date(row["period"])
            if (since and raw < since) or (until and raw >= until):
                continue
            counted[raw] = max(counted.get(raw, 0), int(row["n_messages"]))
            if row["label"] is not None:
                label_id = ids.get(row["label"], row["label"])
                series = expected.setdefault(label_id, {})
                period = period_start(raw, resolution)
                series[period] = series.get(period, 0.0) + float(row["expected"] or 0.0)
        messages: dict[date, int] = {}
        for raw, n in counted.items():
            period = period_start(raw, resolution)
            messages[period] = messages.get(period, 0) + n
        periods = periods_between(min(messages), max(messages), resolution) if messages else ()
        names = {label_id: by_id.get(label_id, label_id) for label_id in expected}
        return cls(resolution=resolution, periods=periods, messages=messages, expected=expected, names=names)

    def window(self, since: date | None, until: date | None) -> tuple[date, date]:
        """The window asked for; by default the last four periods. ``until`` is exclusive."""
        if not self.periods:
            fallback = until or since or date(2000, 1, 1)
            return since or fallback, until or fallback
        end = until or next_period(self.periods[-1], self.resolution)
        inside = [p for p in self.periods if p < end]
        return since or (inside[-4:] or [end])[0], end

    def trends(self, since: date | None = None, until: date | None = None) -> tuple[LabelTrend, ...]:
        """Every label in the window and before, the most frequent first."""
        start, end = self.window(since, until)
        earlier = start - (end - start)
        now = [p for p in self.periods if start <= p < end]
        before = [p for p in self.periods if earlier <= p < start]
        n_now = sum(self.messages.get(p, 0) for p in now)
        n_before = sum(self.messages.get(p, 0) for p in before)
        found = []
        for label_id, series in self.expected.items():
            count_now = sum(series.get(p, 0.0) for p in now)
            count_before = sum(series.get(p, 0.0) for p in before)
            p = two_proportion_p(count_now, n_now, count_before, n_before)
            found.append((label_id, count_now, count_before, p, series))
        adjusted = benjamini_hochberg([p for _, _, _, p, _ in found])
        trends = [
            LabelTrend(
                label_id=label_id,
                name=self.names[label_id],
                now=count_now,
                before=count_before,
                n_now=n_now,
                n_before=n_before,
                p_adjusted=q,
                series=_blocks([series.get(p, 0.0) for p in (*before, *now)]),
            )
            for (label_id, count_now, count_before, _, series), q in zip(found, adjusted, strict=True)
        ]
        return tuple(sorted(trends, key=lambda t: (-t.now, t.name)))


def _blocks(values: list[float], most: int = 28) -> tuple[float, ...]:
    """At most ``most`` sums of equally many neighbours; an incomplete block at the old end is left out."""
    size = -(-len(values) // most) or 1
    start = len(values) % size
    return tuple(sum(values[i : i + size]) for i in range(start, len(values), size))


def two_proportion_p(now: float, n_now: int, before: float, n_before: int) -> float:
    """Two-sided p of the pooled two-proportion z-test; 1.0 when it cannot be formed."""
    if not n_now or not n_before:
        return 1.0
    pooled = (now + before) / (n_now + n_before)
    spread = math.sqrt(max(0.0, pooled * (1 - pooled)) * (1 / n_now + 1 / n_before))
    if spread == 0:
        return 1.0
    return math.erfc(abs(now / n_now - before / n_before) / spread / math.sqrt(2))


def benjamini_hochberg(p_values: list[float]) -> list[float]:
    """Adjusted p values, order kept (Benjamini & Hochberg 1995)."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__, reverse=True)
    adjusted, least = [1.0] * len(p_values), 1.0
    for rank, i in enumerate(order):
        least = min(least, p_values[i] * len(p_values) / (len(p_values) - rank))
        adjusted[i] = least
    return adjusted
