"""The thread that looks at what has turns: when it looks, and what happens when a look fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from workbench.domain import Event
from workbench.errors import StoreError
from workbench.settings import Settings
from workbench.store import Session
from workbench.workspace import polling
from workbench.workspace.context import Workspace
from workbench.workspace.opening import open_workspace


class Counted(polling.Turns):
    """Turns that count looks."""

    topic = "tea"
    every_s = 100.0

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.there, self.n_looks, self.error = True, 0, ""

    def enabled(self) -> bool:
        return True

    def any_there(self, session: Session) -> bool:
        return self.there

    def look(self) -> bool:
        self.n_looks += 1
        if self.error:
            raise StoreError(self.error, next_step="Try again.")
        return True


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    file = tmp_path_factory.mktemp("polling") / "w.duckdb"
    with open_workspace(file, settings=Settings(sync_interval_s=0, retention_interval_s=0)) as opened:
        assert not opened._poller._thread.is_alive()  # the settings allow nothing
        yield opened._workspace


def news(topic: str) -> Event:
    return Event(seq=1, topic=topic, dataset_id=None, subject="x", actor="")


def test_it_looks_after_news_and_else_from_time_to_time(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(polling.time, "monotonic", lambda: now)
    turns = Counted(workspace)
    seat = polling._Seat(turns)
    for _ in range(3):
        seat.look(workspace)
    assert turns.n_looks == 1
    seat.hear([news("coffee")], missed=False)
    seat.look(workspace)
    assert turns.n_looks == 1
    seat.hear([news("tea")], missed=False)
    seat.look(workspace)
    assert turns.n_looks == 2
    now += 100
    turns.there = False
    seat.look(workspace)
    now += 100
    seat.look(workspace)
    assert turns.n_looks == 3  # once there was nothing, only news is waited for
    seat.hear([], missed=True)
    seat.look(workspace)
    assert turns.n_looks == 4


def test_a_look_that_fails_waits_longer_each_time_and_stops_nothing_else(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0
    monkeypatch.setattr(polling.time, "monotonic", lambda: now)
    turns = Counted(workspace)
    turns.error = "the disk is full."
    for n, waits_s in enumerate((2.0, 4.0, 8.0), start=1):
        seat = polling._Seat(turns)
        seat.look(workspace)
        assert (turns.n_looks, turns._not_before, turns.rests) == (n, now + waits_s, True)
    for _ in range(20):
        turns.wait_longer()
    assert turns._not_before == now + 300
    now += 301
    assert not turns.rests
