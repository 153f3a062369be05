"""Every named statement runs on an empty store and says truly what it takes and returns."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import workbench.store
from workbench.store import Store
from workbench.store.filters import NEWEST_RUN, NEWEST_VERSION
from workbench.store.statements import SHARED, Statement, all_statements, statement

SQL = Path(workbench.store.__file__).parent / "sql"
VALUES = {
    "at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "since": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "until": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "keys": [1, 2],
    "one_in": 2,
    "sensitive_properties": ["string:a"],
    "should_translate": True,
    "mask_personal": True,
    "charged": True,
    "has_sentiment": False,
    "domains": True,
    "uids": ["a"],
    "source_ids": ["a"],
    "batch_ids": ["a"],
    "event_ids": ["a"],
    "people": ["a"],
    "task_ids": ["a"],
    "path": ["A"],
    "label_ids": ["a"],
    "zero_shot": [0.5],
    "resolution": "week",
    "by": "source",
    "trainable": True,
    "pinned": False,
    "starred": False,
    "retrains": True,
    "enabled": True,
    "up_to_date": True,
    "synced_until": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "share_unclustered": 0.5,
    "trained_from": 1,
    "needed": [1],
    "threshold": 0.5,
    "check_from": None,
    "place": 1,
    "new_version": 2,
    "projects": ["a"],
    "table_name": "message",
    "amount": 1.5,
    "permissions": ["dataset.read"],
    "has_code": True,
    "must_change_password": False,
    "code_step": 1,
    "chain": 2,
    "before_seq": 1,
    "actors": ["a"],
    "types": ["a"],
    "dataset_ids": ["a"],
    "user_ids": ["a"],
    "locked_until": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "rate": Decimal("0.2"),
    "after_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "batch_size": 1,
    "timeout_s": 1.5,
    "batch_end": None,
    "last_success": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "last_failure": None,
    "next_try": None,
    "soft": 1,
    "hard": 2,
}
NUMBERS = re.compile(
    r"n|n_.*|first|last|after|limit|offset|version|position|seq|seed|done|total|units|revision|eta_s|rating|mean_.*"
)


def value_of(name: str) -> object:
    if name in VALUES:
        return VALUES[name]
    if name.startswith("by_"):
        return True
    if name.endswith("_at"):
        return VALUES["at"]
    if NUMBERS.fullmatch(name):
        return 1
    return "{}"  # text, and JSON where JSON is asked for


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One empty store for all: every test rolls back."""
    with Store.open(tmp_path_factory.mktemp("statements") / "s.duckdb", n_threads=1) as opened:
        yield opened


@pytest.mark.parametrize("found", all_statements().values(), ids=lambda found: found.name)
def test_statement_runs_and_keeps_its_header(one_store: Store, found: Statement) -> None:
    assert found.purpose.endswith(".")
    assert set(re.findall(r"\$(\w+)", found.sql)) == set(found.parameters)
    assert bool(found.staged) == bool(re.search(r"\bstaged\b", found.sql))
    with one_store._cursor() as cursor:
        cursor.execute("BEGIN TRANSACTION")
        if found.staged:
            columns = [column.split(" ", 1) for column in found.staged]
            listed = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in columns)
            cursor.execute(f"CREATE TEMP TABLE staged AS SELECT {listed} LIMIT 0")
        cursor.execute(found.sql, {name: value_of(name) for name in found.parameters} or None)
        if found.returns:
            assert tuple(cursor.to_arrow_table().column_names) == found.returns
        else:
            assert re.match(r"INSERT|UPDATE|DELETE", found.sql)
        cursor.execute("ROLLBACK")


def test_every_statement_is_used() -> None:
    from importlib import resources

    rooms = [resources.files("workbench.store").joinpath(room) for room in ("repositories", "search")]
    files = [file for room in rooms for file in room.iterdir() if file.name.endswith(".py")]
    code = "\n".join(file.read_text("utf-8") for file in files)
    unused = [
        name
        for name in all_statements()
        if f'"{name}"' not in code and not name.split(".")[1].startswith("drop_")
    ]
    assert unused == []


def test_markers_take_a_filter_and_an_order() -> None:
    filled = statement("search.page").filled("m.language = $f0 OR FALSE", "m.uid")
    assert "(m.language = $f0 OR FALSE)" in filled
    assert "ORDER BY m.uid\n" in filled
    assert "/*" not in filled


def test_shared_words_are_written_once() -> None:
    sql = {name: found.sql for name, found in all_statements().items()}
    assert "(md5_number(s.thread_id) >> 64)::UBIGINT" in sql["message.update"]
    assert "lambda one: left(md5(one || $new_id), 16)" in sql["copying.events"]
    assert "WITH newest AS (SELECT version, label_ids FROM model_version" in sql["label.expected"]
    written = "".join(file.read_text("utf-8") for file in SQL.glob("*.sql"))
    for word, text in SHARED.items():
        assert f"{word}(" in written
        assert text.split("{}")[0] not in written


def test_unknown_statement() -> None:
    with pytest.raises(KeyError):
        statement("message.nothing")


def test_subqueries_of_filters_run(empty_store: Store) -> None:
    with empty_store._cursor() as cursor:
        for query in (NEWEST_RUN, NEWEST_VERSION):
            rows = cursor.execute(f"SELECT {query}", {"dataset_id": "d"}).fetchall()
            assert rows == [(None,)]
