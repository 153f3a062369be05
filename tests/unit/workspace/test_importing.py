"""Counting before consent: a dry run says exactly what the import will then do."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest

from tests.stores import SOURCE, batch, message
from workbench.domain import (
    MESSAGE_EXTRAS,
    ColumnMapping,
    ImportOptions,
    ImportReport,
    Operations,
    SyncCounts,
    UploadId,
)
from workbench.door import Job
from workbench.errors import BadRowsError
from workbench.ingest import Batch
from workbench.settings import Settings
from workbench.workspace import open_workspace
from workbench.workspace.matrices import read_table
from workbench.workspace.work.ahead import ahead
from workbench.workspace.work.tables import in_codes, spooled

MAPPING = ColumnMapping(id="id", timestamp="date", body="text", properties={"stars": "number"})
HEAD = "id,date,text,stars\n"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Operations]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, import_batch_rows=2)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        operations.create_source("demo", "mail")
        yield operations


def run(here: Operations, text: str, options: ImportOptions) -> ImportReport:
    content = text.encode()
    upload_id = UploadId(secrets.token_hex(16))
    here.begin_upload(upload_id, "m.csv", len(content))
    here.upload_piece(upload_id, 0, content)
    here.finish_upload(upload_id, 1, hashlib.sha256(content).hexdigest())
    job_id = here.start_import(here.sources()[0].source_id, upload_id, MAPPING, options)
    return msgspec.convert(Job(here, job_id).wait(progress=False), ImportReport)


def state(here: Operations) -> tuple[object, ...]:
    audit = here.audit_table().num_rows
    return here.sources(), here.usage().units, here.ledger_table().num_rows, audit


def test_a_dry_run_counts_and_changes_nothing(here: Operations, tmp_path: Path) -> None:
    first = HEAD + "".join(f"a{n},2026-01-0{n},text {n},{n}\n" for n in range(1, 6))
    before = state(here)
    foreseen = run(here, first, ImportOptions(dry_run=True))
    assert foreseen.dry_run
    assert list(tmp_path.rglob("*.arrow")) == []
    assert state(here) == before
    done = run(here, first, ImportOptions())
    assert (done.counts, done.dry_run) == (foreseen.counts, False)
    assert done.counts == SyncCounts(new=5, units=5)
    # a1 unchanged, a2 another property, a3 another text, a6 new
    second = (
        HEAD
        + "a1,2026-01-01,text 1,1\na2,2026-01-02,text 2,9\na3,2026-01-03,new text,3\na6,2026-01-06,text 6,6\n"
    )
    before = state(here)
    foreseen = run(here, second, ImportOptions(dry_run=True))
    assert foreseen.counts == SyncCounts(new=1, updated=2, unchanged=1, text_modified=1, units=2)
    assert state(here) == before
    assert run(here, second, ImportOptions()).counts == foreseen.counts


def test_a_dry_run_refuses_what_the_import_would(here: Operations) -> None:
    bad = HEAD + "a1,2026-01-01,text,1\na2,never,text,1\n"
    with pytest.raises(BadRowsError):
        run(here, bad, ImportOptions(dry_run=True))
    report = run(here, bad, ImportOptions(dry_run=True, on_bad_row="skip"))
    assert (report.counts, report.n_bad_rows) == (SyncCounts(new=1, units=1), 1)


def test_a_file_sent_before_is_not_sent_again(here: Operations, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (HEAD + "a1,2026-01-01,text,1\n").encode()
    upload_id = UploadId("ab" * 16)
    assert here.begin_upload(upload_id, "m.csv", len(content)) == 0
    here.upload_piece(upload_id, 0, content)
    first = here.finish_upload(upload_id, 1, hashlib.sha256(content).hexdigest())
    assert here.begin_upload(upload_id, "m.csv", len(content)) == 1
    monkeypatch.setattr("workbench.ingest.look", None)  # what was seen is not looked at again
    assert here.finish_upload(upload_id, 1, hashlib.sha256(content).hexdigest()) == first


def test_batches_are_gathered_to_one_transaction(tmp_path: Path) -> None:
    batches = [
        Batch(table=batch(*(message(f"{n}-{i}") for i in range(n))), rows=n, errors=()) for n in (2, 3, 4, 1)
    ]
    found = []
    for item in spooled(iter(batches), SOURCE, tmp_path, 5):
        table = read_table(item["messages"])
        found.append((item["rows"], table.column("row").to_pylist(), table.column("message_id").to_pylist()))
        assert read_table(item["properties"]).num_rows == 0
    assert found == [
        (5, [0, 1, 2, 3, 4], ["2-0", "2-1", "3-0", "3-1", "3-2"]),
        (5, [0, 1, 2, 3, 4], ["4-0", "4-1", "4-2", "4-3", "1-0"]),
    ]
    assert [item["rows"] for item in spooled(iter(batches), SOURCE, tmp_path, 1)] == [2, 3, 4, 1]
    assert list(spooled(iter([]), SOURCE, tmp_path, 5)) == []


def test_items_are_made_one_ahead() -> None:
    made: list[int] = []
    second = threading.Event()

    def items() -> Iterator[int]:
        for n in range(4):
            made.append(n)
            if n == 1:
                second.set()
            yield n

    used = ahead(items())
    assert next(used) == 0
    assert second.wait(5)
    assert made == [0, 1]
    assert list(used) == [1, 2, 3]


def test_an_error_ahead_is_raised_in_its_place() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("made badly")

    used = ahead(items())
    assert next(used) == 1
    with pytest.raises(ValueError, match="made badly"):
        next(used)


def test_languages_come_in_codes_however_they_are_written() -> None:
    written = ["English (UK)", "de-AT", None, "Portuguese", "Klingon", "EN"]
    rows = [message(str(n), language=language) for n, language in enumerate(written)]
    assert in_codes(batch(*rows)).column("language").to_pylist() == ["en", "de", None, "pt", None, "en"]


def test_a_long_name_of_a_language_does_not_stop_an_import_half_way(here: Operations) -> None:
    content = b"id,date,text,lang\na,2026-01-01,one,English\nb,2026-01-02,two,en\nc,2026-01-03,three,Portuguese (BR)\n"
    upload_id = UploadId(secrets.token_hex(16))
    here.begin_upload(upload_id, "m.csv", len(content))
    here.upload_piece(upload_id, 0, content)
    here.finish_upload(upload_id, 1, hashlib.sha256(content).hexdigest())
    mapping = ColumnMapping(id="id", timestamp="date", body="text", language="lang")
    job_id = here.start_import(here.sources()[0].source_id, upload_id, mapping, ImportOptions())
    report = msgspec.convert(Job(here, job_id).wait(progress=False), ImportReport)
    assert report.counts.new == 3
    found = here.sql("SELECT message_id, language FROM message ORDER BY message_id")
    assert found["language"].to_pylist() == ["en", "en", "pt"]


def test_attachments_are_spooled_only_where_there_are_any(tmp_path: Path) -> None:
    slip = {
        "name": "slip",
        "size": 3,
        "content_type": "",
        "content_hash": None,
        "inline": False,
        "content": None,
    }
    field = MESSAGE_EXTRAS.field("attachments")
    batches = []
    for n, files in enumerate([None, [slip, slip], [slip], None]):
        table = batch(message(str(n))).append_column(field, pa.array([files], field.type))
        batches.append(Batch(table=table, rows=1, errors=()))
    found = [
        read_table(item["attachments"]).select(["uid", "position"]).to_pylist()
        if "attachments" in item
        else []
        for item in spooled(iter(batches), SOURCE, tmp_path, 3)
    ]
    assert found == [
        [{"uid": f"{SOURCE}.{n}", "position": place} for n, place in (("1", 0), ("1", 1), ("2", 0))],
        [],
    ]


def test_languages_of_messages_of_parts_stay_as_they_came() -> None:
    parts = MESSAGE_EXTRAS.field("parts")
    rows = [message(str(n), language="pt-BR") for n in range(2)]
    table = batch(*rows).append_column(parts, pa.array(["[]", None], parts.type))
    assert in_codes(table).column("language").to_pylist() == ["pt-BR", "pt"]
