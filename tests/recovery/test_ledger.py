"""The ledger after everything: writers at once, lost replies, ``kill -9``; it equals a replay of what was acknowledged.

The replay is a rule of its own in plain Python, written from the table in the explanation of metering: one unit for a
message that is not there, one for a text that is another, nothing else; a prediction one each; a correction takes
one back. Every night 100,000 operations by eight processes with fifty kills; for every change a few hundred by two
threads with two kills.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import stop_owner
from tests.contract.test_versions import reviewed_dataset, train
from tests.recovery.ledger_writer import FORGOTTEN, SETTINGS, SHARED, Writer
from workbench.client import connect_local
from workbench.domain import Operations
from workbench.wire import companion_folder

pytestmark = [pytest.mark.recovery, pytest.mark.slow]
N_OPERATIONS = int(os.environ.get("WORKBENCH_LEDGER_OPERATIONS", "100000"))
N_KILLS = int(os.environ.get("WORKBENCH_LEDGER_KILLS", "50"))
N_WRITERS = 8
ROOT = Path(__file__).parents[2]
Totals = Counter[tuple[str, str, str, bool]]
"""Units by actor, source, operation, and whether they were charged."""


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    path = tmp_path / "ledger.duckdb"
    yield path
    stop_owner(path)


class Replay:
    """What the ledger must say, from what was acknowledged alone."""

    def __init__(self) -> None:
        self.totals: Totals = Counter()
        self.uids: Counter[tuple[str, str]] = Counter()
        self.texts: dict[tuple[str, str], str] = {}
        self.forgotten: dict[str, int] = {}
        self.n_operations: Counter[str] = Counter()
        self.n_lost = 0

    def read(self, actor: str, log: Path, sources: dict[str, str], dataset_id: str) -> None:
        for line in log.read_text("utf-8").splitlines():
            self._step(actor, json.loads(line), sources, dataset_id)

    def _step(self, actor: str, said: dict[str, Any], sources: dict[str, str], dataset_id: str) -> None:
        kind = said["kind"]
        self.n_operations[kind] += said.get("n", 0)
        if kind == "put":
            source = sources[said["source"]]
            for message_id, text, _ in said["rows"]:
                if self.texts.get((source, message_id)) != text:
                    self.totals[actor, source, "sync", not said["no_charge"]] += 1
                    self.uids[f"{source}.{message_id}", "sync"] += 1
                self.texts[source, message_id] = text
        elif kind == "delete":
            for message_id in said["ids"]:
                del self.texts[sources[said["source"]], message_id]
        elif kind == "predict":
            self.totals[actor, dataset_id, "predict", not said["no_charge"]] += said["n"]
        elif kind == "correct":
            self.totals[actor, sources[said["source"]], "sync", True] -= said["n"]
            for uid in said["uids"]:
                self.uids[uid, "correction"] += 1
        elif kind == "forgotten":
            self.forgotten[said["prefix"]] = said["n"]
        else:
            self.n_lost += said["n_lost"]


def compare(operations: Operations, replay: Replay, dataset_id: str) -> dict[str, int]:
    """Fail where ledger or messages are other than the replay says; returns counts of what was compared."""
    sources = {one.name: one.source_id for one in operations.sources()}
    rows = [row for row in operations.ledger_table().to_pylist() if row["actor"].startswith("writer-")]
    known = [row for row in rows if row["source"] != sources[FORGOTTEN] and "-f" not in row["uid"]]
    found: Totals = Counter()
    uids: Counter[tuple[str, str]] = Counter()
    for row in known:
        found[row["actor"], row["source"], row["operation"], row["charged"]] += row["units"]
        assert row["channel"] in ("python", "panel", "cli", "http")
        if row["source"] != dataset_id:
            uids[row["uid"], "sync" if row["corrects"] is None else "correction"] += 1
    assert _not_zero(found) == _not_zero(replay.totals)
    assert uids == replay.uids
    assert len({row["entry_id"] for row in rows}) == len(rows)
    corrected = [row["corrects"] for row in rows if row["corrects"] is not None]
    assert len(set(corrected)) == len(corrected)
    n_came = 0
    sent = Counter(row["uid"] for row in rows if "-f" in row["uid"])
    assert set(sent.values()) <= {1}, "what was not acknowledged was charged twice"
    came = Counter(uid.partition(".")[2].rpartition("-")[0] + "-" for uid in sent)
    for prefix, n in replay.forgotten.items():
        assert came[prefix] in (0, n), "a batch was charged in part"
        n_came += came[prefix] == n
    stored = operations.sql("SELECT source_id, message_id, body FROM message", 1_000_000).to_pylist()
    shared = {sources[name] for name in SHARED}
    texts = {
        (row["source_id"], row["message_id"]): row["body"] for row in stored if row["source_id"] in shared
    }
    assert texts == replay.texts
    there = {row["message_id"] for row in stored if row["source_id"] == sources[FORGOTTEN]}
    charged = {uid.partition(".")[2] for uid in sent if uid.startswith(sources[FORGOTTEN])}
    assert there == charged
    return {
        "entries": len(rows),
        "units charged": sum(row["units"] for row in rows if row["charged"]),
        "units recorded as not charged": sum(row["units"] for row in rows if not row["charged"]),
        "calls never asked about": len(replay.forgotten),
        "of which came": n_came,
    }


def _not_zero(totals: Totals) -> Totals:
    return Counter({key: units for key, units in totals.items() if units})


def torture(
    file: Path, *, n_kills: int, n_done: Callable[[], int], goal: int, is_running: Callable[[], bool]
) -> int:
    """Kill the owner at random points of the way to ``goal``; returns how often."""
    draw = random.Random(41)
    points = sorted(draw.uniform(0.02, 0.95) * goal for _ in range(n_kills))
    killed: set[int] = set()
    for point in points:
        while n_done() < point and is_running():
            time.sleep(0.01)
        while is_running() and (owner_pid(file) or 0) in {0, *killed}:  # the next one is only starting
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.05))
        pid = owner_pid(file)
        if pid is not None and pid not in killed and is_running():
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
            while owner_pid(file) == pid:
                time.sleep(0.005)
    return len(killed)


def owner_pid(file: Path) -> int | None:
    """Process id of the owner that runs; None while none does."""
    try:
        pid = int((companion_folder(file) / "owner.pid").read_text("ascii"))
        state = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else pid  # who started it has not heard yet that it is dead


def prepare_sources(operations: Operations) -> dict[str, str]:
    for name in (*SHARED, FORGOTTEN):
        operations.create_source("demo", name)
    operations.set_budget("demo", "once", soft=10**8, hard=10**9)
    return {one.name: one.source_id for one in operations.sources()}


@pytest.mark.timeout(300)
def test_a_small_ledger_equals_a_replay(file: Path, tmp_path: Path) -> None:
    sources = prepare_sources(connect_local(file, settings=SETTINGS))
    logs = [tmp_path / f"log-{number}.jsonl" for number in range(2)]
    writers = [Writer(file, number, 5, "", log, most=20) for number, log in enumerate(logs)]
    threads = [threading.Thread(target=one.run, args=(200,)) for one in writers]
    for thread in threads:
        thread.start()
    n_kills = torture(
        file,
        n_kills=2,
        n_done=lambda: sum(one.n_done for one in writers),
        goal=400,
        is_running=lambda: any(one.is_alive() for one in threads),
    )
    for thread in threads:
        thread.join()
    replay = Replay()
    for number, log in enumerate(logs):
        replay.read(f"writer-{number}", log, sources, "")
    assert n_kills == 2
    counted = compare(connect_local(file, settings=SETTINGS), replay, "")
    assert counted["units charged"] > 100
    assert sum(replay.n_operations.values()) >= 400


@pytest.mark.nightly
@pytest.mark.timeout(3_000)
def test_the_ledger_equals_a_replay(file: Path, tmp_path: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    dataset_id = reviewed_dataset(operations)
    train(operations, dataset_id)
    sources = prepare_sources(operations)
    logs = [tmp_path / f"log-{number}.jsonl" for number in range(N_WRITERS)]
    begun = time.monotonic()
    writers = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.recovery.ledger_writer",
                *(str(file), str(number), "7", str(N_OPERATIONS // N_WRITERS), dataset_id, str(log)),
            ],
            cwd=ROOT,
        )
        for number, log in enumerate(logs)
    ]
    seen = dict.fromkeys(logs, (0, 0))

    def n_done() -> int:
        for log in logs:
            at, n = seen[log]
            if log.exists():
                with log.open("rb") as file_:
                    file_.seek(at)
                    whole = file_.read().rpartition(b"\n")[0]
                if whole:
                    said = [json.loads(line) for line in whole.splitlines()]
                    n += sum(one.get("n", 0) for one in said if one["kind"] != "forgotten")
                    seen[log] = (at + len(whole) + 1, n)
        return sum(n for _, n in seen.values())

    try:
        n_kills = torture(
            file,
            n_kills=N_KILLS,
            n_done=n_done,
            goal=N_OPERATIONS,
            is_running=lambda: any(one.poll() is None for one in writers),
        )
        assert [one.wait() for one in writers] == [0] * N_WRITERS
    finally:
        for one in writers:
            one.kill()
    replay = Replay()
    for number, log in enumerate(logs):
        replay.read(f"writer-{number}", log, sources, dataset_id)
    counted = compare(connect_local(file, settings=SETTINGS), replay, dataset_id)
    print(
        f"\n{sum(replay.n_operations.values()):,} operations {dict(replay.n_operations)}, {n_kills} kills, "
        f"{replay.n_lost:,} lost replies, {time.monotonic() - begun:.0f} s: {counted}"
    )
    assert n_kills == N_KILLS
    assert (
        sum(n for kind, n in replay.n_operations.items() if kind != "forgotten")
        >= N_OPERATIONS // N_WRITERS * N_WRITERS
    )
