"""The next message after a decision: a million messages, 200 labels, every mode.

    python benchmarks/next_message.py [--messages 1000000] [--labels 200] [--decisions 60] [--keep FOLDER]

In each mode a page of 20 is asked for, its first message judged, and the next page timed; the decision itself is
timed beside it. The first page of a mode, which reads what the mode ranks by, stands apart, and so does the first
one after a new version. Everything goes through the operations of an open workspace in this process; each figure
stands beside the limit of 100 ms. Messages, predictions (five labels of 200 likely, the others not), clusters and
vectors are made, not learned: only how many there are matters here.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from common import machine, peak_mib
from made import AT, DATASET, label_ids, lay_out, uid, write_messages

from workbench.domain import (
    Cluster,
    ClusterRun,
    Judgement,
    LabelId,
    MessageFilter,
    ModelVersion,
    Operations,
    ReviewMode,
    RunId,
)
from workbench.settings import Settings
from workbench.store import Session, Store
from workbench.wire import companion_folder
from workbench.workspace.opening import open_workspace

MODES: tuple[ReviewMode, ...] = (
    "recent", "shuffle", "label", "teach", "low_confidence", "rebalance", "check", "missed", "cluster", "search",
)  # fmt: skip
LIMIT_MS, PAGE, PIECE, LENGTH, N_CLUSTERS, N_REVIEWED = 100.0, 20, 16_384, 384, 40, 5_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--decisions", type=int, default=60)
    parser.add_argument("--keep", type=Path, help="work here, and use again what an earlier run left")
    given = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        file = (given.keep or Path(name)) / "next.duckdb"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            with timed("made the workspace"):
                make(file, given.messages, given.labels)
        with open_workspace(file, settings=Settings(retrain_after_reviews=0, predict_after_s=-1)) as opened:
            operations = opened.operations("ann")
            for mode in MODES:
                walk(operations, mode, given.decisions, given.labels)
            after_a_version(opened._workspace.store, operations, given.messages, given.labels)
    print(f"peak memory of all of it: {peak_mib():,.0f} MiB")


@contextmanager
def timed(what: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - start:,.1f} s", flush=True)


def walk(operations: Operations, mode: ReviewMode, n: int, n_labels: int) -> None:
    """Decide ``n`` times and ask for the next page after each."""
    label = LabelId(f"l{7 % n_labels}")
    about = label if mode in ("label", "teach", "check", "missed") else None
    where = MessageFilter(text="needle") if mode == "search" else None
    start, cpu = time.perf_counter(), time.process_time()
    batch = operations.next_batch(DATASET, mode, PAGE, about, where=where)
    first_s = time.perf_counter() - start
    first_cpu_s = time.process_time() - cpu
    decisions, pages, processor = [], [], []
    for _ in range(n if batch.uids else 0):
        judgement = Judgement(
            event_id=secrets.token_hex(8),
            uid=batch.uids[0],
            assigned=(label,) if mode != "check" else (),
            mode=mode,
            revision=operations.get_messages(DATASET, batch.uids[:1])[0].revision,
        )
        start = time.perf_counter()
        operations.judge(DATASET, (judgement,))
        decisions.append(1000 * (time.perf_counter() - start))
        start, cpu = time.perf_counter(), time.process_time()
        batch = operations.next_batch(DATASET, mode, PAGE, about, where=where)
        pages.append(1000 * (time.perf_counter() - start))
        processor.append(1000 * (time.process_time() - cpu))
        if not batch.uids:
            break
    if not pages:
        print(f"{mode:<16} nothing to review")
        return
    p95 = quantile(pages, 0.95)
    print(
        f"{mode:<16} n={len(pages):<4} p50 {statistics.median(pages):6.1f}  p95 {p95:6.1f}  max {max(pages):6.1f} ms"
        f"  {p95 / LIMIT_MS:4.2f} of the limit; processor p50 {statistics.median(processor):6.1f}"
        f"  p95 {quantile(processor, 0.95):6.1f} ms; first page {first_s:5.2f} s (processor {first_cpu_s:5.2f} s);"
        f" decision p95 {quantile(decisions, 0.95):5.1f} ms",
        flush=True,
    )


def after_a_version(store: Store, operations: Operations, n: int, n_labels: int) -> None:
    """A new version arrives as a training would leave it; pages asked for meanwhile and after."""
    with store.write() as session:
        number = max(known.version for known in session.models.versions(DATASET)) + 1
        session.models.add_version(
            version(number, n_labels), weights=b"", parameters="{}", label_ids=label_ids(n_labels)
        )
        predict(session, number, n, n_labels)
    operations.pin_version(DATASET, number)  # tells that there is another version
    pages = []
    for _ in range(40):
        start = time.perf_counter()
        operations.next_batch(DATASET, "teach", PAGE, LabelId(f"l{7 % n_labels}"))
        pages.append(1000 * (time.perf_counter() - start))
        time.sleep(0.1)
    print(
        f"teach, from the moment a version arrives: n={len(pages)} p95 {quantile(pages, 0.95):.1f} max {max(pages):.1f} ms"
    )


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


# ---- the workspace -------------------------------------------------------------------------------


def make(file: Path, n: int, n_labels: int) -> None:
    """Messages of a few words, with predictions, clusters, vectors and held-out probabilities."""
    with Store.open(file) as store:
        with store.write() as session:
            lay_out(session, [(f"Topic {i}",) for i in range(n_labels)], AT)
            write_messages(session, n)
            session.models.add_version(
                version(1, n_labels), weights=b"", parameters="{}", label_ids=label_ids(n_labels)
            )
        with store.write() as session:
            predict(session, 1, n, n_labels)
        with store.write() as session:
            cluster(session, n)
        for begin in range(0, min(N_REVIEWED, n // 2), 500):
            with store.write() as session:
                rows = range(begin, min(begin + 500, n // 2))
                session.reviews.judge(
                    DATASET, [reviewed(row, n, n_labels) for row in rows], actor="ann", at=AT
                )
        store.checkpoint()
    folder = companion_folder(file)
    for name in ("matrices", "held_out"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    vectors = np.lib.format.open_memmap(
        folder / "matrices" / f"{DATASET}-made.npy", mode="w+", dtype=np.float32, shape=(n, LENGTH)
    )
    rng = np.random.default_rng(1)
    some = rng.standard_normal((PIECE, LENGTH), dtype=np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    for begin in range(0, n, PIECE):
        vectors[begin : begin + PIECE] = some[: min(PIECE, n - begin)]
    k = min(N_REVIEWED, n // 2)
    np.savez(
        folder / "held_out" / f"{DATASET}.npz",
        uids=np.array([uid(place(row, n)) for row in range(k)]),
        label_ids=np.array(label_ids(n_labels)),
        out_of_fold=rng.random((k, n_labels), dtype=np.float32),
        thresholds=np.full(n_labels, 0.4),
        informativeness=rng.random(n_labels),
    )


def version(number: int, n_labels: int) -> ModelVersion:
    return ModelVersion(
        dataset_id=DATASET, version=number, created_at=AT, n_reviewed=N_REVIEWED, n_labels=n_labels,
        encoder="e", lineage={},
    )  # fmt: skip


def predict(session: Session, number: int, n: int, n_labels: int) -> None:
    rng = np.random.default_rng(number)
    for begin in range(0, n, PIECE):
        k = min(PIECE, n - begin)
        rows = rng.random((k, n_labels), dtype=np.float32) ** 8
        uids = [uid(begin + i) for i in range(k)]
        session.models.stage_predictions(DATASET, number, uids, rows)


def cluster(session: Session, n: int) -> None:
    numbers = (np.arange(n) * 31 % (N_CLUSTERS + 4)).astype(np.int32)
    numbers[numbers >= N_CLUSTERS] = -1
    run = ClusterRun(
        run_id=RunId("r"), dataset_id=DATASET, method="fast_hdbscan", encoder="e", seed=7, n_messages=n,
        share_unclustered=0.1, created_at=AT,
        clusters=tuple(
            Cluster(
                cluster_id=i, name=str(i), phrases=(), n_messages=n // N_CLUSTERS, share=1 / N_CLUSTERS, n_reviewed=0,
                medoid=uid(0), shown=(uid(0),), x=0.0, y=0.0,
            )
            for i in range(N_CLUSTERS)
        ),
    )  # fmt: skip
    session.discovery.add_run(run, [uid(i) for i in range(n)], np.zeros((n, 2), dtype=np.float32), numbers)


def place(row: int, n: int) -> int:
    """Which message was reviewed as number ``row``: they lie all over the dataset."""
    return row * (n // min(N_REVIEWED, n // 2))


def reviewed(row: int, n: int, n_labels: int) -> Judgement:
    return Judgement(
        event_id=f"{row:016x}",
        uid=uid(place(row, n)),
        assigned=(LabelId(f"l{row % min(n_labels, 20)}"),),
        mode="shuffle",
    )


if __name__ == "__main__":
    main()
