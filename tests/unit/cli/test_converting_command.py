"""``workbench convert`` by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.cli import converting
from workbench.cli.main import app
from workbench.errors import FileFormatError, InputError
from workbench.ingest.bridges import read_items

FIXTURES = Path(__file__).parents[1] / "ingest/bridges/fixtures"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["convert", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_there_and_back(tmp_path: Path) -> None:
    tasks, back, config = (tmp_path / name for name in ("tasks.json", "back.jsonl", "config.xml"))
    said = run(
        FIXTURES / "ours.jsonl", tasks, "--from", "comments", "--to", "label-studio", "--config", config
    )
    assert said == f"{tasks}: 10 messages; nothing was lost\n"
    assert '<Choice value="Refund"/>' in config.read_text("utf-8")
    run(tasks, back, "--from", "label-studio")
    assert list(read_items(back)) == list(read_items(FIXTURES / "ours.jsonl"))


def test_a_large_file_shows_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "_SHOW_FROM", 1)
    out = tmp_path / "tasks.jsonl"
    said = run(FIXTURES / "ours.jsonl", out, "--from", "comments", "--to", "prodigy")
    assert said == f"{out}: 10 messages; nothing was lost\n"  # the bar goes to the other stream
    assert len(list(read_items(out))) == 10


def test_losses_are_named_in_lines_and_in_json(tmp_path: Path) -> None:
    given = (
        FIXTURES / "prodigy/08-spans.jsonl",
        tmp_path / "out.jsonl",
        "--from",
        "prodigy",
        "--time",
        "2026-01-31",
    )
    assert (
        "1 messages, 1 of them at the time given; lost:\n  not carried: spans (marked in the text): 2"
        in run(*given)
    )
    assert json.loads(run(*given, "--output", "json")) == {
        "n_items": 1, "n_timed": 1, "losses": {"spans (marked in the text)": 2}, "labels": [],
    }  # fmt: skip
    ((_, line),) = read_items(tmp_path / "out.jsonl")
    assert line["comment"]["timestamp"] == "2026-01-31T00:00:00Z"


def test_mistakes_are_errors_with_a_next_step_or_wrong_usage(tmp_path: Path) -> None:
    source, out = FIXTURES / "prodigy/08-spans.jsonl", tmp_path / "out.jsonl"
    with pytest.raises(FileFormatError, match="line 1 has no time"):
        run(source, out, "--from", "prodigy")
    with pytest.raises(InputError, match="--config is of Label Studio"):
        run(source, out, "--from", "prodigy", "--to", "spacy", "--config", out)
    assert CliRunner().invoke(app, ["convert", str(source), str(out), "--from", "brat"]).exit_code == 2
    assert not out.exists()
