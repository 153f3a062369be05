"""What is known of reviewed messages: held-out probabilities take the place of the model's own, thresholds follow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from workbench.workspace.work.evidence import (
    THRESHOLD,
    balanced_thresholds,
    expected_coverage,
    held_out_instead,
    keep_held_out,
)


def test_thresholds_part_the_examples_from_the_rest() -> None:
    targets = np.zeros((40, 2), dtype=bool)
    targets[:10, 0] = True
    targets[:4, 1] = True
    held_out = np.where(targets, 0.3, 0.1).astype(np.float32)
    held_out[30:] = np.nan
    found = balanced_thresholds(targets, held_out)
    assert found[0] == pytest.approx(0.3)
    assert found[1] == THRESHOLD, "four examples are too few"
    assert balanced_thresholds(targets, None).tolist() == [THRESHOLD, THRESHOLD]


def test_coverage_counts_what_reaches_the_labels_own_threshold() -> None:
    targets = np.eye(2, dtype=bool)[np.arange(30) % 2]
    probabilities = np.tile([0.4, 0.0], (10, 1))
    paths = [("A",), ("B",)]
    assert expected_coverage(probabilities, targets, paths, np.array([0.5, 0.5])) == 0.0
    assert expected_coverage(probabilities, targets, paths, np.array([0.3, 0.5])) == pytest.approx(0.4)


def test_held_out_probabilities_replace_by_message_and_label(tmp_path: Path) -> None:
    path = tmp_path / "held.npz"
    keep_held_out(
        path,
        uids=["gone", "c", "a"],
        label_ids=["new", "y", "x"],
        out_of_fold=np.array([[0.9, 0.9, 0.9], [0.1, 0.2, 0.3], [np.nan, 0.5, 0.5]], dtype=np.float32),
        thresholds=np.array([0.7, 0.6, 0.4]),
        informativeness=np.ones(3),
    )
    own = np.full((3, 3), 0.8, dtype=np.float32)
    found, thresholds = held_out_instead(own, {"a": 0, "b": 1, "c": 2}, ["x", "y", "only now"], path)
    np.testing.assert_allclose(found, [[0.8, 0.8, 0.8], [0.8, 0.8, 0.8], [0.3, 0.2, 0.8]], rtol=1e-6)
    assert thresholds.tolist() == [0.4, 0.6, THRESHOLD]
    assert (own == np.float32(0.8)).all(), "what was handed in is not changed"


def test_nothing_held_out_changes_nothing(tmp_path: Path) -> None:
    own = np.full((1, 2), 0.8, dtype=np.float32)
    found, thresholds = held_out_instead(own, {"a": 0}, ["x", "y"], tmp_path / "none.npz")
    assert found is own
    assert thresholds.tolist() == [THRESHOLD, THRESHOLD]
