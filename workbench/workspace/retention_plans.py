"""What a run of retention would take, its notice, and its start: for who asks, and for what has its turn by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, get_args

from workbench.domain import (
    JobId,
    PlannedRetention,
    RetentionNotice,
    RetentionPolicy,
    RetentionScope,
    Source,
    Uid,
)
from workbench.errors import InputError, UnknownNameError
from workbench.metering import Window, announced, limit_at, policy_for, windows
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.archiving import archive_folder
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_copy

MOST_DAYS = 36_500
_N_SHOWN = 10

Concerned = Sequence[tuple[Source, RetentionPolicy]]
"""Sources, each with the policy that counts for it, by full name."""


def begin(
    caller: Caller,
    scope: RetentionScope,
    name: str,
    find: Callable[[Session], Concerned],
    note: Callable[[Session, JobId | None], None] = lambda _session, _job_id: None,
) -> tuple[JobId | None, tuple[PlannedRetention, ...]]:
    """Announce what is new, and begin with what was announced long enough ago.

    Parameters
    ----------
    scope, name
        What the run is of.
    find
        Gives the sources.
    note
        Called in the transaction of the notices with the job that is to begin, None = there is nothing to take.

    Returns
    -------
    tuple
        The job, None without one, and what was planned.
    """
    now = caller.workspace.clock()
    job_id = JobId(caller.made_id("job"))
    with caller.store.write(messages=False) as session:
        within = find(session)
        announce(caller, session, within, now)
        found = planned(session, within, now)
        due = [one for one in found if one.is_due and one.n_messages]
        for one in due:
            if one.policy.action == "archive":
                check_copy(caller, session)
                archive_folder(caller, one.policy.folder)
        if due:
            target = target_of(session, scope, name)[1]
            n_messages = sum(one.n_messages for one in due)
            caller.audit(
                session, "start_retention", target or "workspace", scope=scope, n_messages=n_messages
            )
        note(session, job_id if due else None)
    if not due:  # after the commit: notices stay
        return None, found
    parameters: dict[str, Any] = {
        "run": f"{now:%Y%m%dT%H%M%S}-{new_id()[:8]}",
        "channel": caller.channel,
        "sources": [
            {"source_id": one.source_id, "before": one.before.isoformat(), "terms": terms(one.policy)}
            for one in due
        ],
    }
    return submit(caller, parameters, job_id), found


def submit(caller: Caller, parameters: dict[str, Any], job_id: JobId) -> JobId:
    """Queue a run under an id that was written down before."""
    return caller.workspace.jobs.submit("retention", {**parameters, "actor": caller.actor}, job_id=job_id)


def terms(policy: RetentionPolicy) -> list[object]:
    """What must not change between the start of a run and its end."""
    return [policy.action, policy.keep_days, policy.annotated, policy.folder]


def named_policies(session: Session) -> tuple[RetentionPolicy, ...]:
    """Every policy, those of sources with their full names."""
    names = {source.source_id: source.full_name for source in session.catalog.sources()}
    return tuple(
        replace(one, name=names.get(one.target, one.target)) if one.scope == "source" else one  # type: ignore[call-overload]
        for one in session.retention.policies()
    )


def policy_of(session: Session, source: Source) -> RetentionPolicy | None:
    """The policy that counts for a source."""
    return policy_for(named_policies(session), project=source.project, source_id=source.source_id)


def announce(caller: Caller, session: Session, within: Concerned, now: datetime) -> None:
    """Write notices down of what is past its policy and was not announced."""
    notices = session.retention.notices()
    for source, policy in within:
        if policy.action == "report":
            continue
        limit = limit_at(policy, now)
        n_past = session.retention.count(source.source_id, limit, policy.annotated)[0]
        told = announced(policy, notices.get(source.source_id, ()))
        covered = min(max((one.before for one in told), default=limit - timedelta(days=MOST_DAYS)), limit)
        if n_past == session.retention.count(source.source_id, covered, policy.annotated)[0]:
            continue
        notice = RetentionNotice(
            source_id=source.source_id,
            action=policy.action,
            keep_days=policy.keep_days,
            annotated=policy.annotated,
            before=limit,
            noticed_at=now,
            noticed_by=caller.actor,
            n_messages=n_past,
        )
        session.retention.add_notice(notice)
        caller.audit(
            session,
            "announce_retention",
            source.full_name,
            source_id=source.source_id,
            policy=policy.action,
            before=limit.isoformat(),
            n_messages=n_past,
        )


def planned(session: Session, within: Concerned, now: datetime) -> tuple[PlannedRetention, ...]:
    """What a run takes of each source."""
    notices = session.retention.notices()
    return tuple(
        _plan(session, source, policy, notices.get(source.source_id, []), now) for source, policy in within
    )


def _plan(
    session: Session,
    source: Source,
    policy: RetentionPolicy,
    notices: list[RetentionNotice],
    now: datetime,
) -> PlannedRetention:
    """Of what may go now; where that is nothing, of what comes next."""
    now_open, coming = windows(policy, notices, now)
    window: Window = coming
    if (
        now_open is not None
        and session.retention.count(source.source_id, now_open.before, policy.annotated)[0]
    ):
        window = now_open
    n_messages, n_kept, n_bytes, oldest = session.retention.count(
        source.source_id, window.before, policy.annotated
    )
    shown = session.retention.first(source.source_id, window.before, policy.annotated, _N_SHOWN)
    return PlannedRetention(
        source_id=source.source_id,
        source=source.full_name,
        policy=policy,
        before=window.before,
        n_messages=n_messages,
        n_kept=n_kept,
        n_bytes=n_bytes,
        oldest=oldest,
        first_uids=tuple(Uid(uid) for uid, _, _ in shown),
        noticed_at=window.noticed_at,
        possible_at=window.possible_at,
        is_due=window.is_open,
    )


def concerned(session: Session, scope: RetentionScope, name: str) -> Concerned:
    """Sources within a scope that a policy counts for."""
    target, _ = target_of(session, scope, name)
    policies = named_policies(session)
    found = []
    for source in session.catalog.sources():
        within = {"workspace": "", "project": source.project, "source": source.source_id}[scope]
        policy = policy_for(policies, project=source.project, source_id=source.source_id)
        if within == target and policy is not None:
            found.append((source, policy))
    return sorted(found, key=lambda one: one[0].full_name)


def target_of(session: Session, scope: RetentionScope, name: str) -> tuple[str, str]:
    """What a policy or a run is of: as it is stored, and by full name."""
    if scope == "workspace":
        if name:
            raise InputError(
                f"the workspace is not chosen by a name, and {name[:200]!r} is given.",
                next_step="Leave it out, or choose the scope 'project' or 'source'.",
            )
        return "", ""
    if scope == "project":
        known = [one.name for one in session.catalog.projects()]
        if name not in known:
            raise UnknownNameError("project", name[:200], known)
        return name, name
    if scope != "source":
        raise UnknownNameError("scope", str(scope)[:100], get_args(RetentionScope))
    sources = session.catalog.sources()
    for source in sources:
        if name in (source.source_id, source.full_name):
            return source.source_id, source.full_name
    raise UnknownNameError("source", name[:200], [source.full_name for source in sources])


def place_of(scope: RetentionScope, name: str) -> str:
    """How texts of errors name it."""
    return "the workspace" if scope == "workspace" else f"{scope} {name!r}"
