"""Long work, as it is recorded."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from workbench.domain import DatasetId, JobId, JobKind, JobState
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor

_FIXED = ("kind", "dataset_id", "created_at")
_COLUMNS = ("job_id", "kind", "status", "dataset_id", "stage", "done", "total", "unit", "created_at")
_COLUMNS_TOO = ("started_at", "finished_at", "eta_s", "error_code", "error", "next_step", "result")


class Jobs:
    """The jobs of the workspace."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, state: JobState, parameters: str = "{}") -> None:
        """Insert a job; ``parameters`` is the JSON it can be started from again."""
        self._cursor.execute("job.add", **asdict(state), parameters=parameters)

    def update(self, state: JobState) -> None:
        """Write the progress or outcome of a job that was added."""
        values = asdict(state)
        for name in _FIXED:
            del values[name]
        self._cursor.execute("job.update", **values)

    def get(self, job_id: JobId) -> JobState:
        """One job; ``UnknownNameError`` when there is none."""
        row = self._cursor.one("job.get", job_id=job_id)
        if row is None:
            raise self._unknown(job_id)
        return _state(row)

    def list(self, dataset_id: DatasetId | None = None, n: int = 100) -> tuple[JobState, ...]:
        """The newest ``n`` jobs of a dataset (None = all), newest first."""
        return tuple(_state(row) for row in self._cursor.rows("job.list", dataset_id=dataset_id, n=n))

    def parameters(self, job_id: JobId) -> str:
        """The JSON a job was started with; ``UnknownNameError`` when there is none."""
        row = self._cursor.one("job.parameters", job_id=job_id)
        if row is None:
            raise self._unknown(job_id)
        return str(row[0])

    def mark_interrupted(self, at: datetime) -> tuple[JobId, ...]:
        """Mark what was queued or running as interrupted, and say which jobs that were, oldest first."""
        found = tuple(job_id for (job_id,) in self._cursor.rows("job.unfinished"))
        self._cursor.execute("job.interrupt", at=at)
        return found

    def prune(self, kind: JobKind, n: int) -> None:
        """Forget the finished jobs of a kind that are not among its newest ``n``."""
        self._cursor.execute("job.prune", kind=kind, n=n)

    def _unknown(self, job_id: JobId) -> UnknownNameError:
        return UnknownNameError("job", job_id, (state.job_id for state in self.list()))


def _state(row: tuple[Any, ...]) -> JobState:
    return JobState(**dict(zip((*_COLUMNS, *_COLUMNS_TOO), row, strict=True)))
