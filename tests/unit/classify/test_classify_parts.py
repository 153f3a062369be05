"""Folds, the tree, and the bytes of a model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from workbench.classify import (
    LexicalFeatures,
    LinearModel,
    MultiLabelClassifier,
    add_ancestors,
    assign_folds,
    make_consistent,
    parents_of,
)
from workbench.classify.container import pack, unpack
from workbench.classify.model import KIND
from workbench.errors import InputError, ModelError, NotTrainedError

MakeReviews = Callable[..., Any]
TEXTS = ["my parcel is late", "Parcel 123456 is late!", "refund, please", "don't refund", "東京 parcel", ""]


def test_folds_spread_rare_labels_evenly() -> None:
    targets = np.random.default_rng(0).random((500, 6)) < [0.5, 0.2, 0.1, 0.05, 0.02, 0.02]
    folds = assign_folds(targets, n_folds=5)
    for label in range(6):
        counts = np.bincount(folds[targets[:, label]], minlength=5)
        assert np.ptp(counts) <= 2
    assert np.ptp(np.bincount(folds)) <= 5
    assert (assign_folds(targets, n_folds=5) == folds).all()
    assert (assign_folds(targets, n_folds=5, random_state=1) != folds).any()


def test_folds_of_nothing_and_of_nonsense() -> None:
    assert assign_folds(np.zeros((0, 3), dtype=bool)).shape == (0,)
    with pytest.raises(InputError, match="n_folds=1"):
        assign_folds(np.zeros((4, 1), dtype=bool), n_folds=1)
    with pytest.raises(InputError, match="3 groups for 4 rows"):
        assign_folds(np.zeros((4, 1), dtype=bool), groups=np.arange(3))


def test_the_tree_of_paths() -> None:
    parents = parents_of([("Claim", "Motor"), ("Claim",), ("Other", "Orphan"), ("Claim", "Motor", "Glass")])
    assert parents.tolist() == [1, -1, -1, 0]
    assert add_ancestors(np.array([[0, 0, 0, 1]], dtype=bool), parents).tolist() == [
        [True, True, False, True]
    ]


def test_a_parent_is_the_mean_of_its_own_and_its_childrens_odds() -> None:
    p = np.array([[0.5, 0.2, 0.1], [0.0, 0.3, 0.0], [0.4, 0.0, 0.0], [0.1, 0.95, 0.0]], dtype=np.float32)
    found = make_consistent(p.copy(), np.array([-1, 0, 0]))
    odds = np.sqrt(0.5 / 0.5 * (1 - 0.8 * 0.9) / (0.8 * 0.9))
    np.testing.assert_allclose(found[:, 0], [odds / (1 + odds), 0.3, 0.4, 0.95], rtol=1e-5)
    np.testing.assert_array_equal(found[:, 1:], p[:, 1:])


def test_a_model_predicts_the_same_after_writing_and_reading(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(100)
    model = MultiLabelClassifier(C=2.0, random_state=7).fit(
        reviews.vectors, reviews.lexical, reviews.targets, parents=np.array([-1, 0, -1, -1])
    )
    raw = model.to_bytes()
    again = MultiLabelClassifier.from_bytes(raw)
    assert again.to_bytes() == raw
    assert (again.C, again.random_state, again.out_of_fold_, again.folds_) == (2.0, 7, None, None)
    np.testing.assert_array_equal(
        again.predict_proba(reviews.vectors, reviews.lexical),
        model.predict_proba(reviews.vectors, reviews.lexical),
    )
    assert b"pickle" not in raw


def test_damaged_or_foreign_bytes_are_refused(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(30)
    raw = MultiLabelClassifier().fit(reviews.vectors, reviews.lexical, reviews.targets).to_bytes()
    turned = bytearray(raw)
    turned[-5] ^= 1
    lexical = LexicalFeatures(min_count=1).fit(TEXTS).to_bytes()
    for wrong in (b"", b"\x80\x04K\x01.", raw[:40], raw[:-1], bytes(turned), lexical):
        with pytest.raises(ModelError) as caught:
            LinearModel.from_bytes(wrong)
        assert caught.value.next_step


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("label_ids", ["a", "b", "c"], "4 labels"),
        ("label_ids", ["a", "a", "b", "c"], "4 labels"),
        ("label_ids", 4, "4 labels"),
        ("pooled", [], "another type"),
        ("n_rows", "many", "another type"),
        ("parameters", "[1]", "another type"),
        ("lineage", None, "another type"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(
    make_reviews: MakeReviews, name: str, value: object, problem: str
) -> None:
    reviews = make_reviews(30)
    raw = MultiLabelClassifier().fit(reviews.vectors, reviews.lexical, reviews.targets).to_bytes()
    header, arrays = unpack(KIND, raw)
    with pytest.raises(ModelError, match=problem):
        LinearModel.from_bytes(pack(KIND, header | {name: value}, arrays))
    del header[name]
    with pytest.raises(ModelError, match=f"'{name}' is missing"):
        LinearModel.from_bytes(pack(KIND, header, arrays))


def test_words_and_pairs_become_columns() -> None:
    features = LexicalFeatures(min_count=2).fit(TEXTS)
    assert set(features.words_) == {"parcel", "is", "late", "refund"}
    # Four words, and the pairs "parcel is", "is late" (a long number parts the second "parcel is").
    assert features.n_features == 5
    dense = features.transform([*TEXTS, "unknown words only"]).toarray()
    np.testing.assert_allclose(np.linalg.norm(dense, axis=1), [1, 1, 1, 1, 1, 0, 0], rtol=1e-6)
    assert dense.dtype == np.float32


def test_a_vocabulary_survives_writing() -> None:
    features = LexicalFeatures(min_count=1).fit(TEXTS)
    again = LexicalFeatures.from_bytes(features.to_bytes())
    assert again.fingerprint == features.fingerprint
    assert (again.transform(TEXTS) != features.transform(TEXTS)).nnz == 0
    assert LexicalFeatures(min_count=1).fit(TEXTS).fingerprint == features.fingerprint


def test_idf_by_hand_and_the_most_frequent_stay() -> None:
    features = LexicalFeatures(min_count=1, max_features=1, pairs=False).fit(TEXTS)
    assert features.words_ == ["parcel"]
    assert features.idf_.tolist() == pytest.approx([1 + np.log(7 / 4)])


def test_lexical_features_without_use_are_refused() -> None:
    with pytest.raises(InputError, match="max_features=0"):
        LexicalFeatures(max_features=0).fit(TEXTS)
    with pytest.raises(NotTrainedError):
        LexicalFeatures().transform(TEXTS)
    empty = LexicalFeatures().fit([])
    assert empty.transform(["a b"]).shape == (1, 0)
    assert empty.transform([]).shape == (0, 0)
