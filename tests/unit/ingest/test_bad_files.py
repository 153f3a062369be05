"""Each malformed file gives its own error, and nothing of it is loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.badfiles.cases import CASES, BadFile
from tests.badfiles.tables import TABLES
from workbench.domain import ImportOptions, UploadId
from workbench.errors import WorkbenchError
from workbench.ingest import check, look, read

ALL = (*CASES, *TABLES)


def written(case: BadFile, folder: Path) -> Path:
    path = folder / f"file{case.suffix}"
    path.write_bytes(case.make())
    return path


def test_names_differ_and_there_are_enough() -> None:
    assert len({case.name for case in ALL}) == len(ALL) >= 150


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_error(case: BadFile, tmp_path: Path) -> None:
    path = written(case, tmp_path)
    batches: list[object] = []
    with pytest.raises(WorkbenchError) as caught:
        look(path, name=path.name, upload_id=UploadId("u"), max_bytes=1 << 27)
        assert case.where == "check"  # an upload error must not wait for the import
        batches.extend(read(path, mapping=case.mapping, options=ImportOptions(), batch_rows=1))
    assert batches == []
    assert caught.value.code == case.code
    assert caught.value.next_step
    if case.row is None:
        assert case.fragment in caught.value.message
        return
    first = caught.value.details["rows"][0]  # type: ignore[index]
    assert case.fragment in first["problem"]  # type: ignore[index]
    assert (first["row"], first["column"]) == (case.row, case.column)  # type: ignore[index]


@pytest.mark.parametrize("case", [c for c in ALL if c.where == "look"], ids=lambda case: case.name)
def test_import_refuses_what_the_upload_refuses(case: BadFile, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        check(written(case, tmp_path), case.mapping, ImportOptions())
    assert caught.value.code == case.code


@pytest.mark.parametrize("case", [c for c in ALL if c.code == "bad-rows"], ids=lambda case: case.name)
def test_skip_loads_the_good_rows(case: BadFile, tmp_path: Path) -> None:
    path = written(case, tmp_path)
    options = ImportOptions(on_bad_row="skip")
    report = check(path, case.mapping, options)
    batches = list(read(path, mapping=case.mapping, options=options, batch_rows=2, report=report))
    loaded = [i for batch in batches for i in batch.table["message_id"].to_pylist()]
    assert "a1" in loaded
    assert len(loaded) == report.n_rows - report.n_bad_rows
    assert sum(batch.rows for batch in batches) == report.n_rows
    assert tuple(error for batch in batches for error in batch.errors) == report.errors
