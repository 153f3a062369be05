"""What operations cost: pure rules over counts, and the ledger rows that follow from them."""

from __future__ import annotations

from workbench.metering.budget import check_budgets, newly_past, period_of, warning_of
from workbench.metering.charge import LEDGER_SCHEMA, charge, correction
from workbench.metering.entitling import PLAN_END, having, in_force, is_expired, status
from workbench.metering.forecast import Forecast, forecast_units
from workbench.metering.keeping import Window, announced, limit_at, next_turn, policy_for, windows
from workbench.metering.room import Room, limit_of, room
from workbench.metering.rules import (
    DEFAULT_RATE,
    DEFAULT_RULES,
    PLATFORM_UNITS_PER_UNIT,
    REASONS,
    ChargeRule,
    Reason,
    find_rule,
    most_units,
    platform_units,
    reasons_of,
    rules_from,
)

__all__ = [
    "DEFAULT_RATE",
    "DEFAULT_RULES",
    "LEDGER_SCHEMA",
    "PLAN_END",
    "PLATFORM_UNITS_PER_UNIT",
    "REASONS",
    "ChargeRule",
    "Forecast",
    "Reason",
    "Room",
    "Window",
    "announced",
    "charge",
    "check_budgets",
    "correction",
    "find_rule",
    "forecast_units",
    "having",
    "in_force",
    "is_expired",
    "limit_at",
    "limit_of",
    "most_units",
    "newly_past",
    "next_turn",
    "period_of",
    "platform_units",
    "policy_for",
    "reasons_of",
    "room",
    "rules_from",
    "status",
    "warning_of",
    "windows",
]
