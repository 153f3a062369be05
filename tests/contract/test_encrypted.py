"""An encrypted workspace through its owner: the key reaches the owner and nobody else, and no text reaches a disk."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import run_python, stop_owner, upload
from workbench.client import connect_local
from workbench.domain import ColumnMapping, DiscoverOptions, ImportOptions, JobId, Operations
from workbench.errors import InputError, ReadOnlyError, StoreError, WorkspaceKeyError
from workbench.primitives import database_kind
from workbench.settings import Settings, load_settings
from workbench.store import memory_folder, new_key_file
from workbench.wire import companion_folder, socket_path

SECRET = "MARKER-91c2 the parcel for Ada Byron never came"
MAPPING = ColumnMapping(id="id", timestamp="time", body="text")
ROWS = "id,time,text\n" + "".join(
    f"{i},2026-03-{1 + i % 28:02d},{SECRET} on day {i} and nobody answers {'again ' * (i % 5)}\n"
    for i in range(60)
)


@pytest.fixture
def folder(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
    """With a key file, and settings that name it."""
    new_key_file(tmp_path / "key")
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\nkey_file = "key"\n', "utf-8"
    )
    yield tmp_path
    for name in ("w.duckdb", "copy.duckdb", "new.duckdb"):
        stop_owner(tmp_path / name)


def opened(file: Path, **settings: str | float) -> Operations:
    return connect_local(file, actor="tester", settings=load_settings(file, None, **settings))


def finished(operations: Operations, job_id: JobId) -> None:
    while not (state := operations.job(job_id)).finished:
        time.sleep(0.05)
    assert state.status == "done", state.error


def imported(operations: Operations) -> str:
    source = operations.create_source("demo", "mail")
    finished(
        operations,
        operations.start_import(
            source.source_id, upload(operations, ROWS.encode()), MAPPING, ImportOptions()
        ),
    )
    return operations.create_dataset("demo", "support", (source.source_id,)).dataset_id


def readable(folder: Path, text: str = SECRET) -> list[str]:
    """Files in which a text can be read."""
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and text.encode() in p.read_bytes())


def children_of(pid: int) -> list[int]:
    return [
        int(stat.parent.name)
        for stat in Path("/proc").glob("[0-9]*/stat")
        if stat.read_text("utf-8").rpartition(")")[2].split()[1] == str(pid)
    ]


def owner_pid(file: Path) -> int:
    return int((companion_folder(file) / "owner.pid").read_text("ascii"))


@pytest.mark.nightly
def test_no_text_reaches_the_disk(folder: Path) -> None:
    """Upload, import, embed and map in mid-work: the derived files are there, in memory, and only there."""
    file = folder / "w.duckdb"
    operations = opened(file)
    left = upload(operations, ROWS.encode())  # stays: nobody imports it
    dataset_id = imported(operations)
    finished(operations, operations.start_discover(dataset_id, DiscoverOptions()))
    memory = memory_folder(Path(load_settings(file).memory_folder), file)
    assert {"file", "about.json"} <= {p.name for p in (memory / "uploads" / left).iterdir()}
    assert {p.suffix for p in (memory / "matrices").iterdir()} == {".npy", ".arrow"}
    assert "file" in readable(memory)
    assert readable(folder) == []
    assert not {p.name for p in companion_folder(file).iterdir()} & {
        "uploads",
        "matrices",
        "spool",
        "held_out",
    }
    stop_owner(file)
    assert not memory.exists()
    assert readable(folder) == []
    assert opened(file).dataset("demo/support").n_messages == len(ROWS.splitlines()) - 1


@pytest.mark.nightly
def test_the_key_stays_with_the_owner(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the variable: not on a command line, not with workers, not in logs, events, audit or answers."""
    file = folder / "w.duckdb"
    key = (folder / "key").read_text("ascii").strip()
    (folder / "key").unlink()
    (folder / "workbench.toml").write_text('encoder = "hash-test"\nfast_encoder = ""\n', "utf-8")
    monkeypatch.setenv("WORKBENCH_KEY", key)
    operations = opened(file)
    dataset_id = imported(operations)
    finished(operations, operations.start_discover(dataset_id, DiscoverOptions()))
    workers = children_of(owner_pid(file))
    assert workers
    for worker in workers:
        assert key.encode() not in Path(f"/proc/{worker}/environ").read_bytes()
    for process in (owner_pid(file), *workers):
        assert key.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
    answers = [operations.audit_table().to_pylist(), operations.health(), operations.wait_events(timeout_s=0)]
    assert key not in repr(answers)
    assert key not in repr(load_settings(file))
    stop_owner(file)
    assert readable(folder, key) == []
    monkeypatch.setenv("WORKBENCH_KEY", key[:-2])
    with pytest.raises(WorkspaceKeyError, match="holds no key"):
        opened(file).whoami()
    assert readable(folder, key[:-2]) == []


def test_apps_and_notebooks_do_not_get_the_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.cli import serving
    from workbench.widgets.template import voila_config

    monkeypatch.setenv("WORKBENCH_KEY", "the key")
    environment = serving._voila_environment(folder / "w.duckdb", folder, voila_config(port=1))
    assert environment["WORKBENCH_FILE"] == str(folder / "w.duckdb")
    assert "WORKBENCH_KEY" not in environment


