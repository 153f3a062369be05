"""Sentiments of labels: learned from few examples, safe to store, the same every time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from workbench.classify import SentimentClassifier, sentiments
from workbench.errors import InputError, ModelError, NotTrainedError

N, D = 240, 16


def sample(seed: int = 0) -> tuple[np.ndarray, csr_matrix, np.ndarray]:
    """Three labels share one direction of sentiment; the last one turns it round."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(N, D)).astype(np.float32)
    signs = np.zeros((N, 3), dtype=np.int8)
    signs[np.arange(N), rng.integers(0, 3, N)] = 1
    mood = np.where(rng.random(N) < 0.5, 1, -1)
    vectors[:, 0] = 2.0 * mood
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    signs *= np.where(np.arange(3) == 2, -mood[:, None], mood[:, None]).astype(np.int8)
    return vectors, csr_matrix((N, 0), dtype=np.float32), signs


def accuracy(
    model: SentimentClassifier, vectors: np.ndarray, lexical: csr_matrix, signs: np.ndarray
) -> np.ndarray:
    right = (model.predict_proba(vectors, lexical) >= 0.5) == (signs > 0)
    return np.array([right[signs[:, label] != 0, label].mean() for label in range(signs.shape[1])])


def test_labels_share_what_they_have_in_common_and_depart_where_their_examples_say_so() -> None:
    model = SentimentClassifier().fit(*sample())
    assert (accuracy(model, *sample(1)) > 0.9).all()


def test_a_label_without_examples_follows_the_others() -> None:
    vectors, lexical, signs = sample()
    few = signs.copy()
    few[:, 1:] = 0
    model = SentimentClassifier().fit(vectors, lexical, few)
    assert accuracy(model, *sample(1))[1] > 0.9


def test_calibrated_on_messages_it_has_not_seen() -> None:
    model = SentimentClassifier().fit(*sample())
    vectors, lexical, signs = sample(2)
    known = signs != 0
    p, y = model.predict_proba(vectors, lexical)[known], signs[known] > 0
    bins = np.minimum((p * 5).astype(int), 4)
    gaps = [abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in set(bins.tolist())]
    assert sum(gaps) < 0.08


def test_stored_safely_and_the_same_every_time() -> None:
    vectors, lexical, signs = sample()
    first, second = (SentimentClassifier(n_threads=n).fit(vectors, lexical, signs) for n in (1, 2))
    assert first.to_bytes() == second.to_bytes()
    read = SentimentClassifier.from_bytes(first.to_bytes())
    np.testing.assert_array_equal(read.predict_proba(vectors, lexical), first.predict_proba(vectors, lexical))
    with pytest.raises(ModelError, match=r"these 7 bytes are not a stored workbench\.sentiment"):
        SentimentClassifier.from_bytes(b"nothing")


@pytest.mark.parametrize(("n_positive", "n_negative", "expected"), [(0, 0, 0.5), (9, 0, 0.9), (0, 9, 0.1)])
def test_examples_of_one_kind_say_how_frequent_it_is(
    n_positive: int, n_negative: int, expected: float
) -> None:
    vectors, lexical, _ = sample()
    signs = np.zeros((N, 2), dtype=np.int8)
    signs[:n_positive, 0], signs[:n_negative, 0] = 1, -1
    model = SentimentClassifier().fit(vectors, lexical, signs)
    assert model.predict_proba(vectors[-1:], lexical[-1:])[0, 1] == pytest.approx(expected, abs=0.02)


def test_refused() -> None:
    vectors, lexical, signs = sample()
    with pytest.raises(InputError, match="signs of shape"):
        SentimentClassifier().fit(vectors[1:], lexical[1:], signs)
    with pytest.raises(NotTrainedError, match="no sentiment was learned yet"):
        SentimentClassifier().predict_proba(vectors, lexical)


def test_sentiment_is_the_difference_of_its_two_outcomes() -> None:
    np.testing.assert_allclose(sentiments(np.array([0, 0.5, 0.75, 1], dtype=np.float32)), [-1, 0, 0.5, 1])
