"""Numbers and names as people read them. Percentages exist from this floor upwards, not below."""

# ruff: noqa: PLR2004  rounding limits of the wording, each used once

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime

SPACE = "\N{NO-BREAK SPACE}"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BLOCKS = "▁▂▃▄▅▆▇█"
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str, limit: int = 80) -> str:
    """``text`` on one line, without control and direction-override characters, at most ``limit`` characters.

    Message text is hostile: what remains may be drawn, but still has to be escaped where it is drawn.
    """
    kept = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if c not in _BIDI and unicodedata.category(c) not in ("Cs", "Cn")
    )
    line = " ".join(kept.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def count(value: float) -> str:
    """A count with thousands separators, rounded: ``12,345``."""
    return f"{value:,.0f}"


def percent(share: float | None, digits: int | None = None) -> str:
    """A share in [0, 1] as a percentage; one decimal below 10 % unless ``digits`` says otherwise."""
    if share is None:
        return "not known"
    value = share * 100
    if digits is None:
        digits = 1 if 0 < abs(value) < 9.95 else 0
        if 0 < abs(value) < 0.05:
            return f"<0.1{SPACE}%"
    return f"{value:.{digits}f}{SPACE}%"


def percent_range(low: float | None, high: float | None) -> str:
    """Two shares as ``71–83 %``; empty when either is not known."""
    if low is None or high is None:
        return ""
    if high < 0.0995:
        return f"{low * 100:.1f}–{high * 100:.1f}{SPACE}%"
    return f"{low * 100:.0f}–{high * 100:.0f}{SPACE}%"


def change(now: float, before: float) -> str:
    """Relative change in words: ``+12 %``, ``−8 %``, ``×4.2``, ``new``, ``no change``."""
    if before <= 0:
        return "new" if now > 0 else "no change"
    ratio = now / before
    if ratio >= 3:
        return f"×{ratio:.1f}"
    value = round((ratio - 1) * 100)
    if value == 0:
        return "no change"
    return f"{'+' if value > 0 else '−'}{abs(value)}{SPACE}%"


def points(now: float, before: float) -> str:
    """Difference of two shares in percentage points: ``+3.2 points``."""
    value = (now - before) * 100
    if abs(value) < 0.05:
        return "no change"
    return f"{'+' if value > 0 else '−'}{abs(value):.1f}{SPACE}points"


def day(value: date) -> str:
    """``3 Nov 2026``, in English whatever the locale."""
    return f"{value.day}{SPACE}{MONTHS[value.month - 1]}{SPACE}{value.year}"


def as_date(value: object) -> date:
    """The UTC day of a date, a datetime or an ISO text."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    return datetime.fromisoformat(str(value)).date()


def spark_text(values: Iterable[float]) -> str:
    """A sparkline made of block characters, from 0 to the largest value."""
    numbers = list(values)
    top = max(numbers, default=0.0)
    if top <= 0:
        return _BLOCKS[0] * len(numbers)
    return "".join(_BLOCKS[min(7, int(n / top * 7.999))] for n in numbers)


def title_case(name: str) -> str:
    """``underperforming_labels`` as ``Underperforming labels``."""
    return name.replace("_", " ").capitalize()
