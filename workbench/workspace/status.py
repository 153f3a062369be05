"""How a dataset stands: which version speaks, and what the model is doing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workbench.domain import DatasetId, DatasetStatus, JobState, WorkState
from workbench.workspace.context import Caller
from workbench.workspace.running import jobs

_KINDS = ("train", "predict", "rollback")
_STEPS: tuple[tuple[str, WorkState], ...] = (
    ("validating", "validating"),
    ("predicting", "predicting"),
    ("storing predictions", "predicting"),
)


def dataset_status(caller: Caller, dataset_id: DatasetId) -> DatasetStatus:
    """Versions, work, and what is still to be learned."""
    with caller.store.read() as session:
        known = session.catalog.find_dataset(dataset_id).dataset_id
        versions = session.models.versions(known)
        until = versions[0].lineage.get("reviewed_until") if versions else None
        n_new = session.reviews.since(known, datetime.fromisoformat(until))[0] if until else 0
    work = [one for one in jobs(caller, known) if one.kind in _KINDS]
    # The one that runs comes before those that wait behind it.
    live = sorted(
        (one for one in work if not one.finished), key=lambda one: (one.status == "queued", one.created_at)
    )
    shown = live[0] if live else next((one for one in work if one.status in ("failed", "interrupted")), None)
    if shown is not None and shown.finished and shown is not work[0]:
        shown = None  # what failed was made good by what came after it
    validated = next((one.version for one in versions if one.validated), None)
    return DatasetStatus(
        dataset_id=known,
        predicted_by=versions[0].version if versions else None,
        validated_by=validated,
        n_new=n_new,
        state=_state(shown),
        share=shown.done / shown.total if shown and shown.status == "running" and shown.total else None,
        eta_s=_eta_s(shown, work, caller.workspace.clock()),
        job_id=shown.job_id if shown else None,
        error=_why(shown),
        next_step=(shown.next_step or "Try again: what it finished is kept.")
        if shown and shown.finished
        else "",
    )


def _state(job: JobState | None) -> WorkState:
    if job is None:
        return "idle"
    if job.finished:
        return "failed"
    if job.status == "queued":
        return "queued"
    by_kind: WorkState = "training" if job.kind == "train" else "predicting"
    return next((state for stage, state in _STEPS if job.stage == stage), by_kind)


def _why(job: JobState | None) -> str:
    if job is None or not job.finished:
        return ""
    return job.error or "the work was cut off, because the workspace was closed."


def _eta_s(job: JobState | None, work: Iterable[JobState], now: datetime) -> float | None:
    """What is left of the time that the last work of the kind took; the pace of the step when there was none."""
    if job is None or job.finished:
        return None
    took = next(
        (
            (one.finished_at - one.started_at).total_seconds()
            for one in work
            if one.kind == job.kind and one.status == "done" and one.finished_at and one.started_at
        ),
        None,
    )
    if took is None:
        return job.eta_s
    spent = (now - job.started_at).total_seconds() if job.started_at else 0.0
    return max(took - spent, job.eta_s or 0.0)
