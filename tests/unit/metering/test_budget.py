"""Budgets by the calendar, what is refused, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from workbench.domain import Budget, BudgetPeriod
from workbench.errors import LimitError
from workbench.metering import check_budgets, newly_past, period_of, warning_of

AT = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


def budget(**changed: Any) -> Budget:
    values: dict[str, Any] = {
        "project": "demo",
        "period": "month",
        "soft": 800,
        "hard": 1_000,
        "set_at": AT,
        "set_by": "kim",
        "since": datetime(2026, 11, 1, tzinfo=UTC),
        "until": datetime(2026, 12, 1, tzinfo=UTC),
        "used": 900,
        "reserved": 20,
    }
    return Budget(**(values | changed))


@pytest.mark.parametrize(
    ("period", "at", "since", "until"),
    [
        ("month", AT, (2026, 11), (2026, 12)),
        ("month", AT.astimezone(timezone(timedelta(hours=2))), (2026, 11), (2026, 12)),
        ("month", datetime(2026, 12, 31, tzinfo=UTC), (2026, 12), (2027, 1)),
        ("quarter", AT, (2026, 10), (2027, 1)),
        ("quarter", datetime(2026, 3, 31, tzinfo=UTC), (2026, 1), (2026, 4)),
        ("year", AT, (2026, 1), (2027, 1)),
    ],
)
def test_periods(period: BudgetPeriod, at: datetime, since: tuple[int, int], until: tuple[int, int]) -> None:
    assert period_of(period, at) == (datetime(*since, 1, tzinfo=UTC), datetime(*until, 1, tzinfo=UTC))


def test_once_has_no_end() -> None:
    assert period_of("once", AT) == (datetime(1970, 1, 1, tzinfo=UTC), None)


def test_a_hard_limit_is_met_and_not_passed() -> None:
    check_budgets([budget()], 80)
    check_budgets([budget(hard=None)], 10**9)
    check_budgets([budget(used=2_000)], 0)
    with pytest.raises(LimitError) as refused:
        check_budgets([budget(project="", soft=None, hard=None), budget()], 81)
    assert refused.value.message == (
        "81 units are needed; the budget of project 'demo' (month, hard limit 1,000) has 80 left: "
        "900 used, 20 reserved, 1 too few. Nothing was stored."
    )
    assert refused.value.next_step == (
        "Upload less, or ask an administrator to raise the budget. It begins anew on 2026-12-01."
    )
    assert refused.value.details == {
        "limit": "budget",
        "project": "demo",
        "period": "month",
        "most": 1_000,
        "used": 900,
        "reserved": 20,
        "needed": 81,
        "shortfall": 1,
    }


def test_what_is_left_and_past() -> None:
    assert (budget().left, budget(used=5_000).left, budget(hard=None).left) == (80, 0, None)
    assert budget().is_past_soft and not budget(soft=920).is_past_soft and not budget(soft=None).is_past_soft


def test_a_soft_limit_is_told_once() -> None:
    assert newly_past([budget(), budget(soft=None)], 100) == (budget(),)
    assert newly_past([budget()], 99) == ()
    assert newly_past([budget(used=800)], 100) == ()


def test_warning() -> None:
    assert warning_of(budget()) == (
        "The budget of project 'demo' (month) is past its soft limit: 900 units used of 800, hard limit 1,000."
    )
    assert warning_of(budget(project="", hard=None)) == (
        "The budget of the workspace (month) is past its soft limit: 900 units used of 800."
    )
