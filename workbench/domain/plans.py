"""Plans: which entitlements a workspace has, and how one that a plan gives by request is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

EntitlementName = Literal["communications_data", "customer_managed_key"]
"""``communications_data``: reading and writing messages. ``customer_managed_key``: a key of one's own for the file."""

ENTITLEMENT_TITLES: dict[EntitlementName, str] = {
    "communications_data": "communications data",
    "customer_managed_key": "a customer-managed key",
}
"""Entitlement to its name in a sentence."""

Answer = Literal["no", "yes", "by_request"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)

SELF_HOSTED = "self-hosted"
"""The plan of a workspace that has chosen none: everything is allowed."""
FREE = "free"
"""The plan that every edition has, and that another one becomes when it ends."""
FIRST_EDITION = "licence"
"""The edition that is meant while none was chosen."""

RequestState = Literal["open", "granted", "refused"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One column of one edition of the licence table.

    Attributes
    ----------
    edition
        ``licence``, ``guide-2026`` or ``overview``.
    name
        ``basic-trial``, ``enterprise`` …
    title
        ``Basic Trial``, ``Enterprise`` …
    trial_days
        How long a trial lasts when no end is named; None = no trial.
    entitlements
        What the plan says of each entitlement. What the table does not list is ``no``.
    """

    edition: str
    name: str
    title: str
    trial_days: int | None = None
    entitlements: dict[EntitlementName, Answer]


@dataclass(frozen=True, kw_only=True)
class EntitlementRequest:
    """One wish for what a plan gives by request, and the answer to it.

    Attributes
    ----------
    edition, plan
        The plan under which it was asked for: under another one the answer does not count.
    reason
        Why, in the words of who asked.
    answered_by, answered_at, answer_reason
        Who answered, when and why; empty and None while it is open.
    granted_until
        End of what was granted, exclusive; None = without end.
    """

    request_id: str
    entitlement: EntitlementName
    edition: str
    plan: str
    reason: str
    requested_by: str
    requested_at: datetime
    state: RequestState = "open"
    answered_by: str = ""
    answered_at: datetime | None = None
    answer_reason: str = ""
    granted_until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ChosenPlan:
    """The plan a workspace has chosen.

    Attributes
    ----------
    since, chosen_by
        When it began, and who chose it; a plan that another one became at its end says ``(plan end)``.
    ends_at
        End of the trial or of the licence, exclusive; None = without end.
    before
        The plan that ended and became this one; empty otherwise.
    """

    edition: str
    name: str
    since: datetime
    chosen_by: str
    ends_at: datetime | None = None
    before: str = ""


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """What holds of one entitlement now.

    Attributes
    ----------
    answer
        What the plan says.
    is_held
        Whether it may be used.
    request
        Where the plan gives it by request: the newest request under this plan.
    """

    name: EntitlementName
    answer: Answer
    is_held: bool
    request: EntitlementRequest | None = None


@dataclass(frozen=True, kw_only=True)
class PlanStatus:
    """The plan in force, and what it gives.

    Attributes
    ----------
    edition
        Empty for a self-hosted workspace.
    plan
        ``self-hosted`` while none was chosen.
    since, chosen_by, ends_at, before
        As of ``ChosenPlan``; None and empty for a self-hosted workspace.
    """

    edition: str = ""
    plan: str = SELF_HOSTED
    title: str = "self-hosted"
    since: datetime | None = None
    chosen_by: str = ""
    ends_at: datetime | None = None
    before: str = ""
    entitlements: tuple[Entitlement, ...]
