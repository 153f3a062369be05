"""What is measured and never charged: processor time of jobs, tokens of language models, storage."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

import msgspec
import pyarrow as pa

from workbench.domain import Dataset, JobState
from workbench.errors import WorkbenchError
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.usage import visible_projects

log = logging.getLogger(__name__)
_FIRST_LOOK_S = 90.0
_LOOK_S = 900.0


def measures(caller: Caller, since: datetime | None = None, until: datetime | None = None) -> pa.Table:
    """Measures by day."""
    with caller.store.read() as session:
        return session.usage.measures(since, until, visible_projects(caller, session))


def measure_storage(caller: Caller) -> int:
    """Measure the storage of each family of tables now."""
    return take_storage(caller.workspace)


def take_storage(workspace: Workspace) -> int:
    """Write down how many bytes each family of tables takes; returns their sum."""
    workspace.store.checkpoint()
    with workspace.store.read() as session:
        found = session.usage.storage()
    at = workspace.clock()
    with workspace.store.write() as session:
        for family, n_bytes in found.items():
            session.usage.add_measure(
                new_id(), at=at, kind="storage_bytes", subject=family, amount=float(n_bytes)
            )
    return sum(found.values())


def measure_job(workspace: Workspace, state: JobState, seconds: float) -> None:
    """Write down the processor time of a job that has ended."""
    with workspace.store.write() as session:
        project, dataset = _home_of(session, state)
        session.usage.add_measure(
            new_id(),
            at=workspace.clock(),
            kind="compute_seconds",
            subject=state.kind,
            amount=seconds,
            job_id=state.job_id,
            project=project,
            dataset=dataset,
        )


def measure_tokens(caller: Caller, dataset: Dataset, n_tokens: int, counted: bool) -> None:  # noqa: FBT001
    """Write down the tokens of one question; of a published copy, which takes no writes, nothing."""
    if caller.store.read_only:
        return
    name = caller.workspace.language_model.name
    with caller.store.write() as session:
        session.usage.add_measure(
            new_id(),
            at=caller.workspace.clock(),
            kind="language_model_tokens",
            subject=name if counted else f"{name} (estimated)",
            amount=float(n_tokens),
            project=dataset.project,
            dataset=dataset.full_name,
        )


class DailyMeasure:
    """One thread that measures the storage once on each UTC day on which the file is open for long enough."""

    def __init__(
        self, workspace: Workspace, *, first_look_s: float = _FIRST_LOOK_S, look_s: float = _LOOK_S
    ) -> None:
        self._workspace = workspace
        self._first_look_s, self._look_s = first_look_s, look_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="measuring", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, after a measure that is being taken."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> bool:
        """Measure when it was not done today; whether it was done now."""
        with self._workspace.store.read() as session:
            last = session.usage.last_storage()
        if last is not None and last.date() >= self._workspace.clock().date():
            return False
        take_storage(self._workspace)
        return True

    def _watch(self) -> None:
        wait_s = self._first_look_s
        while not self._stop.wait(wait_s):
            wait_s = self._look_s
            try:
                self.look()
            except WorkbenchError as error:  # the next look will do
                log.warning("storage was not measured: %s", error)


def _home_of(session: Session, state: JobState) -> tuple[str | None, str | None]:
    """Project and full name of the dataset that a job is of; None = of none, or of one that is gone."""
    for one in session.places.datasets():
        if one.dataset_id == state.dataset_id:
            return one.project, one.full_name
    told = msgspec.json.decode(session.jobs.parameters(state.job_id))
    source_id = told.get("source_id")
    return (session.places.project_of("source", source_id) if source_id else None), None
