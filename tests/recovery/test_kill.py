"""``kill -9`` of the owner in the midst of things: nothing acknowledged is lost, nothing half-done is visible.

A kill is aimed at a phase of the job, not at a time: the clock of a busy machine would put most of them before
the beginning or after the end. Where each one landed is read from the job that the next owner finds
interrupted, and the tests fail when a phase was never hit.
"""

from __future__ import annotations

import csv
import io
import json
import os
import random
import secrets
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner, upload
from tests.contract.messages import TEXTS, batch
from workbench.client import connect_local
from workbench.domain import (
    ColumnMapping,
    DatasetId,
    ImportOptions,
    JobId,
    JobState,
    Judgement,
    MessageFilter,
    Operations,
    Uid,
)
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.wire import companion_folder

pytestmark = [pytest.mark.recovery, pytest.mark.slow]
ROUNDS = int(os.environ.get("WORKBENCH_KILLS", "3"))
"""Kills per test; twenty in the nightly run (``WORKBENCH_KILLS=20``)."""
N_ROWS = 6_000
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, import_batch_rows=300)
MAPPING = ColumnMapping(id="id", timestamp="when", body="text")
TRAINING = {"training": 0.3, "storing predictions": 0.03, "validating": 0.3}
"""Stages of a training, and the seconds within which the kill comes after one was seen to begin."""


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
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


def watch(operations: Operations, job_id: JobId, stage: str, done: int = 0) -> JobState:
    """Wait until the job is in ``stage`` with ``done`` units finished, or has ended."""
    while True:
        state = operations.job(job_id)
        if state.finished or (state.stage == stage and state.done >= done):
            return state


def mails(n_rows: int) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["id", "when", "text"])
    writer.writerows(
        [f"m{i}", f"2026-01-{1 + i % 28:02d}", f"{TEXTS[i % len(TEXTS)]} {i}"] for i in range(n_rows)
    )
    return out.getvalue().encode()


def ledger_is_exact(operations: Operations) -> bool:
    """One unit per stored message, no message charged twice for its creation, none without its row."""
    ledger = operations.ledger_table()
    uids = operations.sql("SELECT uid FROM message", 1_000_000)["uid"].to_pylist()
    return sorted(ledger["uid"].to_pylist()) == sorted(uids) and sum(ledger["units"].to_pylist()) == len(uids)


@pytest.mark.timeout(900)
def test_import(file: Path) -> None:
    """Each round gets on by some batches before it is killed; the last one loads exactly the rest."""
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "mail").source_id
    upload_id = upload(operations, mails(N_ROWS))
    job_id = operations.start_import(source_id, upload_id, MAPPING, ImportOptions())
    chance = random.Random(11)
    stored: list[int] = []
    for turn in range(ROUNDS):
        # Rounds begin where the last one ended, so the goal rises from round to round.
        goal = (turn + 1) * N_ROWS // (ROUNDS + 2) // 300 * 300
        watch(operations, job_id, "loading", goal)
        time.sleep(chance.uniform(0, 0.03))
        assert kill_owner(file)
        operations = connect_local(file, settings=SETTINGS)
        assert operations.job(job_id).status == "interrupted"
        assert ledger_is_exact(operations)
        stored.append(operations.sources()[0].n_messages)
        assert stored[-1] % 300 == 0
        assert goal <= stored[-1] < N_ROWS
        job_id = operations.resume_job(job_id)
    state = watch(operations, job_id, "never")
    assert (state.status, state.error) == ("done", "")
    assert operations.sources()[0].n_messages == N_ROWS
    assert operations.usage().units == N_ROWS
    assert ledger_is_exact(operations)
    assert stored == sorted(stored)


@pytest.mark.nightly
@pytest.mark.timeout(300)
def test_bad_rows(file: Path) -> None:
    """Killed while the good rows are loaded, and resumed: every bad row is listed once, as before."""
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "mail").source_id
    content = mails(N_ROWS).replace(b"2026-01-0", b"one day ")
    options = ImportOptions(on_bad_row="skip")
    job_id = operations.start_import(source_id, upload(operations, content), MAPPING, options)
    watch(operations, job_id, "loading", 300)
    listed = operations.bad_rows(job_id)
    assert kill_owner(file)
    operations = connect_local(file, settings=SETTINGS)
    assert operations.job(job_id).status == "interrupted"
    assert operations.bad_rows(job_id).equals(listed)
    resumed = operations.resume_job(job_id)
    assert watch(operations, resumed, "never").status == "done"
    assert operations.bad_rows(resumed).equals(listed)
    assert listed["row"].to_pylist() == [n + 1 for n in range(N_ROWS) if n % 28 < 9]
    assert operations.sql("SELECT count(*) FROM bad_row").column(0).to_pylist() == [listed.num_rows]
    assert operations.sources()[0].n_messages == N_ROWS - listed.num_rows


