"""Choosing a plan, asking for what it gives by request, and answering."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from workbench.domain import (
    ANSWERS,
    ENTITLEMENT_TITLES,
    FIRST_EDITION,
    LIMITS,
    SELF_HOSTED,
    Answer,
    ChosenPlan,
    EntitlementName,
    EntitlementRequest,
    Plan,
    PlanStatus,
)
from workbench.errors import InputError, UnknownNameError
from workbench.metering import status
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.plan_gate import end_plan, lacking, read_plans


def plans(caller: Caller) -> tuple[Plan, ...]:
    """The table."""
    with caller.store.read() as session:
        return session.plans.all()


def plan_status(caller: Caller) -> PlanStatus:
    """What is in force."""
    return caller.workspace.plan.status()


def choose_plan(caller: Caller, plan: str, edition: str = "", ends_at: datetime | None = None) -> PlanStatus:
    """Choose a plan, or none."""
    now = caller.workspace.clock()
    _check_end(ends_at, now)
    with caller.store.write() as session:
        end_plan(session, now)
        before = session.plans.chosen()
        if plan == SELF_HOSTED:
            made = None
            if ends_at is not None:
                raise InputError(
                    f"the plan {SELF_HOSTED!r} has no end.", next_step="Leave the end out, or choose a plan."
                )
        else:
            found = _plan(session, edition or (before.edition if before else FIRST_EDITION), plan)
            if ends_at is None and found.trial_days is not None:
                ends_at = now + timedelta(days=found.trial_days)
            made = ChosenPlan(
                edition=found.edition, name=found.name, since=now, chosen_by=caller.actor, ends_at=ends_at
            )
        if made is not None and before is not None and replace(made, since=before.since) == before:
            made = before  # the same choice again, as after a reply that was lost, begins nothing anew
        else:
            session.plans.choose(made)
            caller.audit(
                session,
                "choose_plan",
                plan,
                edition=made.edition if made else "",
                ends_at=ends_at,
                before=before.name if before else SELF_HOSTED,
            )
    caller.workspace.plan.forget()
    return plan_status(caller)


def set_entitlement(
    caller: Caller, edition: str, plan: str, entitlement: EntitlementName, answer: Answer
) -> Plan:
    """Change a cell of the table."""
    if entitlement not in ENTITLEMENT_TITLES:
        raise UnknownNameError("entitlement", str(entitlement)[:100], ENTITLEMENT_TITLES)
    if answer not in ANSWERS:
        raise UnknownNameError("answer", str(answer)[:100], ANSWERS)
    with caller.store.write() as session:
        before = _plan(session, edition, plan).entitlements.get(entitlement, "no")
        session.plans.put_entitlement(edition, plan, entitlement, answer)
        said = {"edition": edition, "entitlement": entitlement, "answer": answer, "before": before}
        caller.audit(session, "set_entitlement", plan, **said)
        made = _plan(session, edition, plan)
    caller.workspace.plan.forget()
    return made


def entitlement_requests(caller: Caller) -> tuple[EntitlementRequest, ...]:
    """Newest first."""
    with caller.store.read() as session:
        return session.plans.requests()


def request_entitlement(caller: Caller, entitlement: EntitlementName, reason: str) -> EntitlementRequest:
    """Ask for what is given by request."""
    if entitlement not in ENTITLEMENT_TITLES:
        raise UnknownNameError("entitlement", str(entitlement)[:100], ENTITLEMENT_TITLES)
    _check_reason("a request", reason)
    now = caller.workspace.clock()
    with caller.store.write() as session:
        end_plan(session, now)
        chosen, table, requests = read_plans(session)
        found = status(chosen, table, requests, now)
        (held,) = (one for one in found.entitlements if one.name == entitlement)
        current = (entitlement, found.edition, found.plan)
        for known in requests:
            if known.state == "open" and (known.entitlement, known.edition, known.plan) == current:
                return known
        if held.is_held:
            raise InputError(
                f"{ENTITLEMENT_TITLES[entitlement]} need not be asked for: the plan {found.title!r} gives it.",
                next_step="Use it.",
                details={"entitlement": entitlement, "plan": found.plan},
            )
        if held.answer == "no":
            raise lacking(found, held, table, now)
        made = EntitlementRequest(
            request_id=caller.made_id("entitlement_request"),
            entitlement=entitlement,
            edition=found.edition,
            plan=found.plan,
            reason=reason.strip(),
            requested_by=caller.actor,
            requested_at=now,
        )
        session.plans.put_request(made)
        caller.audit(session, "request_entitlement", entitlement, request_id=made.request_id, plan=made.plan)
    caller.workspace.plan.forget()
    return made


def answer_request(
    caller: Caller,
    request_id: str,
    granted: bool,  # noqa: FBT001 - as the operation says
    reason: str,
    until: datetime | None = None,
) -> EntitlementRequest:
    """Grant or refuse."""
    _check_reason("an answer", reason)
    now = caller.workspace.clock()
    _check_end(until, now)
    if until is not None and not granted:
        raise InputError("a refusal has no end.", next_step="Leave the end out, or grant the request.")
    with caller.store.write() as session:
        requests = {one.request_id: one for one in session.plans.requests()}
        if request_id not in requests:
            raise UnknownNameError("request", request_id[:100], requests)
        made = replace(
            requests[request_id],
            state="granted" if granted else "refused",
            answered_by=caller.actor,
            answered_at=now,
            answer_reason=reason.strip(),
            granted_until=until,
        )
        session.plans.put_request(made)
        said = {"request_id": request_id, "granted": granted, "reason": made.answer_reason, "until": until}
        caller.audit(session, "answer_request", made.entitlement, **said)
    caller.workspace.plan.forget()
    return made


def _plan(session: Session, edition: str, name: str) -> Plan:
    table = session.plans.all()
    editions = dict.fromkeys(one.edition for one in table)
    if edition not in editions:
        raise UnknownNameError("edition", edition[:100], editions)
    of_it = {one.name: one for one in table if one.edition == edition}
    if name not in of_it:
        raise UnknownNameError(f"plan of the edition {edition!r}", name[:100], (SELF_HOSTED, *of_it))
    return of_it[name]


def _check_end(ends_at: datetime | None, now: datetime) -> None:
    if ends_at is None:
        return
    if ends_at.tzinfo is None:
        raise InputError(
            f"the end {ends_at.isoformat()} has no time zone.",
            next_step="Give it one, as in 2027-01-31T00:00:00Z.",
        )
    if ends_at <= now:
        raise InputError(
            f"the end {ends_at.isoformat()} is not in the future.",
            next_step="Give a later one, or leave it out.",
            details={"ends_at": ends_at.isoformat()},
        )


def _check_reason(where: str, reason: str) -> None:
    if not reason.strip():
        raise InputError(f"{where} has no reason.", next_step="Say in a sentence why.")
    LIMITS["plan_reason_characters"].check(len(reason.strip()), where)
