"""Budgets and charges from the command line, and what an import asks."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner
from workbench.cli.main import main

Run = Callable[..., tuple[int, str, str]]
SETTINGS = 'encoder = "hash-test"\nfast_encoder = ""\nowner_start_s = 600\n'
"""On a busy machine an owner process takes longer to come up than people would wait."""
ROWS = "id,time,text\n1,2026-03-01,hello there\n2,2026-03-02,the parcel is late\n"


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, short_runtime: Path
) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.csv").write_text(ROWS, "utf-8")
    (tmp_path / "more.csv").write_text(ROWS.replace("1,", "3,").replace("2,", "4,"), "utf-8")
    (tmp_path / "workbench.toml").write_text(SETTINGS, "utf-8")

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    yield command
    stop_owner(tmp_path / "a.duckdb")


def test_budget_from_its_setting_to_its_end(run: Run) -> None:
    assert run("import", "a.duckdb", "mail.csv", "--source", "demo/mail", "-y")[0] == 0
    assert run("budget", "list", "a.duckdb")[1] == "there is no budget: nothing is limited\n"
    status, out, _ = run("budget", "set", "a.duckdb", "--project", "demo", "--soft", "1", "--hard", "3")
    line = "project 'demo' (month): 2 units used, 0 reserved, soft limit 1, hard limit 3, 1 left\n"
    assert (status, out) == (0, line)
    status, out, err = run("import", "a.duckdb", "more.csv", "--source", "demo/mail")
    assert (status, out.strip()) == (1, "")
    assert "1 units are left of the budget of project 'demo' (month): 1 too few, it would be refused." in err
    status, out, err = run("import", "a.duckdb", "more.csv", "--source", "demo/mail", "-y")
    assert (status, out) == (1, "")
    assert "2 units are needed; the budget of project 'demo' (month, hard limit 3) has 1 left" in err
    status, out, _ = run("import", "a.duckdb", "more.csv", "--source", "demo/mail", "--no-charge")
    assert (status, out) == (0, "2 new, 0 updated, 0 unchanged, 0 bad rows; 0 units charged\n")
    status, out, _ = run("budget", "remove", "a.duckdb", "--project", "demo")
    assert (status, out) == (0, f"removed: {line}")


@pytest.mark.nightly
def test_charges(run: Run) -> None:
    assert run("import", "a.duckdb", "mail.csv", "--source", "demo/mail", "-y")[0] == 0
    lines = run("charge", "rules", "a.duckdb")[1].splitlines()
    assert len(lines) == 9
    assert lines[0].split() == ["import", "created", "1", "units"]
    assert lines[-1] == "1 unit = 0.2 platform units"
    assert run("charge", "set-rule", "a.duckdb", "import", "created", "2")[1] == (
        "import created: 2 units from now on\n"
    )
    status, out, _ = run("call", "a.duckdb", "ledger_table", "{}")
    first = json.loads(out.splitlines()[0])
    assert (status, first["operation"], first["units"]) == (0, "import", 1)
    status, out, _ = run("charge", "correct", "a.duckdb", first["entry_id"], "--reason", "a test")
    assert (status, out.endswith(f": -1 units, corrects {first['entry_id']}\n")) == (0, True)
    status, out, _ = run("import", "a.duckdb", "more.csv", "--source", "demo/mail", "-y", "-o", "json")
    assert (status, json.loads(out)["counts"]["units"]) == (0, 4)
