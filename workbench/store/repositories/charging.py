"""Charge rules, budgets, and what running imports have reserved of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from workbench.domain import Budget, BudgetPeriod, ChargeTariff, JobId, UnitRate
from workbench.store.cursor import Cursor

Period = Callable[[BudgetPeriod, datetime], tuple[datetime, datetime | None]]
"""Begin and end of the period that holds a time."""


class ChargeRules:
    """What is charged for; rules are added, never changed."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def tariffs(self, at: datetime | None) -> tuple[ChargeTariff, ...]:
        """Rules in force at a time, one per operation and reason; None = all that were ever set."""
        names = ("operation", "reason", "units", "valid_from", "set_at", "set_by")
        return tuple(
            ChargeTariff(**dict(zip(names, row, strict=True)))
            for row in self._cursor.rows("charging.rules", at=at)
        )

    def add_tariff(self, tariff: ChargeTariff) -> None:
        """Add a rule."""
        self._cursor.execute(
            "charging.add_rule",
            operation=tariff.operation,
            reason=tariff.reason,
            units=tariff.units,
            valid_at=tariff.valid_from,
            set_at=tariff.set_at,
            set_by=tariff.set_by,
        )

    def rates(self, at: datetime | None) -> tuple[UnitRate, ...]:
        """The rate in force at a time; None = all, oldest first."""
        return tuple(
            UnitRate(platform_units=rate, valid_from=valid_from, set_at=set_at, set_by=set_by)
            for rate, valid_from, set_at, set_by in self._cursor.rows("charging.rates", at=at)
        )

    def add_rate(self, rate: UnitRate) -> None:
        """Add a rate."""
        self._cursor.execute(
            "charging.add_rate",
            rate=rate.platform_units,
            valid_at=rate.valid_from,
            set_at=rate.set_at,
            set_by=rate.set_by,
        )


class Budgets:
    """How much may be charged, and what is reserved of it."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def projects(self) -> frozenset[str]:
        """Projects that have a budget; ``""`` = the whole workspace."""
        return frozenset(row[0] for row in self._cursor.rows("charging.budgets"))

    def standing(self, period_of: Period, at: datetime, *, project: str | None = None) -> tuple[Budget, ...]:
        """Budgets with what is used and reserved in the period that holds ``at``.

        Of a ``project``: its own and those of the whole workspace; None = all.
        """
        rows = self._cursor.rows("charging.budgets")
        rows = [row for row in rows if project is None or row[0] in ("", project)]
        if not rows:
            return ()
        reserved = self._cursor.rows("charging.reserved")
        return tuple(self._standing(row, period_of, at, reserved) for row in rows)

    def _standing(
        self, row: tuple[Any, ...], period_of: Period, at: datetime, reserved: list[tuple[Any, ...]]
    ) -> Budget:
        project, period, soft, hard, set_at, set_by = row
        since, until = period_of(period, at)
        ((used,),) = self._cursor.rows("ledger.used", project=project, since=since, until=until)
        return Budget(
            project=project,
            period=period,
            soft=soft,
            hard=hard,
            set_at=set_at,
            set_by=set_by,
            since=since,
            until=until,
            used=used,
            reserved=sum(units for _, home, units in reserved if project in ("", home)),
        )

    def put(self, budget: Budget) -> None:
        """Set the limits of a budget in the place of those that it had."""
        self.drop(budget.project, budget.period)
        self._cursor.execute(
            "charging.add_budget",
            project=budget.project,
            period=budget.period,
            soft=budget.soft,
            hard=budget.hard,
            set_at=budget.set_at,
            set_by=budget.set_by,
        )

    def drop(self, project: str, period: BudgetPeriod) -> None:
        """Remove a budget; what was charged stays charged."""
        self._cursor.execute("charging.drop_budget", project=project, period=period)

    def reserve(self, job_id: JobId, project: str, units: int, at: datetime) -> None:
        """Set units aside for a job, until they are settled or released."""
        self._cursor.execute("charging.reserve", job_id=job_id, project=project, units=units, reserved_at=at)

    def reserved_by(self, job_id: JobId, project: str) -> int:
        """Units that a job has set aside yet."""
        rows = self._cursor.rows("charging.reserved")
        return sum(units for job, home, units in rows if (job, home) == (job_id, project))

    def settle(self, job_id: JobId, project: str, units: int) -> None:
        """Take what was charged off what a job has set aside; not below nothing."""
        self._cursor.execute("charging.settle", job_id=job_id, project=project, units=units)

    def release(self, job_id: JobId | None) -> None:
        """Give back what a job has set aside; None = all jobs, for none of them runs."""
        self._cursor.execute("charging.release", job_id=job_id)
