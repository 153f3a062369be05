"""Whether the plan of the workspace gives what an operation needs: asked before every operation."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from workbench.domain import (
    ENTITLED,
    ENTITLEMENT_TITLES,
    ChosenPlan,
    Entitlement,
    EntitlementName,
    EntitlementRequest,
    Plan,
    PlanStatus,
)
from workbench.errors import EntitlementError
from workbench.metering import PLAN_END, having, in_force, is_expired, status
from workbench.primitives import Clock
from workbench.store import Session, Store

if TYPE_CHECKING:
    from workbench.workspace.context import Caller

_Known = tuple[ChosenPlan | None, tuple[Plan, ...], tuple[EntitlementRequest, ...]]


class PlanGate:
    """Knows the plan by heart, so that asking costs microseconds; whoever changes it says ``forget``."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._n_changes = 0

    def forget(self) -> None:
        """Look anew from now on; to be called after the commit of what changed."""
        with self._lock:
            self._known = None
            self._n_changes += 1

    def status(self) -> PlanStatus:
        """The plan in force; one that ended a moment ago is written down as ended."""
        chosen, plans, requests = self._look()
        now = self._clock()
        if chosen is not None and in_force(chosen, now) != chosen and not self._store.read_only:
            with self._store.write() as session:
                end_plan(session, now)
            self.forget()
            chosen, plans, requests = self._look()
        return status(chosen, plans, requests, now)

    def check(self, name: EntitlementName) -> None:
        """Refuse what the plan lacks.

        Raises
        ------
        EntitlementError
            The plan does not give it, or gives it by request and none is granted.
        """
        if self._look()[0] is None:
            return
        found = self.status()
        (held,) = (one for one in found.entitlements if one.name == name)
        if not held.is_held:
            raise lacking(found, held, self._look()[1], self._clock())

    def check_operation(self, operation: str) -> None:
        """Refuse an operation that needs what the plan lacks, as ``check`` does."""
        name = ENTITLED.get(operation)
        if name is not None:
            self.check(name)

    def _look(self) -> _Known:
        with self._lock:
            if self._known is not None:
                return self._known
            before = self._n_changes
        with self._store.read() as session:
            found = read_plans(session)
        with self._lock:
            if self._n_changes == before:
                self._known = found
        return found


def check_entitlement(caller: Caller, operation: str) -> None:
    """Refuse an operation that needs what the plan of the workspace lacks; microseconds where no plan was chosen.

    Raises
    ------
    EntitlementError
        The plan does not give it, or gives it by request and none is granted.
    """
    caller.workspace.plan.check_operation(operation)


def read_plans(session: Session) -> _Known:
    """The plan chosen, the table, the requests."""
    chosen = session.plans.chosen()
    return chosen, session.plans.all(), session.plans.requests()


def end_plan(session: Session, now: datetime) -> None:
    """Write down that a plan has ended, when it has: from its end on the Free plan holds."""
    chosen = session.plans.chosen()
    if chosen is None or (after := in_force(chosen, now)) == chosen:
        return
    session.plans.choose(after)
    details = {"edition": after.edition, "plan": after.name, "before": chosen.name, "ended_at": after.since}
    session.audit.append(
        actor=PLAN_END,
        action="end_plan",
        object=after.name,
        details=msgspec.json.encode(details).decode(),
        at=now,
    )


def lacking(found: PlanStatus, held: Entitlement, plans: tuple[Plan, ...], now: datetime) -> EntitlementError:
    """The refusal of what a plan does not give: what is missing, which plans have it, how to ask for it."""
    what, having_it = ENTITLEMENT_TITLES[held.name], having(plans, found.edition, held.name)
    details: dict[str, str | list[str]] = {
        "entitlement": held.name,
        "plan": found.plan,
        "edition": found.edition,
        "plans": list(having_it),
    }
    if held.answer == "by_request":
        return EntitlementError(
            f"the plan {found.title!r} gives {what} by request only, {_standing(held.request, now)}.",
            next_step=_ask(held),
            details={**details, "request_id": held.request.request_id if held.request else ""},
        )
    ended = f" The plan {found.before!r} ended on {found.since:%Y-%m-%d}." if found.before else ""
    named = f"Plans that have it: {', '.join(having_it)}." if having_it else "No plan of this edition has it."
    return EntitlementError(
        f"the plan {found.title!r} does not have {what}.{ended}",
        next_step=f"{named} An administrator chooses one (choose_plan, or workbench plan choose).",
        details=details,
    )


def _standing(request: EntitlementRequest | None, now: datetime) -> str:
    if request is None:
        return "and nobody has asked for it"
    if request.state == "open":
        return f"and the request of {request.requested_by!r} is not answered yet"
    if is_expired(request, now):
        return f"and what was granted ended on {request.granted_until:%Y-%m-%d}"
    return f"and {request.answered_by!r} refused it: {request.answer_reason}"


def _ask(held: Entitlement) -> str:
    if held.request is not None and held.request.state == "open":
        return "An administrator answers it (answer_request, or workbench plan answer)."
    return f"Ask for it: request_entitlement({held.name!r}, reason), or workbench plan request."
