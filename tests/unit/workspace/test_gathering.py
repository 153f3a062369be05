"""Judgements that arrive together: none is lost, a refused one harms nobody, few transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.stores import AT, DATASET, SOURCE, batch, lay_out, message, uid
from workbench.domain import Judgement, JudgementReceipt, LabelId
from workbench.errors import LimitError, StoreError, UnknownNameError, WorkbenchError
from workbench.settings import Settings
from workbench.store import Session, Store
from workbench.workspace.gathering import Gathering

N = 24


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "g.duckdb", n_threads=1) as opened:
        with opened.write() as session:
            lay_out(session)
            session.messages.put(SOURCE, batch(*(message(str(i)) for i in range(N))), at=AT)
        yield opened


def judgement(number: int, label: str = "l1") -> Judgement:
    return Judgement(event_id=f"{number:016x}", uid=uid(str(number)), assigned=(LabelId(label),))


class Slow:
    """A store whose first write waits until everybody else has come."""

    def __init__(self, store: Store) -> None:
        self.store, self.n_writes, self.go = store, 0, threading.Event()

    @contextmanager
    def write(self, *, messages: bool) -> Iterator[Session]:
        assert not messages, "a judgement changes no message"
        self.n_writes += 1
        assert self.go.wait(30)
        with self.store.write(messages=messages) as session:
            yield session


def judged_together(
    store: Slow, asked: list[Judgement], *, most_reviewed: int = 0
) -> list[JudgementReceipt | WorkbenchError]:
    settings = Settings(most_reviewed_per_dataset=most_reviewed)
    gathering = Gathering(store, lambda: AT, settings=settings)  # type: ignore[arg-type]

    def one(asks: Judgement) -> JudgementReceipt | WorkbenchError:
        try:
            return gathering.judge(DATASET, asks, f"actor {asks.event_id}")
        except WorkbenchError as error:
            return error

    with ThreadPoolExecutor(len(asked)) as pool:
        answers = [pool.submit(one, asks) for asks in asked]
        while len(gathering._waiting) + store.n_writes < len(asked):
            threading.Event().wait(0.001)
        store.go.set()
        return [answer.result(30) for answer in answers]


def test_who_waits_is_taken_along(store: Store) -> None:
    slow = Slow(store)
    answers = judged_together(slow, [judgement(i) for i in range(N)])
    assert slow.n_writes == 2
    for i, receipt in enumerate(answers):
        assert isinstance(receipt, JudgementReceipt)
        assert (receipt.uid, receipt.reviewed_by) == (uid(str(i)), f"actor {i:016x}")
    with store.read() as session:
        assert {row["event_id"] for row in session.reviews.events(DATASET).to_pylist()} == {
            f"{i:016x}" for i in range(N)
        }


def test_a_refused_judgement_harms_nobody(store: Store) -> None:
    asked = [judgement(i, "l1" if i % 2 else "no such label") for i in range(8)]
    for i, answer in enumerate(judged_together(Slow(store), asked)):
        assert isinstance(answer, JudgementReceipt if i % 2 else UnknownNameError)
    with store.read() as session:
        assert session.reviews.events(DATASET).num_rows == 4


def test_who_waits_together_passes_no_quota(store: Store) -> None:
    n_reviewed = 5
    answers = judged_together(Slow(store), [judgement(i) for i in range(8)], most_reviewed=n_reviewed)
    assert sum(isinstance(answer, JudgementReceipt) for answer in answers) == n_reviewed
    refused = [answer for answer in answers if isinstance(answer, LimitError)]
    assert {one.details["found"] for one in refused} == {n_reviewed + 1}
    again = [judgement(i) for i, answer in enumerate(answers) if isinstance(answer, JudgementReceipt)]
    slow = Slow(store)
    assert all(
        isinstance(answer, JudgementReceipt)
        for answer in judged_together(slow, again, most_reviewed=n_reviewed)
    )
    assert slow.n_writes <= 2


def test_several_on_one_message_follow_each_other(store: Store) -> None:
    asked = [
        Judgement(event_id=f"{i:016x}", uid=uid("0"), assigned=(LabelId(label),))
        for i, label in enumerate(("l1", "l2", "l3"))
    ]
    answers = judged_together(Slow(store), asked)
    assert sorted(a.revision for a in answers if isinstance(a, JudgementReceipt)) == [1, 2, 3]
    last = max(answers, key=lambda a: a.revision)  # type: ignore[union-attr]
    assert {"l1", "l2", "l3"} <= set(last.assigned)  # type: ignore[union-attr]


def test_when_nothing_can_be_written_everybody_hears_of_it(store: Store) -> None:
    class Broken(Slow):
        @contextmanager
        def write(self, *, messages: bool) -> Iterator[Any]:
            self.n_writes += 1
            assert self.go.wait(30)
            raise StoreError("the disk is full.", next_step="Free some space.")
            yield

    for answer in judged_together(Broken(store), [judgement(i) for i in range(4)]):
        assert isinstance(answer, StoreError)
    assert isinstance(
        Gathering(store, lambda: AT, settings=Settings()).judge(DATASET, judgement(9), "ann"),
        JudgementReceipt,
    )
