"""Table files by every way in: what a dry run foresees, and what is refused."""

from __future__ import annotations

import secrets
from hashlib import sha256

import msgspec
import pytest

from workbench.domain import ColumnMapping, ImportOptions, ImportReport, Operations, SourceId, UploadId
from workbench.door import Job
from workbench.errors import BadRowsError, InputError

MAPPING = ColumnMapping(id="id", timestamp="date", body="text", properties={"stars": "number"})
HEAD = "id,date,text,stars\n"


def send(operations: Operations, text: str, name: str = "m.csv") -> UploadId:
    content, upload_id = text.encode(), UploadId(secrets.token_hex(16))
    operations.begin_upload(upload_id, name, len(content))
    operations.upload_piece(upload_id, 0, content)
    operations.finish_upload(upload_id, 1, sha256(content).hexdigest())
    return upload_id


def imported(
    operations: Operations, source_id: SourceId | None, upload_id: UploadId, options: ImportOptions
) -> ImportReport:
    job_id = operations.start_import(source_id, upload_id, MAPPING, options)
    return msgspec.convert(Job(operations, job_id).wait(progress=False), ImportReport)


def test_a_dry_run_for_a_source_that_is_not_there_checks_every_row(operations: Operations) -> None:
    text = HEAD + "a,2026-03-04,hello there,1\nb,never,text,2\nc,2026-03-04,good day,3\nd,2026-03-04,,x\n"
    upload_id = send(operations, text)
    before = operations.sources(), operations.usage().units
    with pytest.raises(BadRowsError, match="2 of 4 rows cannot be read"):
        imported(operations, None, upload_id, ImportOptions(dry_run=True))
    foreseen = imported(operations, None, upload_id, ImportOptions(dry_run=True, on_bad_row="skip"))
    assert (foreseen.source_id, foreseen.n_rows, foreseen.n_bad_rows) == ("", 4, 2)
    assert (operations.sources(), operations.usage().units) == before
    with pytest.raises(InputError, match="messages are imported into a source, and none was named"):
        operations.start_import(None, upload_id, MAPPING, ImportOptions())
    source = operations.create_source("demo", "file")
    done = imported(operations, source.source_id, upload_id, ImportOptions(on_bad_row="skip"))
    assert (done.counts, done.bad_rows) == (foreseen.counts, foreseen.bad_rows)
    assert (done.counts.new, done.counts.units) == (2, 2)
