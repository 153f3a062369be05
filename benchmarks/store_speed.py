"""How fast the workspace file is: 100,000 messages, 100 labels, vectors of 384 numbers.

Run ``python benchmarks/store_speed.py [n_messages]``. Each figure stands beside its limit, or beside the same
work in bare DuckDB in the same run (one insert and commit; a scan of the same list column into Arrow).
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from common import machine
from made import DATASET, SOURCE, lay_out

from workbench.domain import (
    MESSAGE_SCHEMA,
    Judgement,
    LabelFilter,
    LabelId,
    MessageChoice,
    MessageFilter,
    MessageId,
    MessagePart,
    ModelVersion,
    NewAttachment,
    NewMessage,
    PartText,
    Uid,
    message_batch,
)
from workbench.store import Store

AT = datetime(2026, 1, 1, tzinfo=UTC)
N_LABELS, LENGTH, PIECE = 100, 384, 5000
WORDS = np.array([f"word{i}" for i in range(20_000)])


def path(i: int) -> tuple[str, ...]:
    """A parent and nine children, again and again."""
    return (f"Area {i // 10}",) if i % 10 == 0 else (f"Area {i // 10}", f"Topic {i}")


def batches(n: int, rng: np.random.Generator) -> list[pa.Table]:
    """Messages of 60 words, over a year, in pieces."""
    pieces = []
    for start in range(0, n, PIECE):
        size = min(PIECE, n - start)
        words = WORDS[(rng.pareto(1.1, (size, 60)) * 20).astype(int) % len(WORDS)]
        columns = {
            "message_id": [f"m{start + i}" for i in range(size)],
            "timestamp": [AT + timedelta(minutes=5 * (start + i)) for i in range(size)],
            "thread_id": [f"t{(start + i) // 3}" for i in range(size)],
            "subject": [" ".join(row[:5]) for row in words],
            "body": [" ".join(row) for row in words],
            "signature": [""] * size,
            "full_text": [" ".join(row) for row in words],
            "sender": ["someone@example.org"] * size,
            "recipients": [["support@example.org"]] * size,
            "language": ["en"] * size,
            "properties": [f'{{"string:Team":"T{i % 9}","number:NPS":{i % 11}}}' for i in range(size)],
        }
        pieces.append(pa.table(columns, schema=MESSAGE_SCHEMA))
    return pieces


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def show(what: str, value: float, unit: str, n: int, limit: str) -> None:
    print(f"{what:<44} {value:>10,.1f} {unit:<7} n={n:<7,} {limit}")


def many(what: str, times: list[float], limit: str) -> None:
    ms = sorted(1000 * t for t in times)
    show(f"{what}, p50", statistics.median(ms), "ms", len(ms), "")
    show(f"{what}, p95", ms[int(0.95 * (len(ms) - 1))], "ms", len(ms), limit)


def bare_insert(path: Path, n: int) -> list[float]:
    """The peer of a judgement: one row, one commit, in DuckDB alone."""
    connection = duckdb.connect(str(path))
    connection.execute("CREATE TABLE t (id VARCHAR PRIMARY KEY, body VARCHAR)")
    times = [
        seconds(lambda i=i: connection.execute("INSERT INTO t VALUES (?, 'x')", [str(i)])) for i in range(n)
    ]
    connection.close()
    return times


def storing(store: Store, pieces: list[pa.Table]) -> None:
    def put(piece: pa.Table) -> None:
        with store.write() as session:
            session.messages.put(SOURCE, piece, at=AT)

    n = sum(piece.num_rows for piece in pieces)
    times = [seconds(lambda p=p: put(p)) for p in pieces]
    show("messages put, pieces of 5,000", n / sum(times), "rows/s", n, "limit: above 20,000")
    show("slowest piece", 1000 * max(times), "ms", len(times), "")
    show("checkpoint after it", 1000 * seconds(store.checkpoint), "ms", 1, "")
    again = seconds(lambda: [put(piece) for piece in pieces])
    show("the same again, all unchanged", n / again, "rows/s", n, "")


def storing_whole(store: Store, n: int) -> None:
    """Messages of three parts with a file of 10 kB that every tenth shares."""
    part = MessagePart(body=PartText(text="word " * 60, text_markup='{"p":["word"]}'), sender="a@b.example")
    made = [
        NewMessage(
            message_id=MessageId(f"whole{i}"),
            timestamp=AT - timedelta(minutes=5 * i),
            parts=(part, part, part),
            attachments=(NewAttachment(name="slip.pdf", content=f"{i // 10}".encode() * 2048),),
        )
        for i in range(n)
    ]
    table = message_batch(made)
    with store.write() as session:
        took = seconds(lambda: session.messages.put(SOURCE, table, at=AT))
    show("messages put, with parts and files", n / took, "rows/s", n, "")


def deleting(store: Store) -> None:
    """Everything before the year: the messages of ``storing_whole``."""
    with store.write() as session:
        doomed = session.deletion.chosen(SOURCE, MessageChoice(until=AT - timedelta(minutes=1)))
        took = seconds(lambda: session.deletion.messages(doomed.select(["uid"])))
    show("messages deleted, with all that is known", took, "s", doomed.num_rows, "")


def vectors(store: Store, n: int, rng: np.random.Generator) -> None:
    with store.read() as session:
        hashes = session.messages.texts_without_vector(DATASET, "e").column("text_hash").to_pylist()
    matrix = rng.standard_normal((len(hashes), LENGTH), dtype=np.float32)
    with store.write() as session:
        took = seconds(lambda: session.embeddings.put("e", hashes, matrix))
    show("vectors put", took, "s", len(hashes), "")
    store.checkpoint()
    with store.read() as session:
        took = min(seconds(lambda: session.embeddings.matrix(DATASET, "e")) for _ in range(3))
    bare = min(
        seconds(lambda: store.sql("SELECT text_hash, vector FROM embedding", limit=n, limit_s=60))
        for _ in range(3)
    )
    show("vectors read into numpy, row order", took, "s", n, f"limit: 1 s; bare scan {bare:.2f} s")


def predicting(store: Store, n: int, rng: np.random.Generator) -> None:
    with store.read() as session:
        uids = session.messages.texts(DATASET).column("uid").to_pylist()
    label_ids = [LabelId(f"l{i}") for i in range(N_LABELS)]

    def put(made: ModelVersion, matrix: np.ndarray) -> None:
        with store.write() as session:
            session.models.add_version(made, weights=b"", parameters="{}", label_ids=label_ids)
            session.models.put_predictions(DATASET, made.version, uids, matrix)

    for version in (1, 2):
        matrix = rng.random((n, N_LABELS), dtype=np.float32) ** 4
        made = ModelVersion(
            dataset_id=DATASET,
            version=version,
            created_at=AT,
            n_reviewed=0,
            n_labels=N_LABELS,
            encoder="e",
            lineage={},
        )
        took = seconds(lambda made=made, matrix=matrix: put(made, matrix))
        what = "predictions put" + (", replacing a version" if version > 1 else "")
        show(f"{what} ({N_LABELS} labels)", took, "s", n, "limit: 1 s")
    store.checkpoint()


def judging(store: Store, n: int, folder: Path) -> None:
    def judge(i: int) -> None:
        judgement = Judgement(
            event_id=f"{i:016x}", uid=Uid(f"{SOURCE}.m{i * 7}"), assigned=(LabelId(f"l{i % N_LABELS}"),)
        )
        with store.write() as session:
            session.reviews.judge(DATASET, (judgement,), actor="ann", at=AT)

    times = [seconds(lambda i=i: judge(i)) for i in range(min(500, n // 7))]
    bare = sorted(bare_insert(folder / "bare.duckdb", 300))
    many(
        "one judgement, committed",
        times,
        f"limit: 20 ms; bare insert p50 {1000 * bare[len(bare) // 2]:.1f} ms",
    )


def reading(store: Store, n: int) -> None:
    label = LabelFilter(label_id=LabelId("l5"), status="present", at_least=0.8)
    filters = {
        "newest page, no filter": MessageFilter(),
        "page by two words": MessageFilter(text="word3 word40"),
        "page by label and property-free dates": MessageFilter(
            labels=(label,), since=AT + timedelta(days=20), until=AT + timedelta(days=200)
        ),
    }
    with store.read() as session:
        for what, where in filters.items():
            many(what, [seconds(lambda w=where: session.messages.find(DATASET, w)) for _ in range(10)], "")
        many("labels with counts", [seconds(lambda: session.labels.all(DATASET)) for _ in range(10)], "")
        took = min(seconds(lambda: session.models.label_totals(DATASET, 2, "week")) for _ in range(3))
        show("label totals by week", took, "s", n, "")
        took = min(seconds(lambda: session.models.predictions(DATASET, 2)) for _ in range(3))
        show("predictions read into numpy", took, "s", n, "")


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rng = np.random.default_rng(7)
    print(f"{machine()}; DuckDB {duckdb.__version__} with 2 threads")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Store.open(folder / "speed.duckdb") as store:
            with store.write() as session:
                lay_out(session, [path(i) for i in range(N_LABELS)], AT)
            storing(store, batches(n, rng))
            vectors(store, n, rng)
            predicting(store, n, rng)
            judging(store, n, folder)
            reading(store, n)
            storing_whole(store, n // 20)
            deleting(store)
            target = folder / "copy.duckdb"
            show("publish", seconds(lambda: store.publish(target)), "s", n, "")
            print(
                f"file {store.path.stat().st_size / 1e6:,.0f} MB, snapshot {target.stat().st_size / 1e6:,.0f} MB"
            )


if __name__ == "__main__":
    main()
