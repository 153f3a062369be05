"""Whatever is done to a row or a column of the audit log, the check finds it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.stores import AT
from workbench.store import Store
from workbench.store.cursor import Cursor
from workbench.store.repositories.audit import AuditLog, chained

N_OLD, N = 3, 7
TEXTS = (
    "actor",
    "action",
    "object",
    "previous_hash",
    "hash",
    "event_id",
    "channel",
    "outcome",
    "project",
    "dataset_id",
    "source_id",
    "stream_id",
    "user_id",
)
ANY_TEXT = st.text(max_size=8).filter(lambda text: "\x00" not in text)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def old_event(store: Store, seq: int) -> None:
    """An event as it was written before events had typed columns."""
    with store._cursor() as cursor:
        row = cursor.execute("SELECT hash FROM audit_event ORDER BY seq DESC LIMIT 1").fetchone()
        previous = row[0] if row else "0" * 64
        found = chained(previous, (seq, AT, "old", "a", str(seq), "{}"))
        cursor.execute(
            'INSERT INTO audit_event (seq, "at", actor, action, object, details, previous_hash, hash)'
            " VALUES (?, ?, 'old', 'a', ?, '{}', ?, ?)",
            [seq, AT, str(seq), previous, found],
        )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path: Path = tmp_path_factory.mktemp("audit") / "w.duckdb"
    with Store.open(path, n_threads=1) as made:
        for seq in range(1, N_OLD + 1):
            old_event(made, seq)
        with made.write() as session:
            for i in range(N - N_OLD):
                session.audit.append(
                    "ann", "b", str(i), '{"x": 1}', AT, channel="cli", project="p", dataset_id="d"
                )
        yield made


def test_the_chain_goes_on_over_both_kinds(store: Store) -> None:
    with store.read() as session:
        assert session.audit.verify() is None
        assert session.audit.head().seq == N


def check_after(store: Store, *statements: tuple[str, Sequence[object]]) -> tuple[int | None, bool]:
    """What the check finds after statements, which are undone; and whether they changed anything."""
    everything = "SELECT * FROM audit_event ORDER BY seq, hash, object"
    with store._cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION")
        before = cursor.execute(everything).to_arrow_table()
        try:
            for statement, values in statements:
                cursor.execute(statement, values)
            changed = not cursor.execute(everything).to_arrow_table().equals(before)
            return AuditLog(Cursor(cursor)).verify(), changed
        finally:
            cursor.execute("ROLLBACK")


@FEW
@given(seq=st.integers(1, N), column=st.sampled_from(TEXTS), value=st.none() | ANY_TEXT)
def test_a_changed_text_is_found(store: Store, seq: int, column: str, value: str | None) -> None:
    if value is None and column in TEXTS[:5]:
        value = ""  # these cannot be NULL
    statement = (f'UPDATE audit_event SET "{column}" = ? WHERE seq = ?', [value, seq])
    found, changed = check_after(store, statement)
    assert found == (seq if changed else None)


@FEW
@given(seq=st.integers(1, N), seconds=st.integers(-(10**6), 10**6), way=st.sampled_from([None, 0, 1, 2, 3]))
def test_a_changed_time_and_a_changed_way_of_hashing_are_found(
    store: Store, seq: int, seconds: int, way: int | None
) -> None:
    moved = ('UPDATE audit_event SET "at" = "at" + to_microseconds(?) WHERE seq = ?', [seconds, seq])
    found, changed = check_after(store, moved)
    assert found == (seq if changed else None)
    found, changed = check_after(store, ("UPDATE audit_event SET chain = ? WHERE seq = ?", [way, seq]))
    assert found == (seq if changed else None)


@FEW
@given(seq=st.integers(1, N), details=st.sampled_from(['{"x":1}', '{"x": 1}', "{}", "{ }", "[]"]))
def test_changed_details_are_found(store: Store, seq: int, details: str) -> None:
    statement = ("UPDATE audit_event SET details = ? WHERE seq = ?", [details, seq])
    found, changed = check_after(store, statement)
    assert found == (seq if changed else None)


@FEW
@given(
    order=st.permutations(range(N)),
    n_kept=st.integers(0, N),
    twice=st.none() | st.integers(0, N - 1),
    fresh=st.booleans(),
)
def test_removed_moved_and_inserted_events_are_found(
    store: Store, order: list[int], n_kept: int, twice: int | None, fresh: bool
) -> None:
    with store.read() as session:
        rows = session.audit.table().to_pylist()
    changed = [rows[i] for i in order[:n_kept]]
    if twice is not None:
        changed.insert(twice % (len(changed) + 1), rows[twice])
    if fresh:  # numbered anew, so that no gap shows
        changed = [{**row, "seq": number} for number, row in enumerate(changed, start=1)]
    else:
        changed.sort(key=lambda row: row["seq"])
    fits = next((i for i, row in enumerate(changed) if i >= N or row != rows[i]), len(changed))
    expected = None if fits == len(changed) else fits + 1  # cut off at its end: that is for the head to say
    assert verified(store, pa.Table.from_pylist(changed, schema=session_schema(store))) == expected


def session_schema(store: Store) -> pa.Schema:
    with store.read() as session:
        return session.audit.table().schema


def verified(store: Store, events: pa.Table) -> int | None:
    """What the check finds of these events, in a table of the same name that has no key and forbids nothing."""
    with store._cursor() as cursor:
        cursor.register("given", events)
        cursor.execute("CREATE TEMP TABLE audit_event AS SELECT * FROM given")
        try:
            return AuditLog(Cursor(cursor)).verify()
        finally:
            cursor.execute("DROP TABLE temp.audit_event")
