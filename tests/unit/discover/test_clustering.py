"""Clusters and their stable ids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.discover import cluster, default_min_cluster_size, match_clusters
from workbench.errors import InputError

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]


def test_hdbscan_finds_separate_groups(make_blobs: MakeBlobs) -> None:
    points, group = make_blobs(300, 3, dims=3)
    found = cluster(points, method="hdbscan", random_state=0)
    assert set(found.labels.tolist()) - {-1} == {0, 1, 2}
    kept = found.labels >= 0
    assert kept.mean() > 0.8
    assert all(len(set(group[found.labels == c].tolist())) == 1 for c in range(3))
    assert ((found.strengths >= 0) & (found.strengths <= 1)).all()
    assert (found.strengths[~kept] == 0).all()


@pytest.mark.parametrize(
    "method",
    [
        pytest.param("fast_hdbscan", marks=pytest.mark.slow),
        # Minutes of compilation on a machine that never ran it.
        pytest.param("evoc", marks=[pytest.mark.nightly, pytest.mark.timeout(900)]),
    ],
)
def test_the_other_methods_find_them_too(make_blobs: MakeBlobs, method: str) -> None:
    points, group = make_blobs(600, 3, dims=3 if method == "fast_hdbscan" else 24)
    found = cluster(points, method=method, min_cluster_size=20, random_state=0)
    kept = found.labels >= 0
    assert kept.mean() > 0.6
    for number in set(found.labels[kept].tolist()):
        assert len(set(group[found.labels == number].tolist())) == 1


@pytest.mark.parametrize("n", [0, 1, 2, 9])
def test_few_rows_make_no_cluster(n: int) -> None:
    found = cluster(np.zeros((n, 2)), method="hdbscan", random_state=0)
    assert found.labels.tolist() == [-1] * n
    assert found.strengths.tolist() == [0] * n


def test_what_cannot_be_used_is_refused() -> None:
    with pytest.raises(InputError, match="'kmeans'"):
        cluster(np.zeros((20, 2)), method="kmeans", random_state=0)
    with pytest.raises(InputError, match="min_cluster_size 1"):
        cluster(np.zeros((20, 2)), method="hdbscan", min_cluster_size=1, random_state=0)


def test_default_size_rises_and_has_bounds() -> None:
    sizes = [default_min_cluster_size(n) for n in (0, 100, 10_000, 100_000, 10**7)]
    assert sizes == sorted(sizes)
    assert (sizes[0], sizes[-1]) == (10, 100)


def test_ids_follow_the_members() -> None:
    old = np.array([7, 7, 7, 3, 3, 3, -1, -1, -1, -1])
    new = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, -1])
    assert match_clusters(old, new, next_id=9) == {0: 7, 1: 3, 2: 9}


def test_a_split_keeps_the_id_with_the_larger_part() -> None:
    old = np.zeros(10, dtype=int)
    new = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1])
    assert match_clusters(old, new, next_id=1) == {1: 0, 0: 1}


def test_little_overlap_is_no_continuation() -> None:
    old = np.repeat([0, -1], [20, 80])
    new = np.repeat([-1, 0], [19, 81])
    assert match_clusters(old, new, next_id=5) == {0: 5}


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(-1, 4)), max_size=40))
def test_ids_are_distinct_and_new_ones_fresh(pairs: list[tuple[int, int]]) -> None:
    old = np.array([a for a, _ in pairs], dtype=int)
    new = np.array([b for _, b in pairs], dtype=int)
    ids = match_clusters(old, new, next_id=50)
    assert set(ids) == set(new[new >= 0].tolist())
    assert len(set(ids.values())) == len(ids)
    assert all(value >= 50 or value in old for value in ids.values())


@given(st.lists(st.integers(-1, 4), max_size=40))
def test_the_same_clusters_keep_their_ids(labels: list[int]) -> None:
    table = np.array(labels, dtype=int)
    assert match_clusters(table, table, next_id=9) == {c: c for c in set(labels) if c >= 0}
