"""What is charged for, how much of it may be, and how a charge is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

ChargedReason = Literal["created", "text_modified", "predicted"]
BudgetPeriod = Literal["month", "quarter", "year", "once"]
"""How long a budget lasts before it begins anew, by the calendar in UTC; ``once``: it never does."""


@dataclass(frozen=True, kw_only=True)
class ChargeTariff:
    """Units that one message costs in an operation, for a reason, from a moment on.

    Attributes
    ----------
    operation
        ``import``, ``sync``, ``sync_raw_mails``, ``predict`` or ``predict_raw_mails``.
    units
        0 or more; 0 = free.
    valid_from
        Until another rule for the same operation and reason takes its place.
    """

    operation: str
    reason: ChargedReason
    units: int
    valid_from: datetime
    set_at: datetime
    set_by: str


def dearest(tariffs: Iterable[ChargeTariff], operation: str) -> int:
    """Most units that one message can cost in an operation; 0 where it is free."""
    return max((one.units for one in tariffs if one.operation == operation), default=0)


@dataclass(frozen=True, kw_only=True)
class UnitRate:
    """Platform units that one unit is worth, from a moment on."""

    platform_units: Decimal
    valid_from: datetime
    set_at: datetime
    set_by: str


@dataclass(frozen=True, kw_only=True)
class LedgerEntry:
    """One row of the ledger.

    Attributes
    ----------
    source
        Id of the source; of a prediction for messages that are not stored, id of the dataset.
    units
        Negative in a correction.
    charged
        False = recorded only: the units say what would have been charged.
    rate
        Platform units per unit at the time of the charge.
    corrects
        Id of the entry that this one takes back; None in all others.
    note
        Why it was taken back, or that ``no_charge`` was asked for and not heeded.
    """

    entry_id: str
    at: datetime
    project: str
    source: str
    channel: str
    operation: str
    uid: str | None
    units: int
    charged: bool
    actor: str
    rate: Decimal
    corrects: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How many units may be charged in a period, and how many are.

    Attributes
    ----------
    project
        Empty = the whole workspace.
    soft
        Beyond it every upload warns; None = none.
    hard
        What would go beyond it is refused whole, before anything is stored; None = none.
    since, until
        The period that runs now; ``until`` is exclusive, None = without end.
    used
        Units charged in it, corrections taken off.
    reserved
        Units that running imports will charge yet.
    """

    project: str
    period: BudgetPeriod
    soft: int | None
    hard: int | None
    set_at: datetime
    set_by: str
    since: datetime
    until: datetime | None
    used: int = 0
    reserved: int = 0

    @property
    def left(self) -> int | None:
        """Units that may be charged yet; None = without hard limit."""
        return None if self.hard is None else max(0, self.hard - self.used - self.reserved)

    @property
    def is_past_soft(self) -> bool:
        """Whether more is used or reserved than the soft limit."""
        return self.soft is not None and self.used + self.reserved > self.soft

    @property
    def scope(self) -> str:
        """What it is for, in words."""
        return f"project {self.project!r}" if self.project else "the workspace"


def budget_words(budgets: Iterable[Budget], units: int) -> tuple[str, ...]:
    """What is left of budgets, for those who are asked to agree to ``units`` more.

    Empty where no limit is told: without a hard one only a soft one that would be passed is.
    """
    lines = []
    for one in dict.fromkeys(budgets):
        if one.left is not None:
            short = units - one.left
            more = f": {short:,} too few, it would be refused" if short > 0 else ""
            lines.append(f"{one.left:,} units are left of the budget of {one.scope} ({one.period}){more}.")
        elif one.soft is not None and one.used + one.reserved + units > one.soft:
            lines.append(
                f"It passes the soft limit of the budget of {one.scope} ({one.period}): {one.soft:,} units."
            )
    return tuple(lines)


class ChargingOperations(Protocol):
    """Charge rules, corrections, budgets."""

    def charge_rules(self, at: datetime | None = None) -> tuple[ChargeTariff, ...]:
        """Charge rules in force at a time (None = now), by operation and reason; a pair that is missing is free."""
        ...

    def set_charge_rule(
        self, operation: str, reason: ChargedReason, units: int, valid_from: datetime | None = None
    ) -> ChargeTariff:
        """Change what one message costs (0 to 1,000,000 units), from now or a later moment on.

        Entries that exist stay as they are. ``InputError`` for a moment that has passed.
        """
        ...

    def unit_rates(self, at: datetime | None = None) -> tuple[UnitRate, ...]:
        """What a unit is worth in platform units: in force at a time, or (None) every rate there was, oldest first."""
        ...

    def set_unit_rate(self, platform_units: Decimal, valid_from: datetime | None = None) -> UnitRate:
        """Change what a unit is worth (0 to 1,000, six decimals), from now or a later moment on."""
        ...

    def correct_charge(self, entry_id: str, reason: str) -> LedgerEntry:
        """Take a charge back by a new, negative entry that names it; ``reason`` has 1 to 1,024 characters.

        An entry is corrected once. ``InputError`` when it was, when it charged nothing, or is itself a correction.
        """
        ...

    def budgets(self, project: str | None = None) -> tuple[Budget, ...]:
        """Budgets with what is used of them; of a project: its own and those of the whole workspace."""
        ...

    def set_budget(
        self, project: str, period: BudgetPeriod, soft: int | None = None, hard: int | None = None
    ) -> Budget:
        """Set the limits of a project's budget (empty = of the whole workspace), in units; None = no such limit.

        A scope has one budget per period; all of them hold. What was used in the period before counts.
        """
        ...

    def remove_budget(self, project: str, period: BudgetPeriod) -> Budget:
        """Remove a budget; ``UnknownNameError`` when there is none."""
        ...
