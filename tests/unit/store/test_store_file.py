"""The lock, sessions, limits and failures of the file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.stores import AT, DATASET, SOURCE, batch, fill, message
from workbench.domain import Label, LabelId, MessageFilter
from workbench.errors import (
    InputError,
    QueryLimitError,
    ReadOnlyError,
    SchemaVersionError,
    StoreError,
    StoreLockedError,
)
from workbench.store import Store
from workbench.store.locking import NETWORK_FILE_SYSTEMS, FileLock, file_system_of, refuse_network
from workbench.store.migrations import all_migrations, migrate, pending

ALL = MessageFilter()


# ---- lock ----------------------------------------------------------------------------------------


def test_lock_is_kept_until_after_close(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    store = Store.open(path)
    assert (tmp_path / "w.duckdb.lock").read_text() == f"{os.getpid()}\n"
    with pytest.raises(StoreLockedError) as caught:
        Store.open(path, read_only=True)
    assert caught.value.details["pid"] == os.getpid()
    store.close()
    store.close()
    assert (tmp_path / "w.duckdb.lock").read_text() == ""
    Store.open(path).close()


def test_a_stale_lock_file_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "w.duckdb.lock").write_text("999999\n")
    Store.open(tmp_path / "w.duckdb").close()


def test_a_lock_whose_owner_is_not_named(tmp_path: Path) -> None:
    first, second = (FileLock(tmp_path / "w.duckdb", shared=shared) for shared in (True, False))
    first.acquire()
    with pytest.raises(StoreLockedError, match="process unknown") as caught:
        second.acquire()
    assert caught.value.details["pid"] is None
    first.release()
    first.release()
    second.acquire()
    second.release()


def test_a_failed_open_gives_the_lock_back(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(b"not a database, but long enough to look at" * 100)
    for _ in range(2):
        with pytest.raises(StoreError, match=r"w\.duckdb") as caught:
            Store.open(path)
        assert not isinstance(caught.value, StoreLockedError)
    with pytest.raises(StoreError, match="cannot be written"):
        FileLock(tmp_path / "none" / "w.duckdb").acquire()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/ann/w.duckdb", "ext4"),
        ("/mnt/share/w", "nfs4"),
        ("/mnt/my share/w", "fuse.sshfs"),
        ("/mnt", "ext4"),
    ],
)
def test_file_system_of(tmp_path: Path, path: str, kind: str) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw shared:1 - ext4 /dev/sda rw\n"
        "2 1 0:5 / /mnt/share rw - tmpfs none rw\n"
        "3 1 0:5 / /mnt/share rw shared:2 master:1 - nfs4 host:/x rw\n"
        "4 1 0:6 / /mnt/my\\040share rw - fuse.sshfs host rw\n"
    )
    assert file_system_of(Path(path), mounts) == kind
    if kind in NETWORK_FILE_SYSTEMS:
        with pytest.raises(StoreError, match="network file system"):
            refuse_network(Path(path), mounts)
    else:
        refuse_network(Path(path), mounts)


def test_a_system_that_does_not_tell(tmp_path: Path) -> None:
    refuse_network(tmp_path, tmp_path / "nothing")


# ---- migrations ----------------------------------------------------------------------------------


def schema(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    columns = connection.execute(
        "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() ORDER BY ALL"
    ).fetchall()
    return (
        columns
        + connection.execute(
            "SELECT table_name, constraint_text FROM duckdb_constraints() ORDER BY ALL"
        ).fetchall()
    )


@pytest.mark.nightly
def test_from_any_version_equals_fresh() -> None:
    numbers = [migration.number for migration in all_migrations()]
    with duckdb.connect() as fresh:
        assert migrate(fresh) == numbers[-1]
        assert pending(fresh) == ()
        expected = schema(fresh)
    for n_done, first in enumerate(numbers):
        with duckdb.connect() as old:
            old.execute("CREATE TABLE migration (number INTEGER PRIMARY KEY, name VARCHAR NOT NULL,"
                        " applied_at TIMESTAMPTZ NOT NULL)")  # fmt: skip
            for migration in all_migrations()[:n_done]:
                migration.apply(old)
                old.execute("INSERT INTO migration VALUES (?, ?, now())", [migration.number, migration.name])
            before = schema(old)
            assert [m.number for m in pending(old)] == numbers[n_done:]
            assert schema(old) == before
            with pytest.raises(SchemaVersionError, match=f"lacks migration {first} "):
                migrate(old, read_only=True)
            migrate(old)
            assert schema(old) == expected


def test_a_failed_migration_leaves_the_version_before(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.store import migrations

    def broken(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("CREATE TABLE half (x INTEGER)")
        raise ZeroDivisionError

    known = all_migrations()
    wrong = migrations.Migration(number=known[-1].number + 1, name="broken", apply=broken)
    with duckdb.connect() as connection:
        migrate(connection)
        monkeypatch.setattr(migrations, "all_migrations", lambda: (*known, wrong))
        with pytest.raises(ZeroDivisionError):
            migrate(connection)
        assert [m.number for m in pending(connection)] == [wrong.number]
        assert connection.execute("SELECT * FROM duckdb_tables() WHERE table_name = 'half'").fetchall() == []


def test_a_new_file_has_all_of_its_schema_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.store import migrations

    def broken(cursor: duckdb.DuckDBPyConnection) -> None:
        raise ZeroDivisionError

    known = all_migrations()
    wrong = migrations.Migration(number=known[-1].number + 1, name="broken", apply=broken)
    monkeypatch.setattr(migrations, "all_migrations", lambda: (*known, wrong))
    with duckdb.connect() as connection:
        with pytest.raises(ZeroDivisionError):
            migrate(connection)
        assert connection.execute("SELECT * FROM duckdb_tables()").fetchall() == []
        assert len(pending(connection)) == len(known) + 1


# ---- sessions ------------------------------------------------------------------------------------


def test_a_read_session_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="read-only"), store.read() as session:
        session.labels.add(Label(label_id=LabelId("x"), dataset_id=DATASET, path=("X",)))


def test_a_write_inside_a_write_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="wait for itself"), store.write(), store.write():
        pass
    with store.write() as session:
        session.messages.put(SOURCE, batch(message("1")), at=AT)


def test_a_snapshot_cannot_be_written(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "copy.duckdb"
    store.publish(target)
    with Store.open(target, read_only=True) as one, Store.open(target, read_only=True) as two:
        for snapshot in (one, two):
            for act in (snapshot.checkpoint, lambda s=snapshot: s.publish(tmp_path / "x")):
                with pytest.raises(ReadOnlyError):
                    act()
            with snapshot.read() as session:
                assert len(session.catalog.datasets()) == 1
        with pytest.raises(StoreLockedError):
            Store.open(target)
    with pytest.raises(StoreError, match="no snapshot"):
        Store.open(tmp_path / "none.duckdb", read_only=True)


def test_publish_replaces_whole_and_leaves_no_draft(store: Store, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "copy.duckdb"
    for name in ("1", "2"):
        with store.write() as session:
            session.messages.put(SOURCE, batch(message(name)), at=AT)
        store.publish(target)
        with Store.open(target, read_only=True) as snapshot, snapshot.read() as session:
            assert session.messages.count(DATASET, ALL) == int(name)
    (store.path.with_name("test.duckdb.workbench") / "publish" / "old.draft").write_text("left by a crash")
    store.publish(target)
    left = [p.name for p in tmp_path.rglob("*") if "draft" in p.name or p.name.startswith(".")]
    assert left == []


def test_publish_where_it_cannot_be_written(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        store.publish(tmp_path / "file" / "copy.duckdb")
    with store.write() as session:
        session.messages.put(SOURCE, batch(message("1")), at=AT)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "w.duckdb")
    store.close()
    with pytest.raises(StoreError, match="closed"), store.read():
        pass


def test_close_interrupts_a_query_that_does_not_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.store import store as module

    monkeypatch.setattr(module, "_CLOSE_WAIT_S", 0.2)
    caught: list[Exception] = []
    entered = threading.Event()

    def read() -> None:
        try:
            with store._cursor() as cursor, module.translated(store.path):
                entered.set()
                cursor.execute("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")
                cursor.fetchall()
        except StoreError as error:
            caught.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    assert entered.wait(20)
    store.close()
    reader.join(20)
    assert [type(error) for error in caught] == [QueryLimitError]
    Store.open(store.path).close()


def test_many_readers_and_writers_at_once(store: Store) -> None:
    failures: list[BaseException] = []
    seen: list[int] = []

    def guarded(work: object, *values: object) -> None:
        try:
            work(*values)  # type: ignore[operator]
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    def write(first: int) -> None:
        for i in range(8):
            with store.write() as session:
                session.messages.put(SOURCE, batch(message(f"{first}-{i}a"), message(f"{first}-{i}b")), at=AT)

    def read() -> None:
        for _ in range(8):
            with store.read() as session:
                one, two = session.messages.count(DATASET, ALL), session.messages.texts(DATASET).num_rows
                assert one == two
                assert one % 2 == 0
                seen.append(one)

    threads = [threading.Thread(target=guarded, args=(write, i)) for i in range(3)]
    threads += [threading.Thread(target=guarded, args=(read,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(seen) == 24
    with store.read() as session:
        numbers = session.messages.texts(DATASET).num_rows
    sequence = store.sql("SELECT count(DISTINCT upload_seq) AS n FROM message", limit=1, limit_s=10)
    assert numbers == 48 == sequence.column("n")[0].as_py()


# ---- analysts ------------------------------------------------------------------------------------


def test_select_returns_at_most_the_limit(store: Store) -> None:
    table = store.sql("WITH t AS (SELECT * FROM range(100000) r(x)) SELECT x FROM t", limit=7, limit_s=20)
    assert table.column("x").to_pylist() == list(range(7))
    assert store.sql("SELECT 1 AS x WHERE FALSE", limit=5, limit_s=20).schema.names == ["x"]
    with pytest.raises(InputError, match="at least one row"):
        store.sql("SELECT 1", limit=0, limit_s=20)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $x",
        "SELECT ?",
        "selec",
        "SELECT * FROM nothing",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM local_table",
        "SELECT 'x'::INTEGER",
        "BEGIN",
        "CHECKPOINT",
        "VACUUM",
        "EXPLAIN ANALYZE DELETE FROM message",
        "COPY message TO '/dev/null'",
        "EXPORT DATABASE 'x'",
        "CALL pragma_version()",
    ],
)
def test_anything_else_is_refused(store: Store, query: str) -> None:
    local_table = pa.table({"x": [1]})
    assert local_table.num_rows == 1
    with pytest.raises(InputError):
        store.sql(query, limit=5, limit_s=20)


def test_too_much_memory_is_a_limit(tmp_path: Path) -> None:
    with Store.open(tmp_path / "small.duckdb", memory_limit="20MB", n_threads=1) as store:
        query = "SELECT list(range) FROM range(30000000)"
        with pytest.raises(QueryLimitError, match="memory"):
            store.sql(query, limit=1, limit_s=60)
        with pytest.raises(QueryLimitError, match="memory"), store.read() as session:
            session._cursor._connection.execute(query).fetchall()


# ---- disk ----------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> object:
    """A file system of 12 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    made = (
        mount
        and not subprocess.run(
            [mount, "-t", "tmpfs", "-o", "size=12m", "none", str(folder)], capture_output=True, check=False
        ).returncode
    )
    if not made:
        pytest.skip("a small file system cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_loses_nothing_acknowledged(small_disk: Path) -> None:
    path = small_disk / "w.duckdb"
    with Store.open(path) as store:
        fill(store, message("kept"))
        n_stored = 1
        with pytest.raises(StoreError, match=r"w\.duckdb"):
            for i in range(200):
                with store.write() as session:
                    rows = [message(f"{i}-{j}", body=os.urandom(2000).hex()) for j in range(50)]
                    session.messages.put(SOURCE, batch(*rows), at=AT)
                n_stored += 50
    (small_disk / "ballast").unlink(missing_ok=True)
    subprocess.run(["mount", "-o", "remount,size=100m", str(small_disk)], check=True)
    with Store.open(path) as store, store.read() as session:
        assert session.messages.count(DATASET, ALL) == n_stored
        assert n_stored > 50


def test_importing_the_room_loads_no_duckdb() -> None:
    code = "import sys, workbench.store; assert 'duckdb' not in sys.modules and 'pyarrow' not in sys.modules"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_the_door_is_all_there_is() -> None:
    import workbench.store as room

    assert len(set(room.__all__)) == len(room.__all__)
    assert all(getattr(room, name) for name in room.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = room.nothing
