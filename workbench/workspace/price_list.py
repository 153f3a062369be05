"""Charge rules, rates and which projects have a budget, known by heart: every prediction that is handed in asks for them."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from workbench.domain import ChargeTariff, UnitRate
from workbench.metering import ChargeRule, rules_from
from workbench.store import Session, Store


@dataclass(frozen=True, kw_only=True)
class Prices:
    """All that was ever set.

    Attributes
    ----------
    tariffs, rates
        Each in the order in which a later one takes the place of an earlier one.
    budgeted
        Projects that have a budget; ``""`` = the whole workspace has one.
    """

    tariffs: tuple[ChargeTariff, ...]
    rates: tuple[UnitRate, ...]
    budgeted: frozenset[str]

    def rules_at(self, at: datetime) -> Mapping[str, ChargeRule]:
        """Rules in force at a time, by operation."""
        in_force = {(one.operation, one.reason): one for one in self.tariffs if one.valid_from <= at}
        return rules_from(in_force.values())

    def rate_at(self, at: datetime) -> Decimal:
        """Platform units per unit at a time."""
        return [one.platform_units for one in self.rates if one.valid_from <= at][-1]

    def has_budget(self, project: str) -> bool:
        """Whether one applies to a project."""
        return not self.budgeted.isdisjoint(("", project))


class PriceList:
    """Keeps the prices as long as none of them changes, and no budget is made or removed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: int | None = None
        self._kept: Prices | None = None

    def of(self, session: Session) -> Prices | None:
        """The prices that a session sees; None where they may not be kept, as in a write that changed them."""
        if session.prices is None:
            return None
        known = self._at(session.prices)
        if known is None:
            known = Prices(
                tariffs=session.charge_rules.tariffs(None),
                rates=session.charge_rules.rates(None),
                budgeted=session.budgets.projects(),
            )
            with self._lock:
                self._version, self._kept = session.prices, known
        return known

    def now(self, store: Store) -> Prices | None:
        """The prices as they are, None when they have to be looked up."""
        return self._at(store.prices)

    def _at(self, version: int) -> Prices | None:
        with self._lock:
            return self._kept if version == self._version else None
