"""``kill -9`` of the owner in the midst of a mail import: resumed, it ends at the same mails, threads and ledger."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner
from tests.contract.test_mail_import import mail, mbox, send
from tests.recovery.test_kill import ROUNDS, SETTINGS, kill_owner, ledger_is_exact, watch
from workbench.client import connect_local
from workbench.domain import Operations

pytestmark = [pytest.mark.recovery, pytest.mark.slow]
N_MAILS = 2_400
CHUNK = 256


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\npredict_after_s = -1\n', "utf-8"
    )
    path = tmp_path / "kill.duckdb"
    yield path
    stop_owner(path)


def content() -> bytes:
    """Each third mail answers one that comes later, so that threads merge on the way."""
    return mbox(
        *(
            mail(n, more=f"References: <{n + 700}@shop.example>\n" if n % 3 == 0 else "")
            for n in range(N_MAILS)
        )
    )


def state_of(operations: Operations) -> list[tuple[object, ...]]:
    table = operations.sql(
        "SELECT m.message_id, m.thread_id, p.string_value, r.n_bytes FROM message m"
        " JOIN raw_mail r ON r.message_id = m.message_id"
        " JOIN message_property p ON p.uid = m.uid AND p.name = 'string:Thread' ORDER BY ALL"
    )
    return [tuple(row.values()) for row in table.to_pylist()]


def start(operations: Operations) -> str:
    bucket = operations.create_bucket("demo", "mail")
    operations.create_source("demo", "mail", bucket_id=bucket.bucket_id)
    return operations.start_mail_import(bucket.bucket_id, (send(operations, content()).upload_id,))


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_mail_import(file: Path, tmp_path: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    job_id = start(operations)
    chance = random.Random(17)
    for turn in range(ROUNDS):
        goal = (turn + 1) * N_MAILS // (ROUNDS + 2) // CHUNK * CHUNK
        watch(operations, job_id, "loading", goal)
        time.sleep(chance.uniform(0, 0.05))
        assert kill_owner(file)
        operations = connect_local(file, settings=SETTINGS)
        assert operations.job(job_id).status == "interrupted"
        assert ledger_is_exact(operations)
        stored = operations.sources()[0].n_messages
        assert stored == operations.buckets()[0].n_mails
        assert stored % CHUNK == 0
        assert stored >= goal
        job_id = operations.resume_job(job_id)
    state = watch(operations, job_id, "never")
    assert (state.status, state.error) == ("done", "")
    assert operations.usage().units == N_MAILS
    assert ledger_is_exact(operations)
    whole = tmp_path / "whole.duckdb"
    try:
        others = connect_local(whole, settings=SETTINGS)
        assert watch(others, start(others), "never").status == "done"
        assert state_of(operations) == state_of(others)
        assert len(state_of(others)) == N_MAILS
    finally:
        stop_owner(whole)
