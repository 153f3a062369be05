"""What was charged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

InvoiceLineKind = Literal["charge", "correction", "no_charge"]


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


@dataclass(frozen=True, kw_only=True)
class InvoiceLine:
    """Units of one project, source and channel in a period.

    Attributes
    ----------
    kind
        ``charge``, ``correction`` (its units are negative) or ``no_charge``: recorded and not charged.
    n_entries
        Entries of the ledger that they are the sum of.
    """

    kind: InvoiceLineKind
    project: str
    source: str
    channel: str
    units: int
    platform_units: float
    n_entries: int


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """What a period cost, and how it can be checked against the ledger.

    Attributes
    ----------
    since, until
        The period, ``until`` exclusive; UTC.
    lines
        Charges, then corrections, then what was not charged; each by project, source and channel.
    opening_units, closing_units
        Units charged before the period and up to its end; they differ by ``units``.
    units, platform_units
        Charges and corrections of the period, each at the rate of its time.
    uncharged_units
        Recorded in the period and not charged; part of no total.
    n_entries, first_entry_id, last_entry_id
        Entries of the ledger in the period; empty ids where there are none.
    projects
        Projects that it is limited to, since whoever asked sees no others; None = of all.
    """

    since: datetime
    until: datetime
    lines: tuple[InvoiceLine, ...]
    opening_units: int
    opening_platform_units: float
    closing_units: int
    closing_platform_units: float
    units: int
    platform_units: float
    uncharged_units: int
    n_entries: int
    first_entry_id: str
    last_entry_id: str
    projects: tuple[str, ...] | None


__all__ = [
    "ForecastSum",
    "Invoice",
    "InvoiceLine",
    "InvoiceLineKind",
    "LedgerTotal",
    "UnitsOfDay",
    "UsageForecast",
    "UsageReport",
]
