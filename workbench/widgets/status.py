"""The status line of a dataset: what it holds, and what runs on it."""

from __future__ import annotations

import html

from workbench.domain import Dataset, JobState

_AT_WORK = {
    "import": "importing",
    "embed": "embedding",
    "discover": "mapping",
    "train": "training",
    "monitor": "looking for drift",
    "predict": "predicting",
    "rollback": "going back to a version",
    "verify": "training a version again",
    "languages": "finding languages",
    "translate": "translating",
    "publish": "publishing",
}


def status_html(info: Dataset, job: JobState | None) -> str:
    """Title and status line; every text in it is escaped."""
    parts = [
        f"<b>{info.n_messages:,}</b> message{'s' * (info.n_messages != 1)}",
        f"<b>{info.n_reviewed:,}</b> reviewed",
        f"<b>{info.n_labels}</b> label{'s' * (info.n_labels != 1)}",
        f"model version <b>{info.model_version}</b>" if info.model_version else "no model yet",
    ]
    if info.has_sentiment:
        parts.append("label sentiment")
    if info.rating is not None:
        parts.append(f"rating <b>{info.rating:.0f}</b>")
    parts.append(f"<i>{html.escape(work_words(job))}</i>")
    return (
        f'<h2 class="wb-title">{html.escape(info.title or info.full_name)}</h2>'
        f'<p class="wb-status" role="status">{" · ".join(parts)}</p>'
    )


def work_words(job: JobState | None) -> str:
    """What runs on a dataset, in the words of the status line."""
    if job is None or job.status in ("done", "cancelled"):
        return "idle"
    at_work = _AT_WORK.get(job.kind, job.kind)
    if job.status != "running":
        return f"{at_work} {job.status}"
    stage = job.stage if job.kind == "train" and job.stage else at_work
    return f"{stage} {job.done / job.total:.0%}" if job.total else f"{stage} …"


def newest_work(jobs: tuple[JobState, ...]) -> JobState | None:
    """The job the status line speaks of: one that runs or waits, else the last one."""
    return next((one for one in jobs if not one.finished), jobs[0] if jobs else None)


def title_html(title: str, *parts: str) -> str:
    """Title and status line of a screen that is about no single dataset; every text in it is escaped."""
    return (
        f'<h2 class="wb-title">{html.escape(title)}</h2>'
        f'<p class="wb-status" role="status">{html.escape(" · ".join(parts))}</p>'
    )
