"""What was charged, and who did what."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from workbench.domain import Grouping, Resolution, UsageReport
from workbench.metering import PLATFORM_UNITS_PER_UNIT, platform_units
from workbench.workspace.context import Caller


def usage(caller: Caller, since: datetime | None = None, until: datetime | None = None) -> UsageReport:
    """The ledger, summed."""
    with caller.store.read() as session:
        found = session.ledger.totals(since, until)
    totals = tuple(total for total in found if caller.may("usage.read", total.project))
    return UsageReport(
        totals=totals,
        units=sum(total.units for total in totals),
        platform_units_per_unit=PLATFORM_UNITS_PER_UNIT,
    )


def ledger_table(caller: Caller, since: datetime | None = None) -> pa.Table:
    """Every entry."""
    with caller.store.read() as session:
        return session.ledger.table(since)


def audit_table(caller: Caller) -> pa.Table:
    """The audit log."""
    with caller.store.read() as session:
        return session.audit.table()


def consumption(
    caller: Caller,
    by: tuple[Grouping, ...] = (),
    resolution: Resolution | None = "day",
    since: datetime | None = None,
    until: datetime | None = None,
) -> pa.Table:
    """The ledger, summed by period and by what is named."""
    with caller.store.read() as session:
        found = session.usage.consumption(by, resolution, since, until)
    rates = [platform_units(units) for units in found["units"].to_pylist()]
    return found.add_column(
        found.schema.get_field_index("n_entries"), "platform_units", pa.array(rates, pa.float64())
    )
