"""The table of plans, the plan chosen, and requests."""

from __future__ import annotations

from dataclasses import asdict

from workbench.domain import Answer, ChosenPlan, EntitlementName, EntitlementRequest, Plan
from workbench.store.cursor import Cursor


class Plans:
    """Plans of every edition; at most one is chosen."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def all(self) -> tuple[Plan, ...]:
        """Every plan of every edition, in the order of the table."""
        answers: dict[tuple[str, str], dict[EntitlementName, Answer]] = {}
        for edition, plan, name, answer in self._cursor.rows("plan.entitlements"):
            answers.setdefault((edition, plan), {})[name] = answer
        return tuple(
            Plan(
                edition=edition,
                name=name,
                title=title,
                trial_days=trial_days,
                entitlements=answers.get((edition, name), {}),
            )
            for edition, name, title, trial_days in self._cursor.rows("plan.plans")
        )

    def put_entitlement(self, edition: str, plan: str, name: EntitlementName, answer: Answer) -> None:
        """Write a cell of the table, in the place of what it said."""
        self._cursor.execute("plan.forget_entitlement", edition=edition, plan=plan, name=name)
        self._cursor.execute("plan.put_entitlement", edition=edition, plan=plan, name=name, answer=answer)

    def chosen(self) -> ChosenPlan | None:
        """The plan that was chosen, None without a choice."""
        row = self._cursor.one("plan.chosen")
        if row is None:
            return None
        edition, name, since, chosen_by, ends_at, before = row
        return ChosenPlan(
            edition=edition, name=name, since=since, chosen_by=chosen_by, ends_at=ends_at, before=before
        )

    def choose(self, chosen: ChosenPlan | None) -> None:
        """Write the choice down, in the place of an earlier one; None = no plan."""
        self._cursor.execute("plan.forget_chosen")
        if chosen is not None:
            said = asdict(chosen)
            self._cursor.execute("plan.choose", began_at=said.pop("since"), **said)

    def requests(self) -> tuple[EntitlementRequest, ...]:
        """Every request, newest first."""
        names = tuple(EntitlementRequest.__dataclass_fields__)
        return tuple(
            EntitlementRequest(**dict(zip(names, row, strict=True)))
            for row in self._cursor.rows("plan.requests")
        )

    def put_request(self, request: EntitlementRequest) -> None:
        """Write a request down, in the place of what was known of it."""
        self._cursor.execute("plan.forget_request", request_id=request.request_id)
        said = asdict(request)
        self._cursor.execute("plan.put_request", granted_until_at=said.pop("granted_until"), **said)
