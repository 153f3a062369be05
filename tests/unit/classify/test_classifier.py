"""Training, predicting, refreshing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score
from sklearn.svm import LinearSVC

from workbench.classify import MultiLabelClassifier
from workbench.errors import InputError, NotTrainedError, TooFewAnnotationsError

MakeReviews = Callable[..., Any]
PARENTS = np.array([-1, 0, 0, 2])


def fit(reviews: Any, **options: object) -> MultiLabelClassifier:
    return MultiLabelClassifier().fit(reviews.vectors, reviews.lexical, reviews.targets, **options)


def test_new_messages_are_told_apart_with_calibrated_probabilities(make_reviews: MakeReviews) -> None:
    model, fresh = fit(make_reviews(1_000)), make_reviews(4_000, seed=1)
    p = model.predict_proba(fresh.vectors, fresh.lexical)
    assert p.dtype == np.float32
    assert p.shape == fresh.targets.shape
    for label in range(4):
        assert average_precision_score(fresh.targets[:, label], p[:, label]) > 0.8
        assert p[:, label].mean() == pytest.approx(fresh.targets[:, label].mean(), abs=0.02)
    # Expected calibration error over all pairs, 10 bins of equal count.
    order = np.argsort(p, axis=None)
    bins = zip(np.split(p.ravel()[order], 10), np.split(fresh.targets.ravel()[order], 10), strict=True)
    assert np.mean([abs(said.mean() - was.mean()) for said, was in bins]) < 0.02


def test_weights_are_those_of_the_reference_solver(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(300)
    model = MultiLabelClassifier(tolerance=1e-4).fit(reviews.vectors, None, reviews.targets)
    centred = reviews.vectors - reviews.vectors.mean(axis=0)
    reference = LinearSVC(C=1.0, tol=1e-6, dual=False).fit(centred, reviews.targets[:, 0])
    scores = model.decision_function(reviews.vectors, None)[:, 0]
    np.testing.assert_allclose(scores, reference.decision_function(centred), atol=0.01)


def test_out_of_fold_probabilities_know_nothing_of_their_own_row(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(400)
    noise = np.random.default_rng(5).random((400, 2)) < 0.3
    model = MultiLabelClassifier().fit(reviews.vectors, reviews.lexical, noise)
    seen = model.predict_proba(reviews.vectors, reviews.lexical)
    for label in range(2):
        # The model remembers its noise; held out, noise cannot be ranked better than by chance.
        assert average_precision_score(noise[:, label], seen[:, label]) > 0.45
        assert average_precision_score(noise[:, label], model.out_of_fold_[:, label]) < 0.38


def test_thread_mates_share_a_fold(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(120)
    groups = np.arange(120) // 3
    model = fit(reviews, groups=groups)
    assert all(len(set(model.folds_[groups == g].tolist())) == 1 for g in range(40))
    assert set(model.folds_.tolist()) == set(range(5))


def test_same_seed_same_bytes_whatever_the_threads(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(200)
    one, two = (
        MultiLabelClassifier(n_threads=n, random_state=3).fit(
            reviews.vectors, reviews.lexical, reviews.targets
        )
        for n in (1, 2)
    )
    assert one.to_bytes() == two.to_bytes()
    other = MultiLabelClassifier(random_state=4).fit(reviews.vectors, reviews.lexical, reviews.targets)
    assert other.to_bytes() != one.to_bytes()
    assert other.model_.lineage["model"] != one.model_.lineage["model"]


def test_no_child_is_likelier_than_its_parent(make_reviews: MakeReviews) -> None:
    reviews, fresh = make_reviews(300), make_reviews(500, seed=2, noise=1.0)
    model = fit(reviews, parents=PARENTS)
    for p in (model.predict_proba(fresh.vectors, fresh.lexical), model.out_of_fold_):
        for child, parent in enumerate(PARENTS):
            assert parent < 0 or (p[:, child] <= p[:, parent]).all()
    # Ancestors count as assigned although they were not.
    assert model.model_.n_positive[0] == reviews.targets.any(axis=1).sum()


@pytest.mark.parametrize(
    ("targets", "wanted"),
    [
        (np.zeros((8, 1)), 0.0),
        (np.eye(8, 1), 0.0),
        (np.ones((8, 1)), 0.9),
        (1 - np.eye(8, 1), 0.8),
    ],
)
def test_labels_without_two_sides_have_a_fixed_probability(targets: np.ndarray, wanted: float) -> None:
    vectors = np.eye(8, dtype=np.float32)
    model = MultiLabelClassifier().fit(vectors, None, targets.astype(bool))
    assert not model.model_.trained.any()
    np.testing.assert_allclose(model.predict_proba(vectors, None), wanted)
    np.testing.assert_allclose(model.out_of_fold_, wanted)


@pytest.mark.parametrize(
    "rows", [np.ones((20, 4)) / 2, np.zeros((20, 4)), np.repeat(np.eye(2, 4), 10, axis=0)]
)
def test_equal_messages_get_equal_probabilities(rows: np.ndarray) -> None:
    targets = np.arange(20)[:, None] % 2 == 0
    p = (
        MultiLabelClassifier()
        .fit(rows.astype(np.float32), None, targets)
        .predict_proba(rows.astype(np.float32), None)
    )
    np.testing.assert_allclose(p, 0.5, atol=0.05)


def test_one_thread_alone_has_no_held_out_probability(make_reviews: MakeReviews) -> None:
    model = fit(make_reviews(30), groups=np.zeros(30, dtype=np.int64))
    assert np.isnan(model.out_of_fold_).all()
    assert (model.folds_ == -1).all()


def test_refreshing_comes_near_a_full_training_and_keeps_the_calibration(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(600)
    first = MultiLabelClassifier(tolerance=1e-4).fit(
        reviews.vectors[:550], reviews.lexical[:550], reviews.targets[:550, :3], label_ids=["a", "b", "c"]
    )
    before = first.to_bytes()
    found = MultiLabelClassifier(tolerance=1e-4).refresh(
        first, reviews.vectors, reviews.lexical, reviews.targets[:, ::-1], label_ids=["d", "c", "b", "a"]
    )
    assert first.to_bytes() == before
    assert found.out_of_fold_ is None
    assert found.folds_ is None
    assert found.model_.slopes.tolist() == [first.model_.pooled[0], *first.model_.slopes[::-1].tolist()]
    assert found.model_.lineage["previous"] == first.model_.lineage["model"]
    full = MultiLabelClassifier(tolerance=1e-4).fit(
        reviews.vectors, reviews.lexical, reviews.targets[:, ::-1], label_ids=["d", "c", "b", "a"]
    )
    np.testing.assert_allclose(
        found.decision_function(reviews.vectors, reviews.lexical),
        full.decision_function(reviews.vectors, reviews.lexical),
        atol=0.05,
    )


def test_before_training_nothing_is_predicted() -> None:
    with pytest.raises(NotTrainedError):
        MultiLabelClassifier().predict_proba(np.eye(3, dtype=np.float32), None)
    with pytest.raises(NotTrainedError):
        MultiLabelClassifier().refresh(
            MultiLabelClassifier(), np.eye(3, dtype=np.float32), None, np.eye(3, 1, dtype=bool)
        )


@pytest.mark.parametrize("shape", [(0, 2), (4, 0)])
def test_nothing_reviewed_is_refused(shape: tuple[int, int]) -> None:
    with pytest.raises(TooFewAnnotationsError):
        MultiLabelClassifier().fit(
            np.zeros((shape[0], 3), dtype=np.float32), None, np.zeros(shape, dtype=bool)
        )


@pytest.mark.parametrize(
    "wrong", [{"C": 0}, {"n_folds": 1}, {"shrinkage": -1}, {"tolerance": float("nan")}, {"n_threads": 0}]
)
def test_parameters_out_of_range_are_named(make_reviews: MakeReviews, wrong: dict[str, float]) -> None:
    reviews = make_reviews(20)
    with pytest.raises(InputError, match=next(iter(wrong))):
        MultiLabelClassifier(**wrong).fit(reviews.vectors, reviews.lexical, reviews.targets)


def test_rows_that_do_not_fit_are_refused(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(20)
    bad = reviews.vectors.copy()
    bad[3, 1] = np.nan
    for arguments in (
        (bad, reviews.lexical, reviews.targets),
        (reviews.vectors[1:], reviews.lexical, reviews.targets),
        (reviews.vectors, reviews.lexical[1:], reviews.targets),
    ):
        with pytest.raises(InputError):
            MultiLabelClassifier().fit(*arguments)
    with pytest.raises(InputError, match="tree"):
        fit(reviews, parents=np.array([1, 0, -1, -1]))
    with pytest.raises(InputError, match="do not fit a model"):
        fit(reviews).predict_proba(reviews.vectors[:, 1:], reviews.lexical)
