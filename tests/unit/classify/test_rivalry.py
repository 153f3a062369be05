"""Labels that shut one another out: learned where reviews say so, absent where they do not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss

from workbench.classify import LinearModel, MultiLabelClassifier
from workbench.classify.container import pack, unpack
from workbench.classify.model import KIND
from workbench.classify.rivalry import Rivalry, fit_rivalry
from workbench.errors import ModelError

N_LABELS = 8
ROOTS = np.full(N_LABELS, -1)


def world(n: int, *, several: bool = False, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, 24) and targets (n, 8): one label a message, or each label by the throw of a coin."""
    random = np.random.default_rng(seed)
    directions = np.linalg.qr(np.random.default_rng(7).normal(size=(24, N_LABELS)))[0].T
    targets = (
        random.random((n, N_LABELS)) < 0.3
        if several
        else np.eye(N_LABELS, dtype=bool)[random.integers(0, N_LABELS, n)]
    )
    vectors = targets @ directions + random.normal(0, 0.45, (n, 24))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), targets


@pytest.fixture(scope="module")
def exclusive() -> MultiLabelClassifier:
    vectors, targets = world(160)
    return MultiLabelClassifier().fit(vectors, None, targets)


def precision(targets: np.ndarray, p: np.ndarray) -> float:
    return float(average_precision_score(targets, p, average="macro"))


def test_labels_that_shut_one_another_out_are_told_apart_better(exclusive: MultiLabelClassifier) -> None:
    model = exclusive.model_
    assert model.rivalry is not None
    assert model.rivalry.push < -0.3
    assert (model.rivalry.alone > 0.99).all()
    vectors, targets = world(2_000, seed=1)
    p = model.probabilities(vectors, None)
    by_itself = replace(model, rivalry=None).probabilities(vectors, None)
    assert precision(targets, p) > precision(targets, by_itself) + 0.01
    assert log_loss(targets.ravel(), p.ravel()) < 0.97 * log_loss(targets.ravel(), by_itself.ravel())
    assert p.mean() == pytest.approx(targets.mean(), abs=0.01)
    np.testing.assert_array_equal(p.argmax(axis=1), by_itself.argmax(axis=1))  # which label is first, stays
    assert exclusive.out_of_fold_ is not None  # held-out probabilities are of the same kind
    assert log_loss(world(160)[1].ravel(), exclusive.out_of_fold_.ravel()) < 1.3 * log_loss(
        targets.ravel(), p.ravel()
    )


def test_labels_that_go_together_are_judged_by_themselves() -> None:
    vectors, targets = world(300, several=True)
    assert MultiLabelClassifier().fit(vectors, None, targets).model_.rivalry is None
    assert MultiLabelClassifier().fit(vectors, None, targets[:, :1]).model_.rivalry is None  # no rival
    one_each = world(160)
    assert (
        MultiLabelClassifier().fit(one_each[0][:6], None, one_each[1][:6]).model_.rivalry is None
    )  # too few


def test_only_leaves_that_something_speaks_for_are_rivals() -> None:
    targets = np.zeros((40, 5), dtype=bool)
    targets[np.arange(40), np.arange(40) % 4] = True
    targets[:10, 3] = True  # goes with others as often as it stands alone
    parents = np.array([-1, -1, -1, -1, -1])
    parents[0] = 4
    targets[:, 4] = targets[:, 0]
    speaks = np.array([True, True, False, True, True])
    found = fit_rivalry(targets, parents, speaks, found=(-1.0, 0.5))
    assert found is not None
    assert found.alone[2] == found.alone[4] == 0
    assert found.alone[3] < found.alone[1] < 1
    logits = np.array([[2.0, 1.0, 9.0, -1.0, 3.0]], dtype=np.float32)
    a, weighed = found.alone.astype(np.float64), logits.copy()
    found.weigh(weighed)
    total = (a * np.exp(logits)).sum()
    expected = logits + a * (0.5 - np.log(1 + total - a * np.exp(logits)))
    np.testing.assert_allclose(weighed, expected, atol=1e-5)
    assert weighed[0, 2] == 9
    assert fit_rivalry(targets, parents, speaks) is None
    assert fit_rivalry(targets, parents, speaks, found=(0.1, 0.5)) is None


def test_a_refresh_takes_it_over_and_bytes_keep_it(exclusive: MultiLabelClassifier) -> None:
    model = exclusive.model_
    vectors, targets = world(180)
    grown = MultiLabelClassifier().refresh(exclusive, vectors, None, targets).model_
    assert isinstance(grown.rivalry, Rivalry)
    assert isinstance(model.rivalry, Rivalry)
    assert (grown.rivalry.push, grown.rivalry.level) == (model.rivalry.push, model.rivalry.level)
    fresh = world(200, seed=2)[0]
    raw = model.to_bytes()
    read = LinearModel.from_bytes(raw)
    np.testing.assert_array_equal(read.probabilities(fresh, None), model.probabilities(fresh, None))
    assert read.to_bytes() == raw
    header, arrays = unpack(KIND, raw)
    del arrays["alone"]
    with pytest.raises(ModelError, match="'alone' is missing"):
        LinearModel.from_bytes(pack(KIND, header, arrays))
    # A version stored before there was rivalry predicts as it did.
    older = replace(model, rivalry=None)
    del header["rivalry"]
    np.testing.assert_array_equal(
        LinearModel.from_bytes(pack(KIND, header, arrays)).probabilities(fresh, None),
        older.probabilities(fresh, None),
    )
