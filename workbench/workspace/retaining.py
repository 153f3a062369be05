"""What is stored for longer than it is to be kept."""

from __future__ import annotations

from datetime import timedelta

from workbench.domain import INCLUDED_DAYS, RetentionReport
from workbench.errors import InputError
from workbench.workspace.context import Caller

_MOST_DAYS = 36_500


def retention_report(caller: Caller, keep_days: int = INCLUDED_DAYS) -> RetentionReport:
    """Count, and change nothing."""
    if not 1 <= keep_days <= _MOST_DAYS:
        raise InputError(
            f"messages cannot be kept for {keep_days:,} days.",
            next_step=f"Ask for 1 to {_MOST_DAYS:,} days; {INCLUDED_DAYS} are included in a unit.",
        )
    before = caller.workspace.clock() - timedelta(days=keep_days)
    with caller.store.read() as session:
        found = session.retention.past(before)
    return RetentionReport(keep_days=keep_days, before=before, sources=found)
