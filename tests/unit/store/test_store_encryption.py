"""An encrypted file: its key, what lies on the disk, rotation, and copies."""

from __future__ import annotations

import base64
import os
import pickle
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from tests.stores import AT, DATASET, SOURCE, batch, fill, message
from workbench.domain import MessageFilter
from workbench.errors import (
    InputError,
    MissingExtraError,
    ReadOnlyError,
    StoreError,
    StoreLockedError,
    WorkspaceKeyError,
)
from workbench.primitives import database_kind
from workbench.settings import Settings
from workbench.store import Key, Store, encryption, find_key, new_key_file, read_key, restore, rotate
from workbench.store.memory import memory_folder, used_bytes

ALL = MessageFilter()
SECRET = "MARKER-7f3a-of-a-text-that-nobody-else-may-read"
KEY, OTHER = Key(b"k" * 32), Key(b"o" * 32)


def on_disk(folder: Path) -> list[str]:
    """Files below ``folder`` in which the marker can be read."""
    return sorted(
        file.name for file in folder.rglob("*") if file.is_file() and SECRET.encode() in file.read_bytes()
    )


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """An encrypted workspace file with two messages that hold the marker."""
    path = tmp_path / "e.duckdb"
    with Store.open(path, n_threads=1, key=KEY) as store:
        fill(store, message("1", body=SECRET), message("2", subject=SECRET))
    return path


def n_messages(path: Path, key: Key | None) -> int:
    with Store.open(path, n_threads=1, key=key) as store, store.read() as session:
        return session.messages.count(DATASET, ALL)


# ---- what lies on the disk -----------------------------------------------------------------------


@pytest.mark.parametrize(("key", "found"), [(KEY, []), (None, ["w.duckdb", "w.duckdb.wal"])])
def test_neither_file_nor_log_nor_copy_shows_a_text(
    tmp_path: Path, key: Key | None, found: list[str]
) -> None:
    """The plain workspace shows that the search would find it."""
    with Store.open(tmp_path / "w.duckdb", n_threads=1, key=key) as store:
        fill(store, message("1", body=SECRET))
        store.checkpoint()
        with store.write() as session:
            session.messages.put(SOURCE, batch(message("2", body=SECRET)), at=AT)
        assert (tmp_path / "w.duckdb.wal").stat().st_size > 0
        assert on_disk(tmp_path) == found
        store.publish(tmp_path / "copy.duckdb")
        assert on_disk(tmp_path) == sorted(found + ["copy.duckdb"] * bool(found))
    assert database_kind(tmp_path / "copy.duckdb") == ("encrypted" if key else "plain")


@pytest.mark.parametrize("key", [KEY, None], ids=["encrypted", "plain"])
def test_temporary_files_show_no_text(tmp_path: Path, key: Key | None) -> None:
    """What does not fit into memory spills; the plain workspace shows that the text would be there."""
    spill = tmp_path / "w.duckdb.workbench" / "tmp"
    query = (
        f"CREATE TEMP TABLE long AS SELECT '{SECRET}' || hash(i)::VARCHAR || hash(i + 1)::VARCHAR AS x"
        " FROM range(700000) r(i)"
    )
    with (
        Store.open(tmp_path / "w.duckdb", memory_limit="40MB", n_threads=1, key=key) as store,
        store._cursor() as cursor,
    ):
        cursor.execute(query)
        spilled = [file for file in spill.rglob("*") if file.is_file()]
        assert sum(file.stat().st_size for file in spilled) > 1_000_000
        assert bool(on_disk(spill)) == (key is None)
        read = cursor.execute(f"SELECT count(*) FROM long WHERE starts_with(x, '{SECRET}')").fetchall()
        assert read == [(700_000,)]


