"""What a column of times says as a whole: day or month first, dates or counted seconds."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.ingest.times import TimeKind

Rows = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class LateGroup:
    """Rows of one column that turned out bad only once the whole file was seen."""

    rows: Rows
    problem: str


@dataclass
class TimeEvidence:
    """Row numbers by the way their time is written; gathered in pass one."""

    n_plain: int = 0
    rows: dict[TimeKind, array[int]] = field(
        default_factory=lambda: {kind: array("q") for kind in TimeKind if kind is not TimeKind.PLAIN}
    )

    def add(self, kind: TimeKind, row: int) -> None:
        """Note one time that was read."""
        if kind is TimeKind.PLAIN:
            self.n_plain += 1
        else:
            self.rows[kind].append(row)

    def settle(self, *, chosen: bool | None, by: str = "the mapping says") -> tuple[bool, list[LateGroup]]:
        """Decide the order of day and month; returns (day first, rows that contradict or stay open).

        ``chosen`` is the mapping's ``day_first``, or what ``by`` says. Without it the order that more dates prove wins; dates
        that prove the other order, and dates that could be either while both occur or none is proven,
        are bad.
        """
        count = {kind: len(rows) for kind, rows in self.rows.items()}
        n_day, n_month, n_either = (
            count[kind] for kind in (TimeKind.DAY_FIRST, TimeKind.MONTH_FIRST, TimeKind.EITHER)
        )
        day_first = chosen if chosen is not None else n_day >= n_month
        late: list[LateGroup] = []
        against = TimeKind.MONTH_FIRST if day_first else TimeKind.DAY_FIRST
        own, other = ("day", "month") if day_first else ("month", "day")
        if count[against]:
            reason = f"{by} {own} first" if chosen is not None else f"other rows have the {own} first"
            late.append(self._late(against, f"mixes date orders: it has the {other} first, {reason}"))
        if chosen is None and n_either:
            if n_day and n_month:
                late.append(
                    self._late(TimeKind.EITHER, "is ambiguous: the column mixes day-first and month-first")
                )
            elif not n_day and not n_month:
                late.append(
                    self._late(
                        TimeKind.EITHER,
                        "is ambiguous: day or month first? No row settles it; set day_first in the mapping "
                        "(--day-first or --month-first)",
                    )
                )
        return day_first, late + self._settle_counted(count, n_day + n_month + n_either)

    def _settle_counted(self, count: dict[TimeKind, int], n_dates: int) -> list[LateGroup]:
        n_seconds, n_millis = count[TimeKind.SECONDS], count[TimeKind.MILLIS]
        if self.n_plain + n_dates:
            wrong = [TimeKind.SECONDS, TimeKind.MILLIS]
            problem = "is a bare number among dates"
        elif n_seconds and n_millis:
            wrong = [TimeKind.SECONDS if n_seconds < n_millis else TimeKind.MILLIS]
            problem = "mixes seconds (10 digits) and milliseconds (13 digits) since 1970"
        else:
            wrong = []
            problem = ""
        return [self._late(kind, problem) for kind in wrong if count[kind]]

    def _late(self, kind: TimeKind, problem: str) -> LateGroup:
        return LateGroup(rows=np.frombuffer(self.rows[kind], dtype=np.int64).copy(), problem=problem)
