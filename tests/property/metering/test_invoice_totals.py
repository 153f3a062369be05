"""An account says what the ledger says, whatever period it is of, and periods that follow one another add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.store.test_store_usage import START, entries
from workbench.domain import Operations
from workbench.reports import InvoiceDocument
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

ROWS = entries(seed=9, n=300)
HOURS = 60 * 24
ENDS = st.lists(st.integers(-30, HOURS + 30), min_size=2, max_size=5, unique=True).map(sorted)


@pytest.fixture(scope="module")
def ops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operations]:
    made = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    path: Path = tmp_path_factory.mktemp("invoices") / "w.duckdb"
    with open_workspace(path, settings=made) as opened:
        with opened._workspace.store.write() as session:
            session.ledger.append(ROWS)
        yield opened.operations("tester")


def charged(since: datetime | None, until: datetime) -> int:
    rows = ROWS.to_pylist()
    return sum(row["units"] for row in rows if row["charged"] and (since or START) <= row["at"] < until)


@settings(max_examples=15)
@given(ENDS)
def test_totals_are_those_of_the_ledger(ops: Operations, hours: list[int]) -> None:
    ends = [START + timedelta(hours=hour) for hour in hours]
    whole = ops.invoice(ends[0], ends[-1])
    parts = [ops.invoice(*pair) for pair in pairwise(ends)]
    for made in (whole, *parts):
        inside = [row for row in ROWS.to_pylist() if made.since <= row["at"] < made.until]
        assert made.opening_units == charged(None, made.since)
        assert made.closing_units == charged(None, made.until) == made.opening_units + made.units
        assert made.n_entries == len(inside) == sum(line.n_entries for line in made.lines)
        assert made.uncharged_units == sum(row["units"] for row in inside if not row["charged"])
        worth = sum(row["units"] * float(row["rate"]) for row in inside if row["charged"])
        assert made.platform_units == pytest.approx(worth)
        assert made.closing_platform_units == pytest.approx(made.opening_platform_units + worth)
        kinds: Counter[str] = Counter()
        for row in inside:
            kind = "no_charge" if not row["charged"] else "correction" if row["corrects"] else "charge"
            kinds[kind, row["project"], row["channel"]] += row["units"]
        told: Counter[str] = Counter()
        for line in made.lines:
            told[line.kind, line.project, line.channel] += line.units
        assert told == kinds
        written = sorted(inside, key=lambda row: row["at"])
        assert (
            made.first_entry_id in {row["entry_id"] for row in written if row["at"] == written[0]["at"]}
            or not written
        )
        frame = InvoiceDocument(invoice=made).frame()
        lines = frame.filter(pl.col("line").is_in(["charge", "correction"]))
        assert lines["units"].sum() == made.units
        assert frame.filter(pl.col("line") == "total of the period")["units"].to_list() == [made.units]
    assert sum(part.units for part in parts) == whole.units
    assert sum(part.n_entries for part in parts) == whole.n_entries
