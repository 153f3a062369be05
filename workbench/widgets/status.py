"""The status line of a dataset: what it holds, and what runs on it."""

from __future__ import annotations

import html

from workbench.domain import Dataset, DatasetStatus, JobState

_AT_WORK = {
    "import": "importing",
    "embed": "embedding",
    "discover": "mapping",
    "monitor": "looking for drift",
    "predict": "predicting",
    "rollback": "going back to a version",
    "verify": "training a version again",
    "languages": "finding languages",
    "mask": "masking",
    "translate": "translating",
    "publish": "publishing",
    "retention": "archiving or deleting what is past retention",
}

_OF_MODEL = ("train", "predict", "rollback")
_MINUTES_FROM_S = 120
_HOURS_FROM_MIN = 120


def status_html(info: Dataset, status: DatasetStatus, job: JobState | None) -> str:
    """Title and status line; every text in it is escaped.

    ``job`` is the newest work on the dataset, shown while the model has nothing to do.
    """
    parts = [
        f"<b>{info.n_messages:,}</b> message{'s' * (info.n_messages != 1)}",
        f"<b>{info.n_reviewed:,}</b> reviewed",
        f"<b>{info.n_labels}</b> label{'s' * (info.n_labels != 1)}",
        version_words(status),
    ]
    if info.has_sentiment:
        parts.append("label sentiment")
    if info.rating is not None:
        parts.append(f"rating <b>{info.rating:.0f}</b>")
    words = model_words(status) if status.state != "idle" else work_words(job)
    shown = f'<i data-state="{status.state}">{html.escape(words)}</i>'
    return (
        f'<h2 class="wb-title">{html.escape(info.title or info.full_name)}</h2>'
        f'<p class="wb-status" role="status">{" · ".join([*parts, shown])}</p>'
    )


def version_words(status: DatasetStatus) -> str:
    """Whose predictions and validation are shown, as HTML."""
    n, m = status.predicted_by, status.validated_by
    if n is None:
        return "no model yet"
    if n == m:
        return f"predictions and validation from model version <b>{n}</b>"
    validation = "not validated yet" if m is None else f"validation from version <b>{m}</b>"
    return f"predictions from model version <b>{n}</b>, {validation}"


def model_words(status: DatasetStatus) -> str:
    """What the model is doing, how far it is and how long it will take."""
    if status.state == "failed":
        return f"failed: {status.error} {status.next_step}".strip()
    words: str = status.state
    if status.share is not None:
        words += f" {status.share:.0%}"
    if status.eta_s is not None and status.eta_s >= 1:
        words += f", about {duration_words(status.eta_s)} left"
    return words


def duration_words(seconds: float) -> str:
    """A duration for people: seconds below two minutes, then minutes, then hours."""
    if seconds < _MINUTES_FROM_S:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < _HOURS_FROM_MIN else f"{minutes / 60:.0f} h"


def work_words(job: JobState | None) -> str:
    """What runs on a dataset beside its model."""
    if job is None or job.status in ("done", "cancelled") or job.kind in _OF_MODEL:
        return "idle"
    at_work = _AT_WORK.get(job.kind, job.kind)
    if job.status != "running":
        return f"{at_work} {job.status}"
    return f"{at_work} {job.done / job.total:.0%}" if job.total else f"{at_work} …"


def newest_work(jobs: tuple[JobState, ...]) -> JobState | None:
    """The job the status line speaks of: one that runs or waits, else the last one."""
    return next((one for one in jobs if not one.finished), jobs[0] if jobs else None)


def title_html(title: str, *parts: str) -> str:
    """Title and status line of a screen that is about no single dataset; every text in it is escaped."""
    return (
        f'<h2 class="wb-title">{html.escape(title)}</h2>'
        f'<p class="wb-status" role="status">{html.escape(" · ".join(parts))}</p>'
    )
