"""Eight people annotate at once while the model retrains: nothing lost, nothing doubled, and how long each waits.

    python benchmarks/eight_annotators.py [--seconds 300] [--messages 20000] [--labels 50] [--think 0.5]

Four people come over the owner's socket and four over HTTP, each a process of its own that asks for the next
messages by a mode, reads one, thinks, judges it, and now and then sends a judgement twice, as a client does whose
answer was lost. Two of eight decisions go to the same hundred messages, so that people meet on one message. In turns
the model retrains without a pause and rests, so that both figures come from the same minutes.

At the end every judgement that was acknowledged must stand once in the history, in its author's name, and nothing
else; each message must stand as a replay of the judgements as they were sent says; the ledger must be as before. The
script ends with status 1 when something is lost or doubled.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import random
import secrets
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
from common import machine

from workbench.client import SocketDoor, connect_http, connect_local
from workbench.domain import (
    MESSAGE_SCHEMA,
    DatasetId,
    Judgement,
    LabelId,
    MessageFilter,
    Operations,
    ReviewMode,
    Uid,
)
from workbench.door import Job
from workbench.settings import Settings
from workbench.wire import companion_folder

N_PEOPLE, LIMIT_RATIO, N_SHARED = 8, 1.2, 100
MODES: tuple[ReviewMode, ...] = ("shuffle", "low_confidence", "teach", "label", "recent")
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, owner_idle_s=30)
WORDS = [f"word{number}" for number in range(600)]


@dataclass(kw_only=True)
class Done:
    """What one person saw: judgements with their answers, and how long each answer and each page took, in seconds."""

    actor: str
    sent: list[tuple[Judgement, int, bool]] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)
    pages: list[tuple[float, float]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--labels", type=int, default=50)
    parser.add_argument("--think", type=float, default=0.5, help="seconds between two decisions, on average")
    given = parser.parse_args()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "eight.duckdb"
        file.with_suffix(".token").write_text(secrets.token_hex(16), "ascii")
        operations = connect_local(file, actor="driver", settings=SETTINGS)
        try:
            wrong = whole(operations, file, given)
        finally:
            os.kill(int((companion_folder(file) / "owner.pid").read_text("ascii")), signal.SIGTERM)
            time.sleep(2)
    sys.exit(1 if wrong else 0)


def whole(operations: Operations, file: Path, given: argparse.Namespace) -> list[str]:
    """Make the workspace, let everybody work, and look at what became of it; returns what is wrong."""
    dataset_id = fill(operations, given.messages, given.labels)
    earlier = operations.review_events(dataset_id)
    n_ledger = operations.ledger_table().num_rows
    trained: list[tuple[float, float]] = []
    context = multiprocessing.get_context("spawn")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    door = context.Process(target=serve, args=(file, port), daemon=True)
    door.start()
    until = time.monotonic() + given.seconds + 10  # the processes begin meanwhile
    with context.Pool(N_PEOPLE) as pool:
        asked = [(number, file, port, dataset_id, until, given.think) for number in range(N_PEOPLE)]
        answers = pool.map_async(person, asked, chunksize=1)
        stop = threading.Event()
        turns = threading.Thread(
            target=retrain, args=(operations, dataset_id, stop, trained, given.seconds / 10), daemon=True
        )
        turns.start()
        people: list[Done] = answers.get(given.seconds + 300)
        stop.set()
        turns.join(120)
    door.terminate()
    events = operations.review_events(dataset_id).slice(earlier.num_rows)
    wrong = compared(operations, dataset_id, earlier, events, people)
    if operations.ledger_table().num_rows != n_ledger:
        wrong.append("the ledger changed")
    n_versions = len(operations.model_versions(dataset_id))
    report(people, trained, events.num_rows, n_versions)
    print(
        "\n".join(f"WRONG: {one}" for one in wrong[:20]) or "nothing lost, nothing doubled, ledger untouched"
    )
    return wrong


def fill(operations: Operations, n: int, n_labels: int) -> DatasetId:
    """Messages, labels, a twentieth reviewed, one training."""
    rng = random.Random(7)
    source = operations.create_source("demo", "mail")
    start = datetime(2026, 3, 1, tzinfo=UTC)
    for begin in range(0, n, 5_000):
        rows = range(begin, min(n, begin + 5_000))
        columns: dict[str, list[Any]] = {
            "message_id": [f"m{row}" for row in rows],
            "timestamp": [start + timedelta(minutes=row) for row in rows],
            "thread_id": [None for _ in rows],
            "subject": [f"Case {row}" for row in rows],
            "body": [" ".join(rng.choices(WORDS, k=12)) for _ in rows],
            "signature": ["" for _ in rows],
            "full_text": ["" for _ in rows],
            "sender": ["a@b.example" for _ in rows],
            "recipients": [[] for _ in rows],
            "language": ["en" for _ in rows],
            "properties": ["{}" for _ in rows],
        }
        operations.put_messages(
            source.source_id, pa.table(columns, schema=MESSAGE_SCHEMA), f"b{begin}", len(rows)
        )
    dataset_id = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    labels = [operations.create_label(dataset_id, f"Topic {i}").label_id for i in range(n_labels)]
    uids = operations.message_uids(dataset_id, MessageFilter())["uid"].to_pylist()
    first = [
        Judgement(event_id=secrets.token_hex(8), uid=Uid(one), assigned=(rng.choice(labels),), mode="shuffle")
        for one in uids[N_SHARED : N_SHARED + max(200, n // 20)]
    ]
    for begin in range(0, len(first), 500):
        operations.judge(dataset_id, tuple(first[begin : begin + 500]))
    Job(operations, operations.start_train(dataset_id)).wait(progress=False)
    return dataset_id


def serve(file: Path, port: int) -> None:
    """The HTTP door, in a process of its own."""
    import uvicorn

    from workbench.api import make_app

    door = SocketDoor(file, settings=SETTINGS)
    uvicorn.run(make_app(door.ask, token=token_of(file)), port=port, log_level="error")


def token_of(file: Path) -> str:
    """The token of this run, from a file that the first process wrote."""
    return file.with_suffix(".token").read_text("ascii")


def retrain(
    operations: Operations,
    dataset_id: DatasetId,
    stop: threading.Event,
    trained: list[tuple[float, float]],
    turn_s: float,
) -> None:
    """Rest for a turn, train without a pause for a turn, and so on; notes when it trained."""
    stop.wait(10)
    for number in itertools.count():
        end = time.time() + turn_s
        if number % 2 == 0:
            stop.wait(turn_s)
        while number % 2 and time.time() < end and not stop.is_set():
            begun = time.time()
            Job(operations, operations.start_train(dataset_id)).wait(progress=False)
            trained.append((begun, time.time()))
        if stop.is_set():
            return


def person(asked: tuple[int, Path, int, DatasetId, float, float]) -> Done:
    """Annotate until the time is over; an even number comes over the socket, an odd one over HTTP."""
    number, file, port, dataset_id, until, think_s = asked
    rng = random.Random(number)
    done = Done(actor=f"person{number}")
    if number % 2 == 0:
        operations = connect_local(file, actor=done.actor, settings=SETTINGS)
    else:
        operations = connect_http(f"http://127.0.0.1:{port}", token=token_of(file))
        wait_for(operations)
        done.actor = operations.whoami()
    labels = [label.label_id for label in operations.labels(dataset_id)]
    shared = operations.message_uids(dataset_id, MessageFilter())["uid"].to_pylist()[:N_SHARED]
    while time.monotonic() < until:
        decide(operations, dataset_id, rng, done, labels, shared)
        time.sleep(rng.uniform(0.5, 1.5) * think_s)
    return done


def wait_for(operations: Operations) -> None:
    """Until the door answers."""
    for _ in range(200):
        try:
            operations.whoami()
        except Exception:  # noqa: BLE001 - it is not there yet
            time.sleep(0.1)
        else:
            return


def decide(
    operations: Operations,
    dataset_id: DatasetId,
    rng: random.Random,
    done: Done,
    labels: list[LabelId],
    shared: list[str],
) -> None:
    """Ask for a message, read it, judge it."""
    mode = rng.choice(MODES)
    start = time.time()
    about = rng.choice(labels[:5]) if mode in ("teach", "label") else None
    batch = operations.next_batch(dataset_id, mode, 20, about)
    done.pages.append((start, time.time() - start))
    uid = Uid(rng.choice(shared)) if rng.random() < 0.25 or not batch.uids else rng.choice(batch.uids)
    seen = operations.get_messages(dataset_id, (uid,))[0]
    judgement = Judgement(
        event_id=secrets.token_hex(8),
        uid=uid,
        assigned=tuple(sorted({*rng.sample(labels, rng.randint(0, 2)), *seen.assigned[:1]})),
        mode=mode,
        revision=seen.revision,
        probability=0.5,
    )
    start = time.time()
    receipt = operations.judge(dataset_id, (judgement,))[0]
    done.waits.append((start, time.time() - start))
    if rng.random() < 0.1:  # an answer that was lost: the client sends it again
        again = operations.judge(dataset_id, (judgement,))[0]
        if again != receipt:
            done.refused.append(f"{judgement.event_id} was answered differently the second time")
    done.sent.append((judgement, receipt.revision, receipt.merged))


# ---- what became of it ---------------------------------------------------------------------------


def compared(
    operations: Operations, dataset_id: DatasetId, earlier: pa.Table, events: pa.Table, people: list[Done]
) -> list[str]:
    """What is lost, doubled, or stands otherwise than a replay of what was sent says."""
    wrong = [one for person in people for one in person.refused]
    stored = Counter(events["event_id"].to_pylist())
    sent = {judgement.event_id: (person, judgement) for person in people for judgement, _, _ in person.sent}
    wrong += [f"event {one} is lost" for one in sent if stored[one] == 0]
    wrong += [f"event {one} stands {n} times" for one, n in stored.items() if n > 1]
    wrong += [f"event {one} was sent by nobody" for one in stored if one not in sent]
    history: dict[str, list[frozenset[str]]] = defaultdict(lambda: [frozenset()])
    for uid, assigned in zip(earlier["uid"].to_pylist(), earlier["assigned"].to_pylist(), strict=True):
        history[uid].append(frozenset(assigned))
    for row in events.to_pylist():
        person, judgement = sent.get(row["event_id"], (None, None))
        if judgement is None or person is None:
            continue
        states = history[row["uid"]]
        now, asked = states[-1], frozenset(judgement.assigned)
        seen = states[judgement.revision]
        states.append((now - (seen - asked)) | (asked - seen))
        if frozenset(row["assigned"]) != states[-1]:
            wrong.append(f"event {row['event_id']} left other labels than a replay")
        if row["actor"] != person.actor:
            wrong.append(f"event {row['event_id']} is in the name of {row['actor']}")
    uids = list(history)
    for begin in range(0, len(uids), 500):
        for one in operations.get_messages(dataset_id, tuple(Uid(uid) for uid in uids[begin : begin + 500])):
            if frozenset(one.assigned) != history[one.uid][-1] or one.revision != len(history[one.uid]) - 1:
                wrong.append(f"message {one.uid} stands otherwise than a replay says")
    return wrong


def report(people: list[Done], trained: list[tuple[float, float]], n_events: int, n_versions: int) -> None:
    def apart(timed: list[tuple[float, float]]) -> tuple[list[float], list[float]]:
        at_work = [took for at, took in timed if any(begun <= at <= end for begun, end in trained)]
        at_rest = [took for at, took in timed if not any(begun <= at <= end for begun, end in trained)]
        return at_work, at_rest

    print(
        f"{len(people)} people, {n_events:,} judgements, {len(trained)} trainings, {n_versions} versions kept"
    )
    for what, timed in (
        ("judgement", [one for person in people for one in person.waits]),
        ("next page", [one for person in people for one in person.pages]),
    ):
        at_work, at_rest = apart(timed)
        for when, waits in (("while it retrains", at_work), ("while it rests", at_rest)):
            if waits:
                ms = sorted(1000 * wait for wait in waits)
                print(
                    f"{what}, {when}: n={len(ms)} p50 {statistics.median(ms):.1f} p95 {p95(ms):.1f} max {ms[-1]:.1f} ms"
                )
        if at_work and at_rest:
            ratio = p95(sorted(at_work)) / p95(sorted(at_rest))
            print(f"{what}: p95 with retraining is {ratio:.2f} times that without; limit {LIMIT_RATIO}")


def p95(values: list[float]) -> float:
    return values[int(0.95 * (len(values) - 1))]


if __name__ == "__main__":
    main()
