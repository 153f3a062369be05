"""What a plan gives at a moment: pure rules over the table, the choice and the requests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from workbench.domain import (
    ENTITLEMENT_TITLES,
    FREE,
    ChosenPlan,
    Entitlement,
    EntitlementName,
    EntitlementRequest,
    Plan,
    PlanStatus,
)

PLAN_END = "(plan end)"
"""Who chose the plan that another one became at its end: the rule, not a person."""


def in_force(chosen: ChosenPlan, now: datetime) -> ChosenPlan:
    """The plan in force: one that has ended is the Free plan of its edition, since its end."""
    if chosen.ends_at is None or now < chosen.ends_at:
        return chosen
    return ChosenPlan(
        edition=chosen.edition, name=FREE, since=chosen.ends_at, chosen_by=PLAN_END, before=chosen.name
    )


def status(
    chosen: ChosenPlan | None,
    plans: Iterable[Plan],
    requests: Sequence[EntitlementRequest],
    now: datetime,
) -> PlanStatus:
    """The plan in force and what it gives; None = self-hosted, which has everything.

    ``requests`` are those there are, the newest first.
    """
    if chosen is None:
        return PlanStatus(
            entitlements=tuple(
                Entitlement(name=name, answer="yes", is_held=True) for name in ENTITLEMENT_TITLES
            )
        )
    current = in_force(chosen, now)
    (plan,) = (one for one in plans if (one.edition, one.name) == (current.edition, current.name))
    return PlanStatus(
        edition=current.edition,
        plan=current.name,
        title=plan.title,
        since=current.since,
        chosen_by=current.chosen_by,
        ends_at=current.ends_at,
        before=current.before,
        entitlements=tuple(_held(plan, name, requests, now) for name in ENTITLEMENT_TITLES),
    )


def having(plans: Iterable[Plan], edition: str, name: EntitlementName) -> tuple[str, ...]:
    """Titles of the plans of an edition that give an entitlement, those by request marked so."""
    marks = {"yes": "", "by_request": " (by request)"}
    return tuple(
        plan.title + marks[answer]
        for plan in plans
        if plan.edition == edition and (answer := plan.entitlements.get(name, "no")) != "no"
    )


def is_expired(request: EntitlementRequest, now: datetime) -> bool:
    """Whether what was granted has ended."""
    return request.state == "granted" and request.granted_until is not None and request.granted_until <= now


def _held(
    plan: Plan, name: EntitlementName, requests: Sequence[EntitlementRequest], now: datetime
) -> Entitlement:
    answer = plan.entitlements.get(name, "no")
    made = Entitlement(name=name, answer=answer, is_held=answer == "yes")
    if answer != "by_request":
        return made
    under = [
        one for one in requests if (one.entitlement, one.edition, one.plan) == (name, plan.edition, plan.name)
    ]
    # An open wish for more does not take away what was granted before.
    granted = [one for one in under if one.state == "granted" and not is_expired(one, now)]
    newest = next(iter(granted), None) or next(iter(under), None)
    return replace(made, is_held=bool(granted), request=newest)
