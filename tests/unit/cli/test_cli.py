"""The command line: exit status, errors in one line with the next step, JSON for programs."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from tests.contract.conftest import stop_owner
from workbench.cli import main
from workbench.cli.printing import printable

ROWS = "id,time,text\n1,2026-03-04,hello there\n2,2026-03-05,the parcel is late\n"
Run = Callable[..., tuple[int, str, str]]
SETTINGS = 'encoder = "hash-test"\nfast_encoder = ""\nowner_start_s = 600\n'
"""On a busy machine an owner process takes longer to come up than people would wait."""


@pytest.fixture
def run(
    tmp_path: Path,
    short_runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Run one command in an empty folder; returns status, standard output and error output."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.csv").write_text(ROWS, "utf-8")
    (tmp_path / "workbench.toml").write_text(SETTINGS, "utf-8")

    def command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    yield command
    stop_owner(tmp_path / "a.duckdb")


def lines(out: str) -> list[dict[str, Any]]:
    """JSON output: one object a line."""
    return [json.loads(line) for line in out.splitlines()]


READING = ("status", "usage", "forecast", "quotas", "jobs", "stop")


@pytest.mark.parametrize("name", READING)
def test_a_wrong_name_creates_nothing(run: Run, tmp_path: Path, name: str) -> None:
    status, _, err = run(name, "missing.duckdb")
    assert status == 1
    assert "there is no workspace file 'missing.duckdb'" in err
    assert "next:" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mail.csv", "workbench.toml"]


def test_a_missing_file_of_messages_creates_nothing(run: Run, tmp_path: Path) -> None:
    status, _, err = run("import", "a.duckdb", "none.csv", "--source", "demo/mail", "--yes")
    assert (status, "there is no file 'none.csv'" in err) == (1, True)
    assert not (tmp_path / "a.duckdb").exists()


def test_a_table_is_not_served(run: Run) -> None:
    status, _, err = run("serve", "mail.csv")
    assert (status, "'mail.csv' is not a workspace file" in err) == (1, True)


def test_wrong_usage_is_status_2(run: Run) -> None:
    assert run("bogus")[0] == 2
    assert run("status")[0] == 2
    assert run("status", "a.duckdb", "--output", "xml")[0] == 2


def test_import_to_export(run: Run, tmp_path: Path) -> None:
    status, out, _ = run("import", "a.duckdb", "mail.csv", "--source", "demo/mail", "-y", "-o", "json")
    assert (status, json.loads(out)["counts"]["new"]) == (0, 2)
    status, out, _ = run("create-dataset", "a.duckdb", "demo/s", "--source", "demo/mail", "-o", "json")
    assert (status, json.loads(out)["n_messages"]) == (0, 2)
    assert lines(run("usage", "a.duckdb", "-o", "json")[1])[0]["source"] == "demo/mail"
    assert run("forecast", "a.duckdb")[1].startswith("0 days of history are too few; a forecast takes 7.")
    assert run("invoice", "a.duckdb", "--month", "2020-01", "--folder", "acc", "--no-pdf")[
        1
    ].splitlines() == [
        "acc/invoice-2020-01.csv",
        "acc/invoice-2020-01.html",
        "0 units = 0.0 platform units; 0 entries",
    ]
    whole = ("usage", "a.duckdb", "--by", "project", "--every", "ever", "--since", "2020-01-01", "-o", "json")
    (row,) = lines(run(*whole)[1])
    assert (row["project"], "period" in row) == ("demo", False)
    assert "import" in {one["kind"] for one in lines(run("jobs", "a.duckdb", "-o", "json")[1])}
    assert set(json.loads(run("status", "a.duckdb", "-o", "json")[1])) == {"health", "datasets", "models"}
    told = run("quotas", "a.duckdb")[1].splitlines()
    assert [line.split() for line in told if line.startswith("sources_per_dataset")] == [
        ["sources_per_dataset", "20", "1", "19", "sources_per_dataset", "most", "in", "demo/s"]
    ]
    assert [line.split() for line in told if line.startswith("messages ")] == [
        ["messages", "none", "2", "-", "most_messages"]
    ]
    status, _, err = run("export", "a.duckdb", "demo/s", "out.csv", "--text", "late")
    assert (status, err) == (0, "exports about “late”\n")
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    assert "the parcel is late" in text
    assert "hello there" not in text
    status, _, err = run("validate", "a.duckdb", "demo/s")
    assert (status, "no validated model version" in err) == (1, True)
    status, _, err = run("call", "a.duckdb", "datasets", "[]")
    assert (status, "Arguments of datasets: none" in err) == (1, True)


def test_one_named_column_goes_over_the_guess(run: Run) -> None:
    status, _, err = run("import", "a.duckdb", "mail.csv", "--source", "d/m", "-y", "--text-column", "tekst")
    assert status == 1
    assert "no column 'tekst'" in err
    status, out, _ = run("import", "a.duckdb", "mail.csv", "--source", "d/m", "-y", "--string-property", "id")
    assert (status, out.startswith("2 new")) == (0, True)


def test_the_order_of_day_and_month_can_be_said(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mail.csv").write_text("id,time,text\n1,03/04/2026,hello there\n", "utf-8")
    status, _, err = run("import", "a.duckdb", "mail.csv", "--source", "d/m", "-y")
    assert (status, "--day-first" in err) == (1, True)
    assert run("import", "a.duckdb", "mail.csv", "--source", "d/m", "-y", "--day-first")[0] == 0
    _, out, _ = run("call", "a.duckdb", "sql", '{"query": "SELECT month(timestamp) AS m FROM message"}')
    assert lines(out) == [{"m": 4}]


def test_before_units_are_charged_the_columns_are_shown(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    status, _, err = run("import", "a.duckdb", "mail.csv", "--source", "demo/mail")
    assert status == 1
    assert "columns: id = id, time = time, text = text" in err
    assert "2 new" in err
    assert "Charge 2 units?" in err
    assert run("usage", "a.duckdb")[1].startswith("0 units")


def test_what_would_be_charged_is_counted_against_the_store(run: Run, tmp_path: Path) -> None:
    assert run("import", "a.duckdb", "mail.csv", "--source", "d/m", "-y")[0] == 0
    (tmp_path / "more.csv").write_text(ROWS + "3,2026-03-06,and one more\n", "utf-8")
    status, out, _ = run(
        "import", "a.duckdb", "mail.csv", "more.csv", "--source", "d/m", "--dry-run", "-o", "json"
    )
    assert status == 0
    assert [report["counts"]["units"] for report in lines(out)] == [0, 1]
    assert run("usage", "a.duckdb")[1].splitlines()[-1].startswith("2 units")
    status, out, _ = run("import", "a.duckdb", "mail.csv", "more.csv", "--source", "d/m", "-y")
    assert [line.split(";")[0] for line in out.splitlines()] == [
        "0 new, 0 updated, 2 unchanged, 0 bad rows",
        "1 new, 0 updated, 2 unchanged, 0 bad rows",
    ]


def test_bad_rows_go_to_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mail.csv").write_text(ROWS + "3,never,text\n", "utf-8")
    arguments = ("import", "a.duckdb", "mail.csv", "--source", "d/m", "-y", "--errors", "bad.csv")
    for extra, expected in (((), 1), (("--skip-bad-rows",), 3)):
        assert run(*arguments, *extra)[0] == expected
        row = (tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()[1]
        assert row.startswith("3,time,never,is no time")
        (tmp_path / "bad.csv").unlink()


def test_a_dry_run_for_a_new_source_checks_every_row_and_creates_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mail.csv").write_text(ROWS + "3,never,text\n", "utf-8")
    arguments = ("import", "a.duckdb", "mail.csv", "--source", "d/m", "--dry-run")
    status, _, err = run(*arguments, "--errors", "bad.csv")
    assert (status, "1 of 3 rows cannot be read" in err) == (1, True)
    assert (tmp_path / "bad.csv").read_text("utf-8-sig").splitlines()[1].startswith("3,time,never,is no time")
    status, out, _ = run(*arguments, "--skip-bad-rows")
    assert (status, out.splitlines()[0]) == (
        0,
        "2 new, 0 updated, 0 unchanged, 1 bad rows; 2 units charged",
    )
    assert run("call", "a.duckdb", "sources")[1] == ""


def test_export_options(run: Run, tmp_path: Path) -> None:
    assert run("import", "a.duckdb", "mail.csv", "--source", "d/m", "-y")[0] == 0
    assert run("create-dataset", "a.duckdb", "d/s", "--source", "d/m")[0] == 0
    options = ("--format", "jsonl", "--since", "2026-03-05", "--unreviewed", "--source", "d/m")
    assert run("export", "a.duckdb", "d/s", "out.txt", *options)[0] == 0
    (line,) = (tmp_path / "out.txt").read_text("utf-8").splitlines()
    assert json.loads(line)["comment"]["id"] == "2"
    filtered = ("--where", "until=2026-03-05&thread-answered=no", "--source", "d/m")
    status, _, err = run("export", "a.duckdb", "d/s", "none.jsonl", *filtered, "--until", "2026-03-06")
    assert (status, err) == (0, "exports to 5 March 2026, in d/m, in a thread without an answer\n")
    assert (tmp_path / "none.jsonl").read_text("utf-8") == ""
    status, _, err = run("export", "a.duckdb", "d/s", "out.csv", "--where", "colour=red")
    assert (status, "a condition 'colour', which messages do not have" in err) == (1, True)
    status, _, err = run("export", "a.duckdb", "d/s", "out.csv", "--source", "d/x")
    assert (status, "unknown source 'd/x'" in err) == (1, True)


def test_ctrl_c_is_status_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.cli.commands.opened", interrupt)
    assert run("status", "a.duckdb")[0] == 130


def test_printed_text_cannot_steer_a_terminal() -> None:
    assert printable("a\x1b[2Jb\u202ec\n") == "a\\x1b[2Jb\\u202ec\\n"
    assert printable("Grüße 👍 “quoted”") == "Grüße 👍 “quoted”"


# ---- keys and copies -----------------------------------------------------------------------------


@pytest.mark.nightly
def test_key_rotate_publish_restore(run: Run, tmp_path: Path) -> None:
    """A plain workspace is encrypted, published, and restored; the key itself is never printed."""
    assert run("import", "a.duckdb", "mail.csv", "--source", "demo/mail", "-y")[0] == 0
    status, out, _ = run("key", "new", "first.key")
    assert (status, "keep a copy" in out) == (0, True)
    secret = (tmp_path / "first.key").read_text("ascii").strip()
    status, _, err = run("key", "rotate", "a.duckdb", "first.key")
    assert (status, "workbench stop" in err) == (1, True)
    assert run("stop", "a.duckdb")[0] == 0
    status, told, err = run("key", "rotate", "a.duckdb", "first.key")
    assert (status, "key_file = " in told) == (0, True), err
    status, _, err = run("usage", "a.duckdb")
    assert (status, "is encrypted, and no key is set" in err, "next:" in err) == (1, True, True)
    with (tmp_path / "workbench.toml").open("a", encoding="utf-8") as settings:
        settings.write('key_file = "first.key"\n')
    assert run("publish", "a.duckdb", "copy.duckdb")[0] == 0
    status, _, err = run("restore", "copy.duckdb", "a.duckdb")
    assert (status, "nothing is overwritten" in err) == (1, True)
    assert run("restore", "copy.duckdb", "new.duckdb")[0] == 0
    try:
        usage = run("usage", "new.duckdb", "-o", "json")[1]
        audit = run("call", "new.duckdb", "audit_table")[1]
    finally:
        stop_owner(tmp_path / "new.duckdb")
    assert lines(usage)[0]["units"] == 2
    assert [row["action"] for row in lines(audit)][-1] == "restore"
    assert "rotate_key" in audit
    assert secret not in out + told + err + usage + audit
    status, _, err = run("key", "new", "first.key")
    assert (status, "never overwritten" in err) == (1, True)


def test_columns_of_people_and_sending_are_named(run: Run, tmp_path: Path) -> None:
    line = {"id": "a", "date": "2026-03-04", "text": "Hello there", "an": "x@y", "k": "c@y", "blind": "d@y"}
    (tmp_path / "m.jsonl").write_text(json.dumps(line | {"los": "2026-03-03T10:00:00Z"}), "utf-8")
    columns = (
        "--recipients-column",
        "an",
        "--cc-column",
        "k",
        "--bcc-column",
        "blind",
        "--sent-column",
        "los",
    )
    assert run("import", "a.duckdb", "m.jsonl", "--source", "demo/mail", "--yes", *columns)[0] == 0
    (one,) = wb.open(tmp_path / "a.duckdb").sql("SELECT recipients, cc, bcc, sent_at FROM message").to_dicts()
    assert (one["recipients"], one["cc"], one["bcc"]) == (["x@y"], ["c@y"], ["d@y"])
    assert one["sent_at"] == datetime(2026, 3, 3, 10, tzinfo=UTC)
    status, _, err = run(
        "import", "a.duckdb", "m.jsonl", "--source", "demo/mail", "--cc-column", "none", "--yes"
    )
    assert (status, "has no column 'none', which the mapping uses as cc" in err) == (1, True)


@pytest.mark.nightly
def test_tenants_from_new_to_restore(run: Run, tmp_path: Path) -> None:
    """Two tenants; one is used, backed up, and its backup restored under its key and no other."""
    for name in ("one", "two"):
        assert run("tenant", "new", "root", name, "--key", f"{name}.key")[0] == 0
    assert run("tenant", "new", "root", "../up", "--key", "up.key")[0] == 1
    file = Path(run("tenant", "file", "root", "one")[1].strip())
    with (file.parent / "workbench.toml").open("a", encoding="utf-8") as settings:
        settings.write('encoder = "hash-test"\nfast_encoder = ""\n')
    try:
        assert run("import", str(file), "mail.csv", "--source", "demo/mail", "-y")[0] == 0
        status, out, err = run("tenant", "back-up", "root", "one")
        assert status == 0, err
        listed = lines(run("tenant", "list", "root", "-o", "json")[1])
        assert [(one["name"], one["kind"], one["owner_runs"]) for one in listed] == [
            ("one", "encrypted", True),
            ("two", "encrypted", False),
        ]
        assert listed[0]["newest_backup"] == out.strip()
        assert "owner runs, newest backup" in run("tenant", "list", "root")[1]
    finally:
        stop_owner(file)
    status, _, err = run("restore", out.strip(), str(tmp_path / "root/two/stolen.duckdb"))
    assert (status, "the key does not open" in err) == (1, True)
    restored = file.with_name("restored.duckdb")
    assert run("restore", out.strip(), str(restored))[0] == 0
    try:
        assert lines(run("usage", str(restored), "-o", "json")[1])[0]["units"] == 2
    finally:
        stop_owner(restored)
    assert run("tenant", "list", "none")[1] == "no tenants\n"
    status, _, err = run("tenant", "serve", "root", "three")
    assert (status, "unknown tenant 'three'" in err) == (1, True)
