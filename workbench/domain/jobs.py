"""Long work as seen from outside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workbench.domain.ids import DatasetId, JobId

JobKind = Literal[
    "import",
    "import_mail",
    "fill",
    "embed",
    "discover",
    "train",
    "predict",
    "rollback",
    "verify",
    "monitor",
    "languages",
    "mask",
    "translate",
    "publish",
    "sync",
    "retention",
]
JobStatus = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]


@dataclass(frozen=True, kw_only=True)
class JobState:
    """A job. ``done`` of ``total`` counts ``unit`` in the present ``stage``; total 0 = not known yet.

    ``error_code``, ``error`` and ``next_step`` are set when it failed; ``result`` is a small JSON object
    of the outcome when it is done. ``interrupted`` = the owner died while it ran; resume it.
    """

    job_id: JobId
    kind: JobKind
    status: JobStatus
    dataset_id: DatasetId | None = None
    stage: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None
    eta_s: float | None = None
    error_code: str = ""
    error: str = ""
    next_step: str = ""
    result: str = "{}"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen without somebody asking."""
        return self.status in ("done", "failed", "cancelled", "interrupted")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something happened: the news other clients poll for.

    ``topic`` is ``job``, ``judgement``, ``budget`` (limits were set, or a soft one was passed), ``taxonomy``, ``model``, ``discover``, ``import``, ``integration``,
    ``language``, ``monitor``, ``retention``, ``stream``, ``sync`` or ``catalog`` (projects, sources, datasets and buckets came, changed or went);
    ``subject`` the id concerned; ``payload`` a small JSON object.
    """

    seq: int
    topic: str
    dataset_id: DatasetId | None
    subject: str
    actor: str
    payload: str = "{}"


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """Events after a sequence number; ask again from ``last_seq``. ``missed`` = some were dropped, reload."""

    events: tuple[Event, ...] = field(default=())
    last_seq: int = 0
    missed: bool = False
