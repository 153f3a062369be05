"""Pages and searches on many messages: p50 and p95, beside DuckDB's own scan in the same run.

    python benchmarks/find_speed.py [n_messages] [--keep FOLDER]

With ``--keep`` the generated workspace stays in FOLDER and is used again by the next run.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import (
    MESSAGE_SCHEMA,
    Dataset,
    DatasetId,
    Judgement,
    Label,
    LabelId,
    ModelVersion,
    Project,
    Source,
    SourceId,
    Uid,
)
from workbench.store import Store, prepare

AT = datetime(2025, 1, 1, tzinfo=UTC)
SOURCE, DATASET = SourceId("5" * 16), DatasetId("d" * 16)
N_WORDS, N_LABELS, PIECE, N_REVIEWED = 50_000, 20, 16_384, 5_000
SYLLABLES = (
    "ka",
    "re",
    "mi",
    "lo",
    "tan",
    "ver",
    "si",
    "pol",
    "du",
    "ne",
    "ga",
    "sho",
    "fi",
    "bru",
    "el",
    "wo",
)


def vocabulary() -> pa.Array:
    """Distinct words of two to five syllables; the place of a word is its rank."""
    rng = np.random.default_rng(1)
    words: dict[str, None] = {}
    while len(words) < N_WORDS:
        words["".join(rng.choice(SYLLABLES, rng.integers(2, 6)))] = None
    return pa.array(list(words))


def texts(words: pa.Array, n: int, rng: np.random.Generator) -> tuple[pa.Array, pa.Array]:
    """Subjects and bodies of Zipf-distributed words, 5 and 20-100 long."""
    ranks = np.arange(1, N_WORDS + 1)
    weights = np.cumsum(1 / (ranks + 2.7))
    lengths = rng.integers(20, 101, n)

    def draw(sizes: np.ndarray) -> pa.Array:
        ends = np.concatenate([[0], np.cumsum(sizes)])
        picked = np.searchsorted(weights, rng.random(ends[-1]) * weights[-1])
        lists = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), words.take(pa.array(picked)))
        return pc.binary_join(lists, " ")

    return draw(np.full(n, 5)), draw(lengths)


def batch(words: pa.Array, start: int, n: int, rng: np.random.Generator) -> pa.Table:
    """Messages ``start`` … of a year of mail, in no order of time."""
    subjects, bodies = texts(words, n, rng)
    minutes = rng.integers(0, 365 * 24 * 60, n)
    people = (rng.pareto(1.1, n) * 30).astype(int) % 40_000
    teams, scores = rng.integers(0, 40, n), rng.integers(0, 11, n)
    columns = {
        "message_id": [f"mail-{start + i:07d}" for i in range(n)],
        "timestamp": pa.array(
            np.datetime64(AT.replace(tzinfo=None), "us") + minutes * np.timedelta64(60_000_000, "us")
        ).cast(pa.timestamp("us", tz="UTC")),
        "thread_id": [f"t{(start + i) // 3}" for i in range(n)],
        "subject": subjects,
        "body": bodies,
        "signature": [""] * n,
        "full_text": [""] * n,
        "sender": [f"Person{p}@firm{p % 700}.example" for p in people.tolist()],
        "recipients": [[f"team{t}@support.example"] for t in teams.tolist()],
        "language": [("en", "de", "fr")[t % 3] for t in teams.tolist()],
        "properties": [
            f'{{"string:Team":"T{t}","number:NPS":{s}}}'
            for t, s in zip(teams.tolist(), scores.tolist(), strict=True)
        ],
    }
    return pa.table(columns, schema=MESSAGE_SCHEMA)


def lay_out(store: Store) -> None:
    with store.write() as session:
        session.catalog.add_project(Project(name="p", title="", created_at=AT))
        session.catalog.add_source(
            Source(
                source_id=SOURCE, project="p", name="s", title="", kind="email", language="en", created_at=AT
            )
        )
        session.catalog.add_dataset(
            Dataset(
                dataset_id=DATASET,
                project="p",
                name="d",
                title="",
                description="",
                source_ids=(SOURCE,),
                encoder="e",
                created_at=AT,
            )
        )
        for i in range(N_LABELS):
            session.labels.add(Label(label_id=LabelId(f"l{i}"), dataset_id=DATASET, path=(f"Label {i}",)))


def fill(store: Store, n: int) -> None:
    """Messages, a model version with predictions, and reviews."""
    rng = np.random.default_rng(7)
    words = vocabulary()
    for start in range(0, n, PIECE):
        prepared = prepare(SOURCE, batch(words, start, min(PIECE, n - start), rng))
        with store.write() as session:
            session.messages.put(SOURCE, prepared, at=AT + timedelta(seconds=start))
    store.checkpoint()
    with store.write() as session:
        made = ModelVersion(
            dataset_id=DATASET,
            version=1,
            created_at=AT,
            n_reviewed=0,
            n_labels=N_LABELS,
            encoder="e",
            lineage={},
        )
        label_ids = [LabelId(f"l{i}") for i in range(N_LABELS)]
        session.models.add_version(made, weights=b"", parameters="{}", label_ids=label_ids)
        uids = [Uid(f"{SOURCE}.mail-{i:07d}") for i in range(n)]
        session.models.put_predictions(DATASET, 1, uids, rng.random((n, N_LABELS), dtype=np.float32) ** 4)
    store.checkpoint()
    judgements = [
        Judgement(
            event_id=f"{i:016x}", uid=Uid(f"{SOURCE}.mail-{row:07d}"), assigned=(LabelId(f"l{i % N_LABELS}"),)
        )
        for i, row in enumerate(rng.choice(n, min(N_REVIEWED, n // 2), replace=False).tolist())
    ]
    for start in range(0, len(judgements), 1000):
        with store.write() as session:
            session.reviews.judge(DATASET, judgements[start : start + 1000], actor="ann", at=AT)
    store.checkpoint()
