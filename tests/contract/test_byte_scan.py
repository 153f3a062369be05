"""Every byte that an encrypted workspace leaves anywhere is searched for words of its messages, in any spelling.

The same work on a plain workspace (every night) shows that the search finds each of the words.
"""

from __future__ import annotations

import base64
import gzip
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contract.conftest import stop_owner, upload
from tests.mails import HEAD, multipart, part
from tests.scanning import spellings, traces, unexplained
from workbench.client import connect_local
from workbench.domain import (
    AnyConnection,
    ColumnMapping,
    DatasetId,
    DiscoverOptions,
    ImapConnection,
    ImportOptions,
    JobId,
    Judgement,
    MessageFilter,
    Operations,
    Secrets,
)
from workbench.door import Workspace
from workbench.primitives import utc_now
from workbench.settings import load_settings
from workbench.store import Store, memory_folder, new_key_file, read_key
from workbench.wire import companion_folder
from workbench.workspace.opening import open_workspace

TEXT, SUBJECT, SENDER, LABEL = "zqbodyword", "zqsubjectword", "zqsenderword", "zqlabelword"
PROPERTY, COLUMN, PASSWORD, NOTE = "zqvalueword", "zqcolumnword", "zqsecretword", "zqnoteword"
MAIL, ATTACHED = "zqmailword", "zqattachedword"
STORED = (TEXT, SUBJECT, SENDER, LABEL, PROPERTY, COLUMN, PASSWORD, NOTE)
FILE_NAME = "zqfilename"
N_MESSAGES = 240
MAPPING = ColumnMapping(
    id="id", timestamp="time", body="text", subject="about", sender="who", properties={COLUMN: "string"}
)
IMAP = AnyConnection.of(ImapConnection(host="127.0.0.1", port=9, user_name="care", security="plain"))
ROWS = f"id,time,text,about,who,{COLUMN}\n" + "".join(
    f"m{i},2026-03-{1 + i % 28:02d},{TEXT} {'parcel late' if i % 2 else 'refund please'} number {i},"
    f"{SUBJECT} {i},{SENDER}{i}@shop.example,{PROPERTY}{i % 7}\n"
    for i in range(N_MESSAGES)
)
SPILLING = (
    "WITH long AS MATERIALIZED (SELECT body || i::VARCHAR AS t FROM message, range(12000) r(i)) "
    "SELECT count(*) AS n, max(t) AS t FROM (SELECT t, row_number() OVER (ORDER BY reverse(t)) AS n FROM long) "
    "WHERE n % 2 = 0"
)
"""Some three million texts put in order: far more than the memory limit."""


@dataclass(kw_only=True)
class Place:
    """A folder with a workspace, and all other folders into which its processes may write."""

    folder: Path
    others: tuple[Path, ...]
    encrypted: bool
    done: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "w.duckdb"

    @property
    def spill(self) -> Path:
        return companion_folder(self.file) / "tmp"

    def opened(self) -> Operations:
        return connect_local(self.file, actor="tester", settings=load_settings(self.file))

    def owner_pid(self) -> int:
        return int((companion_folder(self.file) / "owner.pid").read_text("ascii"))

    def found(self) -> set[str]:
        """Words that can be read anywhere."""
        return {
            word for _, word, _ in traces([self.folder, *self.others], (*STORED, MAIL, ATTACHED, FILE_NAME))
        }


def finished(operations: Operations, job_id: JobId) -> None:
    while not (state := operations.job(job_id)).finished:
        time.sleep(0.05)
    assert state.status == "done", state.error


def place(
    request: pytest.FixtureRequest, tmp_path: Path, runtime: Path, *, encrypted: bool
) -> Iterator[Place]:
    folder, temp = tmp_path / "here", tmp_path / "temp"
    for made in (folder, temp):
        made.mkdir()
    patch = request.getfixturevalue("monkeypatch")
    patch.setenv("TMPDIR", str(temp))
    lines = [
        'encoder = "hash-test"',
        'fast_encoder = ""',
        "retrain_after_reviews = 0",
        'memory_limit = "120MB"',
    ]
    lines += ["n_threads = 1", "query_limit_s = 300.0"]
    if encrypted:
        new_key_file(folder / "key")
        lines.append('key_file = "key"')
    (folder / "workbench.toml").write_text("\n".join(lines) + "\n", "utf-8")
    here = Place(folder=folder, others=(temp, runtime), encrypted=encrypted)
    yield here
    stop_owner(here.file)
    if encrypted:  # a killed owner leaves it
        shutil.rmtree(memory_folder(Path(load_settings(here.file).memory_folder), here.file))


