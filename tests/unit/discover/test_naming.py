"""Names and descriptions of clusters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from workbench.discover import ClusterName, describe, name_clusters
from workbench.language import phrases

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]
TEXTS = ["my exchange rate is wrong", "top up failed again", "lost card abroad"] * 30
LABELS = np.array([0, 1, -1] * 30, dtype=np.int32)
VECTORS = np.eye(3, dtype=np.float32)[LABELS]


def test_names_come_from_the_clusters_own_phrases() -> None:
    found = name_clusters(phrases(TEXTS), LABELS, VECTORS)
    assert [name.cluster for name in found] == [0, 1]
    assert "exchange" in found[0].name
    assert "failed" in " ".join(found[1].phrases)
    assert not any("card" in phrase for name in found for phrase in name.phrases)
    assert all(len(name.phrases) <= 10 for name in found)


def test_phrases_are_ordered_by_the_encoder() -> None:
    def encode(few: list[str]) -> np.ndarray:
        assert few == sorted(set(few))
        rows = [[1.0, 0, 0] if "wrong" in phrase else [0, 0.5, 0.1] for phrase in few]
        return np.array(rows, dtype=np.float32)

    found = name_clusters(phrases(TEXTS), LABELS, VECTORS, encode_phrases=encode)
    assert "wrong" in found[0].phrases[0]


def test_the_second_phrase_does_not_repeat_the_first() -> None:
    texts = ["card payment cards refused"] * 20 + ["something else entirely"] * 20
    (name, _) = name_clusters(phrases(texts), np.repeat([0, 1], 20), np.eye(2)[np.repeat([0, 1], 20)])
    first, _, second = name.name.partition(" / ")
    stems = [{word[:5] for word in part.split()} for part in (first, second)]
    assert not stems[0] & stems[1]


def test_a_small_word_inside_both_phrases_is_no_repetition() -> None:
    texts = ["change of address", "proof of purchase"] * 10 + ["something else entirely"] * 20
    labels = np.repeat([0, 1], 20)
    (name, _) = name_clusters(phrases(texts), labels, np.eye(2)[labels])
    assert set(name.name.split(" / ")) == {"change of address", "proof of purchase"}


def test_clusters_that_talk_of_the_same_are_told_apart_by_their_next_phrase() -> None:
    texts = [*["late parcel", "rude driver"] * 25, *["something else entirely"] * 60]
    labels = np.repeat([0, 1, 2], [20, 30, 60])

    def encode(few: list[str]) -> np.ndarray:
        rows = {"late parcel": [1.0, 0, 0], "rude driver": [1.0, 0.2, 0]}
        return np.array([rows.get(phrase, [1.0, 2, 0]) for phrase in few], dtype=np.float32)

    vectors = np.array([[1.0, 0, 0], [1.0, 0, 0], [0, 0, 1]])[labels]
    small, large, _ = name_clusters(phrases(texts), labels, vectors, encode_phrases=encode)
    # The larger cluster keeps the best name although its number is higher.
    assert large.name == "late parcel / rude driver"
    assert small.name == "rude driver"


def test_a_cluster_without_common_words_has_no_name() -> None:
    found = name_clusters(phrases(["?", "!", "…"] * 5), np.zeros(15, dtype=int), np.ones((15, 2)))
    assert found == [ClusterName(cluster=0, name="", phrases=())]


def test_no_clusters_no_names() -> None:
    assert name_clusters(phrases(TEXTS), np.full(90, -1), VECTORS) == []


def test_description_by_hand() -> None:
    degrees = np.radians([0, 30, 60, 200, 1])
    vectors = np.stack((np.cos(degrees), np.sin(degrees)), axis=1)
    labels = np.array([4, 4, 4, -1, 4])
    xy = np.array([[0, 0], [1, 5], [3, 1], [9, 9], [2, 2]], dtype=np.float32)
    (found,) = describe(vectors, labels, xy, [ClusterName(cluster=4, name="a", phrases=("a",))])
    assert (found.cluster, found.name, found.phrases) == (4, "a", ("a",))
    assert (found.size, found.share) == (4, 0.8)
    assert found.medoid == 1
    # Rows 0 and 4 are one degree apart: only the nearer of them is shown.
    assert found.shown == (1, 4, 2)
    assert (found.x, found.y) == (1.5, 1.5)
    assert found.score == pytest.approx(2 * found.cohesion)
    assert 0.8 < found.cohesion < 1


def test_descriptions_go_by_score_and_show_twelve_unlike_members(make_blobs: MakeBlobs) -> None:
    vectors, group = make_blobs(300, 3, noise=0.15)
    group[:200] = 0
    found = describe(vectors, group, np.zeros((300, 2), dtype=np.float32), [])
    assert [summary.score for summary in found] == sorted((s.score for s in found), reverse=True)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for summary in found:
        assert summary.name == ""
        assert len(summary.shown) == 12
        assert summary.shown[0] == summary.medoid
        cosines = unit[list(summary.shown)] @ unit[list(summary.shown)].T
        assert cosines[~np.eye(12, dtype=bool)].max() < 0.95
