"""Budgets by the calendar, and what an upload lacks of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from workbench.domain import Budget, BudgetPeriod
from workbench.errors import LimitError

_MONTHS: dict[BudgetPeriod, int] = {"month": 1, "quarter": 3, "year": 12}
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def period_of(period: BudgetPeriod, at: datetime) -> tuple[datetime, datetime | None]:
    """The calendar period in UTC that holds ``at``: its begin, and its end (exclusive; None = without end).

    Parameters
    ----------
    at
        Aware time.
    """
    if period == "once":
        return _BEGINNING, None
    at, n_months = at.astimezone(UTC), _MONTHS[period]
    first = (at.month - 1) // n_months * n_months
    end = first + n_months
    return (
        datetime(at.year, first + 1, 1, tzinfo=UTC),
        datetime(at.year + end // 12, end % 12 + 1, 1, tzinfo=UTC),
    )


def check_budgets(budgets: Iterable[Budget], needed: int) -> None:
    """Refuse what goes beyond a hard limit.

    Parameters
    ----------
    budgets
        Those that apply, with what is used and reserved.
    needed
        Units that would be charged on top, 0 or more.

    Raises
    ------
    LimitError
        Names the first budget that lacks units, and how many.
    """
    for one in budgets:
        if one.hard is None or needed <= 0 or one.used + one.reserved + needed <= one.hard:
            continue
        short = one.used + one.reserved + needed - one.hard
        when = f" It begins anew on {one.until:%Y-%m-%d}." if one.until else ""
        raise LimitError(
            f"{needed:,} units are needed; the budget of {one.scope} ({one.period}, hard limit {one.hard:,}) has "
            f"{one.left:,} left: {one.used:,} used, {one.reserved:,} reserved, {short:,} too few. Nothing was stored.",
            next_step=f"Upload less, or ask an administrator to raise the budget.{when}",
            details={
                "limit": "budget",
                "project": one.project,
                "period": one.period,
                "most": one.hard,
                "used": one.used,
                "reserved": one.reserved,
                "needed": needed,
                "shortfall": short,
            },
        )


def newly_past(budgets: Iterable[Budget], units: int) -> tuple[Budget, ...]:
    """Budgets whose soft limit the last ``units`` have passed, standing as they are after these."""
    return tuple(
        one
        for one in budgets
        if one.soft is not None and one.used - units <= one.soft < one.used and units > 0
    )


def warning_of(one: Budget) -> str:
    """What to say of a budget whose soft limit is passed."""
    most = "" if one.hard is None else f", hard limit {one.hard:,}"
    return (
        f"The budget of {one.scope} ({one.period}) is past its soft limit: "
        f"{one.used:,} units used of {one.soft or 0:,}{most}."
    )
