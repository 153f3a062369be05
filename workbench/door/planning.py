"""Plans, requests and quotas of a workspace. What ``Workspace`` offers beside its other verbs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from workbench.domain import (
    Answer,
    EntitlementName,
    EntitlementRequest,
    Operations,
    Plan,
    PlanStatus,
    Quota,
    Unchanged,
)

if TYPE_CHECKING:
    import polars as pl


class Planning:
    """Which plan the workspace has, what it gives, and how much of everything there may be."""

    operations: Operations

    def plans(self, edition: str = "") -> pl.DataFrame:
        """The table of plans: edition, plan, title, trial_days, and a column for each entitlement."""
        import polars as pl  # noqa: PLC0415 - heavy

        rows = [
            {
                "edition": one.edition,
                "plan": one.name,
                "title": one.title,
                "trial_days": one.trial_days,
                **one.entitlements,
            }
            for one in self.operations.plans()
            if edition in ("", one.edition)
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def plan(self) -> PlanStatus:
        """The plan in force and what it gives; ``self-hosted`` has everything."""
        return self.operations.plan_status()

    def choose_plan(self, plan: str, *, edition: str = "", ends_at: datetime | None = None) -> PlanStatus:
        """Choose a plan: ``ws.choose_plan("enterprise-trial")``; ``self-hosted`` = none.

        Raises
        ------
        UnknownNameError
            There is no such plan, or no such edition of the table.
        """
        return self.operations.choose_plan(plan, edition, ends_at)

    def set_entitlement(self, edition: str, plan: str, entitlement: EntitlementName, answer: Answer) -> Plan:
        """Change one cell of the table of plans: ``no``, ``yes`` or ``by_request``."""
        return self.operations.set_entitlement(edition, plan, entitlement, answer)

    def request_entitlement(self, entitlement: EntitlementName, reason: str) -> EntitlementRequest:
        """Ask for what the plan gives by request: ``ws.request_entitlement("customer_managed_key", "our policy")``."""
        return self.operations.request_entitlement(entitlement, reason)

    def entitlement_requests(self) -> tuple[EntitlementRequest, ...]:
        """Every request with its answer, newest first."""
        return self.operations.entitlement_requests()

    def answer_request(
        self, request_id: str, *, granted: bool, reason: str, until: datetime | None = None
    ) -> EntitlementRequest:
        """Grant a request, until an end or without one, or refuse it."""
        return self.operations.answer_request(request_id, granted, reason, until)

    def quotas(self) -> tuple[Quota, ...]:
        """How many of everything there may be, how many there are and were, and which setting changes that."""
        return self.operations.quotas()

    def set_quota(
        self,
        kind: str,
        *,
        hard_limit: int | Unchanged | None = "unchanged",
        auto_increase_up_to: int | Unchanged | None = "unchanged",
    ) -> Quota:
        """Set a limit, or up to where it rises by itself: ``ws.set_quota("sources", hard_limit=20)``.

        What is left out stays; None goes back to what the settings say, or to no rise.

        Raises
        ------
        UnknownNameError
            There is no such quota.
        InputError
            A number is negative, or the limit would rise to less than it is.
        """
        return self.operations.set_quota(kind, hard_limit, auto_increase_up_to)
