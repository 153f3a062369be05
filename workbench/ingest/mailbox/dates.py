"""Dates of headers, in UTC, or None."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

from workbench.ingest.times import EARLIEST, LATEST, TimeProblem, parse_time

_CHARACTERS = 100
_YEAR_ZERO = re.compile(r"\b0\d{3}\s+\d{1,2}:")
_COMMENT = re.compile(r"\([^()]{0,60}\)")


def read_date(text: str) -> datetime | None:
    """Read a ``Date`` header; None when it is no date, or before 1970, or after 2200."""
    text = _COMMENT.sub(" ", text[:_CHARACTERS]).strip()
    if not text or _YEAR_ZERO.search(text):
        return None
    try:
        parts = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        parts = None
    if parts is None:
        try:
            return parse_time(text)[1]
        except TimeProblem:
            return None
    year, month, day, hour, minute, second = parts[:6]
    try:
        leap = second == 60  # noqa: PLR2004
        local = datetime(year, month, day, hour, minute, 59 if leap else second, tzinfo=UTC)
        when = local - timedelta(seconds=parts[9] or 0) + timedelta(seconds=leap)
    except (ValueError, OverflowError):
        return None
    return when if EARLIEST <= when < LATEST else None


def usable(when: datetime | None) -> datetime | None:
    """``when`` in UTC if it lies in the years that are stored; a time without zone counts as UTC."""
    if when is None:
        return None
    try:
        when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except OverflowError:
        return None
    return when if EARLIEST <= when < LATEST else None