@pytest.fixture
def sealed(request: pytest.FixtureRequest, tmp_path: Path, short_runtime: Path) -> Iterator[Place]:
    yield from place(request, tmp_path, short_runtime, encrypted=True)


@pytest.fixture
def bare(request: pytest.FixtureRequest, tmp_path: Path, short_runtime: Path) -> Iterator[Place]:
    yield from place(request, tmp_path, short_runtime, encrypted=False)


def work(here: Place, *, everything: bool) -> None:
    """All that a workspace is used for; the file is left with its log, as a kill leaves it.

    ``everything`` takes what ``store_long_ago`` has stored before an owner was there.
    """
    operations = here.opened()
    source = operations.create_source("demo", "mail", f"title {NOTE}")
    left = upload(operations, ROWS.encode(), f"{FILE_NAME}.csv")  # nobody imports it
    handed_in = upload(operations, ROWS.encode(), f"{FILE_NAME}.csv")
    finished(operations, operations.start_import(source.source_id, handed_in, MAPPING, ImportOptions()))
    assert left != handed_in
    dataset_id = operations.create_dataset("demo", "support", (source.source_id,)).dataset_id
    shop = operations.create_integration("demo", "shop", IMAP, enabled=False)
    operations.set_secrets(shop.integration_id, Secrets(password=PASSWORD))
    judge(operations, dataset_id)
    if everything:
        import_mail(here)
        operations.set_retention("source", "demo/old", "archive", 1, 0, "delete", "old")
        finished(operations, operations.start_retention("source", "demo/old"))
        finished(operations, operations.start_train(dataset_id))
        finished(operations, operations.start_discover(dataset_id, DiscoverOptions()))
        operations.map_data(dataset_id)
    assert operations.find_messages(dataset_id, MessageFilter(text=TEXT)).messages
    assert operations.export_piece(dataset_id, MessageFilter()).num_rows == N_MESSAGES
    (here.folder / "backups").mkdir()
    operations.publish(str(here.folder / "backups" / "copy.duckdb"))
    operations.create_source("demo", "late", f"late {NOTE}")  # is in the log only


def store_long_ago(here: Place) -> None:
    """Messages that are past retention, with every word; the owner's clock cannot be turned."""
    key = read_key(here.folder / "key") if here.encrypted else None
    settings, before = load_settings(here.file), utc_now() - timedelta(days=9)
    with open_workspace(here.file, settings=settings, key=key, clock=lambda: before) as opened:
        operations = opened.operations("tester")
        source_id = operations.create_source("demo", "old").source_id
        rows = ROWS.splitlines(keepends=True)[:9]
        given = upload(operations, "".join(rows).encode(), f"{FILE_NAME}.csv")
        finished(operations, operations.start_import(source_id, given, MAPPING, ImportOptions()))


def import_mail(here: Place) -> None:
    """A mail with an attachment, from a folder that is not the workspace's."""
    note = part("text/csv", ATTACHED * 9, "Content-Disposition: attachment; filename=note.csv")
    mail = HEAD + "MIME-Version: 1.0\n" + multipart("mixed", part("text/plain", f"{MAIL} is late"), note)
    with TemporaryDirectory(dir="/dev/shm") as outside:
        file = Path(outside) / "a.eml"
        file.write_text(mail, "utf-8")
        workspace = Workspace(here.opened(), address="")
        workspace.import_mail(file, source="demo/letters", progress=False)


