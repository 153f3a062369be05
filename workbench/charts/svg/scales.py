"""Scales: from values to pixels, with ticks at round values and their words."""

# ruff: noqa: PLR2004  pixels and calendar steps, each used once

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

from workbench.charts.drawings import Axis, Coordinate
from workbench.charts.words import MONTHS, SPACE, count


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Maps [``low``, ``high``] to pixels [``start``, ``end``]; ``ticks`` are (value, text)."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def __call__(self, value: Coordinate) -> float:
        """Pixel of a value; values outside are clipped to the ends."""
        v, low, high = as_number(value), self.low, self.high
        if self.logarithmic:
            v, low, high = (math.log10(max(x, 1e-12)) for x in (v, low, high))
        share = (v - low) / (high - low) if high > low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def as_number(value: Coordinate) -> float:
    """A coordinate as a number; days count from year 1."""
    return float(value.toordinal()) if isinstance(value, date) else float(value)


def nice_step(span: float, n: int) -> float:
    """The step of 1, 2, 2.5 or 5 times a power of ten that gives at most ``n`` intervals."""
    raw = span / max(1, n)
    if raw <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(raw))
    return next((m * power for m in (1, 2, 2.5, 5) if m * power >= raw * 0.999), 10 * power)


def whole_step(span: float, n: int) -> float:
    """The step of 1, 2 or 5 times a power of ten, at least 1, that gives at most ``n`` intervals."""
    step = max(nice_step(span, n), 1.0)
    return step if step == int(step) else 2 * step  # 5 in the place of 2.5


def make_scale(axis: Axis, values: list[Coordinate], start: float, end: float, room: float = 70) -> Scale:
    """A scale that holds ``values`` and the axis bounds; a tick about every ``room`` pixels."""
    numbers = [as_number(v) for v in values]
    n = max(2, int(abs(end - start) / room))
    if axis.kind == "time":
        low, high = min(numbers, default=1.0), max(numbers, default=2.0)
        return Scale(low=low, high=high, start=start, end=end, ticks=time_ticks(low, high, n))
    if axis.kind == "log":
        low = 10 ** math.floor(math.log10(max(min(numbers, default=1), 1)))
        high = 10 ** math.ceil(math.log10(max(max(numbers, default=10), low * 10)))
        powers = range(round(math.log10(low)), round(math.log10(high)) + 1)
        steps = [10.0**p * m for p in powers for m in ((1, 3) if len(powers) < 5 else (1,))]
        ticks = tuple((v, count(v)) for v in steps if v <= high)
        return Scale(low=low, high=high, start=start, end=end, ticks=ticks, logarithmic=True)
    low = axis.low if axis.low is not None else min(numbers, default=0.0)
    high = axis.high if axis.high is not None else max(numbers, default=1.0)
    high = high if high - low > 1e-9 else low + 1  # nothing that we count or divide is finer
    step = whole_step(high - low, n) if axis.whole else nice_step(high - low, n)
    if axis.kind == "number" and axis.low == 0 and axis.high is None:
        step = max(step, 1.0) if all(v == int(v) for v in numbers) else step
    # The outer two keep the ends inside when a step is no exact binary number.
    low = min(low, math.floor(low / step + 1e-9) * step) if axis.low is None else low
    high = max(high, math.ceil(high / step - 1e-9) * step) if axis.high is None else high
    first = math.ceil(low / step - 1e-9)
    ticks = tuple(
        (i * step, tick_text(i * step, step, axis)) for i in range(first, math.floor(high / step + 1e-9) + 1)
    )
    return Scale(low=low, high=high, start=start, end=end, ticks=ticks)


def tick_text(value: float, step: float, axis: Axis) -> str:
    """A tick's words: percentages with a sign, numbers with separators, no more digits than the step has."""
    if axis.kind == "percent":
        value, step = value * 100, step * 100
    digits = 0 if step >= 1 and step == int(step) else max(0, math.ceil(-math.log10(step) + 0.3))
    text = f"{value:,.{digits}f}".replace("-", "−")
    return f"{text}{SPACE}%" if axis.kind == "percent" else text


def time_ticks(low: float, high: float, n: int) -> tuple[tuple[float, str], ...]:
    """Ticks on days, Mondays, first days of months or of years: the finest that gives at most ``n``."""
    first, last = date.fromordinal(max(1, int(low))), date.fromordinal(max(1, int(high)))
    for days in (1, 2, 7, 14):
        if (last - first).days / days <= n:
            start = first if days < 7 else first + timedelta((-first.weekday()) % 7)
            steps = range(start.toordinal(), last.toordinal() + 1, days)
            found = [date.fromordinal(o) for o in steps]
            return tuple((float(d.toordinal()), f"{d.day}{SPACE}{MONTHS[d.month - 1]}") for d in found)
    for months in (1, 3, 6, 12, 24, 60, 120):
        found = _month_starts(first, last, months)
        if len(found) <= n:
            return tuple((float(d.toordinal()), _month_text(d, months)) for d in found)
    return ()


def _month_starts(first: date, last: date, step: int) -> list[date]:
    index = first.year * 12 + first.month - 1 + (first.day > 1)
    index += (-index) % step
    found = []
    while (d := date(index // 12, index % 12 + 1, 1)) <= last:
        found.append(d)
        index += step
    return found


def _month_text(day: date, step: int) -> str:
    if step >= 12:
        return str(day.year)
    return f"{MONTHS[day.month - 1]}{SPACE}{day.year}"
