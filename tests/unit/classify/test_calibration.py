"""From scores to probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from workbench.classify import MultiLabelClassifier, fit_sigmoids
from workbench.classify.calibration import LEAST_SLOPE
from workbench.classify.predict import sigmoid_in_place


def draw(slopes: list[float], offsets: list[float], n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores, and targets that follow the given sigmoids."""
    random = np.random.default_rng(seed)
    scores = random.normal(-1, 1, (n, len(slopes))).astype(np.float32)
    p = 1 / (1 + np.exp(-(scores * slopes + offsets)))
    return scores, random.random(p.shape) < p


def test_many_rows_give_back_each_labels_own_sigmoid() -> None:
    scores, targets = draw([3.0, 1.0], [0.5, -1.0], 40_000)
    found = fit_sigmoids(scores, targets, np.ones(2, dtype=bool))
    assert found.slopes == pytest.approx([3, 1], rel=0.05)
    assert found.offsets == pytest.approx([0.5, -1], abs=0.08)


def test_pooled_fit_is_the_likeliest_sigmoid() -> None:
    scores, targets = draw([2.0], [0.3], 300)
    found = fit_sigmoids(scores, targets, np.ones(1, dtype=bool), shrinkage=float("inf"))
    n_positive = targets.sum()
    # Platt's smoothed targets.
    truth = np.where(targets, (n_positive + 1) / (n_positive + 2), 1 / (len(targets) - n_positive + 2))

    def loss(ab: np.ndarray) -> float:
        logit = ab[0] * scores + ab[1]
        return float((np.logaddexp(0, logit) - truth * logit).sum())

    assert found.pooled == pytest.approx(minimize(loss, [1.0, 0.0]).x, abs=1e-3)
    assert (found.slopes[0], found.offsets[0]) == found.pooled


def test_shrinkage_draws_small_labels_to_the_pooled_sigmoid() -> None:
    scores, targets = draw([3.0] * 6 + [0.5], [0.0] * 7, 200)
    usable = np.ones(7, dtype=bool)
    away = [
        abs(fit_sigmoids(scores, targets, usable, shrinkage=s).slopes[6] - 0.5) for s in (0.1, 3.0, 1000.0)
    ]
    assert away == sorted(away)
    pooled = fit_sigmoids(scores, targets, usable, shrinkage=1e9)
    assert pooled.slopes == pytest.approx([pooled.pooled[0]] * 7, rel=1e-3)


def test_labels_with_three_examples_use_the_pooled_sigmoid() -> None:
    scores, targets = draw([2.0] * 3, [0.0] * 3, 300)
    targets[:, 2] = False
    targets[:3, 2] = True
    found = fit_sigmoids(scores, targets, np.ones(3, dtype=bool))
    assert (found.slopes[2], found.offsets[2]) == found.pooled
    assert found.slopes[0] != found.pooled[0]


def test_scores_that_fall_with_the_truth_neither_reverse_the_order_nor_sound_sure() -> None:
    scores, targets = draw([-2.0, 3.0], [-2.0, 0.0], 2_000)
    found = fit_sigmoids(scores, targets, np.ones(2, dtype=bool))
    assert found.slopes[0] == LEAST_SLOPE
    assert found.slopes[1] > 1
    p = sigmoid_in_place((scores * found.slopes + found.offsets).astype(np.float32))[:, 0]
    assert (np.diff(p[np.argsort(scores[:, 0])]) >= 0).all()
    assert p.mean() == pytest.approx(targets[:, 0].mean(), abs=0.02)
    assert p.std() < 0.05


@pytest.mark.parametrize("seed", range(8))
def test_labels_that_no_message_shows_are_ranked_by_their_score(seed: int) -> None:
    """Held-out scores of noise fall with the truth: what was left out pulled the others down."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(30, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    model = MultiLabelClassifier().fit(vectors, None, random.random((30, 1)) < 0.5)
    scores, p = model.decision_function(vectors, None)[:, 0], model.predict_proba(vectors, None)[:, 0]
    assert (np.diff(p[np.argsort(scores)]) >= 0).all()
    assert (model.model_.slopes >= LEAST_SLOPE).all()


@pytest.mark.parametrize("n", [0, 5])
def test_nothing_usable_gives_the_plain_sigmoid(n: int) -> None:
    found = fit_sigmoids(
        np.zeros((n, 2), dtype=np.float32), np.zeros((n, 2), dtype=bool), np.zeros(2, dtype=bool)
    )
    assert found.slopes.tolist() == [1, 1]
    assert found.offsets.tolist() == [0, 0]
