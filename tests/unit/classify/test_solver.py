"""The solver itself: labels side by side are as labels alone."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_matrix

from workbench.classify.design import Design
from workbench.classify.solver import solve


def problem(n_labels: int) -> tuple[Design, np.ndarray]:
    """Labels of very different difficulty, so that some are done long before others."""
    rng = np.random.default_rng(3)
    dense = rng.normal(size=(300, 20)).astype(np.float32)
    sparse = csr_matrix((rng.random((300, 80)) < 0.05).astype(np.float32))
    truth = dense @ rng.normal(size=(20, n_labels)) + rng.normal(size=(300, n_labels)) * np.linspace(
        0, 30, n_labels
    )
    signs = np.where(truth > np.linspace(0, 8, n_labels), 1, -1).astype(np.float32)
    return Design(dense, sparse), signs


def test_a_label_beside_others_gets_the_weights_it_gets_alone() -> None:
    design, signs = problem(12)
    together = solve(design, signs, C=1.0, tolerance=1e-4)
    assert together.converged.all()
    for label in range(signs.shape[1]):
        alone = solve(design, signs[:, [label]], C=1.0, tolerance=1e-4)
        np.testing.assert_allclose(together.weights[:, [label]], alone.weights, atol=2e-3)
        np.testing.assert_allclose(together.scores[:, [label]], alone.scores, atol=1e-2)


def test_scores_are_those_of_the_weights() -> None:
    design, signs = problem(12)
    found = solve(design, signs, C=1.0)
    np.testing.assert_allclose(found.scores, design.forward(found.weights), atol=1e-3)


def test_a_warm_start_at_the_end_has_nothing_to_do() -> None:
    design, signs = problem(6)
    end = solve(design, signs, C=1.0)
    again = solve(design, signs, C=1.0, start=end.weights)
    assert again.n_steps == 0
    np.testing.assert_array_equal(again.weights, end.weights)
