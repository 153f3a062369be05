"""``workbench retention``: what each command prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.contract.messages import batch
from tests.stores import AT
from workbench.cli import retaining
from workbench.cli.main import main
from workbench.domain import RetentionTimer
from workbench.door import Workspace
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

Run = Callable[..., str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, clock=lambda: AT) as opened:
        operations = opened.operations("ann", "cli")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(3), "a", 3)
        door = Workspace(operations, address="w.duckdb")
        monkeypatch.setattr(retaining, "opened", lambda *_, **__: door)

        def command(*arguments: str, day: float = 0) -> str:
            opened._workspace.clock = lambda: AT + timedelta(days=day)
            name, *rest = arguments
            monkeypatch.setattr(sys, "argv", ["workbench", "retention", name, "w.duckdb", *rest])
            with pytest.raises(SystemExit) as ended:
                main()
            captured = capsys.readouterr()
            return captured.out if not ended.value.code else captured.err

        yield command


@pytest.mark.nightly
def test_from_the_report_to_the_run(run: Run) -> None:
    assert run("policy") == run("preview") == "there is no policy: nothing is taken\n"
    assert run("report", "--days", "10") == "nothing is stored for more than 10 days\n"
    told = run("report", "--days", "10", day=11)
    assert told.startswith("demo/mail: 3 messages, 0 annotated, ")
    assert told.endswith(" bytes of text, since 2026-03-02\n")
    line = "project 'demo': delete after 10 days, 5 days of notice, annotated: keep\n"
    options = ("--action", "delete", "--project", "demo", "--days", "10", "--notice-days", "5")
    assert run("policy", *options) == line == run("policy")
    assert run("preview", day=11).endswith(" 0 annotated ones stay; not announced yet\n")
    assert run("announce", day=11).endswith("; possible from 2026-03-18 09:30 UTC on\n")
    assert "nothing is taken" in run("run", "--source", "demo/mail", day=12)
    assert run("preview", day=17).endswith("; a run takes them now\n")
    assert run("run", day=17).endswith("3 messages and 0 raw mails taken\n")
    assert run("remove", "--project", "demo") == f"removed: {line}"


@pytest.mark.nightly
def test_a_policy_that_is_carried_out_by_itself_tells_how_it_goes(run: Run) -> None:
    options = ("--action", "delete", "--days", "10", "--notice-days", "0", "--unattended")
    line = "workspace: delete after 10 days, 0 days of notice, annotated: keep"
    assert (
        run("policy", *options) == f"{line}; by itself, next from 2026-03-03 09:30 UTC on\n" == run("policy")
    )
    told = "; not announced yet; by itself, next from 2026-03-03 09:30 UTC on\n"
    assert run("preview", day=0.5).endswith(told)


def test_words_of_a_timer() -> None:
    words = retaining._timer_words
    assert words(None) == ""
    failed = RetentionTimer(last_at=AT, outcome="failed", error="the disk is full.", n_failures=1, next_at=AT)
    last = "last 2026-03-02 09:30 UTC: failed (the disk is full.)"
    assert words(failed) == f"; by itself, next from 2026-03-02 09:30 UTC on; {last}"
    assert words(RetentionTimer(outcome="running")) == "; by itself, it runs now"
    still = RetentionTimer(last_at=AT, outcome="done", blocked="'bob' is disabled")
    assert words(still) == "; by itself, and stands still: 'bob' is disabled; last 2026-03-02 09:30 UTC: done"
