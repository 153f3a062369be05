"""Clusters and their stable ids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hdbscan import HDBSCAN
from hypothesis import given
from hypothesis import strategies as st

from workbench.discover import cluster, default_min_cluster_size, match_clusters
from workbench.discover.clustering import Method
from workbench.errors import InputError

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]
COMPILED = pytest.mark.nightly
"""Over a minute of compilation on a machine that never ran it."""


def test_hdbscan_finds_separate_groups(make_blobs: MakeBlobs) -> None:
    points, group = make_blobs(300, 3, dims=3)
    found = cluster(points, method="hdbscan", random_state=0)
    assert set(found.labels.tolist()) - {-1} == {0, 1, 2}
    kept = found.labels >= 0
    assert kept.mean() > 0.8
    assert all(len(set(group[found.labels == c].tolist())) == 1 for c in range(3))
    assert ((found.strengths >= 0) & (found.strengths <= 1)).all()
    assert (found.strengths[~kept] == 0).all()


@COMPILED
def test_fast_hdbscan_finds_them_too(make_blobs: MakeBlobs) -> None:
    points, group = make_blobs(600, 3, dims=3)
    found = cluster(points, method="fast_hdbscan", min_cluster_size=20, random_state=0)
    assert (found.labels >= 0).mean() > 0.6
    assert _figure_of_clusters(found.labels, group) == {0, 1, 2}


@pytest.mark.parametrize("method", ["hdbscan", pytest.param("fast_hdbscan", marks=COMPILED)])
def test_a_cluster_of_nearly_everything_gives_way_to_its_parts(method: Method) -> None:
    """Many dense groups on a thin ground, and one far away: excess of mass takes the many for one."""
    random = np.random.default_rng(0)
    corners = np.array([(x, y) for x in range(5) for y in range(4)], dtype=float)
    many = corners[np.arange(2_000) % len(corners)] + random.normal(0, 0.2, (2_000, 2))
    ground = random.uniform(-0.5, 4.5, (500, 2))
    away = random.normal(60, 0.2, (100, 2))
    points = np.concatenate([many, ground, away]).astype(np.float32)
    plain = HDBSCAN(min_cluster_size=30, min_samples=5, core_dist_n_jobs=1).fit(points).labels_
    assert np.bincount(plain[plain >= 0]).max() > 0.9 * len(points)
    found = cluster(points, method=method, min_cluster_size=30, random_state=0).labels
    assert np.bincount(found[found >= 0]).max() < 0.25 * len(points)
    assert found.max() + 1 >= 0.8 * len(corners)
    assert len(set(found[-100:].tolist())) == 1
    assert sorted(set(found.tolist()) - {-1}) == list(range(found.max() + 1))


@pytest.mark.parametrize("method", ["hdbscan", pytest.param("fast_hdbscan", marks=COMPILED)])
def test_two_round_halves_stay_whole(method: Method) -> None:
    random = np.random.default_rng(1)
    points = random.normal(0, 0.4, (1_000, 2)) + np.repeat([[0.0, 0.0], [4.0, 4.0]], 500, axis=0)
    found = cluster(points, method=method, random_state=0).labels
    assert np.bincount(found[found >= 0]).tolist() == pytest.approx([500, 500], abs=25)


@COMPILED
@pytest.mark.timeout(900)
def test_evoc_finds_them_too(make_blobs: MakeBlobs) -> None:
    """It cuts a round group into its denser parts and leaves the rim out: every part pure, every group met."""
    points, group = make_blobs(600, 3, dims=24)
    found = cluster(points, method="evoc", min_cluster_size=20, random_state=0)
    assert (found.labels >= 0).mean() > 1 / 3
    assert _figure_of_clusters(found.labels, group) == {0, 1, 2}
    again = cluster(points, method="evoc", min_cluster_size=20, random_state=0)
    assert np.array_equal(again.labels, found.labels)


def _figure_of_clusters(labels: np.ndarray, group: np.ndarray) -> set[int]:
    """The groups that have a cluster, each cluster lying within one."""
    met: set[int] = set()
    for number in set(labels[labels >= 0].tolist()):
        within = set(group[labels == number].tolist())
        assert len(within) == 1
        met |= within
    return met


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


def test_ids_survive_a_dataset_that_grows_twentyfold() -> None:
    old = np.concatenate((np.repeat([4, 7], 50), np.full(1900, -1)))
    new = np.concatenate((np.repeat([0, 1], 50), np.arange(1900) % 3))
    assert match_clusters(old, new, next_id=9) == {0: 4, 1: 7, 2: 9}


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
