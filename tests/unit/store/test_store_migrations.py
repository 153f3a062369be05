"""Files of every older schema version, with data in them, brought up to date; and the disk full on the way."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.stores import DATASET, fill, message
from workbench.domain import DatasetId, MessageFilter
from workbench.errors import SchemaVersionError, StoreError
from workbench.store import Key, Store, migrations, restore, rotate
from workbench.store.encryption import attach, load_cryptography
from workbench.store.migrations import all_migrations
from workbench.store.snapshot import write_snapshot

Rows = dict[str, list[dict[str, Any]]]
WEIGHTS_MOVED = next(m.number for m in all_migrations() if m.name == "weights")
NUMBERS = [migration.number for migration in all_migrations()]
LATEST = NUMBERS[-1]
DAILY = {NUMBERS[0], *NUMBERS[::6], *NUMBERS[-3:]}
"""Versions that are brought up to date with every change; all of them by night."""
KEY, OTHER = Key(b"k" * 32), Key(b"o" * 32)
N_ROWS = 3
_VALUES = {
    "VARCHAR": "'{place}.{i}'",
    "JSON": '\'{{"at": "{place}.{i}"}}\'',
    "BIGINT": "{i} + 1",
    "INTEGER": "{i} + 1",
    "UINTEGER": "{i} + 1",
    "SMALLINT": "{i} + 1",
    "TINYINT": "{i} - 1",
    "UBIGINT": "{i} + 1",
    "UUID": "'00000000-0000-0000-0000-00000000000{i}'",
    "TIMESTAMP": "TIMESTAMP '2026-03-01 09:30:00' + INTERVAL {i} DAY",
    "FLOAT": "{i} / 4",
    "DOUBLE": "{i} / 4",
    "BOOLEAN": "{i} = 1",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2026-03-01 09:30:00.123456Z' + INTERVAL {i} DAY",
    "DATE": "DATE '2026-03-01' + {i}",
    "DECIMAL(12,6)": "{i} / 4",
    "BLOB": "'\\x00\\xFF{i}'::BLOB",
}
"""A value of each type that columns have; a type that is missing here fails the test, and is to be added."""


def value(kind: str, place: str, i: int) -> str:
    if kind.endswith("]"):
        inner = value(kind.rpartition("[")[0], place, i)
        n_values = kind.rpartition("[")[2].removesuffix("]")
        return f"[{', '.join([inner] * int(n_values or 2))}]"
    return _VALUES[kind].format(place=place, i=i)


def tables(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Columns and their types by table, without the record of migrations."""
    found: dict[str, dict[str, str]] = {}
    query = (
        "SELECT c.table_name, column_name, data_type FROM duckdb_columns() c JOIN duckdb_tables() USING (table_oid)"
        " WHERE c.table_name <> 'migration' ORDER BY c.table_name, column_index"
    )
    for table, column, kind in connection.execute(query).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def schema(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns() ORDER BY ALL",
        "SELECT table_name, constraint_text FROM duckdb_constraints() ORDER BY ALL",
        "SELECT table_name, index_name, sql FROM duckdb_indexes() ORDER BY ALL",
        "SELECT sequence_name, start_value FROM duckdb_sequences() ORDER BY ALL",
        "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
        "SELECT number, name FROM migration ORDER BY ALL",
    )
    return [row for query in queries for row in connection.execute(query).fetchall()]


def contents(connection: duckdb.DuckDBPyConnection) -> Rows:
    found = {}
    for table in tables(connection):
        rows = connection.execute(f'SELECT * FROM "{table}" ORDER BY ALL').to_arrow_table()
        found[table] = rows.to_pylist()
    return found


def build(connection: duckdb.DuckDBPyConnection, version: int) -> None:
    """A database as version ``version`` left it, with rows in every table."""
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE migration (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL)"
    )
    for migration in (one for one in all_migrations() if one.number <= version):
        migration.apply(connection)
        connection.execute("INSERT INTO migration VALUES (?, ?, now())", [migration.number, migration.name])
    for table, columns in tables(connection).items():
        connection.execute(f'DELETE FROM "{table}"')  # what a migration itself wrote down
        for i in range(N_ROWS):
            row = ", ".join(value(kind, f"{table}.{column}", i) for column, kind in columns.items())
            connection.execute(f'INSERT INTO "{table}" VALUES ({row})')


