"""Nearest neighbours and principal components."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.discover import nearest, neighbours
from workbench.discover.vectors import check_vectors, principal_components, unit_rows
from workbench.errors import InputError

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]


def by_hand(table: np.ndarray, k: int) -> np.ndarray:
    return np.sort(((table[:, None] - table[None]) ** 2).sum(axis=2), axis=1)[:, :k] ** 0.5


@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 9))
def test_few_rows_are_searched_exactly(n: int, k: int, seed: int) -> None:
    table = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    found = nearest(table, k)
    assert found.rows.shape == (n, min(n, k))
    assert found.rows[:, 0].tolist() == list(range(n))
    assert np.allclose(found.distances, by_hand(table, min(n, k)), atol=2e-3)


def test_equal_rows_keep_themselves_first() -> None:
    found = nearest(np.ones((8, 2), dtype=np.float32), 3)
    assert found.rows[:, 0].tolist() == list(range(8))
    assert all(len(set(row)) == 3 for row in found.rows.tolist())
    assert found.distances.max() == 0


def test_cells_find_nearly_all(make_blobs: MakeBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    table, _ = make_blobs(2000, 20)
    exact = nearest(table, 10)
    monkeypatch.setattr(neighbours, "EXACT_LIMIT", 100)
    found = nearest(table, 10, random_state=3)
    same = [len(set(a) & set(b)) for a, b in zip(exact.rows.tolist(), found.rows.tolist(), strict=True)]
    assert np.mean(same) > 9.5
    assert found.rows[:, 0].tolist() == list(range(2000))
    assert (np.diff(found.distances, axis=1) >= 0).all()
    again = nearest(table, 10, random_state=3)
    assert (again.rows == found.rows).all()


def test_cells_give_k_neighbours_even_when_nearly_everything_is_equal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "EXACT_LIMIT", 10)
    table = np.zeros((200, 4), dtype=np.float32)
    table[:3] = np.eye(4)[:3]
    found = nearest(table, 15)
    assert found.rows.shape == (200, 15)
    assert found.rows[:, 0].tolist() == list(range(200))


def test_queries_of_their_own(make_blobs: MakeBlobs) -> None:
    table, group = make_blobs(300)
    found = nearest(table, 4, queries=table[:7] + 0.01)
    assert found.rows.shape == (7, 4)
    assert (group[found.rows] == group[:7, None]).all()


def test_principal_components_keep_distances_and_signs(make_blobs: MakeBlobs) -> None:
    table, _ = make_blobs(200, dims=6)
    reduced = principal_components(table, 50)
    assert reduced.shape == (200, 6)
    assert np.allclose(by_hand(reduced, 5), by_hand(table, 5), atol=1e-3)
    assert (np.diff(reduced.var(axis=0)) <= 1e-6).all()
    turned = principal_components(table[::-1].copy(), 50)[::-1]
    assert np.allclose(turned, reduced, atol=1e-3)


def test_no_rows() -> None:
    assert principal_components(np.zeros((0, 9), dtype=np.float32), 5).shape == (0, 5)


def test_rows_of_zeros_stay_zero() -> None:
    assert unit_rows(np.zeros((2, 3), dtype=np.float32)).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_what_is_no_table_of_finite_numbers_is_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        check_vectors([1.0, 2.0])
    with pytest.raises(InputError, match="row 1"):
        check_vectors([[1.0], [np.nan]])
