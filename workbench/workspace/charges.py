"""Charging in the transaction of what is charged: rules in force, budgets, reservations of running imports."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

import pyarrow as pa

from workbench.domain import Budget, JobId, ProjectName, SourceId
from workbench.errors import AccessError
from workbench.metering import (
    ChargeRule,
    charge,
    check_budgets,
    newly_past,
    period_of,
    rules_from,
    warning_of,
)
from workbench.store import Session
from workbench.workspace.context import Caller

WHOLE = "workspace"
"""Subject of news of a budget that is no single project's."""


def rules_at(caller: Caller, session: Session, at: datetime) -> tuple[Mapping[str, ChargeRule], Decimal]:
    """Charge rules, and platform units per unit, that are in force at a time."""
    prices = caller.workspace.prices.of(session)
    if prices is not None:
        return prices.rules_at(at), prices.rate_at(at)
    (rate,) = session.charge_rules.rates(at)
    return rules_from(session.charge_rules.tariffs(at)), rate.platform_units


NOT_WAIVED = "no_charge was asked for; only an administrator's is heeded"
"""Note of an entry that is charged although it was not to be."""


def check_waiver(caller: Caller, no_charge: bool) -> None:  # noqa: FBT001 - as the operations say
    """Refuse an import without charge to those who are no administrators."""
    if no_charge and not caller.may("tenant.manage"):
        raise AccessError(
            f"{caller.actor!r} may not upload without charge.",
            next_step="Leave 'no_charge' out, or ask an administrator to upload.",
            details={"permission": "tenant.manage"},
        )


def entries_for(
    caller: Caller,
    session: Session,
    outcome: pa.Table,
    *,
    source_id: SourceId,
    project: ProjectName,
    operation: str,
    batch_id: str,
    at: datetime,
    no_charge: bool = False,
) -> tuple[pa.Table, int]:
    """Ledger rows for what happened to messages, by the rules in force, and the units they charge.

    Only an administrator's ``no_charge`` is heeded; anybody else's is written down, and charged all the same.
    """
    may_waive = caller.may("tenant.manage")
    note = NOT_WAIVED if no_charge and not may_waive else None
    no_charge = no_charge and may_waive
    rules, rate = rules_at(caller, session, at)
    entries = charge(
        outcome,
        source_id=source_id,
        project=project,
        channel=caller.channel,
        operation=operation,
        at=at,
        actor=caller.actor,
        batch_id=batch_id,
        rules=rules,
        rate=rate,
        no_charge=no_charge,
        note=note,
    )
    return entries, 0 if no_charge else sum(entries.column("units").to_pylist())


def book(
    caller: Caller, session: Session, entries: pa.Table, units: int, project: str, job_id: JobId | None
) -> None:
    """Append ledger rows, off what the job has reserved; ``LimitError`` for what is beyond that and the budget."""
    if units:
        reserved = session.budgets.reserved_by(job_id, project) if job_id else 0
        check_budgets(standing(caller, session, project), units - reserved)
        if job_id and reserved:
            session.budgets.settle(job_id, project, units)
    session.ledger.append(entries)


def standing(caller: Caller, session: Session, project: str) -> tuple[Budget, ...]:
    """Budgets that apply to a project, as they stand now."""
    prices = caller.workspace.prices.of(session)
    if prices is not None and not prices.has_budget(project):
        return ()
    return session.budgets.standing(period_of, caller.workspace.clock(), project=project)


def is_bounded(caller: Caller, session: Session, project: str) -> bool:
    """Whether a hard limit applies to a project: then an import counts its units before it stores anything."""
    return any(one.hard is not None for one in standing(caller, session, project))


def reserve(caller: Caller, job_id: JobId, needed: Mapping[str, int]) -> None:
    """Set aside what an import will charge, by project, or refuse it whole.

    Under the one write lock, so that no two imports are promised the same units.

    Raises
    ------
    LimitError
        A hard limit has no room for it; nothing was set aside.
    """
    with caller.store.write(messages=False) as session:
        session.budgets.release(job_id)
        for project, units in needed.items():
            check_budgets(standing(caller, session, project), units)
            session.budgets.reserve(job_id, project, units, caller.workspace.clock())


def release(caller: Caller, job_id: JobId) -> None:
    """Give back what an import had set aside and did not use."""
    with caller.store.write(messages=False) as session:
        session.budgets.release(job_id)


def tell_budgets(caller: Caller, units: Mapping[str, int]) -> tuple[str, ...]:
    """Warnings of the budgets whose soft limit is passed; who listens hears of those that just were.

    Parameters
    ----------
    units
        Units that were just charged, by project.
    """
    warnings: dict[str, None] = {}
    for project, n_units in units.items():
        if not n_units or _is_free_of_budgets(caller, project):
            continue
        with caller.store.read() as session:
            budgets = standing(caller, session, project)
        for one in budgets:
            if one.is_past_soft:
                warnings[warning_of(one)] = None
        for one in newly_past(budgets, n_units):
            caller.tell(
                "budget", one.project or WHOLE, period=one.period, used=one.used, soft=one.soft, hard=one.hard
            )
    return tuple(warnings)


def _is_free_of_budgets(caller: Caller, project: str) -> bool:
    """Whether it is known, without a look at the file, that no budget applies."""
    prices = caller.workspace.prices.now(caller.store)
    return prices is not None and not prices.has_budget(project)