def build_file(path: Path, version: int, key: Key | None = None) -> Rows:
    with duckdb.connect(":memory:" if key else str(path)) as connection:
        if key:
            load_cryptography(connection)
            attach(connection, path, "old", key)
            connection.execute("USE old")
        build(connection, version)
        return contents(connection)


def kept(before: Rows, after: Rows) -> bool:
    """Every row is there, with every value of a column that is still there."""
    for table, rows in before.items():
        still = [column for column in rows[0] if column in after[table][0]]
        old, new = (
            [{column: row[column] for column in still} for row in all_[table]] for all_ in (before, after)
        )
        if len(old) != len(new) or not all(row in new for row in old):
            return False
    return True


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    path = tmp_path_factory.mktemp("fresh") / "w.duckdb"
    Store.open(path, n_threads=1).close()
    with duckdb.connect(str(path)) as connection:
        return schema(connection)


@pytest.mark.parametrize(
    ("version", "key"),
    [
        *((n, None) if n in DAILY else pytest.param(n, None, marks=pytest.mark.nightly) for n in NUMBERS),
        (1, KEY),
        (LATEST, KEY),
    ],
    ids=str,
)
def test_a_file_of_any_version_is_brought_up_to_date(
    tmp_path: Path, fresh: list[tuple[object, ...]], version: int, key: Key | None
) -> None:
    path = tmp_path / "old.duckdb"
    before = build_file(path, version, key)
    assert len(before) > 4
    assert all(len(rows) >= N_ROWS for rows in before.values())  # the table of plans has rows of its own
    with Store.open(path, n_threads=1, key=key) as store:
        assert store.schema_version == LATEST
        with store._cursor() as cursor:
            assert schema(cursor) == fresh
            assert kept(before, contents(cursor))
        fill(store, message("new"))
        with store.read() as session:
            assert session.messages.count(DATASET, MessageFilter()) == 1
    Store.open(path, n_threads=1, key=key).close()


def test_each_number_stands_for_one_migration() -> None:
    assert len(set(NUMBERS)) == len(NUMBERS) and sorted(NUMBERS) == NUMBERS


def test_weights_of_older_files_move_into_their_table(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    before = build_file(path, WEIGHTS_MOVED - 1)["model_version"]
    assert all(row["weights"] for row in before)
    with Store.open(path, n_threads=1) as store, store.read() as session:
        for row in before:
            found = session.models.weights(DatasetId(str(row["dataset_id"])), int(str(row["version"])))
            assert found.weights == row["weights"]


def test_streams_of_older_files_go_on_as_they_did(tmp_path: Path) -> None:
    path = tmp_path / "old.duckdb"
    before = next(m.number for m in all_migrations() if m.name == "unlisted") - 1
    with duckdb.connect(str(path)) as connection:
        build(connection, before)
        connection.execute("DELETE FROM stream_threshold WHERE stream_id <> 'stream_threshold.stream_id.0'")
        connection.execute("UPDATE stream_threshold SET stream_id = 'stream.stream_id.0'")
        connection.execute("UPDATE stream SET version = NULL WHERE stream_id = 'stream.stream_id.2'")
    with Store.open(path, n_threads=1) as store, store._cursor() as cursor:
        found = cursor.execute("SELECT unlisted FROM stream ORDER BY stream_id").fetchall()
    # With thresholds only those came, without any every label, and without a version none.
    assert found == [(None,), ("every",), (None,)]


def test_kept_sees_a_loss() -> None:
    before: Rows = {"t": [{"a": 1, "b": 2}, {"a": 2, "b": 3}]}
    assert kept(before, {"t": [{"a": 1, "c": 0}, {"a": 2, "c": 0}]})
    assert not kept(before, {"t": [{"a": 1, "b": 2}]})
    assert not kept(before, {"t": [{"a": 1, "b": 2}, {"a": 2, "b": 9}]})


def test_a_copy_of_an_older_version_is_restored_up_to_date(tmp_path: Path) -> None:
    copy, new = tmp_path / "copy.duckdb", tmp_path / "new.duckdb"
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        build(connection, NUMBERS[-2])
        write_snapshot(connection, tmp_path / "drafts", copy)
        before = contents(connection)
    with pytest.raises(SchemaVersionError, match=r"workbench restore copy\.duckdb NEW\.duckdb"):
        Store.open(copy)
    restore(copy, new)
    with Store.open(new, n_threads=1) as store, store._cursor() as cursor:
        assert kept(before, contents(cursor))


@pytest.mark.parametrize("old", [None, KEY], ids=["plain", "encrypted"])
def test_rotation_keeps_every_value_of_every_table(tmp_path: Path, old: Key | None) -> None:
    path = tmp_path / "w.duckdb"
    before = build_file(path, LATEST, old)
    rotate(path, old=old, new=OTHER, n_threads=1)
    with Store.open(path, n_threads=1, key=OTHER) as store, store._cursor() as cursor:
        assert contents(cursor) == before


# ---- disk full -----------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 32 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    made = (
        mount
        and not subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=32m", "none", str(folder)], capture_output=True, check=False
        ).returncode
    )
    if not made:
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_during_a_migration(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small_disk / "w.duckdb"
    before = build_file(path, LATEST)

    def large(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("ALTER TABLE message ADD COLUMN half_done INTEGER DEFAULT 1")
        cursor.execute(
            "CREATE TABLE large AS SELECT hash(i)::VARCHAR || hash(i + 1)::VARCHAR || hash(i + 2)::VARCHAR AS x"
            " FROM range(600000) r(i)"
        )

    wrong = migrations.Migration(number=LATEST + 1, name="large", apply=large)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "all_migrations", lambda: (*all_migrations(), wrong))
        with pytest.raises(StoreError, match=r"w\.duckdb") as caught:
            Store.open(path, n_threads=1)
        assert "space" in caught.value.next_step
    with Store.open(path, n_threads=1) as store, store._cursor() as cursor:
        assert contents(cursor) == before  # and no trace of the migration, else it would not open
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "all_migrations", lambda: (*all_migrations(), wrong))
        with Store.open(path, n_threads=1) as store, store._cursor() as cursor:
            assert store.schema_version == LATEST + 1
            assert kept(before, contents(cursor))


