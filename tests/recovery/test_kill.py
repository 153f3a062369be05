"""``kill -9`` of the owner at random moments: nothing acknowledged is lost, nothing half-done is visible."""

from __future__ import annotations

import csv
import os
import random
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import short_runtime, stop_owner  # noqa: F401 - a fixture
from tests.contract.messages import TEXTS, batch
from workbench.client import connect_local
from workbench.domain import ColumnMapping, Judgement, MessageFilter, Operations, Uid
from workbench.door import Workspace
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.wire import companion_folder

pytestmark = [pytest.mark.recovery, pytest.mark.slow]
ROUNDS = int(os.environ.get("WORKBENCH_KILLS", "3"))
"""Kills per test; twenty in the nightly run (``WORKBENCH_KILLS=20``)."""
N_ROWS = 6_000
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, import_batch_rows=300)


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:  # noqa: F811
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\nimport_batch_rows = 300\n',
        "utf-8",
    )
    path = tmp_path / "kill.duckdb"
    yield path
    stop_owner(path)


def kill_owner(file: Path) -> bool:
    """Kill the owner; False when none runs."""
    try:
        os.kill(int((companion_folder(file) / "owner.pid").read_text("ascii")), signal.SIGKILL)
    except (OSError, ValueError):
        return False
    return True


def killer(file: Path, after_s: float) -> threading.Thread:
    def strike() -> None:
        time.sleep(after_s)
        kill_owner(file)

    thread = threading.Thread(target=strike)
    thread.start()
    return thread


def ledger_is_exact(operations: Operations) -> bool:
    """One unit per stored message, no message charged twice for its creation, none without its row."""
    ledger = operations.ledger_table()
    uids = operations.sql("SELECT uid FROM message", 1_000_000)["uid"].to_pylist()
    return sorted(ledger["uid"].to_pylist()) == sorted(uids) and sum(ledger["units"].to_pylist()) == len(uids)


@pytest.mark.timeout(900)
def test_import(file: Path, tmp_path: Path) -> None:
    source = tmp_path / "mail.csv"
    with source.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "when", "text"])
        writer.writerows(
            [f"m{i}", f"2026-01-{1 + i % 28:02d}", f"{TEXTS[i % len(TEXTS)]} {i}"] for i in range(N_ROWS)
        )
    mapping = ColumnMapping(id="id", timestamp="when", body="text")
    chance = random.Random(11)
    kills = 0
    for _ in range(ROUNDS):
        workspace = Workspace(connect_local(file, settings=SETTINGS), address="test")
        workspace.operations.whoami()
        strike = killer(file, chance.uniform(0.05, 2.0))
        try:
            workspace.import_(source, source="demo/mail", mapping=mapping, progress=False)
        except WorkbenchError:
            kills += 1
        strike.join()
        assert ledger_is_exact(connect_local(file, settings=SETTINGS))
    workspace = Workspace(connect_local(file, settings=SETTINGS), address="test")
    before = workspace.operations.usage().units
    report = workspace.import_(source, source="demo/mail", mapping=mapping, progress=False)
    assert report.counts.new == N_ROWS - before
    assert report.counts.unchanged == before
    assert workspace.operations.usage().units == N_ROWS
    assert ledger_is_exact(workspace.operations)
    assert ROUNDS < 3 or kills


@pytest.mark.timeout(900)
def test_annotation(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(2_000), "first", 2_000)
    dataset = operations.create_dataset("demo", "d", (source.source_id,))
    labels = [operations.create_label(dataset.dataset_id, name).label_id for name in ("One", "Two", "Three")]
    uids = operations.messages_table(dataset.dataset_id, MessageFilter())["uid"].to_pylist()
    acknowledged: dict[str, tuple[str, ...]] = {}
    stop = threading.Event()

    def annotate(worker: int) -> None:
        mine = connect_local(file, actor=f"person-{worker}", settings=SETTINGS)
        for turn, uid in enumerate(uids[worker::4]):
            if stop.is_set():
                return
            label = labels[turn % 3]
            judgement = Judgement(event_id=secrets.token_hex(8), uid=Uid(uid), assigned=(label,))
            try:
                mine.judge(dataset.dataset_id, (judgement,))
            except WorkbenchError:
                continue
            acknowledged[judgement.event_id] = (uid, label)

    people = [threading.Thread(target=annotate, args=(worker,)) for worker in range(4)]
    for person in people:
        person.start()
    chance = random.Random(12)
    kills = 0
    while kills < ROUNDS and any(person.is_alive() for person in people):
        enough = len(acknowledged) + chance.randint(1, 40)
        while len(acknowledged) < enough and any(person.is_alive() for person in people):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.05))
        kills += kill_owner(file)
    stop.set()
    for person in people:
        person.join()
    events = connect_local(file, settings=SETTINGS).review_events(dataset.dataset_id)
    stored = dict(zip(events["event_id"].to_pylist(), events["uid"].to_pylist(), strict=True))
    assert len(stored) == events.num_rows
    assert kills == ROUNDS
    assert len(acknowledged) > kills
    lost = [event_id for event_id, (uid, _) in acknowledged.items() if stored.get(event_id) != uid]
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged judgements are lost"


@pytest.mark.timeout(900)
def test_training(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(3_000), "first", 3_000)
    dataset = operations.create_dataset("demo", "d", (source.source_id,))
    refund = operations.create_label(dataset.dataset_id, "Refund").label_id
    late = operations.create_label(dataset.dataset_id, "Late").label_id
    table = operations.messages_table(dataset.dataset_id, MessageFilter())
    judgements = tuple(
        Judgement(
            event_id=secrets.token_hex(8),
            uid=uid,
            assigned=(refund,) if "refund" in body else (late,) if "not arrived" in body else (),
            mode="shuffle",
        )
        for uid, body in zip(table["uid"].to_pylist(), table["body"].to_pylist(), strict=True)
    )
    operations.judge(dataset.dataset_id, judgements[:1_000])
    chance = random.Random(13)
    for _ in range(ROUNDS):
        operations = connect_local(file, settings=SETTINGS)
        operations.start_train(dataset.dataset_id)
        time.sleep(chance.uniform(0.2, 6.0))
        kill_owner(file)
        operations = connect_local(file, settings=SETTINGS)
        versions = operations.model_versions(dataset.dataset_id)
        numbers = [version.version for version in versions]
        assert numbers == sorted(numbers, reverse=True)
        if versions:  # what is visible is whole: predictions for every message, in [0, 1]
            rows = operations.sql(
                f"SELECT count(*) AS n, min(len(probabilities)) AS k FROM prediction WHERE version = {numbers[0]}"
            ).to_pylist()[0]
            assert rows == {"n": 3_000, "k": 2}
        assert not [job for job in operations.jobs() if job.status in ("running", "queued")]
        assert operations.dataset(dataset.dataset_id).n_reviewed == 1_000
    job_id = operations.start_train(dataset.dataset_id)
    while not operations.job(job_id).finished:
        time.sleep(0.1)
    assert operations.job(job_id).status == "done"
    assert operations.validation(dataset.dataset_id) is not None
