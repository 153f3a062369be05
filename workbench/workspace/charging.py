"""Charge rules, corrections and budgets: what administrators set, and what everybody may know."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import get_args

from workbench.domain import (
    Budget,
    BudgetPeriod,
    ChargedReason,
    ChargeTariff,
    LedgerEntry,
    UnitRate,
)
from workbench.errors import InputError, UnknownNameError
from workbench.metering import correction, period_of, reasons_of
from workbench.store import Session
from workbench.workspace.charges import WHOLE
from workbench.workspace.context import Caller

_MOST_UNITS = 1_000_000
_MOST_RATE = 1_000
_MOST_BUDGET = 10**15
_LONGEST_REASON = 1_024
_DIGITS = Decimal("0.000001")


def charge_rules(caller: Caller, at: datetime | None = None) -> tuple[ChargeTariff, ...]:
    """Rules in force."""
    with caller.store.read() as session:
        return session.charge_rules.tariffs(at or caller.workspace.clock())


def set_charge_rule(
    caller: Caller, operation: str, reason: ChargedReason, units: int, valid_from: datetime | None = None
) -> ChargeTariff:
    """Add a rule that takes the place of the one before."""
    known = reasons_of(operation)
    if reason not in known:
        raise UnknownNameError(f"reason to charge for {operation!r}", str(reason)[:100], known)
    if not 0 <= units <= _MOST_UNITS:
        raise InputError(
            f"a message cannot cost {units:,} units.",
            next_step=f"Use a whole number from 0 to {_MOST_UNITS:,}; 0 = free.",
            details={"units": units},
        )
    with caller.store.write(messages=False) as session:
        now = caller.workspace.clock()  # under the lock: no charge of a later time knows the old rule
        made = ChargeTariff(
            operation=operation,
            reason=reason,
            units=units,
            valid_from=_moment(now, valid_from),
            set_at=now,
            set_by=caller.actor,
        )
        session.charge_rules.add_tariff(made)
        caller.audit(
            session,
            "set_charge_rule",
            f"{operation}/{reason}",
            units=units,
            valid_from=made.valid_from.isoformat(),
        )
    return made


def unit_rates(caller: Caller, at: datetime | None = None) -> tuple[UnitRate, ...]:
    """Rates."""
    with caller.store.read() as session:
        return session.charge_rules.rates(at)


def set_unit_rate(caller: Caller, platform_units: Decimal, valid_from: datetime | None = None) -> UnitRate:
    """Add a rate that takes the place of the one before."""
    given = platform_units if platform_units.is_finite() else Decimal(-1)
    if not 0 <= given <= _MOST_RATE or given != given.quantize(_DIGITS):
        raise InputError(
            f"a unit cannot be worth {str(platform_units)[:50]} platform units.",
            next_step=f"Use a number from 0 to {_MOST_RATE:,} with at most six decimals.",
            details={"platform_units": str(platform_units)[:50]},
        )
    with caller.store.write(messages=False) as session:
        now = caller.workspace.clock()
        made = UnitRate(
            platform_units=given.quantize(_DIGITS),
            valid_from=_moment(now, valid_from),
            set_at=now,
            set_by=caller.actor,
        )
        session.charge_rules.add_rate(made)
        caller.audit(session, "set_unit_rate", str(platform_units), valid_from=made.valid_from.isoformat())
    return made


def correct_charge(caller: Caller, entry_id: str, reason: str) -> LedgerEntry:
    """Append the entry that takes another back."""
    if not 1 <= len(reason.strip()) <= _LONGEST_REASON:
        raise InputError(
            f"a correction needs a reason of 1 to {_LONGEST_REASON:,} characters; {len(reason):,} were given.",
            next_step="Say in a sentence why the charge is taken back.",
            details={"characters": len(reason)},
        )
    made_id = caller.made_id("correction")
    with caller.store.write(messages=False) as session:
        entry = session.ledger.entry(entry_id)
        if entry is None:
            raise InputError(
                f"there is no ledger entry {entry_id[:100]!r}.",
                next_step="Name an entry_id of ledger_table().",
                details={"entry_id": entry_id[:100]},
            )
        there = session.ledger.correction(entry_id)
        if there is not None:
            if there.entry_id == made_id:  # this very call came before, and its reply was lost
                return there
            raise InputError(
                f"ledger entry {entry_id!r} was corrected already, by entry {there.entry_id!r} of {there.actor!r}.",
                next_step="Nothing is left to correct.",
                details={"entry_id": entry_id, "corrected_by": there.entry_id},
            )
        row = correction(
            entry,
            entry_id=made_id,
            at=caller.workspace.clock(),
            actor=caller.actor,
            channel=caller.channel,
            reason=reason.strip(),
        )
        session.ledger.append(row)
        caller.audit(
            session, "correct_charge", entry_id, units=-entry.units, project=entry.project, by=made_id
        )
        made = session.ledger.entry(made_id)
    if made is None:
        raise RuntimeError("a correction was not appended")
    return made


def budgets(caller: Caller, project: str | None = None) -> tuple[Budget, ...]:
    """Budgets as they stand, of the projects whose usage the caller may see."""
    with caller.store.read() as session:
        found = session.budgets.standing(period_of, caller.workspace.clock(), project=project)
    return tuple(one for one in found if caller.may("usage.read", one.project or None))


def set_budget(
    caller: Caller, project: str, period: BudgetPeriod, soft: int | None = None, hard: int | None = None
) -> Budget:
    """Set the limits of a budget."""
    if period not in get_args(BudgetPeriod):
        raise UnknownNameError("budget period", str(period)[:100], get_args(BudgetPeriod))
    _check_limits(soft, hard)
    now = caller.workspace.clock()
    since, until = period_of(period, now)
    with caller.store.write(messages=False) as session:
        _check_project(session, project)
        session.budgets.put(
            Budget(
                project=project,
                period=period,
                soft=soft,
                hard=hard,
                set_at=now,
                set_by=caller.actor,
                since=since,
                until=until,
            )
        )
        caller.audit(session, "set_budget", project or WHOLE, period=period, soft=soft, hard=hard)
    caller.tell("budget", project or WHOLE, period=period)
    return _one(caller, project, period)


def remove_budget(caller: Caller, project: str, period: BudgetPeriod) -> Budget:
    """Remove a budget."""
    found = _one(caller, project, period)
    with caller.store.write(messages=False) as session:
        session.budgets.drop(project, period)
        caller.audit(
            session, "remove_budget", project or WHOLE, period=period, soft=found.soft, hard=found.hard
        )
    caller.tell("budget", project or WHOLE, period=period)
    return found


def _one(caller: Caller, project: str, period: BudgetPeriod) -> Budget:
    known = {(one.project, one.period): one for one in budgets(caller)}
    if (project, period) not in known:
        names = (f"{home or WHOLE} ({when})" for home, when in known)
        raise UnknownNameError("budget", f"{project[:100] or WHOLE} ({period})", names)
    return known[project, period]


def _check_limits(soft: int | None, hard: int | None) -> None:
    given = [limit for limit in (soft, hard) if limit is not None]
    wrong = [limit for limit in given if not 0 <= limit <= _MOST_BUDGET]
    if not given or wrong or (soft is not None and hard is not None and soft > hard):
        raise InputError(
            f"a budget cannot have the soft limit {soft} and the hard limit {hard}.",
            next_step="Give one or both, in units, neither below 0, the soft one not above the hard one.",
            details={"soft": soft, "hard": hard},
        )


def _check_project(session: Session, project: str) -> None:
    known = [one.name for one in session.catalog.projects()]
    if project and project not in known:
        raise UnknownNameError("project", project[:100], known)


def _moment(now: datetime, valid_from: datetime | None) -> datetime:
    """From when on; what was charged before must have been charged by what was in force."""
    if valid_from is None:
        return now
    if valid_from.tzinfo is None or valid_from < now:
        raise InputError(
            f"a charge cannot change from {valid_from.isoformat()} on: only from now ({now.isoformat()}) or later.",
            next_step="Leave 'valid_from' out for now, or give a later time with its zone.",
            details={"valid_from": valid_from.isoformat()},
        )
    return valid_from
