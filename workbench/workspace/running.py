"""Jobs, events, snapshots, health."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import msgspec

from workbench.domain import EVERYTHING, DatasetId, EventPage, JobId, JobState
from workbench.errors import InputError, JobError
from workbench.workspace.authorizing import may_see_job
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import check_copy
from workbench.workspace.unmasking import check_no_copy

_RESUMABLE = ("interrupted", "failed", "cancelled")
MAX_JOBS = 100
_WRITABLE = 0o222
"""Bits of a file's mode of which a published copy has none."""


def jobs(caller: Caller, dataset_id: DatasetId | None = None) -> tuple[JobState, ...]:
    """Newest first; live ones with their progress."""
    with caller.store.read() as session:
        recorded = session.jobs.list(dataset_id, MAX_JOBS)
        if caller.grants is not EVERYTHING:
            recorded = tuple(state for state in recorded if may_see_job(caller, session, state))
    supervisor = caller.workspace.jobs
    return tuple(supervisor.live(state.job_id) or state for state in recorded)


def job(caller: Caller, job_id: JobId) -> JobState:
    """One job as it is now."""
    live = caller.workspace.jobs.live(job_id)
    if live is not None:
        return live
    with caller.store.read() as session:
        return session.jobs.get(job_id)


def cancel_job(caller: Caller, job_id: JobId) -> JobState:
    """Ask it to stop."""
    state = job(caller, job_id)
    if not state.finished:
        caller.workspace.jobs.cancel(job_id)
        with caller.store.write() as session:
            caller.audit(session, "cancel_job", job_id, kind=state.kind)
    return state


def resume_job(caller: Caller, job_id: JobId) -> JobId:
    """Queue it again; what it finished is found and skipped."""
    state = job(caller, job_id)
    if state.status not in _RESUMABLE:
        raise JobError(
            f"job {job_id} is {state.status}; there is nothing to resume.",
            next_step="Start a new one instead.",
            details={"status": state.status},
        )
    with caller.store.write() as session:
        parameters = msgspec.json.decode(session.jobs.parameters(job_id))
        session.bad_rows.forget(job_id)  # the job that goes on finds them again
        about = {} if state.dataset_id is None else {"dataset_id": state.dataset_id}
        caller.audit(session, "resume_job", job_id, kind=state.kind, **about)
    return caller.submit(state.kind, parameters, dataset_id=state.dataset_id)


def wait_events(
    caller: Caller, after: int = 0, timeout_s: float = 20.0, dataset_id: DatasetId | None = None
) -> EventPage:
    """Long poll."""
    page = caller.workspace.events.wait(after, timeout_s, dataset_id)
    return page if caller.grants is EVERYTHING else _seen_by(caller, page)


def _seen_by(caller: Caller, page: EventPage) -> EventPage:
    """News of datasets that the caller may read; of what belongs to none only that there is some."""
    with caller.store.read() as session:
        readable = {
            one.dataset_id for one in session.places.datasets() if caller.may("dataset.read", one.project)
        }
    told = tuple(
        event if event.dataset_id is not None else replace(event, subject="", actor="", payload="{}")
        for event in page.events
        if event.dataset_id is None or event.dataset_id in readable
    )
    return replace(page, events=told)


def publish(caller: Caller, path: str) -> str:
    """Write a read-only copy."""
    target = Path(path).expanduser()
    target = target if target.is_absolute() else caller.workspace.path.parent / target
    if not target.parent.is_dir() or target.is_dir() or target.resolve() == caller.workspace.path.resolve():
        raise InputError(
            f"{path!r} cannot take a snapshot.", next_step="Name a new file in an existing folder."
        )
    if target.exists() and target.stat().st_mode & _WRITABLE:  # it may be somebody's workspace
        raise InputError(
            f"{path!r} exists, and is no copy as it was published; it is not overwritten.",
            next_step="Name a new file, or remove that one.",
            details={"path": str(target)},
        )
    caller.workspace.refusals.write_counted()
    with caller.store.write() as session:
        check_copy(caller, session)
        check_no_copy(caller, session)
        caller.audit(session, "publish", target.name)
    caller.store.publish(target)
    return str(target)


def whoami(caller: Caller) -> str:
    """The caller's name."""
    return caller.actor


def _encoders() -> list[str]:
    from workbench.embed import encoder_info, encoder_names  # noqa: PLC0415 - keeps the owner's start light

    return [name for name in encoder_names() if encoder_info(name).files and encoder_info(name).installed]


def health(caller: Caller) -> dict[str, str]:
    """For status screens."""
    workspace = caller.workspace
    return {
        "version": version("workbench-comms"),
        "schema": str(workspace.store.schema_version),
        "file": workspace.path.name,
        "encoder": workspace.settings.encoder,
        "encoders": " ".join(_encoders()),
        "versions_kept": str(workspace.settings.versions_kept),
        "language_model": workspace.language_model.name,
        "uptime_s": f"{(workspace.clock() - workspace.opened_at).total_seconds():.0f}",
        "clients": str(workspace.n_clients()),
        "busy": "yes" if workspace.jobs.busy() else "no",
    }