def test_what_a_killed_process_had_spilled_bars_nothing(made: Path) -> None:
    """The next one opens the file, and so does a change of keys; both remove what was left."""
    code = (
        "import os\n"
        "from pathlib import Path\n"
        "from workbench.store import Key, Store\n"
        f"store = Store.open(Path({str(made)!r}), memory_limit='40MB', n_threads=1, key=Key(b'k' * 32))\n"
        "with store._cursor() as cursor:\n"
        f"    cursor.execute(\"CREATE TEMP TABLE x AS SELECT '{SECRET}' || hash(i)::VARCHAR AS t FROM range(900000) r(i)\")\n"
        "    os.kill(os.getpid(), 9)"
    )
    spill = made.with_name("e.duckdb.workbench") / "tmp"
    for key, after in ((KEY, KEY), (None, OTHER)):
        ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
        assert ended.returncode == -9, ended.stderr
        assert list(spill.iterdir())
        if key is None:
            rotate(made, old=KEY, new=OTHER, n_threads=1)
        assert n_messages(made, after) == 2
        assert list(spill.iterdir()) == []


# ---- opening -------------------------------------------------------------------------------------


def test_an_encrypted_file_is_a_workspace_like_any_other(made: Path) -> None:
    with Store.open(made, n_threads=1, key=KEY) as store:
        assert store.encrypted
        with store.write() as session:
            session.messages.put(SOURCE, batch(message("3")), at=AT)
        table = store.sql("SELECT count(*) AS n FROM message", limit=1, limit_s=10)
        assert table.column("n").to_pylist() == [3]
        for query in ("SELECT * FROM duckdb_databases()", f"SELECT * FROM read_blob('{made}')"):
            with pytest.raises(InputError, match="not for queries"):
                store.sql(query, limit=1, limit_s=10)
        with store._cursor() as cursor:
            for statement in (f"ATTACH '{made.parent}/x.db' AS x", "SET memory_limit = '1GB'"):
                with pytest.raises(duckdb.Error):
                    cursor.execute(statement)
    assert n_messages(made, KEY) == 3


def test_opening_and_closing_leaves_nothing_open(made: Path) -> None:
    def n_open() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    n_messages(made, KEY)
    before = n_open()
    for _ in range(10):
        n_messages(made, KEY)
        with pytest.raises(WorkspaceKeyError):
            Store.open(made, key=OTHER)
    assert n_open() <= before


@pytest.mark.parametrize(
    ("key", "text"), [(None, "is encrypted, and no key is set"), (OTHER, "key does not open")]
)
def test_without_its_key_it_stays_closed(made: Path, key: Key | None, text: str) -> None:
    before = made.read_bytes()
    for read_only in (False, True):
        with pytest.raises(WorkspaceKeyError, match=text) as caught:
            Store.open(made, key=key, read_only=read_only)
        assert "key_file" in caught.value.next_step
        assert OTHER.secret not in repr(caught.value) + str(caught.value.__context__)
    assert made.read_bytes() == before
    assert n_messages(made, KEY) == 2


def test_a_plain_file_takes_no_key(store: Store, tmp_path: Path) -> None:
    store.close()
    with pytest.raises(WorkspaceKeyError, match="is not encrypted") as caught:
        Store.open(store.path, key=KEY)
    assert "workbench key rotate" in caught.value.next_step
    Store.open(store.path).close()


def test_without_the_extension_the_install_line_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encryption, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"workbench-comms\[encryption\]"):
        Store.open(tmp_path / "e.duckdb", key=KEY)
    assert not (tmp_path / "e.duckdb").exists()


def test_no_error_of_the_database_shows_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Talkative:
        def execute(self, statement: str) -> None:
            raise duckdb.BinderException(f"LINE 1: {statement}")

    with pytest.raises(duckdb.BinderException, match="LINE 1") as caught:
        encryption.attach(Talkative(), tmp_path / "x", "x", KEY)  # type: ignore[arg-type]
    assert KEY.secret not in str(caught.value)
    assert caught.value.__suppress_context__


