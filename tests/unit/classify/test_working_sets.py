"""Machines and folds from working sets are those that scikit-learn finds one after the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.sparse import csr_matrix, hstack
from sklearn.svm import LinearSVC

from workbench.classify.design import Design
from workbench.classify.kernel import Kernel
from workbench.classify.machines import Machines
from workbench.classify.working_sets import Folded, solve_with_folds

N_FOLDS = 4


@pytest.fixture(scope="module")
def rows() -> tuple[np.ndarray, csr_matrix, np.ndarray, np.ndarray]:
    """Rows about of unit length, the last column ones; labels from rare to nearly everywhere; folds."""
    rng = np.random.default_rng(3)
    dense = rng.normal(size=(900, 21)).astype(np.float32) / np.float32(np.sqrt(20))
    dense[:, -1] = 1
    sparse = csr_matrix((rng.random((900, 120)) < 0.03).astype(np.float32) * np.float32(0.3))
    truth = dense @ rng.normal(size=(21, 6)) + 0.3 * rng.normal(size=(900, 6))
    cuts = [
        np.quantile(column, share)
        for column, share in zip(truth.T, (0.99, 0.97, 0.9, 0.6, 0.3, 0.02), strict=True)
    ]
    signs = np.where(truth > np.array(cuts), 1, -1).astype(np.float32)
    return dense, sparse, signs, rng.integers(0, N_FOLDS, 900)


def solved(
    rows: tuple, *, tolerance: float = 1e-4, held_rows: int = 8_192, pool: ThreadPoolExecutor | None = None
) -> Folded:  # type: ignore[type-arg]
    dense, sparse, signs, folds = rows
    kernel = Kernel(Design(dense, sparse, pool=pool, n_threads=3), held_rows=held_rows)
    return solve_with_folds(kernel, signs, folds, C=1.0, tolerance=tolerance)


def test_every_machine_and_every_fold_is_that_of_linear_svc(rows) -> None:  # type: ignore[no-untyped-def]
    dense, sparse, signs, folds = rows
    found = solved(rows)
    weights = Design(dense, sparse).backward(found.duals)
    both = hstack([csr_matrix(dense), sparse], format="csr")
    for label in range(signs.shape[1]):
        peer = LinearSVC(C=1.0, tol=1e-7, fit_intercept=False, max_iter=100_000)
        np.testing.assert_allclose(weights[:, label], peer.fit(both, signs[:, label]).coef_[0], atol=5e-3)
        for fold in range(N_FOLDS):
            out = folds == fold
            scores = both[out] @ peer.fit(both[~out], signs[~out, label]).coef_[0]
            np.testing.assert_allclose(found.held_out[out, label], scores, atol=2e-2)


def test_held_out_scores_know_nothing_of_their_own_label(rows) -> None:  # type: ignore[no-untyped-def]
    dense, sparse, signs, folds = rows
    turned = signs.copy()
    turned[folds == 0] *= -1
    kernel = Kernel(Design(dense, sparse))
    before, after = (
        solve_with_folds(kernel, each, folds, C=1.0, tolerance=1e-4).held_out[folds == 0]
        for each in (signs, turned)
    )
    # The folds' machines begin from one that saw the turned labels, and end where the others end.
    np.testing.assert_allclose(before, after, atol=2e-2)


def test_neither_threads_nor_memory_change_the_answer(rows) -> None:  # type: ignore[no-untyped-def]
    found = solved(rows)
    with ThreadPoolExecutor(3) as pool:
        np.testing.assert_array_equal(solved(rows, pool=pool).held_out, found.held_out)
    made_each_time = solved(rows, held_rows=0)
    np.testing.assert_allclose(made_each_time.duals, found.duals, atol=1e-2)
    np.testing.assert_allclose(made_each_time.held_out, found.held_out, atol=1e-2)


def test_without_folds_nothing_is_held_out(rows) -> None:  # type: ignore[no-untyped-def]
    dense, sparse, signs, folds = rows
    found = solve_with_folds(
        Kernel(Design(dense, sparse)), signs, np.full_like(folds, -1), C=1.0, tolerance=1e-4
    )
    assert np.isnan(found.held_out).all()
    np.testing.assert_array_equal(found.duals, solved(rows).duals)


def test_labels_with_many_examples_are_trained_together_and_alike(rows, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    dense, sparse, signs, folds = rows
    trained = np.array([True, True, True, True, True, False])
    machines = Machines(
        dense=dense, sparse=sparse, targets=signs > 0, trained=trained, C=1.0, tolerance=1e-4, n_threads=2
    )
    apart = machines.with_folds(folds)
    monkeypatch.setattr("workbench.classify.machines._RARE", 50)
    together = machines.with_folds(folds)
    for one, other in zip(apart, together, strict=True):
        np.testing.assert_allclose(one, other, atol=2e-2)
        assert not one[:, ~trained].any()
    assert not np.array_equal(apart[0], together[0]), "both ways were one"
