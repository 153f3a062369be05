"""Figures over all labels stand for every message of the test part: what a validation asks its model."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from workbench.classify import LexicalFeatures, MultiLabelClassifier
from workbench.domain import OverallFigures
from workbench.evaluate import assisted_figures, expected_counts, inverse_weights, split
from workbench.workspace.matrices import write_table
from workbench.workspace.reviewed import Picked
from workbench.workspace.work import learning

N, N_REVIEWED, N_LABELS = 900, 400, 2


@pytest.fixture(autouse=True)
def nothing_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "_in_memory", [])
    monkeypatch.setattr(learning, "_PIECE_ROWS", 50)


def dataset(folder: Path) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    """A job's payload, the vectors, and the truth of all messages."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(N, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    truth = vectors[:, :N_LABELS] + rng.normal(scale=0.3, size=(N, N_LABELS)) > 0
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "probabilities.npy", np.full((N, N_LABELS), 0.5, dtype=np.float32))
    uids = [f"m{row}" for row in range(N)]
    columns = {"uid": uids, "subject": [""] * N, "body": ["same words"] * N, "source_id": ["s"] * N}
    columns["thread_id"] = [""] * N
    write_table(folder / "texts.arrow", pa.table(columns))
    modes = ["shuffle" if row % 3 == 0 else "search" for row in range(N_REVIEWED)]
    payload = {
        "key": "k",
        "vectors": str(folder / "vectors.npy"),
        "texts": str(folder / "texts.arrow"),
        "matrices_folder": str(folder),
        "spool": str(folder),
        "label_ids": ["a", "b"],
        "label_names": ["A", "B"],
        "paths": [("A",), ("B",)],
        "instructions": ["", ""],
        "trainable": [True, True],
        "uids": uids[:N_REVIEWED],
        "pairs": np.argwhere(truth[:N_REVIEWED]),
        "signs": None,
        "modes": modes,
        "picked": Picked(
            probabilities=[0.1] * N_REVIEWED,
            n_populations=[N] * N_REVIEWED,
            places=np.arange(N_REVIEWED),
        ),
        "seed": 0,
        "n_threads": 1,
        "dataset_id": "d",
        "version": 1,
        "created_at": datetime(2026, 1, 1, tzinfo=UTC),
        "held_out": str(folder / "held_out.npz"),
    }
    return payload, vectors, truth


def wanted(vectors: np.ndarray, truth: np.ndarray) -> OverallFigures:
    """The same by hand."""
    is_test = split([f"m{row}" for row in range(N)])
    reviewed = np.arange(N) < N_REVIEWED
    train, test = np.flatnonzero(reviewed & ~is_test), np.flatnonzero(reviewed & is_test)
    words = ["same words"] * N
    lexical = LexicalFeatures().fit(words).transform(words)
    twin = MultiLabelClassifier(random_state=0, n_threads=1).fit(vectors[train], lexical[train], truth[train])
    said = twin.predict_proba(vectors, lexical)
    is_random = test % 3 == 0
    return assisted_figures(
        truth[test],
        said[test],
        inverse_weights(is_random, test, int(is_test.sum())),
        is_random,
        np.arange(len(test)),
        expected_counts(said[test]),
        expected_counts(said[is_test]).sum(axis=0),
    )


def test_a_validation_asks_its_model_of_every_message_of_the_test_part(tmp_path: Path) -> None:
    payload, vectors, truth = dataset(tmp_path)
    found = learning.validate_version(payload, None).corrected.overall
    by_hand = wanted(vectors, truth)
    for one, other in ((found.recall, by_hand.recall), (found.precision, by_hand.precision)):
        assert (one.low, one.value, one.high) == pytest.approx((other.low, other.value, other.high), abs=1e-5)
    assert found.recall.low < found.recall.value < found.recall.high
    assert (found.raw_recall, found.raw_precision) == (by_hand.raw_recall, by_hand.raw_precision)


def test_without_a_training_part_nothing_is_said_over_all_labels(tmp_path: Path) -> None:
    payload, _, truth = dataset(tmp_path)
    is_test = split([f"m{row}" for row in range(N)])
    only = np.flatnonzero(is_test)[:20]
    payload |= {
        "uids": [f"m{row}" for row in only],
        "pairs": np.argwhere(truth[only]),
        "modes": ["shuffle"] * len(only),
        "picked": Picked(
            probabilities=[0.1] * len(only), n_populations=[N] * len(only), places=np.arange(len(only))
        ),
    }
    assert learning.validate_version(payload, None).corrected.overall is None
