"""What is told of threads follows from the messages, whatever came, changed or went, and in which order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.stores import AT, DATASET, OTHER_SOURCE, SOURCE, batch, lay_out, message, uid
from workbench.domain import AddressFilter, Bounds, MessageFilter, ThreadFilter, ThreadPlace
from workbench.store import Session, Store
from workbench.store.migrations import m0020_threads

CALM = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Undo(Exception):  # noqa: N818 - leaves a write transaction without committing
    pass


@pytest.fixture(scope="module")
def both() -> Iterator[Store]:
    """A dataset over two sources."""
    with tempfile.TemporaryDirectory() as name, Store.open(Path(name) / "p.duckdb", n_threads=1) as store:
        with store.write() as session:
            lay_out(session)
            session.catalog.add_sources(DATASET, (OTHER_SOURCE,))
        yield store


names = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=4, unique=True)
sources = st.sampled_from([SOURCE, OTHER_SOURCE])
rows = st.fixed_dictionaries(
    {
        "timestamp": st.integers(0, 3).map(lambda hours: AT + timedelta(hours=hours)),
        "thread_id": st.sampled_from([None, "t", "t", "u"]),
        "sender": st.sampled_from([None, None, "a@x", "b@x", "c@x"]),
        "body": st.sampled_from(["one", "two"]),
    }
)
puts = st.builds(
    lambda source, ids, made: (
        "put",
        source,
        [message(one, **row) for one, row in zip(ids, made, strict=False)],
    ),
    sources,
    names,
    st.lists(rows, min_size=4, max_size=4),
)
deletions = st.builds(lambda source, ids: ("delete", source, ids), sources, names)
changes = st.just(("take out or add", OTHER_SOURCE, []))
histories = st.lists(puts | puts | puts | deletions | changes, min_size=1, max_size=7)


def happen(session: Session, what: str, source: Any, given_: list[Any]) -> None:
    if what == "put":
        session.messages.put(source, batch(*given_), at=AT)
    elif what == "delete":
        uids = [uid(name, source) for name in given_]
        session.deletion.messages(pa.table({"uid": uids}))
    elif source in session.catalog.datasets()[0].source_ids:
        session.catalog.remove_source(DATASET, source)
    else:
        session.catalog.add_sources(DATASET, (source,))


def told(session: Session) -> list[tuple[Any, ...]]:
    return session._cursor._connection.execute("SELECT * FROM thread ORDER BY ALL").fetchall()


FILTERS: tuple[tuple[ThreadFilter, Callable[[ThreadPlace], bool]], ...] = (
    (ThreadFilter(), lambda _: True),
    (ThreadFilter(n_messages=Bounds(at_least=3)), lambda one: one.n_messages >= 3),
    (ThreadFilter(position=Bounds(at_most=1)), lambda one: one.position == 1),
    (ThreadFilter(position=Bounds(at_least=1)), lambda _: True),
    (ThreadFilter(position=Bounds(at_least=2)), lambda one: one.position > 1),
    (ThreadFilter(position=Bounds(at_least=2, at_most=3)), lambda one: one.position in (2, 3)),
    (ThreadFilter(position=Bounds(at_most=0)), lambda _: False),
    (ThreadFilter(duration_s=Bounds(at_most=3_600)), lambda one: one.duration_s <= 3_600),
    (
        ThreadFilter(response_s=Bounds(at_least=3_600)),
        lambda one: one.response_s is not None and one.response_s >= 3_600,
    ),
    (ThreadFilter(answered=False), lambda one: one.response_s is None),
    (ThreadFilter(first_sender=AddressFilter(one_of=("a@x",))), lambda one: one.first_sender == "a@x"),
)


@CALM
@given(history=histories)
@example(
    history=[
        # Nobody knows who began it; then two sources share it, and the first to speak goes.
        ("put", SOURCE, [message("a", thread_id="t"), message("b", thread_id="t", sender="a@x")]),
        ("put", OTHER_SOURCE, [message("a", thread_id="t", sender="b@x", timestamp=AT - timedelta(hours=1))]),
        (
            "put",
            SOURCE,
            [message("c", thread_id="t", sender="b@x"), message("d", thread_id="t", sender="a@x")],
        ),
        ("delete", SOURCE, ["b"]),
    ]
)
def test_threads_follow_from_the_messages(both: Store, history: list[tuple[str, Any, list[Any]]]) -> None:
    with pytest.raises(Undo), both.write() as session:
        for step in history:
            happen(session, *step)
        known = told(session)
        found, _ = session.messages.find(DATASET, MessageFilter(), "oldest", 0, 50)
        for where, passes in FILTERS:
            uids = session.messages.passing(DATASET, MessageFilter(thread=where)).column("uid").to_pylist()
            expected = [one.uid for one in found if one.thread is not None and passes(one.thread)]
            assert sorted(uids) == sorted(expected), where
        session._cursor._connection.execute("DROP TABLE thread")
        m0020_threads.apply(session._cursor._connection)
        assert known == told(session)
        raise Undo


def test_nothing_is_told_of_threads_that_are_gone(both: Store) -> None:
    with pytest.raises(Undo), both.write() as session:
        session.messages.put(SOURCE, batch(message("a", thread_id="t"), message("b", thread_id="u")), at=AT)
        session.messages.put(OTHER_SOURCE, batch(message("a", thread_id="t")), at=AT)
        shared = [(row[0], row[-1]) for row in told(session)]
        assert sorted(shared) == [(SOURCE, False), (SOURCE, True), (OTHER_SOURCE, True)]
        session.deletion.source(SOURCE)
        assert [(row[0], row[-1]) for row in told(session)] == [(OTHER_SOURCE, False)]
        session.deletion.source(OTHER_SOURCE)
        assert told(session) == []
        raise Undo
