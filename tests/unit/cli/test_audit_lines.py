"""Events as CSV, and times that are none."""

from __future__ import annotations

import csv
import io

import pytest

from tests.stores import AT
from workbench.cli.auditing import _time, write_csv
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