def test_the_key_file_may_be_an_argument(folder: Path) -> None:
    file = folder / "w.duckdb"
    (folder / "workbench.toml").unlink()
    opened(file, key_file=str(folder / "key")).create_source("demo", "mail")
    stop_owner(file)
    with pytest.raises(WorkspaceKeyError, match="no key is set") as caught:
        opened(file).whoami()
    assert "key_file" in caught.value.next_step
    with pytest.raises(WorkspaceKeyError, match="does not open"):
        opened(file, key_file=str(new_key_file(folder / "other"))).whoami()
    assert len(opened(file, key_file=str(folder / "key")).sources()) == 1


def test_after_a_kill_the_work_is_found_again(folder: Path) -> None:
    """What a killed owner leaves in memory is what the next one resumes from."""
    file = folder / "w.duckdb"
    operations = opened(file)
    upload_id = upload(operations, ROWS.encode())
    os.kill(owner_pid(file), signal.SIGKILL)
    operations = opened(file)
    source = operations.create_source("demo", "mail")
    finished(operations, operations.start_import(source.source_id, upload_id, MAPPING, ImportOptions()))
    assert operations.sources()[0].n_messages == 60


def test_memory_has_a_limit(folder: Path) -> None:
    with (folder / "workbench.toml").open("a", encoding="utf-8") as toml:
        toml.write("memory_folder_max_bytes = 5000\n")
    operations = opened(folder / "w.duckdb")
    with pytest.raises(StoreError, match="at most 5,000 may lie in memory") as caught:
        upload(operations, ROWS.encode())
    assert "memory_folder_max_bytes" in caught.value.next_step


def test_derived_files_lie_nowhere_but_in_memory(folder: Path) -> None:
    (folder / "disk").mkdir()
    with (folder / "workbench.toml").open("a", encoding="utf-8") as toml:
        toml.write(f"memory_folder = '{folder / 'disk'}'\n")
    with pytest.raises(StoreError, match="no folder in memory"):
        opened(folder / "w.duckdb").whoami()


def test_what_was_derived_before_encryption_is_removed(folder: Path) -> None:
    file = folder / "w.duckdb"
    for name in ("uploads/a/file", "matrices/a.arrow", "held_out/a.npz", "spool/a/texts.arrow"):
        (companion_folder(file) / name).parent.mkdir(parents=True)
        (companion_folder(file) / name).write_text(SECRET, "utf-8")
    opened(file).whoami()
    assert readable(folder) == []


def test_a_copy_is_read_through_its_owner(folder: Path) -> None:
    file, copy = folder / "w.duckdb", folder / "copy.duckdb"
    operations = opened(file)
    imported(operations)
    operations.publish(str(copy))
    read = opened(copy)
    assert read.dataset("demo/support").n_messages == 60
    assert len(read.jobs()) == 1
    for write in (
        lambda: read.create_source("demo", "other"),
        lambda: read.start_discover(read.datasets()[0].dataset_id, DiscoverOptions()),
        lambda: read.publish(str(folder / "copy2.duckdb")),
    ):
        with pytest.raises(ReadOnlyError, match=r"workbench restore copy\.duckdb NEW\.duckdb"):
            write()
    assert readable(folder) == []


def test_it_works_without_a_network(folder: Path) -> None:
    """In a network of its own without any interface, and with a home where nothing can be kept."""
    command = ["unshare", "--net", "--map-root-user", sys.executable, "-c"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*command, ""], check=False, capture_output=True).returncode
    ):
        pytest.skip("this user may cut off no network")
    file = folder / "w.duckdb"
    (folder / "mail.csv").write_text(ROWS, "utf-8")
    code = (
        "import socket, sys, workbench as wb\n"
        "try: socket.create_connection(('127.0.0.1', 9), 1)\n"
        "except OSError as error: print(error.errno)\n"
        f"ws = wb.open({str(file)!r}); ws.import_({str(folder / 'mail.csv')!r}, source='demo/mail', progress=False)\n"
        "ds = ws.create_dataset('demo/support', sources=['demo/mail'])\n"
        f"print(len(ds.messages(text='parcel')), ws.publish({str(folder / 'copy.duckdb')!r}))\n"
    )
    environment = {**os.environ, "HOME": "/nonexistent"}
    told = subprocess.run([*command, code], check=False, capture_output=True, text=True, env=environment)
    unreachable = {errno.ENETUNREACH, errno.EADDRNOTAVAIL}
    assert told.returncode == 0, told.stderr
    first, second = told.stdout.splitlines()
    assert int(first) in unreachable
    assert second == f"60 {folder / 'copy.duckdb'}"
    assert {database_kind(one) for one in (file, folder / "copy.duckdb")} == {"encrypted"}


def test_a_table_starts_no_owner(folder: Path) -> None:
    table = folder / "mail.csv"
    table.write_text(ROWS, "utf-8")
    with pytest.raises(InputError, match="is not a workspace file"):
        connect_local(table, settings=Settings())
    assert not companion_folder(table).exists()
    assert not socket_path(table).exists()


def test_a_process_without_the_key_uses_the_owner_that_runs(folder: Path) -> None:
    """Apps and notebooks need no key: they ask the owner."""
    file = folder / "w.duckdb"
    opened(file).create_source("demo", "mail")
    code = f"from workbench.client import connect_local; print(len(connect_local({str(file)!r}).sources()))"
    (folder / "workbench.toml").unlink()
    result = run_python(code)
    assert (result.stdout, result.returncode) == ("1\n", 0), result.stderr
