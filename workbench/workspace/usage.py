"""What was charged, and who did what."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from workbench.domain import UsageReport
from workbench.workspace.context import Caller


def usage(caller: Caller, since: datetime | None = None, until: datetime | None = None) -> UsageReport:
    """The ledger, summed."""
    with caller.store.read() as session:
        found = session.ledger.totals(since, until)
        (rate,) = session.charge_rules.rates(caller.workspace.clock())
    totals = tuple(total for total in found if caller.may("usage.read", total.project))
    return UsageReport(
        totals=totals,
        units=sum(total.units for total in totals),
        platform_units_per_unit=float(rate.platform_units),
    )


def ledger_table(caller: Caller, since: datetime | None = None) -> pa.Table:
    """Every entry."""
    with caller.store.read() as session:
        return session.ledger.table(since)


def audit_table(caller: Caller) -> pa.Table:
    """The audit log."""
    with caller.store.read() as session:
        return session.audit.table()
