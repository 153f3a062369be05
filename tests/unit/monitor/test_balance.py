"""Balance and similarity."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.language import phrases
from workbench.monitor import balance, similarity


def blobs(n: int = 3000, n_topics: int = 12, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    topic = random.integers(n_topics, size=n)
    centres = random.normal(size=(n_topics, 24))
    return (centres[topic] + random.normal(0, 0.2, (n, 24))).astype(np.float32), topic


def mask(n: int, rows: np.ndarray) -> np.ndarray:
    chosen = np.zeros(n, dtype=bool)
    chosen[rows] = True
    return chosen


def test_random_reviews_are_balanced() -> None:
    vectors, _ = blobs()
    rows = np.random.default_rng(1).permutation(3000)[:300]
    found = balance(vectors, mask(3000, rows), random_state=0)
    assert found.balance is not None
    assert found.low is not None
    assert found.high is not None
    assert found.balance > 0.95
    assert found.low <= found.balance <= found.high
    assert found.high - found.low < 0.12
    assert found.band in ("good", "excellent")


def test_reviews_of_half_the_topics_are_not() -> None:
    vectors, topic = blobs()
    found = balance(vectors, mask(3000, np.flatnonzero(topic < 6)[:400]), random_state=0)
    assert found.balance == pytest.approx(0.55, abs=0.1)
    assert found.band == "poor"
    assert found.high is not None
    assert found.high < 0.75
    worst = found.regions[0]
    assert worst.share_reviewed == 0 < worst.low <= worst.share_all <= worst.high
    assert all(topic[row] >= 6 for row in worst.rows)


def test_reviewing_everything_is_perfect_balance() -> None:
    vectors, _ = blobs(500)
    found = balance(vectors, np.ones(500, dtype=bool), random_state=0)
    assert (found.balance, found.low, found.high) == (1, 1, 1)


def test_few_reviews_say_nothing_but_show_regions() -> None:
    vectors, _ = blobs()
    found = balance(vectors, mask(3000, np.arange(60)), random_state=0)
    assert found.balance is None
    assert found.band == "none"
    assert sum(region.n_reviewed for region in found.regions) == 60
    assert sum(region.share_all for region in found.regions) == pytest.approx(1)


@pytest.mark.parametrize("n_reviewed", [0, 5])
def test_almost_nothing(n_reviewed: int) -> None:
    vectors, _ = blobs(20)
    assert balance(vectors, mask(20, np.arange(n_reviewed)), random_state=0).regions == ()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_messages_that_are_all_the_same_are_balanced(value: float) -> None:
    found = balance(np.full((500, 8), value), mask(500, np.arange(150)), random_state=0)
    assert (found.balance, found.low, found.high) == (1, 1, 1)
    assert len(found.regions) == 1


def test_regions_are_named_by_their_phrases() -> None:
    vectors, topic = blobs()
    texts = [f"about subject{t} again" for t in topic]
    found = balance(vectors, mask(3000, np.arange(200)), random_state=0, texts=texts, find_phrases=phrases)
    for region in found.regions:
        assert region.name == f"subject{topic[region.rows[0]]}"


def test_mask_of_another_length_is_refused() -> None:
    with pytest.raises(InputError, match="mask of shape"):
        balance(blobs(50)[0], np.ones(49), random_state=0)


def test_similarity_of_like_and_unlike_samples() -> None:
    vectors, topic = blobs()
    like = similarity(vectors[::2], vectors[1::2], random_state=0)
    unlike = similarity(vectors[topic < 6], vectors[topic >= 6], random_state=0)
    assert like is not None
    assert unlike is not None
    assert like > 0.85
    assert unlike < 0.2
    assert similarity(vectors[:99], vectors, random_state=0) is None


@pytest.mark.parametrize(("n_unreviewed", "value"), [(0, 1.0), (50, 0.8), (99, 200 / 299)])
def test_few_messages_left_to_review_cannot_make_the_others_unlike_all(
    n_unreviewed: int, value: float
) -> None:
    vectors, topic = blobs()
    some, others = vectors[topic < 6], vectors[topic >= 6]
    assert similarity(some[:200], others[:n_unreviewed], random_state=0) == pytest.approx(value)


def test_few_unreviewed_messages_bound_the_measured_value() -> None:
    """The bound that replaces the test below 100 unreviewed messages, checked where both exist."""
    vectors, topic = blobs()
    reviewed, rest = vectors[topic < 6], vectors[topic >= 6][:150]
    everything = np.concatenate((reviewed, rest))
    measured = similarity(reviewed, everything, random_state=0)
    assert measured is not None
    assert measured >= len(reviewed) / len(everything) - 0.05
