"""What operations cost: pure rules over counts, and the ledger rows that follow from them."""

from __future__ import annotations

from workbench.metering.charge import LEDGER_SCHEMA, charge
from workbench.metering.forecast import Forecast, forecast_units
from workbench.metering.rules import (
    DEFAULT_RULES,
    PLATFORM_UNITS_PER_UNIT,
    REASONS,
    ChargeRule,
    Reason,
    find_rule,
    most_units,
    platform_units,
)

__all__ = [
    "DEFAULT_RULES",
    "LEDGER_SCHEMA",
    "PLATFORM_UNITS_PER_UNIT",
    "REASONS",
    "ChargeRule",
    "Forecast",
    "Reason",
    "charge",
    "find_rule",
    "forecast_units",
    "most_units",
    "platform_units",
]
