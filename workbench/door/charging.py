"""Charges and budgets in a notebook. What ``Workspace`` offers beside its verbs."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, get_args

from workbench.domain import (
    Budget,
    BudgetPeriod,
    ChargedReason,
    ChargeTariff,
    LedgerEntry,
    Operations,
    UnitRate,
)
from workbench.door.names import chosen

if TYPE_CHECKING:
    import polars as pl


class Charging:
    """What is charged, how much of it may be, and how a charge is taken back."""

    operations: Operations

    def budgets(self, project: str | None = None) -> pl.DataFrame:
        """Budgets and what is left of them, in units; of a project: its own and those of the whole workspace."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (one.project, one.period, one.soft, one.hard, one.used, one.reserved, one.left, one.set_by)
            for one in self.operations.budgets(project)
        ]
        numbers = ("soft", "hard", "used", "reserved", "left")
        schema = {"project": pl.String, "period": pl.String, **dict.fromkeys(numbers, pl.Int64)}
        return pl.DataFrame(rows, schema={**schema, "set_by": pl.String}, orient="row")

    def set_budget(
        self, project: str = "", *, period: str = "month", soft: int | None = None, hard: int | None = None
    ) -> Budget:
        """Set the budget of a project (empty = of the whole workspace) for a month, quarter, year, or once.

        Parameters
        ----------
        soft
            Units from which on uploads warn.
        hard
            Units that no upload may pass: what would is refused whole.
        """
        return self.operations.set_budget(project, _period(period), soft, hard)

    def remove_budget(self, project: str = "", *, period: str = "month") -> Budget:
        """Remove a budget; what was charged stays charged."""
        return self.operations.remove_budget(project, _period(period))

    def charge_rules(self, at: datetime | None = None) -> pl.DataFrame:
        """Units that a message costs, by operation and reason, at a time (None = now)."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (one.operation, one.reason, one.units, one.valid_from, one.set_by)
            for one in self.operations.charge_rules(at)
        ]
        schema = {
            "operation": pl.String(),
            "reason": pl.String(),
            "units": pl.Int64(),
            "valid_from": pl.Datetime("us", "UTC"),
            "set_by": pl.String(),
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def set_charge_rule(
        self, operation: str, reason: ChargedReason, units: int, *, valid_from: datetime | None = None
    ) -> ChargeTariff:
        """Change what a message costs from now (or later) on; what was charged stays as it is."""
        return self.operations.set_charge_rule(operation, reason, units, valid_from)

    def set_unit_rate(self, platform_units: Decimal | str, *, valid_from: datetime | None = None) -> UnitRate:
        """Change what a unit is worth in platform units from now (or later) on."""
        return self.operations.set_unit_rate(Decimal(platform_units), valid_from)

    def correct_charge(self, entry_id: str, reason: str) -> LedgerEntry:
        """Take one entry of the ledger back by a new, negative one."""
        return self.operations.correct_charge(entry_id, reason)


def _period(name: str) -> BudgetPeriod:
    found: BudgetPeriod = chosen(name, BudgetPeriod, "period", get_args(BudgetPeriod))
    return found
