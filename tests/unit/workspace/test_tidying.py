"""Checkpoints in quiet moments."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.stores import AT, lay_out
from workbench.errors import StoreError
from workbench.store import Store
from workbench.workspace.tidying import Tidying

TICK_S = 0.01


def wait_for(what: object, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():  # type: ignore[operator]
            return True
        time.sleep(TICK_S)
    return False


def test_a_long_log_is_written_into_the_file_once_nobody_writes(tmp_path: Path) -> None:
    with Store.open(tmp_path / "w.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
        assert store.log_bytes > 0
        tidying = Tidying(store, log_bytes=1, tick_s=TICK_S)
        tidying.start()
        assert wait_for(lambda: store.log_bytes == 0)
        tidying.stop()


def test_a_short_log_is_left(tmp_path: Path) -> None:
    with Store.open(tmp_path / "w.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
        before = store.log_bytes
        tidying = Tidying(store, log_bytes=1 << 30, tick_s=TICK_S)
        tidying.start()
        time.sleep(20 * TICK_S)
        tidying.stop()
        assert store.log_bytes == before > 0


def test_after_a_bulk_load_nobody_has_to_ask_twice(tmp_path: Path) -> None:
    with Store.open(tmp_path / "w.duckdb", n_threads=1) as store:
        checkpoints: list[int] = []
        store.checkpoint = lambda: checkpoints.append(1)  # type: ignore[method-assign]
        tidying = Tidying(store, log_bytes=1 << 30, tick_s=60)
        tidying.start()
        tidying.soon()
        assert wait_for(lambda: checkpoints == [1])
        tidying.stop()
        assert checkpoints == [1]


def test_nothing_is_tidied_under_steady_work(tmp_path: Path) -> None:
    """Each write begins the wait anew, however long the log is."""
    with Store.open(tmp_path / "w.duckdb", n_threads=1) as store:
        checkpoints: list[int] = []
        store.checkpoint = lambda: checkpoints.append(1)  # type: ignore[method-assign]
        tidying = Tidying(store, log_bytes=0, tick_s=0.1)
        tidying.start()
        for number in range(20):
            with store.write() as session:
                session.audit.append(actor="a", action="x", object=str(number), details="{}", at=AT)
            time.sleep(0.05)
        busy = list(checkpoints)
        assert wait_for(lambda: checkpoints)
        tidying.stop()
        assert busy == []


def test_a_failed_checkpoint_is_tried_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with Store.open(tmp_path / "w.duckdb", n_threads=1) as store:
        tries = threading.Semaphore(0)

        def fails() -> None:
            tries.release()
            raise StoreError("the disk is full.", next_step="Make room.")

        store.checkpoint = fails  # type: ignore[method-assign]
        tidying = Tidying(store, log_bytes=0, tick_s=TICK_S)
        tidying.start()
        assert tries.acquire(timeout=10)
        assert tries.acquire(timeout=10)
        tidying.stop()
    assert "the disk is full" in caplog.text


def test_what_cannot_be_done_at_one_look_is_tried_at_the_next(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        raise StoreError("the disk is full.", next_step="Make room.")

    with Store.open(tmp_path / "w.duckdb", n_threads=1) as store:
        tidying = Tidying(store, at_each_look=look, tick_s=TICK_S)
        tidying.start()
        assert wait_for(lambda: len(looks) > 2)
        tidying.stop()
    assert "what is due was not done: the disk is full." in caplog.text
