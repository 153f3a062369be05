"""What forms of the Admin page hold as text, read as numbers and days."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from workbench.errors import InputError
from workbench.widgets.state import read_day


def words_of(n: int | None) -> str:
    """A number as a field holds it; empty for none."""
    return "" if n is None else str(n)


def whole_number(values: dict[str, Any], key: str, noun: str) -> int | None:
    """A number of a form; None for none.

    Raises
    ------
    InputError
        It is no number from 0 on.
    """
    told: str = values[key].replace(",", "")
    if not told:
        return None
    if not (told.isascii() and told.isdigit()):
        raise InputError(
            f"{values[key]!r} is no number for {noun}.",
            next_step="Write it as 20000, or leave it empty.",
            details={key: values[key]},
        )
    return int(told)


def day_of(values: dict[str, Any], key: str) -> datetime | None:
    """The first moment of a day of a form, UTC; None for none.

    Raises
    ------
    InputError
        It is no day.
    """
    told = values[key]
    if not told:
        return None
    found = read_day(told)
    if found is None:
        raise InputError(f"{told!r} is no day.", next_step="Write it as 2026-03-31.", details={key: told})
    return datetime.combine(found, time(), tzinfo=UTC)
