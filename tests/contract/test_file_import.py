"""Table files by every way in: what a dry run foresees, and what is refused."""

from __future__ import annotations

import secrets
from hashlib import sha256

import msgspec
import pytest

from workbench.domain import ColumnMapping, ImportOptions, ImportReport, JobId, Operations, SourceId, UploadId
from workbench.door import Job
from workbench.errors import BadRowsError, InputError, UnknownNameError

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


def test_all_bad_rows_are_kept_until_the_source_goes(operations: Operations) -> None:
    n = 2_500
    rows = "".join(
        f"m{i},{'never' if i % 2 else '2026-03-04'},text,{'=1' if i == 4 else 1}\n" for i in range(n)
    )
    upload_id = send(operations, HEAD + rows + "m0,2026-03-04,again,1\n")
    source = operations.create_source("demo", "file")
    with pytest.raises(BadRowsError) as refused:
        imported(operations, source.source_id, upload_id, ImportOptions())
    report = imported(operations, source.source_id, upload_id, ImportOptions(on_bad_row="skip"))
    assert (report.n_bad_rows, len(report.bad_rows), report.counts.new) == (1_252, 1_000, 1_249)
    for job_id in (refused.value.details["job_id"], report.job_id):
        listed = operations.bad_rows(job_id)
        assert listed.column("row").to_pylist() == sorted([*range(2, n + 1, 2), 5, n + 1])
    last = operations.bad_rows(report.job_id, after=1_250, n_rows=5).to_pylist()
    assert [(one["row"], one["column"], one["value"]) for one in last] == [
        (n, "date", "never"),
        (n + 1, "id", "m0"),
    ]
    assert operations.bad_rows(report.job_id, after=1_252).num_rows == 0
    with pytest.raises(InputError, match="0 bad rows after 0 cannot be had"):
        operations.bad_rows(report.job_id, n_rows=0)
    with pytest.raises(UnknownNameError, match="unknown job"):
        operations.bad_rows(JobId("none"))
    operations.delete_source(source.source_id, source.full_name)
    assert operations.bad_rows(report.job_id).num_rows == 0
