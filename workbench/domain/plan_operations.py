"""The operations on plans. A part of ``Operations``, in a module of its own for its length."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from workbench.domain.plans import Answer, EntitlementName, EntitlementRequest, Plan, PlanStatus


class PlanOperations(Protocol):
    """Plans and entitlements. What a plan lacks raises ``EntitlementError``, which names the plans that have it."""

    def plans(self) -> tuple[Plan, ...]:
        """Every plan of every edition of the table, in the order of the table."""
        ...

    def plan_status(self) -> PlanStatus:
        """The plan in force and what it gives; without a choice the workspace is self-hosted and has everything.

        A plan that has ended is the Free plan of its edition from then on: the first look after its end writes that
        down, with an entry in the audit log. Nothing is deleted.
        """
        ...

    def choose_plan(self, plan: str, edition: str = "", ends_at: datetime | None = None) -> PlanStatus:
        """Choose the plan of the workspace; ``self-hosted`` = none, which allows everything.

        Parameters
        ----------
        edition
            Which state of the table counts; empty = the one in force, at first ``licence``.
        ends_at
            End of the trial or of the licence; None = after the days of the trial, and for other plans never.

        Raises
        ------
        UnknownNameError
            The edition, or the plan in it, does not exist.
        InputError
            The end is not in the future.
        """
        ...

    def set_entitlement(self, edition: str, plan: str, entitlement: EntitlementName, answer: Answer) -> Plan:
        """Change one cell of the table: what a plan says of an entitlement.

        Raises
        ------
        UnknownNameError
            The edition, the plan, the entitlement or the answer does not exist.
        """
        ...

    def entitlement_requests(self) -> tuple[EntitlementRequest, ...]:
        """Every request with its answer, newest first."""
        ...

    def request_entitlement(self, entitlement: EntitlementName, reason: str) -> EntitlementRequest:
        """Ask for what the plan gives by request; one that is open already is returned as it is.

        Raises
        ------
        InputError
            It is held already, or ``reason`` is empty.
        EntitlementError
            The plan does not give it, also not by request.
        LimitError
            ``reason`` is too long.
        """
        ...

    def answer_request(
        self,
        request_id: str,
        granted: bool,  # noqa: FBT001 - an operation takes its arguments by name
        reason: str,
        until: datetime | None = None,
    ) -> EntitlementRequest:
        """Grant a request, until an end or without one, or refuse it; a later answer takes the place of an earlier one.

        Raises
        ------
        UnknownNameError
            There is no such request.
        InputError
            ``reason`` is empty, the end is not in the future, or a refusal has an end.
        LimitError
            ``reason`` is too long.
        """
        ...
