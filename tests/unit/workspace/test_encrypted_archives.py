"""Archives of encrypted workspaces, and both kinds read back as the page about retention says."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.scanning import traces, unexplained
from tests.stores import AT, batch, message
from workbench.door import Job
from workbench.errors import StoreError
from workbench.settings import Settings
from workbench.store import Key, new_key_file, read_key, rotate
from workbench.store.sealing import Seal
from workbench.workspace import retention_runs
from workbench.workspace.opening import OpenedWorkspace, open_workspace

WORD, SOURCE = "zqgoneword", "zqsourceword"
PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "retention.md"


class Bench:
    """A workspace of which four messages are past a policy that archives them."""

    def __init__(self, folder: Path, *, encrypted: bool) -> None:
        self.folder, self.file, self.day = folder, folder / "w.duckdb", 0
        self.key = read_key(new_key_file(folder / "support.key")) if encrypted else None
        with self.opened() as opened:
            operations = opened.operations("ann")
            source_id = operations.create_source("demo", SOURCE).source_id
            rows = batch(*(message(f"m{i}", body=f"{WORD} {i}") for i in range(4)))
            operations.put_messages(source_id, rows, "b", 4)
            operations.set_retention("workspace", "", "archive", 10, 0, folder="archive")
        self.day = 11

    def opened(self) -> OpenedWorkspace:
        settings = Settings(
            encoder="hash-test", fast_encoder="", retrain_after_reviews=0, n_threads=1, retention_interval_s=0
        )
        return open_workspace(
            self.file, settings=settings, key=self.key, clock=lambda: AT + timedelta(days=self.day)
        )

    def run(self) -> dict[str, Any]:
        with self.opened() as opened:
            operations = opened.operations("ann")
            return Job(operations, operations.start_retention()).wait(progress=False)

    def left(self) -> int:
        with self.opened() as opened:
            return opened.operations("ann").sources()[0].n_messages


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    monkeypatch.setattr(retention_runs, "PIECE_ROWS", 2)
    return Bench(tmp_path, encrypted=True)


def snippet(number: int) -> str:
    """A block of Python below the heading that says how an archive is read."""
    return re.findall(
        r"```python\n(.*?)```", PAGE.read_text("utf-8").partition("### Read an archive back")[2], re.DOTALL
    )[number]


def as_the_page_says(number: int) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(snippet(number), names)
    return names


def test_the_archive_of_an_encrypted_workspace_opens_with_its_key_and_shows_no_word(
    sealed: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sealed.run()["n_messages"] == 4
    assert sealed.left() == 0
    monkeypatch.chdir(sealed.folder)
    read = as_the_page_says(1)
    assert sorted(read["messages"]["body"]) == [f"{WORD} {i}" for i in range(4)]
    (manifest,) = (sealed.folder / "archive").rglob("manifest.json")
    told = json.loads(manifest.read_text("utf-8"))
    assert told["encrypted"] is True and "source" not in told
    assert [one["n_rows"] for one in told["files"]] == [2, 1, 2]
    for one in told["files"]:
        content = (manifest.parent / one["name"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), one["key"]) == (one["sha256"], read["fingerprint"])
        with pytest.raises(OSError, match="encrypted"):
            pq.read_table(manifest.parent / one["name"])
    read["db"].close()
    assert sealed.key is not None
    name = Seal(sealed.key).read(manifest.parent / "source.parquet")
    assert name.to_pylist() == [{"source": f"demo/{SOURCE}", "source_id": told["source_id"]}]
    assert traces([sealed.folder], [WORD, SOURCE]) == []
    assert [one for one in unexplained(sealed.folder) if one != "support.key"] == []


@pytest.mark.nightly
def test_what_cannot_be_read_back_encrypted_is_not_deleted(
    sealed: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Seal.read

    def half(seal: Seal, file: Path) -> pa.Table:
        return read(seal, file).slice(1)

    monkeypatch.setattr(Seal, "read", half)
    with pytest.raises(StoreError, match="does not hold what was written into it; nothing is deleted"):
        sealed.run()
    assert sealed.left() == 4


@pytest.mark.nightly
def test_a_run_that_goes_on_under_another_key_says_which_key_is_of_which_file(
    sealed: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, write = sealed.key, retention_runs.write_part
    assert old is not None
    calls = iter((False, True))

    def once(*values: Any) -> int:
        if next(calls):
            raise StoreError("the disk is full.", next_step="Make room.")
        return write(*values)

    monkeypatch.setattr(retention_runs, "write_part", once)
    with pytest.raises(StoreError, match=r"the disk is full\."):
        sealed.run()
    monkeypatch.setattr(retention_runs, "write_part", write)
    sealed.key = Key(b"n" * 32)
    rotate(sealed.file, old=old, new=sealed.key, n_threads=1)
    with sealed.opened() as opened:
        operations = opened.operations("ann")
        Job(operations, operations.jobs()[0].job_id).resume().wait(progress=False)
    (manifest,) = (sealed.folder / "archive").rglob("manifest.json")
    files = json.loads(manifest.read_text("utf-8"))["files"]
    keys = {one["key"] for one in files}
    assert keys == {old.fingerprint, sealed.key.fingerprint}
    assert [one["n_rows"] for one in files if one["key"] == sealed.key.fingerprint] == [2]


@pytest.mark.nightly
def test_a_plain_archive_is_read_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, encrypted=False)
    assert bench.run()["n_messages"] == 4
    monkeypatch.chdir(tmp_path)
    assert sorted(as_the_page_says(0)["messages"]["body"]) == [f"{WORD} {i}" for i in range(4)]
    assert traces([tmp_path / "archive"], [WORD])  # the search finds it where it is
