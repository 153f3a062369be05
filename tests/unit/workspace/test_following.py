"""Jobs that follow from what happened."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from workbench.domain import DatasetId, Event, EventPage, JobKind
from workbench.errors import WorkbenchError
from workbench.workspace.following import ACTOR, Follower

ONE, TWO = DatasetId("one"), DatasetId("two")


class Asked:
    """A rule that answers from a list and tells how often it was asked."""

    kind: JobKind = "predict"

    def __init__(self, answers: dict[DatasetId, list[bool | None]], *, on: bool = True) -> None:
        self.answers, self.on, self.asked = answers, on, []

    def enabled(self) -> bool:
        return self.on

    def touched(self, event: Event) -> frozenset[DatasetId]:
        return frozenset({event.dataset_id} if event.dataset_id else ())

    def due(self, dataset_id: DatasetId) -> bool | None:
        self.asked.append(dataset_id)
        return self.answers[dataset_id].pop(0)


class Workspace:
    """Events given at once, then silence; what is queued is kept."""

    def __init__(self, *datasets: DatasetId, refuses: bool = False) -> None:
        self.waiting = [datasets]
        self.queued: list[tuple[str, str, bool]] = []
        self.silent = threading.Event()
        self.refuses = refuses
        self.events: Any = SimpleNamespace(wait=self.wait)
        self.jobs: Any = SimpleNamespace(submit=self.submit)

    def wait(self, after: int, _timeout_s: float, _dataset: DatasetId | None) -> EventPage:
        if after > 5:
            self.silent.set()
        found = self.waiting.pop() if self.waiting else ()
        events = tuple(
            Event(seq=after + 1, topic="import", dataset_id=one, subject="s", actor="a") for one in found
        )
        return EventPage(events=events, last_seq=after + 1)

    def submit(
        self, kind: JobKind, parameters: dict[str, str], *, dataset_id: DatasetId, joins: bool
    ) -> None:
        assert parameters == {"actor": ACTOR}
        if self.refuses:
            raise WorkbenchError("the queue is closed.", next_step="Wait.")
        self.queued.append((kind, dataset_id, joins))


def follow(workspace: Workspace, *rules: Asked) -> None:
    follower = Follower(workspace, *rules)  # type: ignore[arg-type]
    follower.start()
    assert workspace.silent.wait(10)
    follower.stop()


def test_a_due_job_is_queued_once_and_asked_for_until_then() -> None:
    rule = Asked({ONE: [False, False, True], TWO: [None]})
    workspace = Workspace(ONE, TWO)
    follow(workspace, rule)
    assert workspace.queued == [("predict", ONE, True)]
    assert sorted(rule.asked) == [ONE, ONE, ONE, TWO]


def test_a_flood_of_news_asks_no_more_than_once_a_tick() -> None:
    rule = Asked({ONE: [False, None]})
    workspace = Workspace(ONE)
    workspace.waiting = [(ONE,)] * 5  # one after the other, and then it is quiet
    follow(workspace, rule)
    assert rule.asked == [ONE, ONE]


def test_a_refusal_is_not_repeated() -> None:
    rule = Asked({ONE: [True]})
    workspace = Workspace(ONE, refuses=True)
    follow(workspace, rule)
    assert workspace.queued == []
    assert rule.asked == [ONE]


@pytest.mark.parametrize("on", [True, False])
def test_a_rule_that_is_switched_off_is_never_asked(on: bool) -> None:
    rule, other = Asked({ONE: [None]}, on=on), Asked({ONE: [None]})
    follow(Workspace(ONE), rule, other)
    assert rule.asked == ([ONE] if on else [])
    assert other.asked == [ONE]
