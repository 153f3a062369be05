"""``import-mail`` on the command line: asks, imports, lists what became no message."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import stop_owner
from tests.contract.test_mail_import import mail, mbox
from workbench.cli import main

Run = Callable[..., tuple[int, str, str]]
SETTINGS = 'encoder = "hash-test"\nfast_encoder = ""\nowner_start_s = 600\n'
"""On a busy machine an owner process takes longer to come up than people would wait."""


@pytest.fixture
def run(
    tmp_path: Path, short_runtime: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "care.mbox").write_bytes(mbox(mail(1), mail(2), b"From: =cmd()\nMessage-ID: <=1>\n\n \n"))
    (tmp_path / "workbench.toml").write_text(SETTINGS, "utf-8")

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    yield command
    stop_owner(tmp_path / "a.duckdb")


def test_import_mail(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    order = ("import-mail", "a.duckdb", "care.mbox", "--source", "demo/mail")
    status, out, _ = run(*order, "--dry-run", "-o", "json")
    assert (status, json.loads(out)["counts"]["units"], json.loads(out)["n_problems"]) == (0, 2, 1)
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    status, out, err = run(*order)
    assert (status, out.strip()) == (1, "")  # nobody said yes
    assert "would be: 3 mails: 3 stored, 0 known; 2 new messages" in err
    assert "Charge 2 units?" in err
    rest = "0 in another thread, 0 unchanged, 1 without message"
    status, out, _ = run(*order, "--yes", "--errors", "bad.csv", "--mailbox", "=HYPERLINK(1)")
    assert (status, out.splitlines()[0]) == (
        0,
        f"3 mails: 3 stored, 0 known; 2 new messages, {rest}; 2 units charged",
    )
    assert "a text is needed" in out.splitlines()[1]
    rows = list(csv.reader((tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()))
    assert rows[0] == ["place", "message_id", "problem", "kept"]
    assert rows[1][0].startswith("'=HYPERLINK(1)")
    assert rows[1][3] == "yes"


def test_several_files_are_one_import(run: Run, tmp_path: Path) -> None:
    (tmp_path / "two.mbox").write_bytes(mbox(mail(2), mail(3)))
    order = ("import-mail", "a.duckdb", "care.mbox", "two.mbox", "--source", "demo/mail", "-o", "json")
    foreseen, done = (json.loads(run(*order, how)[1]) for how in ("--dry-run", "--yes"))
    assert foreseen["counts"] == done["counts"]
    assert (done["counts"]["units"], done["name"]) == (3, "care.mbox, two.mbox")


def test_nothing_is_created_by_mistake(run: Run, tmp_path: Path) -> None:
    status, _, err = run("import-mail", "a.duckdb", "none.mbox", "--source", "demo/mail", "--yes")
    assert (status, "there is no file 'none.mbox'" in err) == (1, True)
    status, _, err = run("import-mail", "a.duckdb", "care.mbox", "--yes")
    assert (status, "neither --source nor --bucket is given" in err) == (1, True)
    assert not (tmp_path / "a.duckdb").exists()


def test_delete_mail(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("import-mail", "a.duckdb", "care.mbox", "--source", "demo/mail", "--yes")
    query = json.dumps({"query": "SELECT message_id FROM message ORDER BY message_id"})
    listed = run("call", "a.duckdb", "sql", query)
    first, second = (row["message_id"] for row in map(json.loads, listed[1].splitlines()))
    order = ("delete-mail", "a.duckdb", "demo/mail", first, "none", "--messages")
    status, out, _ = run(*order, "delete", "--dry-run")
    assert status == 0 and "demo/mail: 1 mails (" in out and "1 unknown" in out
    assert "demo/mail: 1 messages came from them, 0 annotated" in out
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    status, out, err = run(*order, "delete")
    assert (status, out.strip()) == (1, "") and "1 messages came from them" in err  # nobody said yes
    status, _, err = run(*order, "all", "--yes")
    assert status == 1 and "messages 'all' is unknown." in err and "keep, keep_annotated, delete" in err
    status, out, _ = run(*order, "delete", "--yes")
    assert (status, out) == (0, "demo/mail: 1 mails and 1 messages deleted\n")
    done = run("delete-mail", "a.duckdb", "demo/mail", second, "--messages", "keep", "-y", "-o", "json")
    assert (json.loads(done[1])["n_mails"], json.loads(done[1])["n_messages"]) == (1, 0)
    assert run("delete-mail", "typo.duckdb", "demo/mail", second, "--messages", "keep", "-y")[0] == 1
