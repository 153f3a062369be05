"""Times as people and systems write them.

Read, always ending in UTC (no zone given means UTC):

- RFC 3339 and ISO 8601 dates (``2026-03-04``, ``2026-03-04T10:00:00.5+02:00``), a space for the ``T``;
- year first with ``/`` or ``.``, and one-digit months or days (``2026/3/4 10:00``);
- day and month in either order with ``/``, ``.`` or ``-`` and a four-digit year, an optional time, am/pm;
- as mail writes it, in English (``Wed, 4 Mar 2026 10:00:00 +0100 (CET)``, ``04-Mar-2026 10:00``);
- seconds or milliseconds since 1970, only as exactly 10 or 13 digits and only when the whole column is so.

Two-digit years are refused: ``03/04/05`` has six readings.
"""

from __future__ import annotations

import enum
import re
from datetime import UTC, datetime, timedelta, timezone

from workbench.domain import MESSAGE_TIMES, TIME_PROBLEMS

EARLIEST, LATEST = MESSAGE_TIMES
"""Times lie in [EARLIEST, LATEST)."""

_CLOCK = (
    r"(?:(?:[T ]|, ?)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s?(?P<half>[AaPp][Mm])?\s?(?P<zone>[Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?"
)
_YEAR_FIRST = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})" + _CLOCK, re.ASCII)
_YEAR_LAST = re.compile(
    r"(?P<first>\d{1,2})([-/.])(?P<second_part>\d{1,2})\2(?P<year>\d{4})" + _CLOCK, re.ASCII
)
_MAIL = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w{0,6},? )?(?P<day>\d{1,2})([ -])(?P<name>[A-Za-z]{3})\2(?P<year>\d{4})"
    r"(?: (?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?: (?P<zone>[+-]\d{4}|[A-Z]{1,3}))?)?"
    r"(?: \([^()]{1,40}\))?(?P<part>)(?P<half>)",
    re.ASCII,
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_MAIL_ZONES = {"": 0, "Z": 0, "UT": 0, "GMT": 0, "UTC": 0} | {
    f"{letter}{kind}": hours + (kind == "DT")
    for letter, hours in (("E", -5), ("C", -6), ("M", -7), ("P", -8))
    for kind in ("ST", "DT")
}
"""Zones of RFC 5322 by name, in hours; any other name is refused, for its meaning depends on the place."""
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d{2}(?:[T ,].*)?", re.ASCII)
_SECONDS_DIGITS = 10
_MILLIS_DIGITS = 13
_ISO_DATE = 10


class TimeKind(enum.Enum):
    """How a time is written, as far as the reading depends on the column."""

    PLAIN = "plain"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    EITHER = "either"
    SECONDS = "seconds"
    MILLIS = "millis"


class TimeProblem(ValueError):  # noqa: N818  (not an error a caller sees: it becomes a row error)
    """The text is no time; the argument says why."""


Reading = tuple[TimeKind, datetime, datetime]
"""The kind, then the time read day-first and the time read month-first (equal unless EITHER)."""


def parse_time(text: str) -> Reading:
    """Read one time.

    Raises
    ------
    TimeProblem
        The text is no time, or it lies before 1970 or after 2200.
    """
    text = text.strip()
    if text[4:5] == "-" and text[7:8] == "-" and text[10:11] in ("", " ", "T"):
        try:
            time = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            when = _in_range(time)
            return TimeKind.PLAIN, when, when
    return _parse_slowly(text)


def _parse_slowly(text: str) -> Reading:
    if not text:
        raise TimeProblem("is empty; a time is needed")
    if text.isascii() and text.isdigit() and len(text) in (_SECONDS_DIGITS, _MILLIS_DIGITS):
        kind = TimeKind.SECONDS if len(text) == _SECONDS_DIGITS else TimeKind.MILLIS
        unit = timedelta(seconds=1) if kind is TimeKind.SECONDS else timedelta(milliseconds=1)
        try:
            when = _in_range(EARLIEST + int(text) * unit)
        except OverflowError:
            raise TimeProblem(TIME_PROBLEMS[1]) from None
        return kind, when, when
    if found := _YEAR_FIRST.fullmatch(text):
        when = _build(found, int(found["month"]), int(found["day"]))
        return TimeKind.PLAIN, when, when
    if found := _YEAR_LAST.fullmatch(text):
        return _year_last(found)
    if found := _MAIL.fullmatch(text):
        return _mail(found)
    if _SHORT_YEAR.fullmatch(text):
        raise TimeProblem("has a two-digit year; write all four digits")
    raise TimeProblem("is no time; write 2026-03-04 or 2026-03-04T10:00:00Z")


def _year_last(found: re.Match[str]) -> Reading:
    first, second = int(found["first"]), int(found["second_part"])
    months = 12
    if first > months:
        when = _build(found, second, first)
        return TimeKind.DAY_FIRST, when, when
    if second > months:
        when = _build(found, first, second)
        return TimeKind.MONTH_FIRST, when, when
    day_first = _build(found, second, first)
    if first == second:
        return TimeKind.PLAIN, day_first, day_first
    return TimeKind.EITHER, day_first, _build(found, first, second)


def _mail(found: re.Match[str]) -> Reading:
    month = _MONTHS.get(found["name"].lower())
    if month is None:
        raise TimeProblem(f"has the unknown month {found['name']!r}; write 2026-03-04")
    zone = found["zone"] or ""
    if zone[:1] not in ("+", "-") and zone not in _MAIL_ZONES:
        raise TimeProblem(f"has the zone {zone!r}, which is not one place's alone; write +01:00 or Z")
    when = _build(found, month, int(found["day"]))
    return TimeKind.PLAIN, when, when


def _build(found: re.Match[str], month: int, day: int) -> datetime:
    hour, part = int(found["hour"] or 0), (found["part"] or "")[:6]
    half = (found["half"] or "").lower()
    if half:
        noon = 12
        if not 1 <= hour <= noon:
            raise TimeProblem(f"has an hour that does not fit {half}")
        hour = hour % noon + (noon if half == "pm" else 0)
    try:
        time = datetime(
            int(found["year"]),
            month,
            day,
            hour,
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int(part.ljust(6, "0")) if part else 0,
            tzinfo=_zone(found["zone"] or ""),
        )
    except ValueError:
        raise TimeProblem("is no time of the calendar") from None
    return _in_range(time)


def _zone(text: str) -> timezone:
    if text[:1] not in ("+", "-"):
        hours = _MAIL_ZONES.get(text.upper(), 0)
        return timezone(timedelta(hours=hours)) if hours else UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-shift if text[0] == "-" else shift)


def _in_range(time: datetime) -> datetime:
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    if time < EARLIEST:
        raise TimeProblem(TIME_PROBLEMS[0])
    if time >= LATEST:
        raise TimeProblem(TIME_PROBLEMS[1])
    return time.astimezone(UTC) if time.tzinfo is not UTC else time
