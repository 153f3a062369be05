"""The life of a job: queued, running, stopped when asked, and what is told meanwhile."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from workbench.domain import ColumnMapping, DatasetId, ImportOptions, JobId, JobState
from workbench.errors import InputError, WorkerDiedError
from workbench.workspace.jobs import Supervisor
from workbench.workspace.jobs.lane import Lane
from workbench.workspace.jobs.run import JobRun
from workbench.workspace.matrices import write_table

DATASET = DatasetId("d")


class Shelf:
    """Keeps what is recorded, in order."""

    def __init__(self) -> None:
        self.states: list[JobState] = []
        self.kept: dict[str, str] = {}

    def add(self, state: JobState, parameters: str) -> None:
        self.states.append(state)
        self.kept[state.job_id] = parameters

    def update(self, state: JobState) -> None:
        self.states.append(state)

    def parameters(self, job_id: str) -> str:
        return self.kept[job_id]

    def last(self, job_id: str) -> JobState:
        return [state for state in self.states if state.job_id == job_id][-1]


class House:
    """A supervisor whose one kind of job does what the test says."""

    def __init__(self, cache_dir: Path) -> None:
        self.shelf = Shelf()
        self.told: list[JobState] = []
        self.running, self.let_go = threading.Event(), threading.Event()
        self.supervisor = Supervisor(
            bodies={"train": self.body},
            shelf=self.shelf,  # type: ignore[arg-type]
            announce=self.told.append,
            clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
            n_threads=1,
            cache_dir=cache_dir,
        )

    def body(self, run: JobRun, parameters: dict[str, Any]) -> object:
        run.stage("counting", total=100, unit="sheep")
        self.running.set()
        if parameters.get("fails"):
            raise InputError("no sheep.", next_step="Buy some.")
        while not self.let_go.wait(0.01):
            run.stop_if_cancelled()
        return {"counted": 100}

    def finished(self, job_id: str) -> JobState:
        deadline = time.monotonic() + 60
        while not self.shelf.last(job_id).finished and time.monotonic() < deadline:
            time.sleep(0.01)
        return self.shelf.last(job_id)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.let_go.set()
    made.supervisor.close()


def test_a_job_runs_and_leaves_its_result(house: House) -> None:
    house.let_go.set()
    job_id = house.supervisor.submit("train", {}, dataset_id=DATASET)
    done = house.finished(job_id)
    assert (done.status, done.result) == ("done", '{"counted":100}')
    assert [state.status for state in house.shelf.states] == ["queued", "running", "done"]
    assert house.supervisor.live(job_id) is None or house.supervisor.live(job_id).finished  # type: ignore[union-attr]


def test_a_running_job_says_at_once_that_it_was_asked_to_stop(house: House) -> None:
    job_id = house.supervisor.submit("train", {}, dataset_id=DATASET)
    assert house.running.wait(5)
    house.supervisor.cancel(job_id)
    assert "stopping" in [state.stage for state in house.told]
    stopped = house.finished(job_id)
    assert (stopped.status, stopped.error_code) == ("cancelled", "job-cancelled")


def test_a_waiting_job_never_starts_once_cancelled(house: House) -> None:
    first = house.supervisor.submit("train", {}, dataset_id=DATASET)
    assert house.running.wait(5)
    waiting = house.supervisor.submit("train", {}, dataset_id=DatasetId("other"))
    house.supervisor.cancel(waiting)
    house.let_go.set()
    assert house.finished(waiting).status == "cancelled"
    assert house.finished(first).status == "done"
    assert "running" not in [s.status for s in house.shelf.states if s.job_id == waiting]


def test_what_joins_is_answered_with_the_job_that_waits(house: House) -> None:
    running = house.supervisor.submit("train", {}, dataset_id=DATASET, joins=True)
    assert house.running.wait(5)
    waiting = house.supervisor.submit("train", {}, dataset_id=DATASET, joins=True)
    assert waiting != running, "one that runs has read its input already"
    assert house.supervisor.submit("train", {}, dataset_id=DATASET, joins=True) == waiting
    assert house.supervisor.submit("train", {}, dataset_id=DatasetId("other"), joins=True) != waiting


def test_a_failure_is_recorded_with_its_next_step(house: House) -> None:
    job_id = house.supervisor.submit("train", {"fails": True}, dataset_id=DATASET)
    failed = house.finished(job_id)
    assert (failed.status, failed.error, failed.next_step) == ("failed", "no sheep.", "Buy some.")
    assert not house.supervisor.busy("train", DATASET)


def test_cancelling_what_is_over_changes_nothing(house: House) -> None:
    house.let_go.set()
    job_id = house.supervisor.submit("train", {}, dataset_id=DATASET)
    house.finished(job_id)
    house.supervisor.cancel(JobId(job_id))
    assert house.shelf.last(job_id).status == "done"


def test_a_worker_that_is_killed_says_so_and_the_next_call_has_a_fresh_one(tmp_path: Path) -> None:
    """It waits at a pipe that nobody writes to, as one that runs out of memory is caught in its work."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    lane = Lane("compute", n_threads=1, cache_dir=tmp_path)

    def kill() -> None:
        while lane._process is None:
            time.sleep(0.01)
        lane._process.kill()

    def detect(texts: Path) -> Any:
        return lane.call(
            "speaking:detect",
            {"texts": str(texts), "seen": {}},
            cancelled=lambda: False,
            on_progress=lambda _done, _total: None,
            on_stage=lambda _name, _total, _unit: None,
        )

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(WorkerDiedError, match=r"ended with status -9 during 'detect'\. Resume the job"):
        detect(pipe)
    killer.join()
    table = pa.table({"subject": [""], "body": ["mein Paket ist noch nicht angekommen"]})
    write_table(tmp_path / "texts.arrow", table)
    assert detect(tmp_path / "texts.arrow") == ["de"]
    lane.stop()


def test_who_leaves_a_stream_ends_its_worker_and_the_next_call_has_a_fresh_one(tmp_path: Path) -> None:
    silent: dict[str, Any] = {
        "cancelled": lambda: False,
        "on_progress": lambda _done, _total: None,
        "on_stage": lambda _name, _total, _unit: None,
    }
    lane = Lane("load", n_threads=1, cache_dir=tmp_path)
    (tmp_path / "mail.csv").write_text("id,time,text\n1,2026-03-04,hello\n2,2026-03-05,late\n", "utf-8")
    payload = {
        "path": str(tmp_path / "mail.csv"),
        "mapping": ColumnMapping(id="id", timestamp="time", body="text"),
        "options": ImportOptions(),
        "source_id": "0" * 16,
        "batch_rows": 10,
        "spool": str(tmp_path),
        "hidden": (),
    }
    items = lane.stream("tables:load_file", payload, **silent)
    assert next(items)[0] == "item"
    left = lane._process
    assert left is not None
    items.close()
    assert left.poll() is not None
    assert [kind for kind, _ in lane.stream("tables:load_file", payload, **silent)] == ["item", "result"]
    warm = lane._process
    assert [kind for kind, _ in lane.stream("tables:load_file", payload, **silent)] == ["item", "result"]
    assert lane._process is warm
    lane.stop()


def test_a_worker_outlives_the_thread_that_asked_first(tmp_path: Path) -> None:
    lane = Lane("compute", n_threads=1, cache_dir=tmp_path)

    def ask() -> None:
        lane._started()
        time.sleep(2)  # by then the worker has asked to be ended with whoever started it

    first = threading.Thread(target=ask)
    first.start()
    first.join()
    process = lane._process
    assert process is not None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(2)
    lane.stop()
