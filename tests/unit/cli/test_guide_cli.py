"""The guide from the command line, and in a notebook."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.contract.test_guide import review
from tests.contract.test_versions import reviewed_dataset
from workbench.cli import guiding, main
from workbench.door import Dataset
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


def test_the_guide_is_told_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        ds = Dataset(operations, reviewed_dataset(operations, 40))
        monkeypatch.setattr(guiding, "_open", lambda _file, _name: ds)

        def run(*more: str) -> str:
            monkeypatch.setattr(sys, "argv", ["workbench", "guide", "w.duckdb", "demo/support", *more])
            with pytest.raises(SystemExit) as ended:
                main()
            assert not ended.value.code
            return capsys.readouterr().out

        said = run().splitlines()
        assert said[0] == "rating: not known yet. There is no validated model version yet."
        assert "30 of 40 messages reviewed, 0 of 3 labels with 25 examples or more" in said
        assert "next: Train the first model" in said
        assert any(line.startswith("or: Review with Shuffle: 10 messages, ") for line in said)
        assert said[-1] == "go on: There is no validated model yet."
        told = json.loads(run("-o", "json"))
        assert (told["recommended"]["kind"], told["n_reviewed"]) == ("train", 30)

        begun = ds.begin_batch("shuffle", 3)
        review(operations, begun, 2)
        assert ds.finish_batch(begun).done == begun.uids[:2]
        with pytest.raises(UnknownNameError, match="did you mean 'Refund'"):
            ds.begin_batch("teach", label="Refnd")
