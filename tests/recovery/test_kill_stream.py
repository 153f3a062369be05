"""``kill -9`` of the owner while two consumers work through a stream: none lost, repetitions only as promised."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner
from tests.contract.messages import batch
from tests.recovery.test_kill import kill_owner
from workbench.client import connect_local
from workbench.domain import MessageFilter, PropertyFilter, StreamSettings
from workbench.errors import WorkbenchError
from workbench.settings import Settings

pytestmark = [pytest.mark.recovery, pytest.mark.nightly]
N_KILLS, N_MESSAGES, SIZE, PIECE = int(os.environ.get("WORKBENCH_STREAM_KILLS", "30")), 10_000, 50, 250
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    path = tmp_path / "stream.duckdb"
    yield path
    stop_owner(path)


class Consumer(threading.Thread):
    """Fetches, does its work, advances; after an error it begins with a fetch again."""

    def __init__(self, file: Path, dataset_id: str, done: threading.Event) -> None:
        super().__init__()
        self.file, self.dataset_id, self.done = file, dataset_id, done
        self.handled: list[str] = []
        self.advanced: list[str] = []
        self.n_errors = 0

    def run(self) -> None:
        there = connect_local(self.file, actor=self.name, settings=SETTINGS)
        while not self.done.is_set():
            try:
                found = there.fetch_stream(self.dataset_id, "s", SIZE)  # type: ignore[arg-type]
                uids = [one.message.uid for one in found.items]
                self.handled += uids
                there.advance_stream(self.dataset_id, "s", found.sequence_id)  # type: ignore[arg-type]
                self.advanced += uids
            except WorkbenchError:
                self.n_errors += 1
                continue
            if not found.items:
                time.sleep(0.02)


@pytest.mark.timeout(1800)
def test_two_consumers_miss_nothing_however_often_the_owner_is_killed(file: Path) -> None:
    there = connect_local(file, settings=SETTINGS)
    source_id = there.create_source("demo", "mail").source_id
    dataset_id = there.create_dataset("demo", "d", (source_id,)).dataset_id
    where = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
    there.create_stream(dataset_id, "s", StreamSettings(where=where))
    done, chance = threading.Event(), random.Random(5)
    consumers = [Consumer(file, dataset_id, done) for _ in range(2)]
    for one in consumers:
        one.start()
    n_kills, pieces = 0, N_MESSAGES // PIECE
    for piece in range(pieces):
        while True:  # sent again until it was acknowledged: the name of the batch makes it count once
            try:
                there.put_messages(source_id, batch(PIECE, first=piece * PIECE), f"piece {piece}", PIECE)
                break
            except WorkbenchError:
                continue
        if n_kills * pieces < (piece + 1) * N_KILLS:
            time.sleep(chance.uniform(0, 0.2))
            n_kills += kill_owner(file)
    n_before = -1
    while n_before != 0:
        try:
            n_before = there.stream_position(dataset_id, "s").n_behind
        except WorkbenchError:
            continue
        time.sleep(0.1)
    done.set()
    for one in consumers:
        one.join()

    wanted = {f"{source_id}.m{i}" for i in range(0, N_MESSAGES, 2)}
    handled = Counter(uid for one in consumers for uid in one.handled)
    assert n_kills >= N_KILLS * 0.9, "too few kills found an owner"
    assert set(handled) == wanted, f"{len(wanted - set(handled))} lost"
    # Each consumer sees a message again only where its advance failed, and never after it was acknowledged by all.
    for one in consumers:
        n_again = len(one.handled) - len(set(one.handled))
        assert n_again <= one.n_errors * SIZE
        assert not [uid for uid, n in Counter(one.advanced).items() if n > 1]
    assert max(handled.values()) <= 2 + sum(one.n_errors for one in consumers)
    there.reset_stream(dataset_id, "s", datetime(2000, 1, 1, tzinfo=UTC))
    first = there.fetch_stream(dataset_id, "s", 3)
    assert [one.message.message_id for one in first.items] == ["m0", "m2", "m4"]
