"""Model versions from the command line, and in a notebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.test_versions import reviewed_dataset, train
from workbench.cli import main, models
from workbench.door import Dataset
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


@pytest.fixture
def ds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        made = Dataset(operations, reviewed_dataset(operations, 200))
        for _ in range(2):
            train(operations, made.dataset_id)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(models, "_open", lambda _file, _name: made)
        yield made


def test_versions_are_kept_from_the_command_line(
    ds: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        command, *rest = arguments
        monkeypatch.setattr(sys, "argv", ["workbench", "models", command, "w.duckdb", "demo/support", *rest])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out + captured.err

    assert run("pin", "1")[1].endswith("  pinned\n")
    assert run("star", "1")[1].startswith("version 1 *  ")
    ds.create_stream("refunds", version=1)
    assert run("star", "1")[1].endswith("  pinned  held by refunds\n")
    status, said = run("unpin", "1")
    assert status == 1
    assert "held by the stream 'refunds' and stays pinned" in said
    ds.delete_stream("refunds")
    assert run("tag", "1", "live")[1].endswith("  live  pinned\n")
    status, said = run("unpin", "1")
    assert status == 1
    assert "carries the tag 'live'" in said
    assert run("describe", "1", "to\x1b[2Jday\u202e")[1].endswith("  to\\x1b[2Jday\\u202e\n")
    listed = run("list")[1].splitlines()
    assert [line[:9] for line in listed] == ["version 1", "version 2"]
    assert ds.versions()["version"].to_list() == [1, 2]
    assert ds.versions()["tag"].to_list() == ["live", None]
    said = run("compare", "1", "2")[1].splitlines()
    assert said[0].endswith(" messages are in the test part of both")
    assert any(line.endswith("(+0.000 to +0.000)  Refund") for line in said)
    assert "  version 1 again\n" in run("rollback", "1")[1]
    assert run("tag", "1", "none")[0] == run("unpin", "1")[0] == run("star", "1", "--off")[0] == 0
    assert json.loads(run("list", "-o", "json")[1].splitlines()[0])["version"] == 3
    assert run("delete", "1") == (0, "version 1 is gone\n")
    assert run("delete", "3")[0] == 1
