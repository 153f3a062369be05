"""Sums of the ledger are those of its rows, whatever they are summed by."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from workbench.domain import CONSUMPTION_GROUPINGS, Grouping, Resolution
from workbench.metering import LEDGER_SCHEMA
from workbench.store import Store
from workbench.store.migrations import m0041_measures

START = datetime(2026, 1, 28, 22, tzinfo=UTC)
N = 600


def entries(seed: int = 1, n: int = N) -> pa.Table:
    """Ledger rows of two projects and 60 days; some are not charged, some are corrections, two sources are unknown."""
    rng = np.random.default_rng(seed)
    units = rng.choice([1, 1, 1, -1], n)
    columns = {
        "entry_id": [f"e{i}" for i in range(n)],
        "at": [START + timedelta(hours=int(h)) for h in rng.integers(0, 60 * 24, n)],
        "project": rng.choice(["a", "b"], n).tolist(),
        "source": rng.choice(["s1", "s2", "gone", "lost"], n).tolist(),
        "channel": rng.choice(["cli", "http"], n).tolist(),
        "operation": rng.choice(["import", "sync", "predict"], n).tolist(),
        "uid": ["u"] * n,
        "units": units.tolist(),
        "charged": ((rng.random(n) < 0.8) | (units < 0)).tolist(),
        "idempotency_key": [f"k{seed}.{i}" for i in range(n)],
        "actor": rng.choice(["", "jo", "al"], n).tolist(),
        "rate": [Decimal(one) for one in rng.choice(["0.2", "0.25"], n)],
        "corrects": [f"e{n}" if one < 0 else None for one in units],
        "note": [None] * n,
    }
    return pa.table(columns, schema=LEDGER_SCHEMA)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with Store.open(tmp_path_factory.mktemp("usage") / "s.duckdb", n_threads=1) as opened:
        with opened.write() as session:
            session.ledger.append(entries())
            cursor = session._cursor._connection
            cursor.execute(
                "INSERT INTO source (source_id, project, name, title, kind, language, created_at)"
                " VALUES ('s1', 'a', 'one', '', 'other', 'en', now()), ('s2', 'b', 'two', '', 'other', 'en', now())"
            )
            cursor.execute("INSERT INTO former_source VALUES ('gone', 'a/before')")
        yield opened


NAMES = {"s1": "a/one", "s2": "b/two", "gone": "a/before", "lost": "Unknown"}
NAMED: tuple[Grouping, ...] = CONSUMPTION_GROUPINGS


def period(at: datetime, resolution: Resolution | None) -> date | None:
    day = at.date()
    if resolution is None or resolution == "day":
        return day if resolution else None
    return day - timedelta(days=day.weekday()) if resolution == "week" else day.replace(day=1)


@pytest.mark.parametrize("resolution", ["day", "week", "month", None])
def test_sums_are_those_of_the_rows(store: Store, resolution: Resolution | None) -> None:
    rows = entries().to_pylist()
    until = START + timedelta(days=40)
    for n_asked in range(len(CONSUMPTION_GROUPINGS) + 1):
        for by in combinations(CONSUMPTION_GROUPINGS, n_asked):
            units: Counter[tuple[object, ...]] = Counter()
            platform: defaultdict[tuple[object, ...], float] = defaultdict(float)
            n: Counter[tuple[object, ...]] = Counter()
            for row in rows:
                if row["at"] >= until:
                    continue
                known = {**row, "source": NAMES[row["source"]], "user": row["actor"] or "Unknown"}
                key = (
                    period(row["at"], resolution),
                    *(known[name] if name in by else None for name in NAMED),
                )
                units[key, row["charged"]] += row["units"]
                platform[key] += row["units"] * float(row["rate"]) * row["charged"]
                n[key] += 1
            with store.read() as session:
                found = session.usage.consumption(by, resolution, None, until).to_pylist()
            assert len(found) == len(n)
            for one in found:
                key = (one["period"], *(one[name] for name in NAMED))
                assert (one["units"], one["uncharged_units"]) == (units[key, True], units[key, False])
                assert one["n_entries"] == n[key]
                assert one["platform_units"] == pytest.approx(platform[key], abs=1e-9)


def test_names_of_sources_deleted_long_ago_come_from_the_audit_log(tmp_path: Path) -> None:
    with Store.open(tmp_path / "s.duckdb", n_threads=1) as opened, opened.write() as session:
        cursor = session._cursor._connection
        cursor.execute("DROP TABLE former_source; DROP TABLE measure")
        session.audit.append(
            actor="a", action="delete_source", object="old/mail", details='{"source_id": "s9"}', at=START
        )
        session.audit.append(actor="a", action="delete_source", object="no/id", details="{}", at=START)
        m0041_measures.apply(cursor)
        assert cursor.execute("SELECT * FROM former_source").fetchall() == [("s9", "old/mail")]


def test_of_some_projects_only_those_count(store: Store) -> None:
    with store.read() as session:
        assert session.usage.projects() == ("a", "b")
        whole, one = (
            session.usage.consumption(("project",), None, None, None, projects).to_pylist()
            for projects in (None, ("b",))
        )
        assert one == [row for row in whole if row["project"] == "b"] != whole
        assert session.usage.consumption((), None, None, None, ()).num_rows == 0
        until = START + timedelta(days=99)
        days = session.usage.units_by_day(until, ("b",))
    assert sum(days.values()) == one[0]["units"] != sum(entries()["units"].to_pylist())
