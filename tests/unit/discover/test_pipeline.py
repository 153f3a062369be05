"""The whole run, and the map; UMAP itself is replaced except in slow tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from workbench.discover import Neighbours, PreviousRun, discover, pipeline, project, projection
from workbench.errors import InputError, JobCancelledError
from workbench.language import phrases

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]
WORDS = ("late parcel", "wrong charge", "lost card", "rude driver", "customs fee")


@pytest.fixture
def quick_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put each piece of the neighbour graph at its own place of a line: no numba to compile."""

    def lay_out(reduced: np.ndarray, near: Neighbours, **options: object) -> np.ndarray:
        del options
        n, k = near.rows.shape
        links = csr_matrix((np.ones(n * k), (np.repeat(np.arange(n), k), near.rows.ravel())), shape=(n, n))
        piece = connected_components(links.multiply(links.T), directed=False)[1]
        return (reduced[:, :2] * 0.1 + 10 * piece[:, None]).astype(np.float32)

    monkeypatch.setattr(pipeline, "lay_out", lay_out)


def texts_of(group: np.ndarray) -> list[str]:
    return [f"{WORDS[g]} {i}" for i, g in enumerate(group)]


@pytest.mark.usefixtures("quick_map")
def test_groups_become_named_clusters(make_blobs: MakeBlobs) -> None:
    vectors, group = make_blobs(500)
    steps: list[tuple[int, int]] = []
    found = discover(
        texts_of(group),
        vectors,
        find_phrases=phrases,
        method="hdbscan",
        random_state=0,
        progress=lambda done, total: steps.append((done, total)),
    )
    assert len(found.clusters) == 5
    assert found.xy.shape == (500, 2)
    assert found.labels.dtype == np.int32
    for summary in found.clusters:
        (topic,) = set(group[found.labels == summary.cluster].tolist())
        assert summary.name == WORDS[topic]
        assert set(found.labels[list(summary.shown)]) == {summary.cluster}
    assert found.share_unclustered == pytest.approx((found.labels < 0).mean())
    assert ((found.strengths > 0) <= (found.labels >= 0)).all()
    assert found.next_id == 5
    assert steps == [(i, 7) for i in range(8)]


@pytest.mark.usefixtures("quick_map")
def test_ids_survive_a_second_run_with_other_rows(make_blobs: MakeBlobs) -> None:
    vectors, group = make_blobs(500)
    kept = group > 0
    first = discover(
        texts_of(group[kept]), vectors[kept], find_phrases=phrases, method="hdbscan", random_state=0
    )
    before = np.full(500, -1, dtype=np.int32)
    before[kept] = first.labels + 20
    second = discover(
        texts_of(group),
        vectors,
        find_phrases=phrases,
        method="hdbscan",
        random_state=1,
        previous=PreviousRun(labels=before, next_id=40),
    )
    both = kept & (before >= 20) & (second.labels >= 0)
    assert (second.labels[both] == before[both]).all()
    assert set(second.labels[~kept].tolist()) - {-1} == {40}
    assert second.next_id == 41
    assert {summary.cluster for summary in second.clusters} == set(second.labels.tolist()) - {-1}


@pytest.mark.usefixtures("quick_map")
def test_copies_make_no_cluster_and_lie_together(make_blobs: MakeBlobs) -> None:
    vectors, group = make_blobs(400, 4)
    copies = np.tile(-vectors[:1], (100, 1))
    found = discover(
        [*texts_of(group), *["win a prize"] * 100],
        np.concatenate((vectors, copies)),
        find_phrases=phrases,
        method="hdbscan",
        min_cluster_size=30,
        random_state=0,
    )
    assert len(found.clusters) == 4
    assert set(found.labels[400:].tolist()) == {-1}
    assert len(np.unique(found.xy[400:], axis=0)) == 1