def judge(operations: Operations, dataset_id: DatasetId) -> None:
    labels = [operations.create_label(dataset_id, f"{LABEL} {name}").label_id for name in ("late", "money")]
    page = operations.find_messages(dataset_id, MessageFilter(), limit=80).messages
    operations.judge(
        dataset_id,
        tuple(
            Judgement(
                event_id=f"{i:016x}", uid=one.uid, assigned=(labels["refund" in one.body],), mode="recent"
            )
            for i, one in enumerate(page)
        ),
    )


def kill_while_it_spills(here: Place) -> int:
    """Put far more in order than fits into memory, and kill the owner when it has spilled; bytes that lie there."""
    here.opened().sources()
    code = (
        "import sys; from pathlib import Path; from workbench.client import connect_local\n"
        "connect_local(Path(sys.argv[1])).sql(sys.argv[2])"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(here.file), SPILLING]) as asking:
        deadline = time.monotonic() + 120
        while spilled(here) < 20_000_000 and time.monotonic() < deadline and asking.poll() is None:
            time.sleep(0.02)
        asking.kill()  # else it would ask the next owner again
    os.kill(here.owner_pid(), signal.SIGKILL)
    return spilled(here)


def spilled(here: Place) -> int:
    total = 0
    for one in here.spill.iterdir():
        with suppress(FileNotFoundError):  # it comes and goes
            total += one.stat().st_size
    return total


def test_no_word_lies_anywhere(sealed: Place) -> None:
    work(sealed, everything=False)
    os.kill(sealed.owner_pid(), signal.SIGKILL)
    log = sealed.file.with_name("w.duckdb.wal")
    assert log.stat().st_size > 0
    assert sealed.found() == set()
    assert unexplained(sealed.folder) == []
    operations = sealed.opened()
    assert [one.name for one in operations.sources()] == ["late", "mail"]
    stop_owner(sealed.file)
    assert sealed.found() == set()
    assert unexplained(sealed.folder) == []


@pytest.mark.nightly
@pytest.mark.recovery
def test_no_word_lies_anywhere_after_everything(sealed: Place) -> None:
    """With a map, and killed while it spilled: what was spilled lies there, and shows nothing."""
    store_long_ago(sealed)
    work(sealed, everything=True)
    memory = memory_folder(Path(load_settings(sealed.file).memory_folder), sealed.file)
    assert {word for _, word, _ in traces([memory], STORED)} >= {TEXT, SUBJECT, SENDER}  # there it may
    assert sealed.opened().sql(
        f"SELECT count(*) AS n FROM message WHERE body LIKE '{MAIL}%'"
    ).to_pylist() == [{"n": 1}]
    assert list((sealed.folder / "old").rglob("*-messages.parquet"))
    assert kill_while_it_spills(sealed) > 1_000_000
    assert sealed.found() == set()
    assert unexplained(sealed.folder) == []
    operations = sealed.opened()
    assert [one.name for one in operations.sources()] == ["late", "letters", "mail", "old"]
    assert operations.count_messages(operations.datasets()[0].dataset_id, MessageFilter()) == N_MESSAGES
    stop_owner(sealed.file)
    assert spilled(sealed) == 0
    assert not memory.exists()
    assert sealed.found() == set()


@pytest.mark.nightly
@pytest.mark.recovery
def test_the_plain_workspace_shows_every_word(bare: Place) -> None:
    store_long_ago(bare)
    work(bare, everything=True)
    assert kill_while_it_spills(bare) > 1_000_000
    assert bare.found() == {*STORED, MAIL, ATTACHED, FILE_NAME}
    assert TEXT in {word for _, word, _ in traces([bare.spill], STORED)}
    assert {name for name, _, _ in traces([bare.folder], STORED)} >= {
        "w.duckdb",
        "w.duckdb.wal",
        "copy.duckdb",
        "secrets.duckdb",
        "file",
    }
    assert {word for _, word, _ in traces([bare.folder / "old"], STORED)} >= {TEXT, SUBJECT, SENDER, PROPERTY}
    assert len(unexplained(bare.folder)) > 5