@pytest.mark.parametrize("room", [0, 4096, 8192])
def test_a_disk_that_is_full_before_the_migrations(
    small_disk: Path, fresh: list[tuple[object, ...]], room: int
) -> None:
    """With no byte left, and with room for some migrations but not for all."""
    path = small_disk / "w.duckdb"
    before = build_file(path, 1)
    for name in ("tmp", "publish"):
        (small_disk / "w.duckdb.workbench" / name).mkdir(parents=True)
    (small_disk / "w.duckdb.lock").touch()
    ballast = small_disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            pass
        file.truncate(file.tell() - room)
    with pytest.raises(StoreError, match=r"w\.duckdb"):
        Store.open(path, n_threads=1)
    ballast.unlink()
    with Store.open(path, n_threads=1) as store, store._cursor() as cursor:
        assert schema(cursor) == fresh
        assert kept(before, contents(cursor))


def test_a_disk_that_fills_up_during_a_rotation(small_disk: Path) -> None:
    path = small_disk / "w.duckdb"
    before = build_file(path, LATEST, KEY)
    assert shutil.disk_usage(small_disk).free < path.stat().st_size
    with pytest.raises(StoreError, match=r"w\.duckdb"):
        rotate(path, old=KEY, new=OTHER, n_threads=1)
    assert sorted(p.name for p in small_disk.iterdir() if "rotat" in p.name) == []
    with Store.open(path, n_threads=1, key=KEY) as store, store._cursor() as cursor:
        assert contents(cursor) == before
    subprocess.run(["mount", "-o", "remount,size=250m", str(small_disk)], check=True)
    rotate(path, old=KEY, new=OTHER, n_threads=1)
    with Store.open(path, n_threads=1, key=OTHER) as store, store._cursor() as cursor:
        assert contents(cursor) == before


def test_a_mail_that_stood_twice_in_a_folder_stands_there_once() -> None:
    made = next(one for one in all_migrations() if one.name == "places")
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE mail_place AS SELECT * FROM (VALUES ('b.1', 'care', '[\"A\"]'::JSON, '7', DATE '2026-03-02'),"
            " ('b.1', 'care', '[\"A\"]'::JSON, '1', DATE '2026-03-01'), ('b.1', 'boss', '[\"A\"]'::JSON, '7', DATE '2026-03-02'))"
            " AS p(mail_id, mailbox, folder, remote_id, found_at)"
        )
        made.apply(connection)
        made.apply(connection)
        found = connection.execute("SELECT mailbox, remote_id FROM mail_place ORDER BY mailbox").fetchall()
    assert found == [("boss", "7"), ("care", "1")]