def test_other_files_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    table = tmp_path / "mail.csv"
    table.write_text("id,time,text\n" * 9, "utf-8")
    with pytest.raises(StoreError, match="is not a workspace file"):
        Store.open(table)
    assert not (tmp_path / "mail.csv.workbench").exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "empty"), (b"id,time,text\n", "other"), (b"x" * 8 + b"DUCK", "other"), (b"x" * 99, "other")],
)
def test_kinds_of_files(tmp_path: Path, content: bytes, kind: str) -> None:
    assert (database_kind(tmp_path), database_kind(tmp_path / "none")) == ("other", "absent")
    (tmp_path / "f").write_bytes(content)
    assert database_kind(tmp_path / "f") == kind


# ---- keys ----------------------------------------------------------------------------------------


def test_a_key_is_shown_nowhere() -> None:
    assert (repr(KEY), str(KEY), f"{KEY}") == ("<Key>",) * 3
    with pytest.raises(TypeError, match="no other process"):
        pickle.dumps(KEY)
    with pytest.raises(WorkspaceKeyError, match="32 bytes"):
        Key(b"short")


def test_a_new_key_file_is_this_users_alone_and_never_overwritten(tmp_path: Path) -> None:
    file, second = new_key_file(tmp_path / "key"), new_key_file(tmp_path / "key2")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert read_key(file).secret == file.read_text().strip() != read_key(second).secret
    assert len(base64.b64decode(file.read_text())) == 32
    with pytest.raises(InputError, match="cannot be made"):
        new_key_file(file)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    file = new_key_file(tmp_path / "key")
    file.chmod(mode)
    with pytest.raises(WorkspaceKeyError, match=f"mode {mode:04o}") as caught:
        read_key(file)
    assert "chmod 600" in caught.value.next_step


