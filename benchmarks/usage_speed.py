"""Sums of a large ledger: the store's answers beside a plain DuckDB query of the same rows, in the same run.

python benchmarks/usage_speed.py [n_rows]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from common import machine

from workbench.store import Store

SINCE, UNTIL = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
FILL = """
INSERT INTO ledger (entry_id, "at", project, source, channel, operation, uid, units, charged, idempotency_key, actor, rate)
SELECT 'e' || i, TIMESTAMPTZ '2025-01-01 00:00:00Z' + INTERVAL (i * 60000 // $n) MICROSECOND * 800000000,
    'p' || (i % 5), 's' || (i % 40), 'c' || (i % 4), 'o' || (i % 3), 's' || (i % 40) || '.' || i, 1, i % 50 > 0, 'k' || i,
    'u' || (i % 25), 0.2
FROM range($n) t(i)
"""
PLAIN = """
SELECT date_trunc('day', "at") AS period, source, sum(units) FILTER (charged), count(*) FROM ledger GROUP BY ALL ORDER BY ALL
"""


def timed(action: Callable[[], object], repeats: int = 5) -> float:
    found = []
    for _ in range(repeats):
        begun = time.perf_counter()
        action()
        found.append(time.perf_counter() - begun)
    return statistics.median(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("n_rows", type=int, nargs="?", default=5_000_000)
    n = parser.parse_args().n_rows
    print(machine())
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "s.duckdb", n_threads=2) as store:
        with store.write() as session:
            session._cursor._connection.execute(FILL, {"n": n})
        store.checkpoint()
        print(f"n = {n:,} ledger rows; medians of 5")
        with store.read() as session:
            usage, connection = session.usage, session._cursor._connection
            plain = timed(lambda: connection.execute(PLAIN).to_arrow_table())
            print(f"plain DuckDB, by day and source      {plain * 1000:8.0f} ms")
            cases: dict[str, Callable[[], object]] = {
                "consumption by day and source": lambda: usage.consumption(("source",), "day", None, None),
                "consumption by day, five groupings": lambda: usage.consumption(
                    ("project", "source", "channel", "user", "operation"), "day", None, None
                ),
                "consumption of a month by source": lambda: usage.consumption(
                    ("source",), "day", SINCE, UNTIL
                ),
                "units by day, for the forecast": lambda: usage.units_by_day(UNTIL),
                "lines of an account": lambda: usage.invoice_lines(SINCE, UNTIL),
                "opening total of an account": lambda: usage.charged_before(SINCE),
                "ends of an account": lambda: usage.ends(SINCE, UNTIL),
            }
            for name, action in cases.items():
                spent = timed(action)
                print(f"{name:36} {spent * 1000:8.0f} ms   {spent / plain:5.2f} x plain")


if __name__ == "__main__":
    main()
