"""Pages of a source's messages on many messages: p50 and p95, beside the plain query of the same rows in the same run.

    python benchmarks/source_pages.py [n_messages] [--keep FOLDER] [--calls 40]

The plain query sorts the narrow columns of the whole source and joins the texts of the page. The two take turns, and each
answer is compared with the other's. ``processor`` is what a page made this process work, over all its threads: on a
machine that others use, the clock tells of them. The workspace is that of ``stream_fetch.py``; with ``--keep`` it stays
in FOLDER and is used again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
from common import machine
from find_speed import AT
from made import SOURCE
from stream_fetch import filled

from workbench.domain import MessageId, MessagePosition
from workbench.store import Range, Session, Store

SIZE, LIMIT_MS = 64, 30.0
PLAIN = """
WITH page AS MATERIALIZED (
    SELECT m.uid FROM message m
    WHERE m.source_id = $source_id AND ($at::TIMESTAMPTZ IS NULL OR m.timestamp {sign} $at
        OR (m.timestamp = $at AND m.message_id {sign} $id))
    ORDER BY m.timestamp {way}, m.message_id {way} LIMIT $limit
)
SELECT m.* FROM message m WHERE m.uid IN (SELECT uid FROM page) ORDER BY m.timestamp {way}, m.message_id {way}
"""


def spent(work: Callable[[], list[str]]) -> tuple[list[str], float, float]:
    """What came, and milliseconds of the clock and of the processor."""
    start, start_cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, (time.perf_counter() - start) * 1000, (time.process_time() - start_cpu) * 1000


def pages(session: Session, where: str, size: int, n_calls: int) -> None:
    """Print a line for pages of one kind."""
    rng = np.random.default_rng(3)
    newest_first = where == "newest"
    ours: list[tuple[float, float]] = []
    plain: list[tuple[float, float]] = []

    def own(after: MessagePosition | None) -> list[str]:
        found = session.by_source.page(SOURCE, after, size, Range(newest_first=newest_first))
        return [one.uid for one in found.messages]

    def sql(after: MessagePosition | None) -> list[str]:
        text = PLAIN.format(sign="<" if newest_first else ">", way="DESC" if newest_first else "ASC")
        values: dict[str, str | int | datetime | None] = {"source_id": SOURCE, "limit": size}
        values |= {"at": after.timestamp if after else None, "id": after.message_id if after else ""}
        found = session._cursor._connection.execute(text, values).to_arrow_table()
        return [str(one) for one in found["uid"].to_pylist()]

    for _ in range(n_calls):
        after = None
        if where == "somewhere":
            at = AT + timedelta(minutes=int(rng.integers(0, 365 * 24 * 60)))
            after = MessagePosition(timestamp=at, message_id=MessageId("mail-05"))
        mine, *took = spent(partial(own, after))
        theirs, *needed = spent(partial(sql, after))
        assert mine == theirs
        ours.append((took[0], took[1]))
        plain.append((needed[0], needed[1]))
    (p50, cpu), (plain_p50, plain_cpu) = np.median(ours, 0), np.median(plain, 0)
    p95 = np.percentile([took for took, _ in ours], 95)
    print(
        f"{where:9} {size:3} messages  p50 {p50:7.1f} ms  p95 {p95:7.1f} ms (limit {LIMIT_MS:.0f})  n {n_calls}"
        f"  processor {cpu:6.1f} ms; plain p50 {plain_p50:7.1f} ms, processor {plain_cpu:6.1f} ms;"
        f" ratio {p50 / plain_p50:4.2f}, of processors {cpu / plain_cpu:4.2f}"
    )


def main() -> None:
    """Fill when needed, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--calls", type=int, default=40)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = filled(folder, given.n)
        print(machine())
        store = stack.enter_context(Store.open(file))
        print(f"{given.n:,} messages, {file.stat().st_size / 2**20:,.0f} MiB")
        with store.read() as session:
            for size in (SIZE, 256):
                for where in ("oldest", "newest", "somewhere"):
                    pages(session, where, size, given.calls)


if __name__ == "__main__":
    main()
