"""Fetching from a stream on many messages: p50 and p95, beside a plain DuckDB query in the same run.

    python benchmarks/stream_fetch.py [n_messages] [--keep FOLDER]

Each fetch asks for 100 messages with the predictions of a version of 20 labels, from a place drawn at random. The plain
query reads the same hundred messages and their predictions, and makes nothing of them. With ``--keep`` the generated
workspace stays in FOLDER and is used again by the next run. ``processor`` is what the fetch itself worked, over all its
threads: on a machine that others use, the clock tells of them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from common import machine
from find_speed import AT, N_LABELS, fill
from made import DATASET, lay_out

from workbench.domain import (
    LabelFilter,
    LabelId,
    LabelThreshold,
    MessageFilter,
    PropertyFilter,
    StreamSettings,
)
from workbench.settings import Settings
from workbench.store import QueuePlace, Store
from workbench.workspace.opening import OpenedWorkspace, open_workspace

SIZE, N_FETCHES, LIMIT_MS = 100, 60, 50.0
FILTERS = {
    "everything": MessageFilter(),
    "one team in 40": MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=("T7",)),)),
    "by label": MessageFilter(
        labels=(LabelFilter(label_id=LabelId("l3"), status="predicted", at_least=0.5),)
    ),
}
PLAIN = f"""
WITH m AS MATERIALIZED (
    SELECT uid, subject, body, sender, timestamp, properties FROM message
    WHERE upload_seq > $position AND upload_seq <= $position + {SIZE}
)
SELECT m.*, p.probabilities FROM m LEFT JOIN prediction p
    ON p.uid_key = (md5_number(m.uid) >> 64)::UBIGINT AND p.uid = m.uid AND p.version = 1
"""


def settings(where: MessageFilter) -> StreamSettings:
    """Half of the labels come from 0.5 on."""
    listed = tuple(LabelThreshold(label_id=LabelId(f"l{i}"), threshold=0.5) for i in range(10))
    return StreamSettings(where=where, version=1, thresholds=listed)


def times(ask: Callable[[int], object], places: list[int]) -> tuple[float, float]:
    """p50 and p95 in ms; the first five are not counted."""
    taken = []
    for place in places:
        start = time.perf_counter()
        ask(place)
        taken.append((time.perf_counter() - start) * 1000)
    p50, p95 = np.percentile(taken[5:], (50, 95))
    return float(p50), float(p95)


def measure(opened: OpenedWorkspace, n: int) -> None:
    """Print a line for each filter, and one for the plain query."""
    operations, store = opened.operations("bench"), opened._workspace.store
    rng = np.random.default_rng(3)
    places = rng.integers(0, max(n - 50 * SIZE, 1), N_FETCHES + 5).tolist()
    at = datetime(2026, 1, 1, tzinfo=UTC)

    def plain(position: int) -> object:
        with store._cursor() as cursor:
            return cursor.execute(PLAIN, {"position": position}).to_arrow_table()

    plain_p50, plain_p95 = times(plain, places)
    print(f"plain query         p50 {plain_p50:7.1f} ms  p95 {plain_p95:7.1f} ms  n {N_FETCHES}")
    for number, (name, where) in enumerate(FILTERS.items()):
        if any(one.name == f"s{number}" for one in operations.streams(DATASET)):
            operations.delete_stream(DATASET, f"s{number}")  # of a run that was cut off
        stream = operations.create_stream(DATASET, f"s{number}", settings(where))
        spent, worked = [], []
        for position in places:
            with store.write() as session:
                place = QueuePlace(position=position, n_resets=0, moved_at=at, moved_by="bench")
                session.stream_queues.move(stream, place)
            start, start_cpu = time.perf_counter(), time.process_time()
            found = operations.fetch_stream(DATASET, stream.name, SIZE)
            spent.append((time.perf_counter() - start) * 1000)
            worked.append((time.process_time() - start_cpu) * 1000)
            assert len(found.items) == SIZE, (name, position, len(found.items))
        p50, p95 = np.percentile(spent[5:], (50, 95))
        cpu_p50, cpu_p95 = np.percentile(worked[5:], (50, 95))
        print(
            f"{name:19} p50 {p50:7.1f} ms  p95 {p95:7.1f} ms  n {N_FETCHES}"
            f"  processor p50 {cpu_p50:6.1f} ms  p95 {cpu_p95:6.1f} ms  ratio {p50 / plain_p50:4.1f}"
            f"  {'ok' if p95 <= LIMIT_MS else f'MISSED: at most {LIMIT_MS:.0f} ms'}"
        )
        operations.delete_stream(DATASET, stream.name)


def filled(folder: Path, n: int) -> Path:
    """The workspace of ``n`` messages in a folder; made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"streams-{n}.duckdb"
    if not file.exists():
        start = time.perf_counter()
        with Store.open(file) as store:
            with store.write() as session:
                lay_out(session, [(f"L{i}",) for i in range(N_LABELS)], AT)
            fill(store, n)
        print(f"filled in {time.perf_counter() - start:.0f} s")
    return file


def main() -> None:
    """Fill when needed, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        file = filled(folder, given.n)
        print(machine())
        made = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
        opened = stack.enter_context(open_workspace(file, settings=made))
        print(f"{given.n:,} messages, {file.stat().st_size / 2**20:,.0f} MiB, {SIZE} messages a fetch")
        measure(opened, given.n)


if __name__ == "__main__":
    main()
