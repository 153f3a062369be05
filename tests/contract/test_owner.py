"""The owner process: exactly one, for its own user only, unharmed by clients that die, and gone at once when told."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from tests.contract.conftest import run_python, stop_owner, upload
from tests.contract.messages import batch
from workbench.client import SocketDoor, connect_local
from workbench.domain import (
    ColumnMapping,
    ImportOptions,
    Judgement,
    MessageFilter,
    Operations,
    SourceId,
    Uid,
    UploadId,
)
from workbench.errors import AccessError, ConnectionLostError, InputError, UploadError
from workbench.settings import Settings
from workbench.wire import Call, companion_folder, encode, read_reply, signature, socket_path

SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, owner_idle_s=60)


@pytest.fixture
def file(tmp_path: Path, short_runtime: Path) -> Iterator[Path]:
    (tmp_path / "workbench.toml").write_text(
        'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n', "utf-8"
    )
    path = tmp_path / "owned.duckdb"
    yield path
    stop_owner(path)


def owner_pid(file: Path) -> int:
    return int((companion_folder(file) / "owner.pid").read_text("ascii"))


def n_owners(file: Path) -> int:
    """How many owners ever listened."""
    return (companion_folder(file) / "owner.log").read_text("utf-8").count("listens")


def raw_connection(file: Path) -> socket.socket:
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.connect(str(socket_path(file)))
    return peer


def put_call(source_id: SourceId, table: pa.Table, n_rows: int) -> Call:
    arguments = signature("put_messages").pack((source_id, table, "cut", n_rows), {})
    return Call(operation="put_messages", arguments=arguments, actor="tester")


# ---- one owner -----------------------------------------------------------------------------------


def test_clients_that_start_it_at_once_share_one_owner(file: Path) -> None:
    """Over what a killed owner leaves behind: its socket, its lock file, its process id."""
    connect_local(file, settings=SETTINGS).whoami()
    first = owner_pid(file)
    os.kill(first, signal.SIGKILL)
    assert socket_path(file).exists()
    assert Path(f"{file}.lock").read_text("ascii").strip() == str(first)
    code = (
        "import os; from pathlib import Path; from workbench.client import connect_local\n"
        f"print(connect_local({str(file)!r}).health()['file'])"
    )
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: run_python(code), range(4)))
    assert [result.stdout for result in results] == ["owned.duckdb\n"] * 4, results[0].stderr
    assert n_owners(file) == 2
    assert owner_pid(file) != first


def test_two_names_of_one_file_have_one_owner(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.duckdb"
    link.symlink_to(file)
    connect_local(link, settings=SETTINGS).create_source("demo", "mail")
    assert len(connect_local(file, settings=SETTINGS).sources()) == 1
    assert n_owners(file) == 1
    assert not companion_folder(link).exists()


def test_who_waits_for_news_does_not_hold_up_the_end(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    last = operations.wait_events(timeout_s=0).last_seq
    pages = []
    waiting = threading.Thread(target=lambda: pages.append(operations.wait_events(last, 30)))
    waiting.start()
    time.sleep(0.3)
    started = time.monotonic()
    stop_owner(file)
    assert time.monotonic() - started < 5
    waiting.join(20)
    assert pages[0].events == ()


def test_a_file_held_from_elsewhere_is_named_as_such(file: Path, tmp_path: Path) -> None:
    connect_local(file, settings=SETTINGS).whoami()
    hidden = tmp_path / "hidden.sock"
    socket_path(file).rename(hidden)  # as for a client with another XDG_RUNTIME_DIR
    try:
        with pytest.raises(ConnectionLostError, match="Another process holds the file"):
            connect_local(file, settings=Settings(owner_start_s=3)).whoami()
    finally:
        hidden.rename(socket_path(file))


# ---- other users ---------------------------------------------------------------------------------


def test_other_users_are_refused(file: Path) -> None:
    """Even when the folder and the socket let them in, the kernel's word on who asks decides."""
    if os.getuid() != 0:
        pytest.skip("only root can act as another user")
    connect_local(file, settings=SETTINGS).whoami()
    address = socket_path(file)
    folders = [address.parent, *(p for p in address.parent.parents if not p.stat().st_mode & 0o005)]
    modes = {path: path.stat().st_mode & 0o7777 for path in (*folders, address)}
    code = (
        "import os, socket, sys\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(b'0' * 8); print(s.recv(1))"
    )
    try:
        for path in modes:
            path.chmod(0o777)
        found = subprocess.run(
            [sys.executable, "-c", code, str(address)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    cut_off = ("ConnectionResetError", "BrokenPipeError")
    assert found.stdout == "b''\n" or any(name in found.stderr for name in cut_off), found.stderr
    assert "refused a connection" in (companion_folder(file) / "owner.log").read_text("utf-8")
    assert connect_local(file, settings=SETTINGS).whoami()


def test_what_it_writes_is_for_its_user_alone(file: Path) -> None:
    before = os.umask(0o022)
    try:
        operations = connect_local(file, settings=SETTINGS)
        operations.whoami()
    finally:
        os.umask(before)
    upload(operations, b"id,when,text\n1,2026-03-01,hello\n")
    made = (*file.parent.glob("owned*"), *companion_folder(file).rglob("*"))
    assert {path.name for path in made} >= {"owned.duckdb", "owned.duckdb.lock", "owner.pid", "file"}
    assert companion_folder(file).stat().st_mode & 0o077 == 0
    assert file.stat().st_mode & 0o077 == 0
    inside = [path for path in companion_folder(file).rglob("*") if path.name != "owner.log"]
    assert [path for path in inside if path.stat().st_mode & 0o077] == []


def test_a_client_tells_nothing_to_another_users_process(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect_local(file, settings=SETTINGS).whoami()
    address = socket_path(file)
    monkeypatch.setattr("workbench.client.local.socket_path", lambda _: address)
    monkeypatch.setattr("workbench.client.local.os.getuid", lambda: os.geteuid() + 1)
    with pytest.raises(AccessError, match="another user"):
        connect_local(file, settings=SETTINGS).whoami()


# ---- clients that die ----------------------------------------------------------------------------


def test_a_request_cut_anywhere_changes_nothing_and_holds_nothing(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "mail").source_id
    payload = encode(put_call(source_id, batch(500), 500))
    frame = len(payload).to_bytes(8, "big") + payload
    for cut in (1, 8, 9, *range(1_000, len(frame), len(frame) // 12), len(frame) - 1):
        with raw_connection(file) as peer:
            peer.sendall(frame[:cut])
    operations.create_source("demo", "other")
    assert operations.sources()[0].n_messages == 0
    assert operations.usage().units == 0


def test_a_client_killed_while_it_waits_for_its_answer_holds_nothing(file: Path) -> None:
    """What it asked for is done whole or not at all, and others write on."""
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "mail").source_id
    code = (
        "import sys; from tests.contract.messages import batch; from workbench.client import connect_local\n"
        f"operations = connect_local({str(file)!r}); table = batch(10_000); print('asks', flush=True)\n"
        f"operations.put_messages({source_id!r}, table, 'killed', 10_000)"
    )
    for turn, pause in enumerate((0.0, 0.05, 0.2)):
        client = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
        assert client.stdout
        client.stdout.readline()
        time.sleep(pause)
        client.kill()
        client.wait()
        client.stdout.close()
        operations.create_source("demo", f"after-{turn}")
    stored = next(s.n_messages for s in operations.sources() if s.source_id == source_id)
    assert stored in (0, 10_000)
    assert operations.usage().units == stored
    assert operations.put_messages(source_id, batch(10_000), "killed", 10_000).units == 10_000
    assert operations.usage().units == 10_000


def test_a_table_cut_between_its_batches_is_refused(file: Path) -> None:
    """Arrow takes the end of the bytes for the end of the stream: the announced number of rows does not."""
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "mail").source_id
    ends, sink = [], pa.BufferOutputStream()
    writer = pa.ipc.new_stream(sink, batch(1).schema)
    for first in range(0, 50, 10):
        ends.append(sink.tell())
        writer.write_table(batch(10, first=first))
    writer.close()
    whole = sink.getvalue().to_pybytes()
    door = SocketDoor(file, settings=SETTINGS)
    for end in ends[1:]:
        arguments = encode({"source_id": source_id, "batch": whole[:end], "batch_id": "cut", "n_rows": 50})
        reply = door.ask(Call(operation="put_messages", arguments=arguments, actor="tester"))
        with pytest.raises(InputError, match="announced"):
            read_reply(reply, signature("put_messages"))
    assert operations.sources()[0].n_messages == 0
    arguments = encode({"source_id": source_id, "batch": whole, "batch_id": "cut", "n_rows": 50})
    assert not door.ask(Call(operation="put_messages", arguments=arguments)).failure
    door.close()
    assert operations.sources()[0].n_messages == 50


def test_an_upload_cut_after_every_piece_loads_nothing(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "mail").source_id
    mapping = ColumnMapping(id="id", timestamp="when", body="text")
    rows = [f"{i},2026-03-01,text number {i}\n".encode() for i in range(12)]
    content = b"id,when,text\n" + b"".join(rows)
    sha256 = hashlib.sha256(content).hexdigest()
    for n_sent in range(13):
        upload_id = UploadId(f"{n_sent:032x}")
        dying = connect_local(file, settings=SETTINGS)
        dying.begin_upload(upload_id, "mail.csv", len(content))
        for index, piece in enumerate((b"id,when,text\n", *rows)[:n_sent]):
            dying.upload_piece(upload_id, index, piece)
        del dying
        with pytest.raises(UploadError, match=f"{n_sent} of 13 pieces"):
            operations.finish_upload(upload_id, 13, sha256)
        with pytest.raises(UploadError, match="damaged"):
            operations.finish_upload(upload_id, n_sent, sha256)
        with pytest.raises(UploadError, match="not finished"):
            operations.start_import(source_id, upload_id, mapping, ImportOptions())
    assert operations.jobs() == ()
    assert operations.sources()[0].n_messages == 0
    assert operations.usage().units == 0


# ---- calls whose reply was lost ------------------------------------------------------------------


def again(file: Path, name: str, *args: object) -> tuple[object, object]:
    """The answers to one call that is sent twice, with the owner killed in between."""
    known = signature(name)
    call = Call(operation=name, arguments=known.pack(args, {}), actor="tester", call_id="c0ffee" * 3)
    first, second = SocketDoor(file, settings=SETTINGS), SocketDoor(file, settings=SETTINGS)
    one = read_reply(first.ask(call), known)
    os.kill(owner_pid(file), signal.SIGKILL)
    two = read_reply(second.ask(call), known)
    first.close()
    second.close()
    return one, two


def test_a_call_sent_again_creates_nothing_twice(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    made, found = again(file, "create_source", "demo", "mail")
    assert made == found
    (source,) = operations.sources()
    operations.put_messages(source.source_id, batch(30), "first", 30)
    made, found = again(file, "create_dataset", "demo", "d", (source.source_id,))
    assert made == found
    (dataset,) = operations.datasets()
    made, found = again(file, "start_embed", dataset.dataset_id)
    assert made == found
    assert [job.job_id for job in operations.jobs()] == [made]
    upload_id = upload(operations, b"id,when,text\n1,2026-03-01,hello\n")
    mapping = ColumnMapping(id="id", timestamp="when", body="text")
    made, found = again(file, "start_import", source.source_id, upload_id, mapping, ImportOptions())
    assert made == found


def test_different_calls_are_different(file: Path) -> None:
    operations = connect_local(file, settings=SETTINGS)
    ids = {operations.create_source("demo", name).source_id for name in ("a", "b")}
    with pytest.raises(InputError, match="exists already"):
        operations.create_source("demo", "a")
    assert len(ids) == 2


def test_values_travel_as_they_are(file: Path) -> None:
    operations: Operations = connect_local(file, settings=SETTINGS)
    table = operations.sql(
        "SELECT TIMESTAMPTZ '2026-03-29 01:30:00.123456+00' AS at, DATE '1969-12-31' AS day, 1.10::DECIMAL(38, 2) AS d,"
        " 9223372036854775807 AS big, [1, NULL] AS list, {'a': 'b'} AS pair, NULL::VARCHAR AS nothing,"
        " 'NaN'::DOUBLE AS nan, 'x\\x00y'::BLOB AS raw, uuid() AS id, TRUE AS yes, INTERVAL 3 DAY AS span"
    )
    row = table.to_pylist()[0]
    assert (str(row["d"]), row["big"], row["list"], row["pair"]) == ("1.10", 2**63 - 1, [1, None], {"a": "b"})
    assert (row["at"].isoformat(), str(row["day"])) == ("2026-03-29T01:30:00.123456+00:00", "1969-12-31")
    assert row["nothing"] is None
    assert row["nan"] != row["nan"]
    assert row["raw"] == b"x\0y"
    assert row["yes"] is True
    assert (str(table.schema.field("d").type), str(table.schema.field("at").type)) == (
        "decimal128(38, 2)", "timestamp[us, tz=UTC]",
    )  # fmt: skip


# ---- many at once --------------------------------------------------------------------------------


@pytest.mark.slow
def test_people_read_and_write_while_a_bulk_load_runs(file: Path) -> None:
    """Eight dashboards and an annotator: small reads wait for no write, small writes for one piece of the load."""
    operations = connect_local(file, settings=SETTINGS)
    source_id = operations.create_source("demo", "mail").source_id
    operations.put_messages(source_id, batch(2_000), "first", 2_000)
    dataset_id = operations.create_dataset("demo", "d", (source_id,)).dataset_id
    label_id = operations.create_label(dataset_id, "One").label_id
    uids = operations.messages_table(dataset_id, MessageFilter())["uid"].to_pylist()
    spent: dict[str, list[float]] = {"load": [], "read": [], "write": []}
    loaded = threading.Event()

    def load() -> None:
        mine = connect_local(file, settings=SETTINGS)
        for turn in range(6):
            table = batch(8_000, first=10_000 * (turn + 1))
            started = time.monotonic()
            mine.put_messages(source_id, table, f"bulk-{turn}", 8_000)
            spent["load"].append(time.monotonic() - started)
        loaded.set()

    def repeat(kind: str, work: Callable[[Operations, int], object]) -> None:
        mine = connect_local(file, settings=SETTINGS)
        turn = 0
        while not loaded.is_set():
            started = time.monotonic()
            work(mine, turn)
            spent[kind].append(time.monotonic() - started)
            turn += 1
            time.sleep(0.05)

    def read(mine: Operations, turn: int) -> None:
        assert (
            mine.find_messages(dataset_id, MessageFilter(), offset=turn % 100, limit=10).n_total % 1_000 == 0
        )

    def write(mine: Operations, turn: int) -> None:
        judgement = Judgement(event_id=f"{turn:016x}", uid=Uid(uids[turn]), assigned=(label_id,))
        mine.judge(dataset_id, (judgement,))

    with ThreadPoolExecutor(10) as pool:
        tasks = [pool.submit(repeat, "read", read) for _ in range(8)]
        tasks += [pool.submit(repeat, "write", write), pool.submit(load)]
        for task in tasks:
            task.result()
    slowest = max(spent["load"])
    p95 = {kind: sorted(times)[int(0.95 * len(times))] for kind, times in spent.items()}
    assert len(spent["read"]) > 8 * 5
    assert len(spent["write"]) > 5
    assert p95["read"] < slowest, (p95, slowest)
    assert p95["write"] < 2 * slowest, (p95, slowest)
    assert operations.dataset(dataset_id).n_messages == 50_000
    assert operations.dataset(dataset_id).n_reviewed == len(spent["write"])
