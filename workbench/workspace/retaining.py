"""How long messages are kept: the report, policies, notices, and the start of a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import get_args

from workbench.domain import (
    INCLUDED_DAYS,
    NOTICE_DAYS,
    AnnotatedChoice,
    JobId,
    PlannedRetention,
    RetentionAction,
    RetentionNotice,
    RetentionPolicy,
    RetentionPreview,
    RetentionReport,
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

_MOST_DAYS = 36_500
_MOST_NOTICE_DAYS = 3_650
_N_SHOWN = 10


def retention_report(caller: Caller, keep_days: int = INCLUDED_DAYS) -> RetentionReport:
    """Count, and change nothing."""
    _check_days(keep_days)
    before = caller.workspace.clock() - timedelta(days=keep_days)
    with caller.store.read() as session:
        found = session.retention.past(before)
    return RetentionReport(keep_days=keep_days, before=before, sources=found)


def retention_policies(caller: Caller) -> tuple[RetentionPolicy, ...]:
    """Every policy."""
    with caller.store.read() as session:
        return named_policies(session)


def set_retention(
    caller: Caller,
    scope: RetentionScope,
    name: str,
    action: RetentionAction,
    keep_days: int = INCLUDED_DAYS,
    notice_days: int = NOTICE_DAYS,
    annotated: AnnotatedChoice = "keep",
    folder: str = "",
) -> RetentionPolicy:
    """Write a policy down."""
    for value, kind in ((action, RetentionAction), (annotated, AnnotatedChoice)):
        if value not in get_args(kind):
            raise UnknownNameError("choice", value[:100], get_args(kind))
    _check_days(keep_days)
    if not 0 <= notice_days <= _MOST_NOTICE_DAYS:
        raise InputError(
            f"a notice cannot run for {notice_days:,} days.",
            next_step=f"Give 0 to {_MOST_NOTICE_DAYS:,} days; {NOTICE_DAYS} are usual.",
        )
    if action == "archive":
        archive_folder(caller, folder)
    elif folder:
        raise InputError(
            f"the folder {folder[:200]!r} is only for a policy that archives.",
            next_step="Leave it out, or choose the action 'archive'.",
        )
    with caller.store.write() as session:
        target, full_name = _target(session, scope, name)
        made = RetentionPolicy(
            scope=scope,
            name=full_name,
            target=target,
            action=action,
            keep_days=keep_days,
            notice_days=notice_days,
            annotated=annotated,
            folder=folder,
            set_by=caller.actor,
            set_at=caller.workspace.clock(),
        )
        session.retention.put_policy(made)
        caller.audit(
            session,
            "set_retention",
            full_name or "workspace",
            scope=scope,
            policy=action,
            keep_days=keep_days,
            notice_days=notice_days,
            annotated=annotated,
        )
    return made


def remove_retention(caller: Caller, scope: RetentionScope, name: str = "") -> RetentionPolicy:
    """Take a policy away."""
    with caller.store.write() as session:
        target, full_name = _target(session, scope, name)
        for one in named_policies(session):
            if (one.scope, one.target) == (scope, target):
                session.retention.forget_policy(scope, target)
                caller.audit(session, "remove_retention", full_name or "workspace", scope=scope)
                return one
    raise InputError(
        f"{_place(scope, full_name)} has no retention policy of its own.",
        next_step="retention_policies lists what there is.",
    )


def retention_preview(
    caller: Caller, scope: RetentionScope = "workspace", name: str = ""
) -> RetentionPreview:
    """Look, and change nothing."""
    now = caller.workspace.clock()
    with caller.store.read() as session:
        return RetentionPreview(at=now, sources=_planned(session, scope, name, now))


def announce_retention(
    caller: Caller, scope: RetentionScope = "workspace", name: str = ""
) -> RetentionPreview:
    """Write notices down, and show what they say."""
    now = caller.workspace.clock()
    with caller.store.write(messages=False) as session:
        _announce(caller, session, scope, name, now)
        return RetentionPreview(at=now, sources=_planned(session, scope, name, now))


def start_retention(caller: Caller, scope: RetentionScope = "workspace", name: str = "") -> JobId:
    """Announce what is new, and begin with what was announced long enough ago."""
    now = caller.workspace.clock()
    with caller.store.write(messages=False) as session:
        _announce(caller, session, scope, name, now)
        planned = _planned(session, scope, name, now)
        due = [one for one in planned if one.is_due and one.n_messages]
        for one in due:
            if one.policy.action == "archive":
                check_copy(caller, session)
                archive_folder(caller, one.policy.folder)
        if due:
            target = _target(session, scope, name)[1] or "workspace"
            caller.audit(
                session, "start_retention", target, scope=scope, n_messages=sum(one.n_messages for one in due)
            )
    if not due:  # after the commit: notices stay
        raise _nothing_due(scope, name, planned)
    parameters = {
        "run": f"{now:%Y%m%dT%H%M%S}-{new_id()[:8]}",
        "channel": caller.channel,
        "sources": [
            {"source_id": one.source_id, "before": one.before.isoformat(), "terms": terms(one.policy)}
            for one in due
        ],
    }
    return caller.submit("retention", parameters)


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


def _announce(caller: Caller, session: Session, scope: RetentionScope, name: str, now: datetime) -> None:
    notices = session.retention.notices()
    for source, policy in _concerned(session, scope, name):
        if policy.action == "report":
            continue
        limit = limit_at(policy, now)
        n_past = session.retention.count(source.source_id, limit, policy.annotated)[0]
        told = announced(policy, notices.get(source.source_id, ()))
        covered = min(max((one.before for one in told), default=limit - timedelta(days=_MOST_DAYS)), limit)
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


def _planned(
    session: Session, scope: RetentionScope, name: str, now: datetime
) -> tuple[PlannedRetention, ...]:
    notices = session.retention.notices()
    return tuple(
        _plan(session, source, policy, notices.get(source.source_id, []), now)
        for source, policy in _concerned(session, scope, name)
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


def _concerned(session: Session, scope: RetentionScope, name: str) -> list[tuple[Source, RetentionPolicy]]:
    """Sources within a scope that a policy counts for, by full name."""
    target, _ = _target(session, scope, name)
    policies = named_policies(session)
    found = []
    for source in session.catalog.sources():
        within = {"workspace": "", "project": source.project, "source": source.source_id}[scope]
        policy = policy_for(policies, project=source.project, source_id=source.source_id)
        if within == target and policy is not None:
            found.append((source, policy))
    return sorted(found, key=lambda one: one[0].full_name)


def _target(session: Session, scope: RetentionScope, name: str) -> tuple[str, str]:
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


def _place(scope: RetentionScope, name: str) -> str:
    return "the workspace" if scope == "workspace" else f"{scope} {name!r}"


def _nothing_due(scope: RetentionScope, name: str, planned: tuple[PlannedRetention, ...]) -> InputError:
    place = _place(scope, name)
    acting = [one for one in planned if one.policy.action != "report"]
    if not acting:
        told = "only a policy that reports" if planned else "no retention policy"
        return InputError(
            f"{place} has {told}; nothing is taken.",
            next_step="Set one that archives or deletes (set_retention), and look at retention_preview.",
        )
    waiting = [one for one in acting if one.n_messages and one.possible_at]
    if not waiting:
        return InputError(
            f"{place} has nothing past its retention policy; nothing is taken.",
            next_step="retention_preview says what each policy counts.",
        )
    first = min(waiting, key=lambda one: one.possible_at or one.before)
    return InputError(
        f"{place} has {sum(one.n_messages for one in waiting):,} messages past its retention policy that were "
        "announced too recently; nothing is taken.",
        next_step=f"Start again from {first.possible_at:%Y-%m-%d %H:%M} UTC on, or take the policy away.",
        details={"possible_at": first.possible_at.isoformat() if first.possible_at else ""},
    )


def _check_days(keep_days: int) -> None:
    if not 1 <= keep_days <= _MOST_DAYS:
        raise InputError(
            f"messages cannot be kept for {keep_days:,} days.",
            next_step=f"Ask for 1 to {_MOST_DAYS:,} days; {INCLUDED_DAYS} are included in a unit.",
        )