@pytest.mark.nightly
def test_nothing_is_opened_for_writing_elsewhere(sealed: Place, tmp_path: Path) -> None:
    """What came and went between two looks is seen too: the system calls of the owner and its workers are listed."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    store_long_ago(sealed)
    sealed.opened().sources()
    trace = tmp_path / "trace"
    watcher = subprocess.Popen(
        [
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=open,openat,creat",
            "-o",
            str(trace),
            "-p",
            str(sealed.owner_pid()),
        ]
    )
    time.sleep(1)
    if watcher.poll() is not None:
        pytest.skip("this machine lets nobody watch system calls")
    work(sealed, everything=True)
    stop_owner(sealed.file)
    watcher.wait(30)
    call = re.compile(r'(?:open|openat|creat)\((?:AT_FDCWD, )?"([^"]+)", ([A-Z_|]+).*\) = \d+')
    lines = trace.read_text("utf-8", "replace").splitlines()
    opened = {(match[1], match[2]) for line in lines if (match := call.search(line))}
    written = {path for path, flags in opened if re.search("O_WRONLY|O_RDWR|O_CREAT", flags)}
    memory = Path(load_settings(sealed.file).memory_folder)
    allowed = (sealed.folder, *sealed.others, memory, Path("/dev"), Path("/proc/self"))
    assert len(written) > 20
    outside = {path for path in written if not any(Path(path).is_relative_to(one) for one in allowed)}
    assert {path for path in outside if "/numba/" not in path and not path.endswith(".pyc")} == set()
    # Python tries out the folder once, and the model of the languages is unpacked into a file without a name.
    temporary = [path for path, _ in opened if Path(path).is_relative_to(sealed.others[0])]
    named = [path for path in temporary if Path(path) != sealed.others[0]]
    assert len(temporary) - len(named) <= 1
    assert all(re.fullmatch("[a-z0-9_]{8}", Path(path).name) for path in named)
    assert len(named) <= 1


# ---- the search itself ---------------------------------------------------------------------------


def written(word: str, way: str) -> bytes:
    """A word among other bytes, written in one way."""
    if way.startswith("base64"):
        return base64.urlsafe_b64encode(b"abc"[: int(way[-1])] + word.encode() + b"tail")
    if way == "hex":
        return word.encode().hex().encode()
    if way == "percent":
        return f"q={word}&".encode()
    return f"before {word.upper()} after".encode(way)


@pytest.mark.parametrize("way", list(spellings("zqWord-7f")))
def test_the_search_finds_each_way_of_writing(tmp_path: Path, way: str) -> None:
    (tmp_path / "deep").mkdir()
    file = tmp_path / "deep" / "file"
    file.write_bytes(b"\x00\xff" * 99 + written("zqWord-7f", way) + b"\x00" * 99)
    assert way in {found for _, _, found in traces([tmp_path], ["zqWord-7f", "zqother"])}
    file.write_bytes(b"\x00\xff" * 99 + written("zqWort-7f", way) + b"\x00" * 99)
    assert traces([tmp_path], ["zqWord-7f"]) == []


def test_the_search_unpacks(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(TEXT.encode() * 9))
    with zipfile.ZipFile(tmp_path / "b", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("x", SUBJECT * 9)
    pq.write_table(pa.table({"t": [SENDER] * 9}), tmp_path / "c", compression="zstd")
    assert {(name, word) for name, word, _ in traces([tmp_path], STORED)} == {
        ("a", TEXT),
        ("b", SUBJECT),
        ("c", SENDER),
    }


def test_a_plain_file_in_the_folder_is_not_explained(tmp_path: Path) -> None:
    key = read_key(new_key_file(tmp_path / "key"))
    with Store.open(tmp_path / "w.duckdb", n_threads=1, key=key) as store:
        store.publish(tmp_path / "copy.duckdb")
    assert unexplained(tmp_path) == []
    Store.open(tmp_path / "plain.duckdb", n_threads=1).close()
    (tmp_path / "w.duckdb.workbench" / "texts.arrow").write_bytes(b"x")
    assert unexplained(tmp_path) == ["plain.duckdb", "w.duckdb.workbench/texts.arrow"]
    with Store.open(tmp_path / "w.duckdb", n_threads=1, key=key) as store, store._cursor() as cursor:
        seen = cursor.execute("SELECT current_setting('temp_file_encryption')").fetchall()
    assert seen == [(True,)]
