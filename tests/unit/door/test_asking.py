"""Filters from sentences, in a notebook and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench as wb
from tests.contract.messages import batch
from workbench.cli import asking
from workbench.cli.printing import Output
from workbench.door import Dataset
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace


@pytest.fixture
def ds(tmp_path: Path) -> Iterator[Dataset]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(6), "a", 6)
        made = operations.create_dataset("demo", "all", (source.source_id,))
        yield Dataset(operations, made.dataset_id)


def test_a_sentence_is_said_counted_and_what_is_left_told(ds: Dataset) -> None:
    asked = ds.ask("unreviewed in demo/mail where Team is N, angry")
    assert repr(asked).splitlines() == [
        "3 messages: unreviewed, in demo/mail, Team N",
        f"address: {asked.address}",
        "not understood: angry",
    ]
    assert asked.address.startswith("reviewed=no&")
    assert ds.messages(asked.where).height == asked.n_messages == 3
    assert ds.ask("all mails").lines() == ["6 messages: all messages"]


def test_the_command_prints_it(
    ds: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Opened:
        def dataset(self, name: str) -> Dataset:
            assert name == "demo/all"
            return ds

    monkeypatch.setattr(wb, "open", lambda _file, channel: Opened())
    file = tmp_path / "w.duckdb"
    asking.ask(file, "demo/all", "reviewed \u202eangry")
    assert capsys.readouterr().out.splitlines() == [
        "0 messages: reviewed",
        "address: reviewed=yes",
        "not understood: angry",
    ]
    asking.ask(file, "demo/all", "unreviewed", Output.JSON)
    assert json.loads(capsys.readouterr().out)["words"] == "unreviewed"
