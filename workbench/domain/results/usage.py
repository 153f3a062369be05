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


@dataclass(frozen=True, kw_only=True)
class ForecastSum:
    """Units of the next ``n_days`` days together: the middle of what is likely, and 95 and 80 % prediction intervals."""

    n_days: int
    expected: int
    low: int
    high: int
    low80: int
    high80: int


@dataclass(frozen=True, kw_only=True)
class UnitsOfDay:
    """Units charged on a UTC day."""

    day: date
    units: int


@dataclass(frozen=True, kw_only=True)
class UsageForecast:
    """What is likely to be charged.

    Attributes
    ----------
    from_day
        The first day that is forecast: today, whose charges so far are not in the history.
    history
        Every day from the first charge to yesterday, days without a charge too; at most the last 365.
    n_days
        Days of history that the forecast rests on.
    sums
        Of 1, 2, … 90 days; empty while there are fewer than 7 days of history.
    set_aside
        Days far above all others that are not expected again, such as the import of an archive.
    """

    from_day: date
    history: tuple[UnitsOfDay, ...]
    n_days: int
    sums: tuple[ForecastSum, ...]
    set_aside: tuple[UnitsOfDay, ...]
    platform_units_per_unit: float


__all__ = ["ForecastSum", "LedgerTotal", "UnitsOfDay", "UsageForecast", "UsageReport"]
