"""``kill -9`` of the owner while it sends a stream: none lost, in order, repetitions only of the batch that was under way."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner
from tests.contract.messages import batch
from tests.receivers import Receiver, Taken, receiving
from tests.recovery.test_kill import kill_owner
from tests.unit.workspace.test_webhooks import is_signed
from workbench.client import connect_local
from workbench.domain import (
    DatasetId,
    MessageFilter,
    Operations,
    PropertyFilter,
    StreamSettings,
    WebhookSettings,
)
from workbench.errors import WorkbenchError
from workbench.settings import Settings

pytestmark = [pytest.mark.recovery, pytest.mark.nightly]
N_KILLS, N_MESSAGES, SIZE, PIECE = int(os.environ.get("WORKBENCH_WEBHOOK_KILLS", "20")), 4_000, 20, 200
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\nwebhook_inner_hosts = "127.0.0.1"\n'
        "webhook_retry_s = 0.05\nwebhook_retry_max_s = 0.2\nwebhook_failures = 0\n",
        "utf-8",
    )
    path = tmp_path / "hook.duckdb"
    yield path
    stop_owner(path)


def waiting(there: Operations, dataset_id: DatasetId) -> int:
    """Messages that were not taken yet; a call also starts the next owner."""
    while True:
        try:
            return there.webhook(dataset_id, "s").status.n_waiting
        except WorkbenchError:
            continue


@pytest.mark.timeout(1800)
def test_a_target_misses_nothing_however_often_the_owner_is_killed(file: Path) -> None:
    chance = random.Random(5)

    def answer(_: Taken) -> int | None:
        """Takes most, and now and then fails, keeps silent, or breaks the line off after having taken it."""
        time.sleep(chance.uniform(0, 0.01))
        return chance.choice([204] * 12 + [500, 503, None])

    with receiving(Receiver(answer=answer)) as receiver:
        there = connect_local(file, settings=SETTINGS)
        source_id = there.create_source("demo", "mail").source_id
        dataset_id = there.create_dataset("demo", "d", (source_id,)).dataset_id
        where = MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("N",)),))
        there.create_stream(dataset_id, "s", StreamSettings(where=where))
        made = there.set_webhook(dataset_id, "s", WebhookSettings(url=receiver.url, batch_size=SIZE))
        n_kills, pieces = 0, N_MESSAGES // PIECE
        for piece in range(pieces):
            while True:  # sent again until it was acknowledged: the name of the batch makes it count once
                try:
                    there.put_messages(source_id, batch(PIECE, first=piece * PIECE), f"piece {piece}", PIECE)
                    break
                except WorkbenchError:
                    continue
            if n_kills * pieces < (piece + 1) * N_KILLS:
                waiting(there, dataset_id)
                time.sleep(chance.uniform(0, 0.8))
                n_kills += kill_owner(file)
        while waiting(there, dataset_id):
            time.sleep(0.2)
        n_told = there.webhook(dataset_id, "s").status.n_delivered

    wanted = [f"m{i}" for i in range(0, N_MESSAGES, 2)]
    first_seen = list(dict.fromkeys(one for taken in receiver.accepted for one in taken.messages))
    assert n_kills >= N_KILLS * 0.9, "too few kills found an owner"
    assert first_seen == wanted, f"{len(set(wanted) - set(first_seen))} lost, or out of order"
    assert all(is_signed(one, made.secret) for one in receiver.requests)
    # One id is one batch, and what comes again comes at once: before anything else.
    batches: dict[str, tuple[str, ...]] = {}
    for taken in receiver.requests:
        known = batches.setdefault(taken.headers["webhook-id"], tuple(taken.messages))
        assert known == tuple(taken.messages)
    ids = [one.headers["webhook-id"] for one in receiver.requests]
    assert len([1 for a, b in pairwise(ids) if a != b]) == len(batches) - 1
    # A batch was taken twice only where the owner was killed between its being taken and that being written down.
    taken_ids = Counter(one.headers["webhook-id"] for one in receiver.accepted)
    assert sum(n - 1 for n in taken_ids.values()) <= n_kills
    assert n_told == len(wanted)