@pytest.mark.usefixtures("quick_map")
def test_rows_outside_the_sample_join_their_cluster(
    make_blobs: MakeBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "FIT_LIMIT", 250)
    vectors, group = make_blobs(1000)
    found = discover(
        texts_of(group),
        vectors,
        find_phrases=phrases,
        method="hdbscan",
        min_cluster_size=40,
        random_state=0,
    )
    assert len(found.clusters) == 5
    assert found.share_unclustered < 0.15
    for number in range(5):
        assert len(set(group[found.labels == number].tolist())) == 1


@pytest.mark.parametrize("n", [0, 1, 2, 3, 9, 14])
def test_few_messages(make_blobs: MakeBlobs, n: int) -> None:
    vectors, group = make_blobs(max(n, 1))
    found = discover(texts_of(group[:n]), vectors[:n], find_phrases=phrases, method="hdbscan", random_state=0)
    assert found.xy.shape == (n, 2)
    assert found.labels.shape == (n,)
    assert np.isfinite(found.xy).all()
    assert project(vectors[:n], random_state=0).shape == (n, 2)


def test_cancelling_stops_before_the_next_step(make_blobs: MakeBlobs) -> None:
    vectors, group = make_blobs(50)
    answers = iter([False, True])
    done: list[int] = []
    with pytest.raises(JobCancelledError):
        discover(
            texts_of(group),
            vectors,
            find_phrases=phrases,
            random_state=0,
            progress=lambda step, _: done.append(step),
            cancelled=lambda: next(answers),
        )
    assert done == [0]


def test_texts_must_fit_the_vectors() -> None:
    with pytest.raises(InputError, match="1 texts came with 2 vectors"):
        discover(["a"], np.eye(2), find_phrases=phrases, random_state=0)


def test_what_cannot_be_used_is_refused_before_the_work() -> None:
    steps: list[int] = []
    for options, vectors, named in (
        ({"method": "kmeans"}, np.eye(2), "'kmeans'"),
        ({"min_cluster_size": 1}, np.eye(2), "min_cluster_size 1"),
        ({}, [[1.0, np.nan], [0.0, 1.0]], "row 0"),
        ({}, np.zeros((2, 0)), r"shape \(2, 0\)"),
    ):
        with pytest.raises(InputError, match=named):
            discover(
                ["a", "b"],
                vectors,
                find_phrases=phrases,
                random_state=0,
                progress=lambda done, _: steps.append(done),
                **options,
            )
    assert steps == []


@pytest.mark.usefixtures("quick_map")
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_messages_that_are_all_the_same(value: float) -> None:
    found = discover(
        ["same text"] * 50, np.full((50, 8), value), find_phrases=phrases, method="hdbscan", random_state=0
    )
    assert set(found.labels.tolist()) == {-1}
    assert found.share_unclustered == 1
    assert len(np.unique(found.xy, axis=0)) == 1


def test_rest_lies_at_the_weighted_mean_of_its_neighbours() -> None:
    rows = np.array([[0.0], [1.0], [0.25]], dtype=np.float32)
    xy = projection.place(
        rows, np.array([0, 1]), np.array([[0, 0], [4, 8]], dtype=np.float32), random_state=0
    )
    assert xy[2].tolist() == pytest.approx([1, 2], abs=0.01)


@pytest.mark.nightly
@pytest.mark.slow
def test_the_map_keeps_neighbours_and_repeats_for_a_seed(
    make_blobs: MakeBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, group = make_blobs(300)
    steps: list[int] = []
    xy = project(vectors, random_state=3, progress=lambda done, _: steps.append(done))
    assert xy.dtype == np.float32
    assert steps == [1, 2, 3, 4]
    near = np.argsort(((xy[:, None] - xy[None]) ** 2).sum(axis=2), axis=1)[:, 1:6]
    assert (group[near] == group[:, None]).mean() > 0.97
    assert (project(vectors, random_state=3) == xy).all()
    assert not (project(vectors, random_state=4) == xy).all()
    monkeypatch.setattr(projection, "SAMPLE_LIMIT", 200)
    placed = project(vectors, random_state=3)
    near = np.argsort(((placed[:, None] - placed[None]) ** 2).sum(axis=2), axis=1)[:, 1:6]
    assert (group[near] == group[:, None]).mean() > 0.95
