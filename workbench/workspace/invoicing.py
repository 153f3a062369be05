"""The invoice-like account of a period, read from the ledger in one look."""

from __future__ import annotations

from datetime import UTC, datetime

from workbench.domain import Invoice, InvoiceLine
from workbench.errors import InputError
from workbench.workspace.context import Caller
from workbench.workspace.usage import visible_projects


def invoice(caller: Caller, since: datetime, until: datetime) -> Invoice:
    """What a period cost.

    Raises
    ------
    InputError
        A time has no zone, or the period is empty.
    """
    if since.tzinfo is None or until.tzinfo is None:
        raise InputError(
            f"the period from {since} to {until} has times without a zone.", next_step="Pass aware times."
        )
    if since >= until:
        raise InputError(
            f"the period from {since} to {until} is empty.",
            next_step="Let 'since' lie before 'until', which is exclusive.",
        )
    with caller.store.read() as session:
        projects = visible_projects(caller, session)
        rows = session.usage.invoice_lines(since, until, projects)
        opening, closing = (session.usage.charged_before(end, projects) for end in (since, until))
        n_entries, first, last = session.usage.ends(since, until, projects)
    lines = tuple(
        InvoiceLine(
            kind=kind,
            project=project,
            source=source,
            channel=channel,
            units=units,
            platform_units=platform,
            n_entries=n,
        )
        for kind, project, source, channel, units, platform, n in rows
    )
    charged = [line for line in lines if line.kind != "no_charge"]
    return Invoice(
        since=since.astimezone(UTC),
        until=until.astimezone(UTC),
        lines=lines,
        opening_units=opening[0],
        opening_platform_units=opening[1],
        closing_units=closing[0],
        closing_platform_units=closing[1],
        units=sum(line.units for line in charged),
        platform_units=sum(line.platform_units for line in charged),
        uncharged_units=sum(line.units for line in lines if line.kind == "no_charge"),
        n_entries=n_entries,
        first_entry_id=first,
        last_entry_id=last,
        projects=projects,
    )
