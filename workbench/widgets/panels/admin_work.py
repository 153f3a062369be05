"""Work on the Admin page: health, all jobs of the workspace, and the ways to other apps."""

from __future__ import annotations

from typing import Any

import ipywidgets as ipw

from workbench.domain import JobState
from workbench.widgets.elements import CatalogCards
from workbench.widgets.panels.admin_part import AdminPart, Listing, facts
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.status import duration_words

_JOBS: list[dict[str, Any]] = [
    {"key": "job", "title": "Id", "width": 170},
    {"key": "kind", "title": "Job", "width": 110},
    {"key": "of", "title": "Of"},
    {"key": "state", "title": "State", "width": 110},
    {"key": "progress", "title": "Progress", "width": 170},
    {"key": "began", "title": "Asked for (UTC)", "width": 160},
    {"key": "error", "title": "Error"},
]
_LEVELS = {"done": "good", "failed": "poor", "interrupted": "average", "running": "excellent"}
_LINKS = [
    {"title": "Sources", "app": "sources", "query": {}},
    {"title": "Projects", "app": "sources", "query": {"part": "projects"}},
    {"title": "Datasets", "app": "datasets", "query": {}},
    {"title": "Usage", "app": "usage", "query": {}},
]


class WorkPart(AdminPart):
    """What runs, and how the server is."""

    key, title, needs, call = "work", "Jobs and health", "retention_report", "ws.operations.jobs()"
    news = frozenset({"job", "import"})

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.health = CatalogCards(title="Workspace")
        self.health.add_class("wb-one-card")
        self.jobs = Listing[JobState](
            self,
            title="Jobs",
            noun="job",
            columns=_JOBS,
            row=self._row,
            card=self._card,
            act=self.act,
        )
        return ipw.VBox([self.health, self.jobs.widget])

    def refresh(self) -> None:
        """Read health and jobs again."""
        self.names = {one.dataset_id: one.full_name for one in self.operations.datasets()}
        self.health.cards = [_health_card(self.operations.health())]
        self.jobs.show({str(one.job_id): one for one in self.operations.jobs()})

    def act(self, key: str, job: JobState) -> None:
        """Cancel or resume a job."""
        if key == "cancel":
            self.operations.cancel_job(job.job_id)
            self.page.show_done(f"{_kind(job)} is being cancelled.")
        else:
            self.jobs.chosen = str(self.operations.resume_job(job.job_id))
            self.page.show_done(f"{_kind(job)} is queued again.")

    def _of(self, job: JobState) -> str:
        return self.names.get(job.dataset_id, "") if job.dataset_id else ""

    def _row(self, job: JobState) -> dict[str, Any]:
        return {
            "job": str(job.job_id),
            "kind": _kind(job),
            "of": self._of(job) or None,
            "state": job.status.capitalize(),
            "progress": _progress(job) or None,
            "began": f"{job.created_at:%Y-%m-%d %H:%M}",
            "error": job.error or None,
        }

    def _card(self, job: JobState) -> dict[str, Any]:
        can_resume = job.status in ("failed", "cancelled", "interrupted")
        return {
            "title": _kind(job),
            "name": self._of(job),
            "badge": {"text": job.status.capitalize(), "level": _LEVELS.get(job.status, "none")},
            "facts": facts(
                {
                    "Stage": job.stage,
                    "Progress": _progress(job),
                    "Asked for": minute(job.created_at),
                    "Began": minute(job.started_at) if job.started_at else "",
                    "Ended": minute(job.finished_at) if job.finished_at else "",
                }
            ),
            "problem": [job.error, job.next_step] if job.error else [],
            "actions": [
                *([] if job.finished else [{"key": "cancel", "title": "Cancel"}]),
                *([{"key": "resume", "title": "Resume"}] if can_resume else []),
            ],
        }


def _kind(job: JobState) -> str:
    return job.kind.replace("_", " ").capitalize()


def _progress(job: JobState) -> str:
    return f"{job.done:,} of {job.total:,} {job.unit}".strip() if job.total else ""


def _health_card(found: dict[str, str]) -> dict[str, Any]:
    return {
        "id": "workspace",
        "title": "The server answers",
        "name": found.get("file", ""),
        "badge": {"text": "Working" if found.get("busy") == "yes" else "Idle", "level": "good"},
        "facts": facts(
            {
                "Version": found.get("version", ""),
                "Schema": found.get("schema", ""),
                "Encoder": found.get("encoder", ""),
                "Language model": found.get("language_model", "") or "none",
                "Up for": duration_words(float(found.get("uptime_s", "0"))),
                "Clients": found.get("clients", ""),
            }
        ),
        "links": _LINKS,
        "actions": [],
    }
