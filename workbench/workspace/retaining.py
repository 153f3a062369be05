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
    RetentionPolicy,
    RetentionPreview,
    RetentionReport,
    RetentionScope,
)
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.archiving import archive_folder
from workbench.workspace.context import Caller
from workbench.workspace.retention_plans import (
    MOST_DAYS,
    announce,
    begin,
    concerned,
    named_policies,
    place_of,
    planned,
    target_of,
)
from workbench.workspace.retention_timers import new_timer, with_timers

_MOST_NOTICE_DAYS = 3_650


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
        return with_timers(caller.workspace, session, named_policies(session))


def set_retention(
    caller: Caller,
    scope: RetentionScope,
    name: str,
    action: RetentionAction,
    keep_days: int = INCLUDED_DAYS,
    notice_days: int = NOTICE_DAYS,
    annotated: AnnotatedChoice = "keep",
    folder: str = "",
    unattended: bool = False,  # noqa: FBT001, FBT002
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
    if unattended and action == "report":
        raise InputError(
            "a policy that only reports takes nothing, and cannot be carried out unattended.",
            next_step="Choose the action 'archive' or 'delete', or leave 'unattended' out.",
        )
    with caller.store.write() as session:
        target, full_name = target_of(session, scope, name)
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
        if unattended:
            session.retention.put_timer(new_timer(caller, session, scope, target))
        caller.audit(
            session,
            "set_retention",
            full_name or "workspace",
            scope=scope,
            policy=action,
            keep_days=keep_days,
            notice_days=notice_days,
            annotated=annotated,
            unattended=unattended,
        )
        (made,) = with_timers(caller.workspace, session, (made,))
    caller.tell("retention", target)
    return made


def remove_retention(caller: Caller, scope: RetentionScope, name: str = "") -> RetentionPolicy:
    """Take a policy away."""
    with caller.store.write() as session:
        target, full_name = target_of(session, scope, name)
        for one in with_timers(caller.workspace, session, named_policies(session)):
            if (one.scope, one.target) == (scope, target):
                session.retention.forget_policy(scope, target)
                caller.audit(session, "remove_retention", full_name or "workspace", scope=scope)
                return one
    raise InputError(
        f"{place_of(scope, full_name)} has no retention policy of its own.",
        next_step="retention_policies lists what there is.",
    )


def retention_preview(
    caller: Caller, scope: RetentionScope = "workspace", name: str = ""
) -> RetentionPreview:
    """Look, and change nothing."""
    now = caller.workspace.clock()
    with caller.store.read() as session:
        return _preview(caller, session, scope, name, now)


def announce_retention(
    caller: Caller, scope: RetentionScope = "workspace", name: str = ""
) -> RetentionPreview:
    """Write notices down, and show what they say."""
    now = caller.workspace.clock()
    with caller.store.write(messages=False) as session:
        announce(caller, session, concerned(session, scope, name), now)
        return _preview(caller, session, scope, name, now)


def start_retention(caller: Caller, scope: RetentionScope = "workspace", name: str = "") -> JobId:
    """Announce what is new, and begin with what was announced long enough ago."""
    job_id, found = begin(caller, scope, name, lambda session: concerned(session, scope, name))
    if job_id is None:
        raise _nothing_due(scope, name, found)
    return job_id


def _preview(
    caller: Caller, session: Session, scope: RetentionScope, name: str, now: datetime
) -> RetentionPreview:
    found = planned(session, concerned(session, scope, name), now)
    policies = with_timers(caller.workspace, session, tuple(one.policy for one in found))
    shown = (replace(one, policy=policy) for one, policy in zip(found, policies, strict=True))
    return RetentionPreview(at=now, sources=tuple(shown))


def _nothing_due(scope: RetentionScope, name: str, found: tuple[PlannedRetention, ...]) -> InputError:
    place = place_of(scope, name)
    acting = [one for one in found if one.policy.action != "report"]
    if not acting:
        told = "only a policy that reports" if found else "no retention policy"
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
    if not 1 <= keep_days <= MOST_DAYS:
        raise InputError(
            f"messages cannot be kept for {keep_days:,} days.",
            next_step=f"Ask for 1 to {MOST_DAYS:,} days; {INCLUDED_DAYS} are included in a unit.",
        )
