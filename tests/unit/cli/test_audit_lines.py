"""Events as CSV, and times that are none."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.stores import AT
from workbench.cli import auditing
from workbench.cli.auditing import Listing, _line, _time, show, write_csv
from workbench.domain import AuditEvent
from workbench.errors import InputError


def event(object_: str) -> AuditEvent:
    return AuditEvent(
        seq=1,
        event_id="e",
        at=AT,
        actor="@ann",
        channel="cli",
        type="sql",
        outcome="done",
        object=object_,
        project="",
        dataset_id="",
        source_id="",
        stream_id="",
        user_id="",
        details="{}",
        hash="h",
    )


def test_no_cell_runs_as_a_formula() -> None:
    out = io.StringIO()
    write_csv(out, [event("=HYPERLINK(1)"), event("SELECT 1")])
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    assert [row["object"] for row in rows] == ["'=HYPERLINK(1)", "SELECT 1"]
    assert rows[0]["actor"] == "'@ann"
    assert rows[0]["at"] == AT.isoformat()


def test_a_day_is_taken_as_utc_and_anything_else_refused() -> None:
    assert _time("") is None
    assert str(_time("2026-03-01")) == "2026-03-01 00:00:00+00:00"
    with pytest.raises(InputError, match="'yesterday' is no day or time of an audit event"):
        _time("yesterday")


def test_a_sum_says_how_many_it_counts() -> None:
    counted = replace(event("sql"), type="refused_more", outcome="refused", details='{"n":9990}')
    assert _line(counted).endswith("@ann  refused_more (refused)  9,990 times sql")
    assert _line(event("sql")).endswith("@ann  sql  sql")


@pytest.mark.parametrize("output", [Listing.TEXT, Listing.JSON, Listing.CSV])
def test_a_list_that_is_cut_says_so(
    output: Listing, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Opened:
        def audit_pages(self, _query: object, n_most: int) -> Iterator[AuditEvent]:
            yield from [event("one"), event("two"), event("three")][:n_most]

    monkeypatch.setattr(auditing, "opened", lambda *_, **__: Opened())
    n_head = int(output is Listing.CSV)
    for limit, said in ((2, "only the newest 2 events; raise --limit for those before.\n"), (3, "")):
        show(Path("w.duckdb"), limit=limit, output=output)
        told = capsys.readouterr()
        assert (len(told.out.splitlines()), told.err) == (limit + n_head, said)