def comments(n_rows: int) -> bytes:
    """Comment lines: every third of several parts, every fourth with attachments."""
    lines = []
    for i in range(n_rows):
        parts = [{"body": {"text": f"{TEXTS[i % len(TEXTS)]} {i}"}, "cc": ["c@x"]}]
        parts += [{"body": {"text": f"and {turn}", "text_markup": {"b": [turn]}}} for turn in range(i % 3)]
        files = [
            {"name": f"f{n}", "size": n, "content_type": ".pdf", "content_hash": f"{i}"} for n in range(i % 4)
        ]
        comment = {
            "id": f"m{i}",
            "timestamp": "2026-01-04T00:00:00Z",
            "messages": parts,
            "attachments": files,
        }
        lines.append(json.dumps({"comment": comment}))
    return "\n".join(lines).encode()


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_import_of_whole_messages(file: Path) -> None:
    """Parts and attachments come with their messages or not at all, and none comes twice."""
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "chat").source_id
    upload_id = upload(operations, comments(N_ROWS), "c.jsonl")
    roles = {role: role for role in ("id", "timestamp", "body", "cc", "parts", "attachments")}
    job_id = operations.start_import(source_id, upload_id, ColumnMapping(**roles), ImportOptions())
    chance = random.Random(13)
    for turn in range(ROUNDS):
        goal = (turn + 1) * N_ROWS // (ROUNDS + 2) // 300 * 300
        watch(operations, job_id, "loading", goal)
        time.sleep(chance.uniform(0, 0.03))
        assert kill_owner(file)
        operations = connect_local(file, settings=SETTINGS)
        assert operations.job(job_id).status == "interrupted"
        n_stored = operations.sources()[0].n_messages
        assert goal <= n_stored < N_ROWS
        assert whole(operations) == (sum(i % 4 for i in range(n_stored)), n_stored - (n_stored + 2) // 3)
        job_id = operations.resume_job(job_id)
    state = watch(operations, job_id, "never")
    assert (state.status, state.error) == ("done", "")
    assert whole(operations) == (sum(i % 4 for i in range(N_ROWS)), N_ROWS - N_ROWS // 3)
    assert ledger_is_exact(operations)


def whole(operations: Operations) -> tuple[int, int]:
    """Attachments, and messages of parts; none of either without the other half."""
    asked = (
        "SELECT (SELECT count(*) FROM attachment), (SELECT count(*) FROM message WHERE parts IS NOT NULL), "
        "(SELECT coalesce(sum(n_attachments), 0) FROM message), "
        "(SELECT count(*) FROM message WHERE list_contains(cc, 'c@x') IS DISTINCT FROM TRUE)"
    )
    (found,) = operations.sql(asked, 10).to_pylist()
    files, in_parts, said, without = found.values()
    assert (said, without) == (files, 0)
    return files, in_parts


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_annotation(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(2_000), "first", 2_000)
    dataset = operations.create_dataset("demo", "d", (source.source_id,))
    labels = [operations.create_label(dataset.dataset_id, name).label_id for name in ("One", "Two", "Three")]
    uids = operations.messages_table(dataset.dataset_id, MessageFilter())["uid"].to_pylist()
    acknowledged: dict[str, tuple[str, ...]] = {}
    asked: set[str] = set()
    stop = threading.Event()

    def annotate(worker: int) -> None:
        mine = connect_local(file, actor=f"person-{worker}", settings=SETTINGS)
        for turn, uid in enumerate(uids[worker::8]):
            if stop.is_set():
                return
            label = labels[turn % 3]
            judgement = Judgement(event_id=secrets.token_hex(8), uid=Uid(uid), assigned=(label,))
            asked.add(judgement.event_id)
            try:
                (receipt,) = mine.judge(dataset.dataset_id, (judgement,))
            except WorkbenchError:
                continue
            acknowledged[receipt.event_id] = (uid, label)

    people = [threading.Thread(target=annotate, args=(worker,)) for worker in range(8)]
    for person in people:
        person.start()
    chance = random.Random(12)
    kills = in_flight = 0
    while kills < ROUNDS and any(person.is_alive() for person in people):
        enough = len(acknowledged) + chance.randint(1, 40)
        while len(acknowledged) < enough and any(person.is_alive() for person in people):
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))
        if kill_owner(file):
            kills += 1
            in_flight += len(asked) > len(acknowledged)
    stop.set()
    for person in people:
        person.join()
    events = connect_local(file, settings=SETTINGS).review_events(dataset.dataset_id)
    stored = dict(zip(events["event_id"].to_pylist(), events["uid"].to_pylist(), strict=True))
    assert len(stored) == events.num_rows
    assert kills == in_flight == ROUNDS, "every kill must find judgements on their way"
    assert len(acknowledged) > kills
    lost = [event_id for event_id, (uid, _) in acknowledged.items() if stored.get(event_id) != uid]
    assert not lost, f"{len(lost)} of {len(acknowledged)} acknowledged judgements are lost"
    assert stored.keys() <= asked


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_training(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    dataset_id = annotated_dataset(operations)
    chance = random.Random(13)
    landed: Counter[str] = Counter()
    misses = 0
    while landed.total() < ROUNDS:
        aim = list(TRAINING)[landed.total() % len(TRAINING)]
        before = {version.version for version in operations.model_versions(dataset_id)}
        job_id = operations.start_train(dataset_id)
        watch(operations, job_id, aim)
        time.sleep(chance.uniform(0, TRAINING[aim]))
        seen = operations.job(job_id)
        assert kill_owner(file)
        operations = connect_local(file, settings=SETTINGS)
        after = {version.version for version in operations.model_versions(dataset_id)}
        assert before <= after
        assert len(after - before) <= 1
        assert_whole(operations, dataset_id)
        assert operations.dataset(dataset_id).n_reviewed == 1_000
        assert not [job for job in operations.jobs() if job.status in ("running", "queued")]
        if operations.job(job_id).status == "interrupted":
            landed[seen.stage] += 1
        else:  # it had ended before the kill: aim again
            misses += 1
            assert misses <= ROUNDS, f"the kills come too late; they landed at {dict(landed)}"
    assert len(TRAINING) > ROUNDS or {"training", "validating"} <= set(landed), dict(landed)
    resumed = watch(operations, operations.resume_job(job_id), "never")
    assert (resumed.status, resumed.error) == ("done", "")
    assert operations.validation(dataset_id, operations.model_versions(dataset_id)[0].version) is not None
    assert_whole(operations, dataset_id)


def annotated_dataset(operations: Operations) -> DatasetId:
    """3,000 messages, 1,000 of them reviewed, two labels, vectors made."""
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, batch(3_000), "first", 3_000)
    dataset_id = operations.create_dataset("demo", "d", (source.source_id,)).dataset_id
    refund = operations.create_label(dataset_id, "Refund").label_id
    late = operations.create_label(dataset_id, "Late").label_id
    table = operations.messages_table(dataset_id, MessageFilter())
    judgements = tuple(
        Judgement(
            event_id=secrets.token_hex(8),
            uid=uid,
            assigned=(refund,) if "refund" in body else (late,) if "not arrived" in body else (),
            mode="shuffle",
        )
        for uid, body in zip(table["uid"].to_pylist(), table["body"].to_pylist(), strict=True)
    )
    operations.judge(dataset_id, judgements[:1_000])
    watch(operations, operations.start_embed(dataset_id), "never")
    return dataset_id


def assert_whole(operations: Operations, dataset_id: DatasetId) -> None:
    """What is visible of the newest version is all of it: a prediction of every message, a total of every label."""
    versions = operations.model_versions(dataset_id)
    if not versions:
        assert operations.sql("SELECT count(*) AS n FROM prediction")["n"].to_pylist() == [0]
        return
    rows = operations.sql(
        "SELECT version, count(*) AS n, min(len(probabilities)) AS k, (SELECT count(*) FROM label_total) AS totals"
        " FROM prediction GROUP BY version"
    ).to_pylist()
    assert rows == [{"version": versions[0].version, "n": 3_000, "k": 2, "totals": 2}]
