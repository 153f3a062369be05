"""What was charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class LedgerTotal:
    """Units of one day, project, source, channel and operation. ``platform_units`` = units x 0.2."""

    day: date
    project: str
    source: str
    channel: str
    operation: str
    units: int
    n_entries: int


@dataclass(frozen=True, kw_only=True)
class UsageReport:
    """The ledger, summed. ``platform_units_per_unit`` is the conversion rate in force."""

    totals: tuple[LedgerTotal, ...]
    units: int
    platform_units_per_unit: float


__all__ = ["LedgerTotal", "UsageReport"]
