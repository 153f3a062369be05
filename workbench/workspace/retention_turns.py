"""The turns of retention policies that are carried out unattended: announce, take what is due, write down how it went.

A turn is taken in the name of the one who set the policy, and only with the rights that person still has.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from workbench.domain import JobId, RetentionPolicy
from workbench.errors import UnknownNameError, WorkbenchError
from workbench.primitives import new_id
from workbench.store import Session, TimerRow
from workbench.workspace.context import Caller
from workbench.workspace.polling import Turns
from workbench.workspace.retention_plans import (
    Concerned,
    begin,
    concerned,
    named_policies,
    policy_of,
    submit,
    terms,
)
from workbench.workspace.retention_timers import recorded, rights_of, settled, turn_at
from workbench.workspace.sensitive import check_copy

log = logging.getLogger(__name__)
CHANNEL = "timer"


class RetentionTurns(Turns):
    """Carries policies out that are set unattended."""

    topic = "retention"
    every_s = 5.0

    def enabled(self) -> bool:
        """Unless the settings say that nothing is taken by itself."""
        return self.workspace.settings.retention_interval_s > 0

    def any_there(self, session: Session) -> bool:
        """Whether there is such a policy."""
        return bool(session.retention.timers())

    def look(self) -> bool:
        """Take the turn of one policy whose turn has come; whether there was one. Nothing while a run goes on."""
        workspace = self.workspace
        if workspace.jobs.busy("retention") or self.rests:
            return False
        now = workspace.clock()
        with workspace.store.read() as session:
            rows = {(row.scope, row.target): row for row in session.retention.timers()}
            policies = {(one.scope, one.target): one for one in session.retention.policies()}
            known = {key: settled(workspace, session, row, now) for key, row in rows.items()}
        for key, row in rows.items():
            if key not in policies:
                continue
            found = known[key]
            if found is not None and found != row:
                self._write(found, instead_of=row)
            is_due = found is None or turn_at(workspace, policies[key], found, now) <= now
            if is_due and self._turn(found or row, resumes=found is None):
                return True
        return False

    def _turn(self, row: TimerRow, *, resumes: bool) -> bool:
        """Whether anything was done: nothing is, while something stands in the way."""
        now = self.workspace.clock()
        with self.workspace.store.read() as session:
            policy = _policy(session, row)
            if policy is None:  # it was taken away just now
                return False
            grants, blocked = rights_of(session, policy, row, now)
            left = _left_over(session, row) if resumes or row.outcome == "failed" else None
        if blocked:
            return False
        caller = Caller(workspace=self.workspace, actor=policy.set_by, channel=CHANNEL, grants=grants)
        written = [row]
        try:
            if left is not None:
                self._resume(caller, row, left, written)
            else:
                self._begin(caller, policy, row, written)
        except Exception as error:
            if not isinstance(error, WorkbenchError):
                log.exception("retention of %s %s could not begin", row.scope, row.target)
            told = error.message if isinstance(error, WorkbenchError) else f"{type(error).__name__}."
            failed = replace(
                row,
                tried_at=now,
                outcome="failed",
                error=told,
                n_failures=row.n_failures + 1,
                job_id=row.job_id if left is not None else JobId(""),
            )
            self._write(failed, instead_of=written[-1])
        return True

    def _begin(self, caller: Caller, policy: RetentionPolicy, row: TimerRow, written: list[TimerRow]) -> None:
        now = self.workspace.clock()

        def own(session: Session) -> Concerned:
            """Sources for which this very policy counts; none, where it was changed or rights were lost meanwhile."""
            if row not in session.retention.timers() or rights_of(session, policy, row, now)[1]:
                return ()
            found = concerned(session, policy.scope, policy.target)
            return [one for one in found if (one[1].scope, one[1].target) == (policy.scope, policy.target)]

        def note(session: Session, job_id: JobId | None) -> None:
            if row not in session.retention.timers():
                return
            after = replace(row, tried_at=now, error="")
            if job_id is None:
                after = replace(after, outcome="nothing", n_failures=0)
            else:
                after = replace(after, outcome="running", job_id=job_id)
            session.retention.put_timer(after)
            written.append(after)

        begin(caller, policy.scope, policy.target, own, note)
        caller.tell("retention", row.target)

    def _resume(
        self, caller: Caller, row: TimerRow, parameters: Mapping[str, Any], written: list[TimerRow]
    ) -> None:
        """Go on with a run: under its name, so that what it archived last takes the place of itself."""
        now, job_id = self.workspace.clock(), JobId(new_id())
        with self.workspace.store.write(messages=False) as session:
            if row not in session.retention.timers():
                return
            if any(chosen["terms"][0] == "archive" for chosen in parameters["sources"]):
                check_copy(caller, session)
            caller.audit(session, "resume_job", row.job_id, kind="retention")
            after = replace(row, tried_at=now, outcome="running", job_id=job_id, error="")
            session.retention.put_timer(after)
        written.append(after)
        submit(caller, dict(parameters), job_id)
        caller.tell("retention", row.target)

    def _write(self, row: TimerRow, *, instead_of: TimerRow) -> None:
        """Write a timer down, unless its policy was set anew or taken away meanwhile."""
        with self.workspace.store.write(messages=False) as session:
            if instead_of in session.retention.timers():
                session.retention.put_timer(row)
        self.workspace.events.publish("retention", row.target)


def _policy(session: Session, row: TimerRow) -> RetentionPolicy | None:
    for one in named_policies(session):
        if (one.scope, one.target) == (row.scope, row.target):
            return one
    return None


def _left_over(session: Session, row: TimerRow) -> Mapping[str, Any] | None:
    """What a run that was broken off has still to do; None where it cannot go on as it was begun."""
    if not row.job_id or recorded(session, row.job_id) is None:
        return None
    told: dict[str, Any] = msgspec.json.decode(session.jobs.parameters(row.job_id))
    for chosen in told["sources"]:
        try:
            policy = policy_of(session, session.catalog.source(chosen["source_id"]))
        except UnknownNameError:
            continue
        if policy is None or (policy.scope, policy.target) != (row.scope, row.target):
            return None
        if terms(policy) != chosen["terms"]:
            return None
    return told
