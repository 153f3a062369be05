"""Policies of retention that are carried out unattended: in whose name, what stands in the way, how it goes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from workbench.domain import (
    ALL_PERMISSIONS,
    EVERYTHING,
    Grants,
    JobId,
    JobState,
    Permission,
    RetentionPolicy,
    RetentionScope,
    RetentionTimer,
)
from workbench.domain.ids import TokenId, UserId
from workbench.domain.people import narrowed
from workbench.errors import UnknownNameError
from workbench.metering import next_turn
from workbench.store import Session, TimerRow
from workbench.workspace.context import Caller, Workspace

_NOBODY = UserId("-")
"""Of a caller without an account who may not do everything: it is never found, so nothing is taken for it."""
_NEEDED: Permission = "tenant.manage"


def new_timer(caller: Caller, session: Session, scope: RetentionScope, target: str) -> TimerRow:
    """The timer of a policy that the caller sets: it remembers whose rights count, and no right itself."""
    user_id, token_id = UserId(""), TokenId("")
    if caller.credential_id or not caller.grants.everywhere >= ALL_PERMISSIONS:
        user = session.users.find(name=caller.actor)
        user_id = user.user_id if user else _NOBODY
        token = session.tokens.find(TokenId(caller.credential_id)) if caller.credential_id else None
        # A session ends with the day; what stands for somebody for longer goes on counting, and no longer than that.
        token_id = token.token_id if token and token.kind == "api" else token_id
    return TimerRow(scope=scope, target=target, user_id=user_id, token_id=token_id)


def with_timers(
    workspace: Workspace, session: Session, policies: Iterable[RetentionPolicy]
) -> tuple[RetentionPolicy, ...]:
    """Policies, those that are carried out unattended with how it goes."""
    rows = {(row.scope, row.target): row for row in session.retention.timers()}
    shown = []
    for policy in policies:
        row = rows.get((policy.scope, policy.target))
        shown.append(replace(policy, timer=_timer(workspace, session, policy, row)) if row else policy)
    return tuple(shown)


def rights_of(session: Session, policy: RetentionPolicy, row: TimerRow, now: datetime) -> tuple[Grants, str]:
    """What the one who set a policy may do now, and why the policy stands still; empty = it does not.

    With an API token it may do what the token may, as long as that counts.
    """
    grants, token = EVERYTHING, session.tokens.find(row.token_id) if row.token_id else None
    if row.user_id:
        user = session.users.find(user_id=row.user_id)
        if user is None:
            return Grants(), f"{policy.set_by!r}, who set the policy, has no account any more"
        if user.disabled_at is not None:
            return Grants(), f"{policy.set_by!r}, who set the policy, is disabled"
        grants = session.roles.grants(row.user_id).get(row.user_id, Grants())
    if row.token_id:
        if token is None or token.revoked_at is not None:
            return Grants(), f"the token of {policy.set_by!r} that the policy was set with was revoked"
        if token.expires_at is not None and token.expires_at <= now:
            return Grants(), f"the token of {policy.set_by!r} that the policy was set with has expired"
        grants = narrowed(grants, permissions=token.permissions, projects=token.projects)
    if not grants.may(_NEEDED):
        return (
            grants,
            f"{policy.set_by!r}, who set the policy, does not have the permission {_NEEDED!r} any more",
        )
    return grants, ""


def settled(workspace: Workspace, session: Session, row: TimerRow, now: datetime) -> TimerRow | None:
    """A timer with what became of its run; None = the run was broken off, and is to go on.

    A run that is still going on is told as it stands.
    """
    if row.outcome != "running" or workspace.jobs.live(row.job_id) is not None:
        return row
    job = recorded(session, row.job_id)
    if job is None or job.status == "interrupted":
        return None
    if job.status == "done":
        return replace(row, outcome="done", error="", n_failures=0)
    if job.status == "cancelled":
        return replace(row, outcome="cancelled", error="", n_failures=0)
    error = job.error if job.status == "failed" else "its end could not be written down."
    return replace(
        row, outcome="failed", error=error, n_failures=row.n_failures + 1, tried_at=job.finished_at or now
    )


def recorded(session: Session, job_id: JobId) -> JobState | None:
    """A job as it is written down, None when it is not."""
    try:
        return session.jobs.get(job_id)
    except UnknownNameError:
        return None


def turn_at(workspace: Workspace, policy: RetentionPolicy, row: TimerRow, now: datetime) -> datetime:
    """When a policy has its next turn."""
    interval_s = workspace.settings.retention_interval_s
    return next_turn(row.tried_at, policy.set_at, now, interval_s=interval_s, n_failures=row.n_failures)


def _timer(workspace: Workspace, session: Session, policy: RetentionPolicy, row: TimerRow) -> RetentionTimer:
    now = workspace.clock()
    known = settled(workspace, session, row, now)
    blocked = rights_of(session, policy, row, now)[1]
    if workspace.settings.retention_interval_s <= 0:
        blocked = "the setting 'retention_interval_s' is 0"
    at = None
    if not blocked and not (known and known.outcome == "running"):
        at = turn_at(workspace, policy, known, now) if known else now
    shown = known or row
    return RetentionTimer(
        last_at=shown.tried_at,
        outcome=shown.outcome,
        error=shown.error,
        n_failures=shown.n_failures,
        next_at=at,
        blocked=blocked,
    )
