"""The supervisor: queues jobs, runs one per lane, records what becomes of them."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import msgspec

from workbench.domain import DatasetId, JobId, JobKind, JobState
from workbench.errors import JobCancelledError, WorkbenchError
from workbench.primitives import Clock, new_id
from workbench.workspace.jobs.lane import Lane
from workbench.workspace.jobs.run import JobRun

log = logging.getLogger(__name__)

LANES: dict[JobKind, str] = {
    "import": "load",
    "import_mail": "load",
    "fill": "load",
    "publish": "load",
    "embed": "compute",
    "discover": "compute",
    "monitor": "compute",
    "languages": "compute",
    "mask": "load",
    "translate": "translate",
    "train": "train",
    "predict": "train",
    "rollback": "train",
    "verify": "train",
    "sync": "sync",
    "retention": "load",
}
"""Training has a lane of its own, for it must not wait behind hours of embedding; nothing waits behind a translator
or a slow mail server."""

Body = Callable[[JobRun, dict[str, Any]], object]
"""What a job does; returns its JSON-able result."""


class JobShelf(Protocol):
    """Where jobs are recorded."""

    def add(self, state: JobState, parameters: str) -> None:
        """Record a new job."""

    def update(self, state: JobState) -> None:
        """Record a change of status."""

    def parameters(self, job_id: JobId) -> str:
        """The parameters, as recorded."""


class Supervisor:
    """Runs jobs.

    Parameters
    ----------
    bodies
        What each kind does.
    shelf
        Where status changes are recorded (progress is not: it lives in memory).
    announce
        Called on every change of state, progress included.
    measure
        Called at the end of a job with the processor seconds that its workers used.
    """

    def __init__(
        self,
        *,
        bodies: dict[JobKind, Body],
        shelf: JobShelf,
        announce: Callable[[JobState], None],
        clock: Clock,
        n_threads: int,
        cache_dir: Path,
        measure: Callable[[JobState, float], None] = lambda _state, _seconds: None,
    ) -> None:
        self._measure = measure
        self._bodies = bodies
        self._shelf = shelf
        self._announce = announce
        self._clock = clock
        self._lanes = {
            name: Lane(name, n_threads=n_threads, cache_dir=cache_dir) for name in set(LANES.values())
        }
        self._queues: dict[str, queue.Queue[JobRun | None]] = {name: queue.Queue() for name in self._lanes}
        self._runs: dict[JobId, JobRun] = {}
        self._lock = threading.Lock()
        self._closing = False
        self._threads = [
            threading.Thread(target=self._serve, args=(name,), name=f"lane-{name}", daemon=True)
            for name in self._lanes
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self,
        kind: JobKind,
        parameters: dict[str, Any],
        *,
        dataset_id: DatasetId | None = None,
        job_id: JobId | None = None,
        joins: bool = False,
    ) -> JobId:
        """Queue a job. With ``joins``, a job of this kind and dataset that is still queued is answered instead."""
        with self._lock:
            if joins:
                for run in self._runs.values():
                    waiting = run.state.status == "queued" and not run.cancelled()
                    if waiting and (run.state.kind, run.state.dataset_id) == (
                        kind,
                        dataset_id,
                    ):
                        return run.state.job_id
            state = JobState(
                job_id=job_id or JobId(new_id()),
                kind=kind,
                status="queued",
                dataset_id=dataset_id,
                created_at=self._clock(),
            )
            lane = LANES[kind]
            run = JobRun(state, lane=self._lanes[lane], tell=self._announce)
            self._runs[state.job_id] = run
        try:
            self._shelf.add(state, msgspec.json.encode(parameters).decode())
        except BaseException:  # what is not recorded never runs, and must not look busy for ever
            self._runs.pop(state.job_id, None)
            raise
        self._announce(state)
        self._queues[lane].put(run)
        return state.job_id

    def live(self, job_id: JobId) -> JobState | None:
        """The state of a queued or running job, None when it is neither."""
        run = self._runs.get(job_id)
        return run.state if run else None

    def busy(self, kind: JobKind | None = None, dataset_id: DatasetId | None = None) -> bool:
        """Whether any such job is queued or running."""
        return any(
            kind in (None, run.state.kind) and dataset_id in (None, run.state.dataset_id)
            for run in list(self._runs.values())
        )

    def queued(self, kind: JobKind, dataset_id: DatasetId | None) -> bool:
        """Whether such a job waits for its turn."""
        return any(
            run.state.status == "queued" and (run.state.kind, run.state.dataset_id) == (kind, dataset_id)
            for run in list(self._runs.values())
        )

    def cancel(self, job_id: JobId) -> None:
        """Ask a job to stop; nothing happens when it has finished."""
        run = self._runs.get(job_id)
        if run is not None:
            run.cancel()

    def close(self) -> None:
        """Stop everything; what ran is recorded as interrupted by the next owner."""
        self._closing = True
        for run in list(self._runs.values()):
            run.cancel()
        for waiting in self._queues.values():
            waiting.put(None)
        for lane in self._lanes.values():
            lane.stop()
        for thread in self._threads:
            thread.join(10)

    def _serve(self, lane: str) -> None:
        while (run := self._queues[lane].get()) is not None and not self._closing:
            try:
                self._run(run, self._lanes[lane])
            except Exception:
                log.exception("job %s could not be recorded", run.state.job_id)
            finally:
                self._runs.pop(run.state.job_id, None)

    def _run(self, run: JobRun, lane: Lane) -> None:
        job_id, spent_before = run.state.job_id, lane.spent_s
        try:
            run.stop_if_cancelled()
            self._shelf.update(run.change(status="running", started_at=self._clock()))
            parameters = msgspec.json.decode(self._shelf.parameters(job_id))
            result = self._bodies[run.state.kind](run, parameters)
            changes: dict[str, Any] = {
                "status": "done",
                "result": msgspec.json.encode(result).decode(),
            }
        except JobCancelledError as error:
            changes = {
                "status": "cancelled",
                "error_code": error.code,
                "error": error.message,
            }
        except WorkbenchError as error:
            changes = _failure(error)
        except Exception as error:
            log.exception("job %s failed", job_id)
            changes = _failure(
                WorkbenchError(
                    f"{type(error).__name__}: {str(error)[:300]}.",
                    next_step="See owner.log; resume to try again.",
                )
            )
        if not self._closing:
            self._write_down(run.state, lane.spent_s - spent_before)
            changes |= {"finished_at": self._clock(), "eta_s": None}
            # Stored before it is told: who hears that it is done finds it done.
            self._shelf.update(replace(run.state, **changes))
            run.change(**changes)

    def _write_down(self, state: JobState, seconds: float) -> None:
        """A measure that cannot be written down is no reason for a job to fail."""
        try:
            if seconds > 0:
                self._measure(state, seconds)
        except WorkbenchError as error:
            log.warning("processor time of job %s was not written down: %s", state.job_id, error)


def _failure(error: WorkbenchError) -> dict[str, Any]:
    return {
        "status": "failed",
        "error_code": error.code,
        "error": error.message,
        "next_step": error.next_step,
        "result": msgspec.json.encode(error.details).decode(),
    }
