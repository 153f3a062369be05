"""Refusals in the audit log: the first few one by one, further ones as sums that lose nothing and take little room."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.people import Time
from workbench.domain import AuditEvent, AuditQuery, Grants, Operations
from workbench.errors import AccessError, StoreError
from workbench.settings import Settings
from workbench.store import Session, Store
from workbench.workspace import refusals
from workbench.workspace.context import Caller
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.refusals import AT_ONCE, MOST_NAMED, WINDOW, Refusals

WINDOW_S = WINDOW.total_seconds()


@dataclass
class Bench:
    """A workspace whose time stands still, its operations for its owner, and for two who may do nothing."""

    opened: OpenedWorkspace
    time: Time
    root: Operations
    path: Path

    @property
    def refusals(self) -> Refusals:
        return self.opened._workspace.refusals

    def refuse(self, actor: str = "eve", operation: str = "create_project", times: int = 1) -> None:
        asking = self.opened.operations(actor, "http", grants=Grants())
        arguments = ("x",) if operation == "create_project" else ()
        for _ in range(times):
            with pytest.raises(AccessError, match=f"'{actor}' may not"):
                getattr(asking, operation)(*arguments)

    def events(self, *actors: str) -> list[AuditEvent]:
        """Refusals, oldest first."""
        found = self.root.audit_events(AuditQuery(actors=actors, outcome="refused", limit=1_000)).events
        return list(reversed(found))


SMALL = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    time = Time()
    path = tmp_path_factory.mktemp("refusals") / "w.duckdb"
    with open_workspace(path, settings=SMALL, clock=time) as opened:
        yield Bench(opened, time, opened.operations("root"), path)


@pytest.fixture(autouse=True)
def _fresh(bench: Bench) -> None:
    """Every window of the test before is over."""
    bench.time.pass_by(WINDOW_S)
    bench.refusals.write_ended()


def n_of(events: list[AuditEvent]) -> int:
    """How many refusals events tell of."""
    return sum(json.loads(one.details)["n"] if one.type == "refused_more" else 1 for one in events)


def test_the_first_few_are_events_of_their_own_and_the_rest_is_one_sum(bench: Bench) -> None:
    began = bench.time.now
    bench.refuse("ada", times=AT_ONCE)
    bench.time.pass_by(3)
    bench.refuse("ada", times=20)
    bench.time.pass_by(4)
    bench.refuse("ada", "audit_head", times=30)
    *single, last = bench.events("ada")
    assert [one.type for one in single] == ["refused"] * AT_ONCE
    assert json.loads(single[0].details) == {"operation": "create_project", "permission": "tenant.manage"}
    assert (last.type, last.channel, last.object) == ("refused_more", "http", "audit_head, create_project")
    assert json.loads(last.details) == {
        "n": 50,
        "of": {"audit_head": 30, "create_project": 20},
        "n_others": 0,
        "since": (began + timedelta(seconds=3)).isoformat(),
        "until": (began + timedelta(seconds=7)).isoformat(),
    }
    assert bench.root.verify_audit().intact


def test_reading_the_log_opens_no_new_window(bench: Bench) -> None:
    bench.refuse("bob", times=AT_ONCE + 5)
    assert [n_of(bench.events("bob")[-1:]), len(bench.events("bob"))] == [5, AT_ONCE + 1]
    bench.refuse("bob", times=7)
    assert n_of(bench.events("bob")) == AT_ONCE + 12
    assert len(bench.events("bob")) == AT_ONCE + 2
    bench.time.pass_by(WINDOW_S)
    bench.refuse("bob", times=2)
    assert [one.type for one in bench.events("bob")[-2:]] == ["refused", "refused"]


def test_a_sum_is_written_when_its_window_ends_whoever_asks_next(bench: Bench) -> None:
    bench.refuse("carl", times=AT_ONCE + 3)
    bench.time.pass_by(WINDOW_S - 1)
    bench.refuse("dora")
    assert _stored(bench, "carl") == ["refused"] * AT_ONCE
    bench.time.pass_by(1)
    bench.refuse("dora")
    assert _stored(bench, "carl") == ["refused"] * AT_ONCE + ["refused_more"]


def _stored(bench: Bench, actor: str) -> list[str]:
    """Types of events as they lie in the file, without asking for what is counted."""
    with bench.opened._workspace.store.read() as session:
        return [one["action"] for one in session.audit.table().to_pylist() if one["actor"] == actor]


def test_nobody_has_to_ask_for_a_window_to_end(bench: Bench) -> None:
    bench.refuse("emil", times=AT_ONCE + 3)
    bench.time.pass_by(WINDOW_S)
    bench.opened._tidying._look()
    assert _stored(bench, "emil")[-1] == "refused_more"


@pytest.mark.parametrize("way", ["table", "events", "head", "verify", "sql", "publish"])
def test_however_the_log_is_read_nothing_is_missing(bench: Bench, way: str, tmp_path: Path) -> None:
    bench.refuse(f"fay-{way}", times=AT_ONCE + 4)
    root, copy = bench.root, tmp_path / "copy.duckdb"
    read = {
        "table": root.audit_table,
        "events": lambda: root.audit_events(AuditQuery()),
        "head": root.audit_head,
        "verify": root.verify_audit,
        "sql": lambda: root.sql("SELECT count(*) AS n FROM audit_event"),
        "publish": lambda: root.publish(str(copy)),
    }
    read[way]()
    assert _stored(bench, f"fay-{way}").count("refused_more") == 1
    if way == "publish":
        with Store.open(copy) as published, published.read() as session:
            assert "refused_more" in session.audit.table().column("action").to_pylist()


def test_many_at_once_are_counted_exactly(bench: Bench) -> None:
    n_threads, each = 8, 60

    def refuse(number: int) -> None:
        bench.refuse("gus", ("create_project", "audit_head")[number % 2], times=each)
        if number % 3 == 0:
            bench.time.pass_by(WINDOW_S)

    with ThreadPoolExecutor(n_threads) as pool:
        asked = [pool.submit(refuse, number) for number in range(n_threads)]
        seen = [n_of(bench.events("gus")) for _ in range(10)]
        for one in asked:
            one.result()
    found = bench.events("gus")
    assert n_of(found) == n_threads * each
    assert seen == sorted(seen)
    counted = Counter(json.loads(one.details)["operation"] for one in found if one.type == "refused")
    for one in found:
        if one.type == "refused_more":
            counted.update(json.loads(one.details)["of"])
    assert counted == dict.fromkeys(("create_project", "audit_head"), n_threads * each // 2)
    assert bench.root.verify_audit().intact


def test_who_reads_while_a_sum_is_written_waits_and_sees_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.refuse("uma", times=AT_ONCE + 3)
    store = bench.opened._workspace.store
    going, go_on = threading.Event(), threading.Event()
    write = store.write

    def slowly(**how: bool) -> AbstractContextManager[Session]:
        going.set()
        assert go_on.wait(30)
        return write(**how)

    monkeypatch.setattr(store, "write", slowly)
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(bench.refusals.write_counted)
        assert going.wait(30)
        reading = pool.submit(bench.events, "uma")
        wait([reading], timeout=0.3)  # without the lock it is over by now, and did not see the sum
        go_on.set()
        writing.result()
        assert n_of(reading.result()) == AT_ONCE + 3


_STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["hal", "ida", "jon"]),
            st.sampled_from(["create_project", "audit_head", "measure_storage"]),
            st.integers(1, AT_ONCE + 2),
        ),
        st.floats(0, 1.5 * WINDOW_S),
        st.just("read"),
    ),
    max_size=12,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_whatever_happens_when_nothing_is_lost_and_little_is_written(
    bench: Bench, steps: list[tuple[str, str, int] | float | str]
) -> None:
    bench.time.pass_by(WINDOW_S)
    began, first = bench.time.now, bench.root.audit_head().seq
    asked: Counter[str] = Counter()
    n_reads = 1
    for step in steps:
        if isinstance(step, tuple):
            actor, operation, times = step
            bench.refuse(actor, operation, times)
            asked[actor] += times
        elif isinstance(step, str):
            bench.events()
            n_reads += 1
        else:
            bench.time.pass_by(step)
    for actor in ("hal", "ida", "jon"):
        found = [one for one in bench.events(actor) if one.seq > first]
        assert n_of(found) == asked[actor]
        n_windows = 1 + (bench.time.now - began) // WINDOW
        assert len(found) <= n_windows * (AT_ONCE + 1) + n_reads
        for one in found:
            if one.type == "refused_more":
                told = json.loads(one.details)
                assert told["n"] == sum(told["of"].values()) + told["n_others"]
                assert began.isoformat() <= told["since"] <= told["until"] <= one.at.isoformat()


def test_a_sum_names_few_operations_and_counts_all(bench: Bench) -> None:
    for number in range(AT_ONCE + MOST_NAMED + 5):
        bench.refusals.note("refused", f"operation {number:02}", lambda _: None, actor="kim", channel="cli")
    bench.refusals.note("refused", "operation 30", lambda _: None, actor="kim", channel="cli")
    (event,) = bench.events("kim")
    told = json.loads(event.details)
    assert (told["n"], len(told["of"]), told["n_others"]) == (MOST_NAMED + 6, MOST_NAMED, 5)
    assert next(iter(told["of"].items())) == ("operation 30", 2)
    assert len(event.object) <= 300


def test_memory_is_bounded_and_who_is_forgotten_is_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "MOST_WINDOWS", 3)
    for actor in ("lea", "max", "nia", "oda", "pit"):
        bench.refuse(actor, times=AT_ONCE + 1)
    assert [one.actor for one in bench.refusals._windows] == ["nia", "oda", "pit"]
    assert _stored(bench, "max")[-1] == "refused_more"
    assert _stored(bench, "nia")[-1] == "refused"
    assert n_of(bench.events("lea")) == AT_ONCE + 1


def test_what_cannot_be_written_stays_counted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.refuse("quin", times=AT_ONCE + 3)

    def full(**_: object) -> None:
        raise StoreError("the disk is full.", next_step="Make room.")

    with monkeypatch.context() as patched:
        patched.setattr(bench.opened._workspace.store, "write", full)
        with pytest.raises(StoreError, match="the disk is full"):
            bench.root.audit_table()
        bench.refuse("quin", times=2)  # counting needs no disk
    assert n_of(bench.events("quin")) == AT_ONCE + 5


def test_an_orderly_stop_writes_everything(tmp_path: Path) -> None:
    with open_workspace(tmp_path / "w.duckdb", settings=SMALL, clock=Time()) as opened:
        here = Bench(opened, Time(), opened.operations("root"), tmp_path)
        here.refuse(times=AT_ONCE + 7)
    with Store.open(tmp_path / "w.duckdb", read_only=True) as store, store.read() as session:
        last = session.audit.table().to_pylist()[-1]
        assert session.audit.verify() is None
    assert (last["action"], json.loads(last["details"])["n"]) == ("refused_more", 7)


def test_after_the_stop_nothing_is_counted_any_more(bench: Bench) -> None:
    apart = Refusals(bench.opened._workspace.store, bench.time)
    written: list[int] = []
    for number in range(AT_ONCE + 1):
        apart.note("refused", "sql", lambda _, n=number: written.append(n), actor="rae", channel="cli")  # type: ignore[misc]
    assert len(written) == AT_ONCE
    apart.close()
    assert apart.note("refused", "sql", lambda _: written.append(-1), actor="rae", channel="cli")
    assert written[-1] == -1


def test_a_stop_on_a_full_disk_says_what_it_could_not_write(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    apart = Refusals(bench.opened._workspace.store, bench.time)
    for _ in range(AT_ONCE + 3):
        apart.note("refused", "sql", lambda _: None, actor="sue", channel="cli")

    def full(**_: object) -> None:
        raise StoreError("the disk is full.", next_step="Make room.")

    monkeypatch.setattr(bench.opened._workspace.store, "write", full)
    apart.close()
    assert "3 refusals that were counted could not be written down: the disk is full." in caplog.text


def test_a_published_copy_writes_none(bench: Bench, tmp_path: Path) -> None:
    bench.root.publish(str(tmp_path / "copy.duckdb"))
    with open_workspace(tmp_path / "copy.duckdb", settings=SMALL) as copy:
        caller = Caller(workspace=copy._workspace, actor="tom", grants=Grants())
        assert not caller.workspace.refusals.note(
            "refused", "sql", lambda _: pytest.fail("written"), actor="tom", channel="cli"
        )
        assert copy.operations("root").audit_events(AuditQuery(actors=("tom",))).events == ()
