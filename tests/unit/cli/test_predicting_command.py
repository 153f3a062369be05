"""``workbench predict``: JSONL in and out, and errors that help."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_versions import reviewed_dataset, train
from workbench.cli import main, predicting
from workbench.door import Dataset
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path_factory.mktemp("cli") / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        made = Dataset(operations, reviewed_dataset(operations, 130))
        train(operations, made.dataset_id)
        yield made


@pytest.fixture
def run(
    trained: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(predicting, "open_dataset", lambda _file, _name: trained)

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", "predict", "w.duckdb", "demo/support", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return run


def comment(number: int, text: str, **more: Any) -> dict[str, Any]:
    messages = [{"subject": {"text": f"Case {number}"}, "body": {"text": text}}]
    return {"id": f"m{number}", "timestamp": "2026-03-02T09:00:00Z", "messages": messages, **more}


def written(*lines: object, name: str = "in.jsonl") -> str:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    Path(name).write_text(text + "\n", "utf-8")
    return name


REFUND = "refund please, you charged me twice for one parcel"


def test_lines_come_back_in_their_order(run: Run, trained: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicting, "BATCH", 2)
    before = trained.operations.usage().units
    given = written(
        {"comment": comment(1, REFUND, uid="a.m1", created_at="2026-03-02T09:00:00Z"), "labelling": []},
        comment(2, "my parcel has not arrived and the tracking page shows nothing"),
        "",
        {"comment": comment(3, REFUND)},
    )
    status, out, err = run("-f", given, "--yes", "--threshold", "0", "--output", "json")
    assert status == 0 and "3 messages predicted by version 1; 3 units charged" in err
    lines = [json.loads(line) for line in out.splitlines()]
    assert [one["comment"] for one in lines] == [{"id": "m1"}, {"id": "m2"}, {"id": "m3"}]
    for one in lines:
        ((group, predicted),) = [(one["labelling"][0]["group"], one["labelling"][0]["predicted"])]
        assert group == "default"
        assert sorted(label["name"] for label in predicted) == [
            ["Delivery"],
            ["Delivery", "Late"],
            ["Refund"],
        ]
    assert trained.operations.usage().units == before + 3
    status, out, err = run("-f", given, "-y", "--version", "1")
    assert [line.partition("  ")[0] for line in out.splitlines()] == ["m1", "m2", "m3"]
    assert out.startswith("m1  Refund 0.")
    status, out, _ = run("-f", given, "--no-charge", "--to", "out.jsonl", "--threshold", "auto")
    assert (status, out) == (0, "3 messages predicted by version 1; 0 units charged\n")
    told = [json.loads(line) for line in Path("out.jsonl").read_text("utf-8").splitlines()]
    assert "auto_thresholds" in told[0]["labelling"][0]["predicted"][0]
    assert trained.operations.usage().units == before + 6


def test_standard_input_is_read_when_nobody_has_to_be_asked(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = json.dumps(comment(1, REFUND))
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))
    assert run("-f", "-", "--yes")[1].startswith("m1  Refund 0.")
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))
    status, _, err = run("-f", "-")
    assert status == 1 and "messages come from standard input" in err and "Give --yes" in err


def test_who_says_no_is_charged_nothing(run: Run, trained: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    before = trained.operations.usage().units
    given = written(comment(1, REFUND))
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    status, out, err = run("-f", given)
    assert (status, out.strip()) == (1, "") and "Charge at most 1 units?" in err
    assert trained.operations.usage().units == before


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{"], "could not parse comment at line 1: it is no JSON object"),
        ([comment(1, "x"), "[]"], "could not parse comment at line 2"),
        (
            [comment(1, "x", more=1)],
            "could not parse comment at line 1: Object contains unknown field `more`",
        ),
        ([{"comment": {"id": "m1"}}], "could not parse comment at line 1: Object missing required field"),
        ([comment(1, "x"), comment(1, "y")], "the id 'm1' in line 2 stands in an earlier line, too"),
        ([""], "there is no message in 'in.jsonl'"),
    ],
)
def test_lines_that_cannot_be_read_are_named(run: Run, lines: list[object], said: str) -> None:
    status, out, err = run("-f", written(*lines), "--yes")
    assert (status, out) == (1, "") and said in err and "  next: " in err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-f", "none.jsonl"), "there is no file 'none.jsonl'"),
        (("-f", "in.jsonl", "--version", "newest"), "'newest' is no model version"),
        (("-f", "in.jsonl", "--version", "9"), "unknown model version '9'"),
        (("-f", "in.jsonl", "--threshold", "high"), "'high' is no threshold"),
        (("-f", "in.jsonl", "--threshold", "1.5"), "labels cannot come from the probability 1.5 on"),
        (("-f", "in.jsonl", "--to", "in.jsonl"), "there is a file 'in.jsonl' already"),
    ],
)
def test_options_that_do_not_fit_are_refused(run: Run, options: tuple[str, ...], said: str) -> None:
    written(comment(1, REFUND))
    status, out, err = run(*options, "--yes")
    assert (status, out) == (1, "") and said in err and "  next: " in err
