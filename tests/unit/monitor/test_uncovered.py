"""Groups of messages that no label covers."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.language import phrases
from workbench.monitor import UncoveredGroup, uncovered

TOPICS = ("parcel late again", "refund wrong charge", "drone on roof", "customs form lost")


def world(sizes: tuple[int, ...], seed: int = 0) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Vectors and topics of messages, and their texts; topics from 2 on are not covered."""
    random = np.random.default_rng(seed)
    topic = np.repeat(np.arange(len(sizes)), sizes)
    vectors = np.eye(8, dtype=np.float32)[topic] + random.normal(0, 0.1, (len(topic), 8)).astype(np.float32)
    return vectors, topic, [f"{TOPICS[t]} {i % 5}" for i, t in enumerate(topic)]


def find(
    sizes: tuple[int, ...], cover: np.ndarray | None = None
) -> tuple[tuple[UncoveredGroup, ...], np.ndarray]:
    vectors, topic, texts = world(sizes)
    covered = np.where(topic < 2, 0.9, 0.1) if cover is None else cover
    return uncovered(vectors, covered, texts=texts, find_phrases=phrases, random_state=0), topic


def test_what_no_label_covers_is_named_by_its_own_phrases() -> None:
    groups, topic = find((300, 200, 60, 40))
    assert sum(group.n for group in groups) == 100
    assert sum(group.share for group in groups) == pytest.approx(100 / 600)
    assert [group.n for group in groups] == sorted((group.n for group in groups), reverse=True)
    for group in groups:
        assert len(group.rows) <= 12
        (mine,) = {int(topic[row]) for row in group.rows}
        assert mine >= 2
        assert set(group.name.split(" / ")[0].split()) <= set(TOPICS[mine].split())
        assert group.phrases[0] in group.name


def test_a_message_is_covered_from_one_half_on() -> None:
    vectors, topic, _ = world((30, 30))
    groups, _ = find((30, 30), np.where(topic == 0, 0.5, 0.499))
    assert {row for group in groups for row in group.rows} <= set(np.flatnonzero(topic == 1).tolist())
    assert sum(group.n for group in groups) == 30
    assert len(vectors) == 60


def test_when_nothing_is_covered_every_group_has_a_name() -> None:
    groups, _ = find((120, 120), np.zeros(240))
    assert sum(group.n for group in groups) == 240
    assert all(group.name for group in groups)


def test_hardly_anything_uncovered_makes_no_group() -> None:
    assert find((300, 200, 4))[0] == ()


def test_parts_of_other_lengths_are_refused() -> None:
    with pytest.raises(InputError, match="60 vectors came with 59 values of cover and 60 texts"):
        find((30, 30), np.zeros(59))
