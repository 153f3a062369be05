"""Which times a message may have, whatever way it comes in; and the periods that times are counted in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal

from workbench.errors import InputError

Resolution = Literal["day", "week", "month"]
"""Periods: UTC days, weeks from Monday, months."""
MESSAGE_TIMES = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC))
"""Times of messages and of sending lie in [first, second)."""
TIME_PROBLEMS = ("lies before 1970", "lies after the year 2200")
"""What is wrong with a time on either side."""
_UNIT = timedelta(microseconds=1)
_LATEST = (MESSAGE_TIMES[1] - MESSAGE_TIMES[0]) // _UNIT


def since_1970(when: datetime) -> int:
    """Microseconds since 1970; ``when`` is aware."""
    return (when - MESSAGE_TIMES[0]) // _UNIT


def check_time(where: str, name: str, us: int) -> None:
    """Refuse a time out of range.

    Parameters
    ----------
    where
        The message as the reader knows it: ``message 'm7'``.
    name
        Which of its times: ``timestamp``, ``sent_at``.
    us
        Microseconds since 1970.

    Raises
    ------
    InputError
        It lies out of ``MESSAGE_TIMES``.
    """
    if 0 <= us < _LATEST:
        return
    try:
        written = (MESSAGE_TIMES[0] + us * _UNIT).isoformat()
    except OverflowError:
        written = f"{us:,} microseconds since 1970"
    raise InputError(
        f"{where} has a {name} that {TIME_PROBLEMS[us >= 0]}: {written}.",
        next_step="Correct it; messages have times in the years 1970 to 2200.",
        details={"time": written},
    )
