"""How columns of times read, day first and month first, before anybody decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from workbench.domain import DatePreview
from workbench.ingest.text import shown
from workbench.ingest.times import Reading, TimeKind, TimeProblem, parse_time

_GOOD_SHARE = 0.9
_SAMPLES = 5
_ORDERED = (TimeKind.DAY_FIRST, TimeKind.MONTH_FIRST, TimeKind.EITHER)


class DateTally:
    """Counts the ways in which the times of a file are written, column by column.

    Parameters
    ----------
    first
        The first rows: columns of which nine tenths are times are told of, and those written in an order of
        day and month are counted in the whole file.
    """

    def __init__(self, first: dict[str, list[str]]) -> None:
        self._counts: dict[str, Counter[TimeKind]] = {}
        self._samples: dict[str, list[tuple[str, str, str]]] = {}
        for column, cells in first.items():
            filled = [cell for cell in cells if cell.strip()]
            readings = [reading for cell in filled if (reading := _read(cell)) is not None]
            if filled and len(readings) >= _GOOD_SHARE * len(filled):
                self._counts[column] = Counter(reading[0] for reading in readings)
                self._samples[column] = []
        self._watched = tuple(c for c, counts in self._counts.items() if any(counts[k] for k in _ORDERED))
        for column in self._watched:
            self._counts[column].clear()

    def watched(self) -> tuple[str, ...]:
        """Columns whose cells ``add`` wants, from the first row on."""
        return self._watched

    def add(self, cells: dict[str, list[str]]) -> None:
        """Count some rows."""
        for column in self._watched:
            self._add(column, cells[column])

    def previews(self) -> tuple[DatePreview, ...]:
        """What was counted."""
        return tuple(self._preview(column) for column in self._counts)

    def _add(self, column: str, cells: Iterable[str]) -> None:
        counts, samples = self._counts[column], self._samples[column]
        for cell in cells:
            reading = _read(cell)
            if reading is None:
                continue
            kind, day_first, month_first = reading
            counts[kind] += 1
            if kind is TimeKind.EITHER and len(samples) < _SAMPLES:
                sample = (shown(cell.strip()), day_first.isoformat(), month_first.isoformat())
                if sample not in samples:
                    samples.append(sample)

    def _preview(self, column: str) -> DatePreview:
        n_day, n_month, n_either = (self._counts[column][kind] for kind in _ORDERED)
        return DatePreview(
            column=column,
            samples=tuple(self._samples[column]),
            n_day_first=n_day,
            n_month_first=n_month,
            n_either=n_either,
            mixed=n_day > 0 and n_month > 0,
            warning=_warning(column, n_day, n_month, n_either),
        )


def _read(cell: str) -> Reading | None:
    try:
        return parse_time(cell)
    except TimeProblem:
        return None


def _warning(column: str, n_day: int, n_month: int, n_either: int) -> str:
    if n_day and n_month:
        return (
            f"Column {column!r} mixes orders: {n_day:,} dates have the day first, {n_month:,} the month. "
            "Write them all one way, best as 2026-03-04."
        )
    if n_either and not n_day and not n_month:
        return f"No date of column {column!r} says whether day or month comes first: choose, and look at the preview."
    return ""
