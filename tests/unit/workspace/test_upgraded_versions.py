"""A pinned model version predicts the same after the schema of its file was upgraded."""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec
import numpy as np
import pyarrow as pa
import pytest

from tests.unit.store.test_store_migrations import NUMBERS, WEIGHTS_MOVED, build
from workbench.classify import LexicalFeatures, MultiLabelClassifier
from workbench.domain import DatasetId
from workbench.store import Store
from workbench.workspace.work.learning import Bundle

DATASET, VERSION = DatasetId("d000000000000001"), 3
TEXTS = [f"{'refund please' if i % 2 else 'parcel is late'}, case {i}" for i in range(24)]
VECTORS = np.random.default_rng(7).normal(size=(24, 16)).astype(np.float32)
UIDS = [f"s.m{i}" for i in range(24)]


@pytest.fixture(scope="module")
def trained() -> tuple[bytes, np.ndarray]:
    """The weights of a version, and what it says of every message."""
    features = LexicalFeatures().fit(TEXTS)
    targets = np.array([[bool(i % 2), not i % 2] for i in range(24)])
    model = MultiLabelClassifier(random_state=0).fit(
        VECTORS, features.transform(TEXTS), targets, label_ids=["a", "b"]
    )
    bundle = Bundle(classifier=model.to_bytes(), lexical=features.to_bytes())
    return msgspec.msgpack.encode(bundle), model.predict_proba(VECTORS, features.transform(TEXTS))


def put_pinned(connection: duckdb.DuckDBPyConnection, weights: bytes, said: np.ndarray) -> None:
    """A pinned version as releases since ``m0015_weights`` wrote it."""
    words = np.frombuffer(weights.ljust(-(-len(weights) // 8) * 8, b"\0"), dtype=np.uint64)
    predicted = pa.table({"uid": UIDS, "probabilities": pa.array(list(said), pa.list_(pa.float32()))})
    for table in ("model_version", "model_weights", "prediction"):
        connection.execute(f"DELETE FROM {table}")
    connection.execute(
        "INSERT INTO model_version (dataset_id, version, created_at, n_reviewed, n_labels, encoder, pinned, tag, lineage,"
        " parameters, label_ids) VALUES ($1, $2, now(), 24, 2, 'tiny', TRUE, NULL, '{}', '{}', ['a', 'b'])",
        [DATASET, VERSION],
    )
    connection.execute(
        "INSERT INTO model_weights (dataset_id, version, part, n_bytes, content) VALUES ($1, $2, 0, $3, $4)",
        [DATASET, VERSION, len(weights), words.tolist()],
    )
    connection.register("predicted", predicted)
    connection.execute(
        "INSERT INTO prediction (dataset_id, version, uid, probabilities) SELECT $1, $2, uid, probabilities FROM predicted",
        [DATASET, VERSION],
    )


OLD = [number for number in NUMBERS if number >= WEIGHTS_MOVED]


@pytest.mark.parametrize(
    "number",
    [OLD[0], *(pytest.param(number, marks=pytest.mark.nightly) for number in OLD[1:-1]), OLD[-1]],
)
def test_a_pinned_version_of_an_older_file_predicts_the_same(
    tmp_path: Path, trained: tuple[bytes, np.ndarray], number: int
) -> None:
    weights, said = trained
    path = tmp_path / "old.duckdb"
    with duckdb.connect(str(path)) as connection:
        build(connection, number)
        put_pinned(connection, weights, said)
    with Store.open(path, n_threads=1) as store:
        with store.read() as session:
            kept = session.models.weights(DATASET, VERSION)
            (version,) = session.models.versions(DATASET)
        with store._cursor() as cursor:
            stored = cursor.execute("SELECT uid, probabilities FROM prediction").to_arrow_table()
    assert (version.pinned, kept.label_ids) == (True, ("a", "b"))
    bundle = msgspec.msgpack.decode(kept.weights, type=Bundle)
    lexical = LexicalFeatures.from_bytes(bundle.lexical).transform(TEXTS)
    again = MultiLabelClassifier.from_bytes(bundle.classifier).predict_proba(VECTORS, lexical)
    np.testing.assert_array_equal(again, said)
    found = dict(
        zip(stored.column("uid").to_pylist(), stored.column("probabilities").to_pylist(), strict=True)
    )
    np.testing.assert_array_equal(np.array([found[uid] for uid in UIDS], dtype=np.float32), said)
