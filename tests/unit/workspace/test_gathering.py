"""What arrives together: none is lost, a refused one harms nobody, few transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.stores import AT, DATASET, SOURCE, batch, lay_out, message, uid
from workbench.domain import Grants, Judgement, JudgementReceipt, LabelId, Labelling, Message, parse_path
from workbench.errors import (
    AccessError,
    LimitError,
    StoreError,
    UnknownMessageError,
    UnknownNameError,
    WorkbenchError,
)
from workbench.settings import Settings
from workbench.store import Session, Store
from workbench.workspace import open_workspace
from workbench.workspace.gathering import Gathering, LabelsLackingError, Said, Standing

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


def said(number: int, *assigned: str, dismissed: tuple[str, ...] = ()) -> Said:
    labelling = Labelling(assigned=assigned, dismissed=dismissed)
    paths = {name: parse_path(name) for name in (*assigned, *dismissed)}
    return Said(uid=uid(str(number)), labelling=labelling, paths=paths)


class SlowWithReads(Slow):
    """Counts its reads as well."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.n_reads = 0

    @contextmanager
    def read(self) -> Iterator[Session]:
        self.n_reads += 1
        with self.store.read() as session:
            yield session


def said_together(
    store: SlowWithReads, asked: list[Said | Judgement], **of: Any
) -> list[Standing | JudgementReceipt | Exception]:
    """Each comes after the one before; the first is being stored while the others come."""
    gathering = Gathering(store, lambda: AT, settings=Settings(**of))  # type: ignore[arg-type]

    def one(number: int, asks: Said | Judgement) -> Standing | JudgementReceipt | Exception:
        try:
            if isinstance(asks, Judgement):
                return gathering.judge(DATASET, asks, f"actor {number}")
            return gathering.say(DATASET, asks, f"actor {number}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the answer
            return error

    with ThreadPoolExecutor(len(asked)) as pool:
        answers = []
        for number, asks in enumerate(asked):
            answers.append(pool.submit(one, number, asks))
            while len(gathering._waiting) + store.n_writes <= number:
                threading.Event().wait(0.001)
        store.go.set()
        return [answer.result(30) for answer in answers]


def names(standing: object) -> list[str]:
    assert isinstance(standing, Standing)
    by_id = {label_id: path for path, label_id in standing.ids.items()}
    return [" > ".join(by_id[one]) for one in standing.message.assigned]


def test_labellings_are_stored_and_read_back_together(store: Store) -> None:
    slow = SlowWithReads(store)
    answers = said_together(slow, [said(i, "Praise" if i % 2 else "Claims") for i in range(N)])
    assert (slow.n_writes, slow.n_reads) == (2, 2)
    for i, answer in enumerate(answers):
        assert names(answer) == ["Praise" if i % 2 else "Claims"]
        assert isinstance(answer, Standing)
        assert (answer.message.uid, answer.message.reviewed_by) == (uid(str(i)), f"actor {i}")


def test_a_refused_labelling_harms_nobody(store: Store) -> None:
    asked = [said(0, "Claims"), said(99, "New"), said(1, "New"), said(98, "Claims"), judgement(2), said(3)]
    kept, lost, lacking, unknown, receipt, emptied = said_together(SlowWithReads(store), asked)
    assert names(kept) == ["Claims"] and names(emptied) == []
    # A message that is not there is said before labels are made for it.
    assert isinstance(lost, UnknownMessageError) and isinstance(unknown, UnknownMessageError)
    assert isinstance(lacking, LabelsLackingError) and lacking.names == ("New",)
    assert isinstance(receipt, JudgementReceipt)
    assert uid("0") not in str(unknown.details)  # what others judge is nobody's business
    with store.read() as session:
        assert session.reviews.events(DATASET)["uid"].to_pylist() == [uid("0"), uid("2")]


def test_of_two_labellings_of_one_message_the_later_counts(store: Store) -> None:
    asked = [said(5, "Claims"), said(0, "Claims"), said(0, "Praise"), said(0, dismissed=("Claims",))]
    said_together(SlowWithReads(store), asked)
    with store.read() as session:
        (message,) = session.messages.get(DATASET, (uid("0"),))
        history = session.reviews.history(DATASET, uid("0"), 10)
        ids = session.labels.ids(DATASET)
    assert (message.assigned, message.dismissed) == ((), (ids[("Claims",)],))
    assert [event.actor for event in history] == ["actor 3", "actor 2", "actor 1"]
    assert history[1].assigned == (ids[("Praise",)],)


def test_in_one_batch_everybody_has_their_own_rights(tmp_path: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, cache_dir=tmp_path) as opened:
        store = opened._workspace.store
        with store.write() as session:
            lay_out(session)
            put = [message(str(i), properties='{"string:Account": "42"}') for i in range(4)]
            session.messages.put(SOURCE, batch(*put), at=AT)
            source = session.catalog.source(SOURCE)
            session.catalog.amend_source(replace(source, sensitive_properties=("string:Account",)))
        slow = SlowWithReads(store)
        opened._workspace.judgements._store = slow  # type: ignore[assignment]
        rights = (
            {"dataset.review", "dataset.read", "source.read"},
            {"source.read_sensitive"},
            {"dataset.read"},
        )
        some, more, few = (Grants(projects={"acme": frozenset(one)}) for one in rights)
        everything = replace(some, projects={"acme": some.projects["acme"] | more.projects["acme"]})

        def one(number: int, grants: Grants) -> Message | AccessError:
            there = opened.operations(f"actor {number}", grants=grants)
            try:
                return there.set_labels(DATASET, uid(str(number)), Labelling(assigned=("Claims",))).message
            except AccessError as error:
                return error

        with ThreadPoolExecutor(4) as pool:
            answers = [pool.submit(one, i, grants) for i, grants in enumerate((some, everything, few, some))]
            while len(opened._workspace.judgements._waiting) + slow.n_writes < 3:
                threading.Event().wait(0.001)
            slow.go.set()
            first, second, third, fourth = (answer.result(30) for answer in answers)
        assert isinstance(third, AccessError) and slow.n_writes == 2
        assert [dict(one.properties) for one in (first, second, fourth)] == [{}, {"string:Account": "42"}, {}]
        with store.read() as session:
            judged = session.reviews.events(DATASET)
        assert set(zip(judged["uid"].to_pylist(), judged["actor"].to_pylist(), strict=True)) == {
            (uid(str(i)), f"actor {i}") for i in (0, 1, 3)
        }


def test_labellings_that_wait_together_pass_no_quota(store: Store) -> None:
    asked: list[Said | Judgement] = [said(i, "Claims") for i in range(8)]
    answers = said_together(SlowWithReads(store), asked, most_reviewed_per_dataset=5)
    assert [isinstance(one, Standing) for one in answers] == [True] * 5 + [False] * 3
    assert all(isinstance(one, LimitError) for one in answers[5:])


def test_a_commit_that_fails_leaves_nothing_and_is_tried_for_each_alone(store: Store) -> None:
    class Failing(SlowWithReads):
        @contextmanager
        def write(self, *, messages: bool) -> Iterator[Session]:
            with super().write(messages=messages) as session:
                yield session
                judged = session.reviews.events(DATASET)["uid"].to_pylist()
                if len(judged) > 1 and (uid("3") in judged or self.n_writes == 2):
                    raise RuntimeError("the commit fails")

    failing = Failing(store)
    answers = said_together(failing, [said(i, "Claims") for i in range(5)])
    assert [type(one) for one in answers] == [Standing, Standing, Standing, RuntimeError, Standing]
    with store.read() as session:
        judged = session.reviews.events(DATASET)["uid"].to_pylist()
    assert judged == [uid(str(i)) for i in (0, 1, 2, 4)]


def test_when_answers_cannot_be_read_everybody_hears_of_it_and_all_is_stored(store: Store) -> None:
    class Blind(SlowWithReads):
        @contextmanager
        def read(self) -> Iterator[Any]:
            raise StoreError("the disk is gone.", next_step="Find it.")
            yield

    answers = said_together(Blind(store), [said(i, "Claims") for i in range(4)])
    assert all(isinstance(one, StoreError) for one in answers)
    with store.read() as session:
        assert session.reviews.events(DATASET).num_rows == 4