def test_a_key_file_of_another_user_is_refused(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    file = new_key_file(tmp_path / "key")
    os.chown(file, 65534, 65534)
    with pytest.raises(WorkspaceKeyError, match="no file of yours alone"):
        read_key(file)


@pytest.mark.parametrize("content", ["", "a passphrase", base64.b64encode(b"short").decode(), "ä" * 44])
def test_what_is_no_key_is_refused_and_not_shown(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key"
    file.write_text(content, "utf-8")
    file.chmod(0o600)
    with pytest.raises(WorkspaceKeyError, match="holds no key") as caught:
        read_key(file)
    assert not content or content not in str(caught.value)
    if content:
        with pytest.raises(WorkspaceKeyError, match="WORKBENCH_KEY holds no key"):
            find_key(Settings(), workspace=tmp_path / "w", environ={"WORKBENCH_KEY": content})


def test_where_a_key_is_looked_for(tmp_path: Path) -> None:
    workspace, file = tmp_path / "w.duckdb", new_key_file(tmp_path / "key")
    of_file = read_key(file).secret
    found = [
        find_key(Settings(key_file=name), workspace=workspace, environ={"WORKBENCH_KEY": OTHER.secret})
        for name in ("key", str(file), "")
    ]
    assert [key.secret for key in found if key] == [of_file, of_file, OTHER.secret]
    assert find_key(Settings(), workspace=workspace, environ={}) is None
    for missing in ("none", str(tmp_path)):
        with pytest.raises(WorkspaceKeyError):
            find_key(Settings(key_file=missing), workspace=workspace, environ={"WORKBENCH_KEY": OTHER.secret})


# ---- rotation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("old", [KEY, None], ids=["encrypted", "plain"])
def test_rotation(tmp_path: Path, old: Key | None) -> None:
    path = tmp_path / "w.duckdb"
    with Store.open(path, n_threads=1, key=old) as store:
        fill(store, message("1", body=SECRET), message("2"))
        with pytest.raises(StoreLockedError):
            rotate(path, old=old, new=OTHER)
    rotate(path, old=old, new=OTHER, n_threads=1)
    assert on_disk(tmp_path) == []
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == ["w.duckdb", "w.duckdb.lock"]
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(WorkspaceKeyError):
        Store.open(path, key=old)
    with Store.open(path, n_threads=1, key=OTHER) as store:
        with store.write() as session:  # numbers go on where they were
            session.messages.put(SOURCE, batch(message("3")), at=AT)
        numbers = store.sql("SELECT upload_seq FROM message ORDER BY ALL", limit=9, limit_s=10)
    assert len(set(numbers.column("upload_seq").to_pylist())) == 3


def test_rotation_takes_along_what_is_only_in_the_log(made: Path) -> None:
    code = (
        "import os, sys; sys.path.insert(0, '.')\n"
        "from tests.stores import AT, SOURCE, batch, message\n"
        "from workbench.store import Key, Store\n"
        f"store = Store.open({str(made)!r}, n_threads=1, key=Key(b'k' * 32))\n"
        "with store.write() as session: session.messages.put(SOURCE, batch(message('3')), at=AT)\n"
        "os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert made.with_name("e.duckdb.wal").stat().st_size > 0
    rotate(made, old=KEY, new=OTHER, n_threads=1)
    assert n_messages(made, OTHER) == 3


def test_rotation_with_the_wrong_key_changes_nothing(made: Path, tmp_path: Path) -> None:
    before = made.read_bytes()
    for old in (OTHER, None):
        with pytest.raises(WorkspaceKeyError):
            rotate(made, old=old, new=OTHER)
    with pytest.raises(InputError, match="no workspace file"):
        rotate(tmp_path / "none.duckdb", old=KEY, new=OTHER)
    assert made.read_bytes() == before


def test_a_copy_that_differs_does_not_take_the_place(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.store import rotation

    monkeypatch.setattr(rotation, "_content", lambda _, database, table: (database, table))
    with pytest.raises(StoreError, match="differs in table"):
        rotate(made, old=KEY, new=OTHER)
    assert n_messages(made, KEY) == 2
    assert not made.with_name("e.duckdb.rotating").exists()


def test_a_file_that_does_not_open_afterwards_is_taken_back(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.store import rotation

    replace = Path.replace

    def damaging(self: Path, target: Path) -> Path:
        if self.name.endswith(".rotating"):
            with self.open("r+b") as file:
                file.seek(4096)
                file.write(os.urandom(16_384))
        return replace(self, target)

    monkeypatch.setattr(rotation.Path, "replace", damaging)
    with pytest.raises(StoreError):
        rotate(made, old=KEY, new=OTHER)
    monkeypatch.undo()
    assert n_messages(made, KEY) == 2


STEPS = [
    ("_copy", "before"), ("_copy", "after"), ("sync_file", "after"), ("os.link", "after"),
    ("Path.replace", "before"), ("Path.replace", "after"), ("Path.unlink", "before"),
]  # fmt: skip


@pytest.mark.recovery
@pytest.mark.parametrize(("step", "when"), STEPS)
@pytest.mark.parametrize("old", [KEY, None], ids=["encrypted", "plain"])
def test_a_kill_during_rotation_loses_nothing(tmp_path: Path, step: str, when: str, old: Key | None) -> None:
    path = tmp_path / "w.duckdb"
    with Store.open(path, n_threads=1, key=old) as store:
        fill(store, message("1", body=SECRET), message("2"))
    key = "Key(b'k' * 32)" if old else "None"
    code = (
        "import os\n"
        "from pathlib import Path\n"
        "from workbench.store import Key, rotate, rotation\n"
        f"owner = {step.partition('.')[0]} if {'.' in step} else rotation\n"
        f"name = {step.rpartition('.')[2]!r}\n"
        "real = getattr(owner, name)\n"
        "def killing(*values, **named):\n"
        "    if name == 'unlink' and not (values[0].name.endswith('.before-rotation') and values[0].exists()):\n"
        "        return real(*values, **named)\n"
        f"    if {when!r} == 'after': real(*values, **named)\n"
        "    os.kill(os.getpid(), 9)\n"
        "setattr(owner, name, killing)\n"
        f"rotate(Path({str(path)!r}), old={key}, new=Key(b'o' * 32), n_threads=1)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert ended.returncode == -9, ended.stderr
    exchanged = (step, when) in {("Path.replace", "after"), ("Path.unlink", "before")}
    assert n_messages(path, OTHER if exchanged else old) == 2
    left = sorted(p.name for p in tmp_path.iterdir() if p.is_file())
    assert left == ["w.duckdb", "w.duckdb.lock"]
    if not exchanged:
        rotate(path, old=old, new=OTHER, n_threads=1)
    assert n_messages(path, OTHER) == 2
    assert on_disk(tmp_path) == []


# ---- copies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [KEY, None], ids=["encrypted", "plain"])
@pytest.mark.parametrize("mode", [0o400, 0o644], ids=["as written", "mode lost"])
def test_a_published_copy_is_only_read(tmp_path: Path, key: Key | None, mode: int) -> None:
    copy = tmp_path / "copy.duckdb"
    with Store.open(tmp_path / "w.duckdb", n_threads=1, key=key) as store:
        fill(store, message("1"))
        store.publish(copy)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o400
    copy.chmod(mode)
    before = copy.read_bytes()
    with Store.open(copy, n_threads=1, key=key) as opened:
        assert opened.read_only
        with opened.read() as session:
            assert session.messages.count(DATASET, ALL) == 1
        with (
            pytest.raises(ReadOnlyError, match=r"workbench restore copy\.duckdb NEW\.duckdb"),
            opened.write(),
        ):
            pass
        with pytest.raises(StoreLockedError):
            Store.open(copy, key=key)
    assert copy.read_bytes() == before


@pytest.mark.parametrize("key", [KEY, None], ids=["encrypted", "plain"])
def test_restore_makes_a_writable_workspace(tmp_path: Path, key: Key | None) -> None:
    copy, new = tmp_path / "copy.duckdb", tmp_path / "new.duckdb"
    with Store.open(tmp_path / "w.duckdb", n_threads=1, key=key) as store:
        fill(store, message("1"))
        store.publish(copy)
    before = copy.read_bytes()
    restore(copy, new, key=key)
    assert stat.S_IMODE(new.stat().st_mode) == 0o600
    with Store.open(new, n_threads=1, key=key) as opened, opened.write() as session:
        session.messages.put(SOURCE, batch(message("2")), at=AT)
    assert (n_messages(new, key), n_messages(copy, key)) == (2, 1)
    assert copy.read_bytes() == before
    if key is not None:
        with pytest.raises(WorkspaceKeyError):
            restore(copy, tmp_path / "third.duckdb", key=OTHER)
    for target in (new, tmp_path / "none" / "x.duckdb"):
        with pytest.raises(InputError, match="cannot be made"):
            restore(copy, target, key=key)
    assert sorted(p.name for p in tmp_path.iterdir() if "restoring" in p.name or "third" in p.name) == []


@pytest.mark.parametrize("key", [KEY, None], ids=["encrypted", "plain"])
def test_the_key_of_a_copy_can_be_changed_too(tmp_path: Path, key: Key | None) -> None:
    copy = tmp_path / "copy.duckdb"
    with Store.open(tmp_path / "w.duckdb", n_threads=1, key=key) as store:
        fill(store, message("1"))
        store.publish(copy)
    rotate(copy, old=key, new=OTHER, n_threads=1)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o400
    assert n_messages(copy, OTHER) == 1
    with Store.open(copy, n_threads=1, key=OTHER) as opened:
        assert opened.read_only


def test_what_is_no_copy_is_not_restored(store: Store, tmp_path: Path) -> None:
    fill_again = message("1")
    with store.write() as session:
        session.messages.put(SOURCE, batch(fill_again), at=AT)
    with pytest.raises(StoreLockedError):
        restore(store.path, tmp_path / "new.duckdb")
    unclosed = tmp_path / "unclosed.duckdb"
    for suffix in ("", ".wal"):
        shutil.copyfile(f"{store.path}{suffix}", f"{unclosed}{suffix}")
    with pytest.raises(StoreError, match="a log lies beside it"):
        restore(unclosed, tmp_path / "new.duckdb")
    (tmp_path / "mail.csv").write_text("id\n")
    with pytest.raises(InputError, match="no workspace file"):
        restore(tmp_path / "mail.csv", tmp_path / "new.duckdb")
    assert not (tmp_path / "new.duckdb").exists()


# ---- the folder in memory ------------------------------------------------------------------------


def test_the_folder_in_memory_is_private(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 8:1 / / rw - ext4 /dev/sda rw\n2 1 0:5 / {tmp_path}/m rw - tmpfs none rw\n")
    base = tmp_path / "m"
    base.mkdir()
    one, two = (memory_folder(base, tmp_path / name, mounts) for name in ("a.duckdb", "b.duckdb"))
    assert one != two == memory_folder(base, tmp_path / "b.duckdb", mounts)
    assert [stat.S_IMODE(p.stat().st_mode) for p in (one, one.parent)] == [0o700, 0o700]
    (one / "deep").mkdir()
    (one / "deep" / "file").write_bytes(b"x" * 1000)
    assert used_bytes(one) == 1000
    one.parent.chmod(0o750)
    with pytest.raises(StoreError, match="lets others in"):
        memory_folder(base, tmp_path / "a.duckdb", mounts)
    for wrong in (tmp_path, tmp_path / "m" / "none"):
        with pytest.raises(StoreError, match="no folder in memory") as caught:
            memory_folder(wrong, tmp_path / "a.duckdb", mounts)
        assert "memory_folder" in caught.value.next_step


def test_many_threads_use_an_encrypted_file_at_once(made: Path) -> None:
    counts: list[int] = []
    with Store.open(made, key=KEY) as store:

        def work(first: int) -> None:
            for i in range(5):
                with store.write() as session:
                    session.messages.put(SOURCE, batch(message(f"{first}-{i}")), at=AT)
                with store.read() as session:
                    counts.append(session.messages.count(DATASET, ALL))

        threads = [threading.Thread(target=work, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(counts) == 15
    assert max(counts) == 17 == n_messages(made, KEY)


@pytest.mark.recovery
def test_a_killed_writer_loses_nothing_acknowledged(made: Path) -> None:
    """Killed five times among commits and checkpoints; each commit is two messages, which come together or not."""
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from tests.stores import AT, SOURCE, batch, message\n"
        "from workbench.store import Key, Store\n"
        f"store = Store.open({str(made)!r}, n_threads=1, key=Key(b'k' * 32))\n"
        "for i in range(100_000):\n"
        "    name = f'{sys.argv[1]}-{i}'\n"
        "    with store.write() as session:\n"
        "        session.messages.put(SOURCE, batch(message(name + 'a'), message(name + 'b')), at=AT)\n"
        "    print(name, flush=True)\n"
        "    if i % 7 == 6: store.checkpoint()\n"
    )
    acknowledged: set[str] = set()
    for turn in range(5):
        command = [sys.executable, "-c", code, str(turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            for _ in range(5 + 3 * turn):
                acknowledged.add(writer.stdout.readline().strip())
            writer.kill()
            acknowledged.update(line.strip() for line in writer.stdout if line.endswith("\n"))
        with Store.open(made, n_threads=1, key=KEY) as store:
            table = store.sql(
                "SELECT message_id FROM message WHERE message_id LIKE '%-%'", limit=10_000, limit_s=20
            )
        stored = set(table.column("message_id").to_pylist())
        assert {name + half for name in acknowledged for half in "ab"} <= stored
        assert {name[:-1] + "a" for name in stored} | {name[:-1] + "b" for name in stored} == stored
    assert len(acknowledged) >= 55
