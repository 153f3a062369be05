"""More than a hundred malformed files, sent as a client sends them: the right error, and nothing changed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator

import pytest

from tests.badfiles.cases import CASES, BadFile
from tests.badfiles.tables import TABLES
from workbench.domain import ImportOptions, Operations, UploadId
from workbench.door import Job
from workbench.errors import WorkbenchError
from workbench.settings import Settings
from workbench.workspace import open_workspace

ALL = (*CASES, *TABLES)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operations]:
    file = tmp_path_factory.mktemp("bad") / "bad.duckdb"
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(file, settings=settings) as opened:
        operations = opened.operations("tester")
        operations.create_source("demo", "mail")
        yield operations


def state(operations: Operations) -> tuple[object, ...]:
    return (
        operations.sources(),
        operations.usage().units,
        operations.ledger_table().num_rows,
        operations.sql("SELECT count(*) AS n FROM message")["n"].to_pylist(),
    )


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_a_bad_file_changes_nothing(case: BadFile, here: Operations) -> None:
    before = state(here)
    content = case.make()
    upload_id = UploadId(secrets.token_hex(16))
    source_id = here.sources()[0].source_id
    with pytest.raises(WorkbenchError) as caught:
        here.begin_upload(upload_id, f"file{case.suffix}", len(content))
        pieces = [content[i : i + (1 << 20)] for i in range(0, len(content), 1 << 20)]
        for index, piece in enumerate(pieces):
            here.upload_piece(upload_id, index, piece)
        here.finish_upload(upload_id, len(pieces), hashlib.sha256(content).hexdigest())
        job_id = here.start_import(source_id, upload_id, case.mapping, ImportOptions())
        Job(here, job_id).wait(progress=False)
    assert caught.value.code == case.code
    assert caught.value.next_step
    assert state(here) == before
