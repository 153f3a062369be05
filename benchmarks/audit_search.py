"""Search and check of an audit log of many events.

Run: ``python -m benchmarks.audit_search [n_events]``; prints milliseconds, median and largest of 20 runs.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from workbench.domain import AuditQuery
from workbench.store import Store
from workbench.store.repositories.audit import CHAIN, FIRST_HASH, chained

AT = datetime(2026, 1, 1, tzinfo=UTC)
N_RUNS = 20


def events(n: int) -> pa.Table:
    """A chain of ``n`` events: 50 actors, 20 types, 40 datasets."""
    rows, previous = [], FIRST_HASH
    for seq in range(1, n + 1):
        at = AT + timedelta(seconds=seq)
        plain = (seq, at, f"user{seq % 50}", f"type{seq % 20}", f"demo/set{seq % 40}", '{"n_messages":1}')
        typed = (CHAIN, f"{seq:016x}", "python", "done", "demo", f"{seq % 40:016x}", "", "", "")
        found = chained(previous, (*plain, *typed))
        rows.append((*plain, previous, found, *typed))
        previous = found
    names = "seq at actor action object details previous_hash hash chain event_id channel outcome project dataset_id"
    columns = [*names.split(), "source_id", "stream_id", "user_id"]
    return pa.table(dict(zip(columns, zip(*rows, strict=True), strict=True)))


def timed(store: Store, query: AuditQuery) -> str:
    """Median and largest of the runs, in milliseconds."""
    taken = []
    for _ in range(N_RUNS):
        began = time.perf_counter()
        with store.read() as session:
            session.audit.page(query, None, 201)
        taken.append(1_000 * (time.perf_counter() - began))
    return f"{statistics.median(taken):8.1f} {max(taken):8.1f}"


def main(n: int) -> None:
    """Fill a store and ask it."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "w.duckdb", n_threads=2) as store:
        with store._cursor() as cursor:
            cursor.register("made", events(n))
            cursor.execute("INSERT INTO audit_event BY NAME SELECT * FROM made")
        asked = {
            "newest page": AuditQuery(),
            "one actor": AuditQuery(actors=("user7",)),
            "a type in an hour": AuditQuery(
                types=("type3",),
                since=AT + timedelta(seconds=n // 2),
                until=AT + timedelta(seconds=n // 2 + 3600),
            ),
            "part of a name, none": AuditQuery(object="nowhere"),
        }
        print(f"{n:,} events; ms: median, largest of {N_RUNS}")
        for name, query in asked.items():
            print(f"{name:24} {timed(store, query)}")
        began = time.perf_counter()
        for _ in range(N_RUNS):
            with store.write(messages=False) as session:
                session.audit.append("ann", "b", "c", "{}", AT)
        print(f"{'append and commit':24} {1_000 * (time.perf_counter() - began) / N_RUNS:8.1f}")
        began = time.perf_counter()
        with store.read() as session:
            assert session.audit.verify() is None
        print(f"{'check of all':24} {time.perf_counter() - began:8.1f} s")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
