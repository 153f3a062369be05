"""Labels that speak from their names: alone, beside few examples, and no longer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss

from workbench.classify import LinearModel, MultiLabelClassifier, ZeroShot, label_texts
from workbench.classify.container import pack, unpack
from workbench.classify.mixture import NAMES_GONE, fade
from workbench.classify.model import KIND
from workbench.errors import InputError, ModelError, TooFewAnnotationsError

MakeReviews = Callable[..., Any]
PARENTS = np.array([-1, 0, 0, 2])
DIRECTIONS = np.linalg.qr(np.random.default_rng(99).normal(size=(24, 4)))[0].T.astype(np.float32)
"""The labels' directions in the world of ``make_reviews``: as if their names said it all."""


def names_for(vectors: np.ndarray, directions: np.ndarray = DIRECTIONS) -> ZeroShot:
    return ZeroShot.from_names(directions, vectors)


def precision(targets: np.ndarray, p: np.ndarray) -> float:
    return float(np.mean([average_precision_score(targets[:, i], p[:, i]) for i in range(targets.shape[1])]))


def test_without_a_single_review_names_rank_messages(make_reviews: MakeReviews) -> None:
    fresh = make_reviews(2_000)
    none = fresh.targets[:0]
    empty = fresh.lexical[:0]
    names = names_for(fresh.vectors)
    model = MultiLabelClassifier().fit(fresh.vectors[:0], empty, none, names=names)
    p = model.predict_proba(fresh.vectors, fresh.lexical)
    assert precision(fresh.targets, p) > 0.5 > 2 * fresh.targets.mean()
    assert ((p > 0) & (p < 1)).all()
    assert not model.model_.trained.any()
    np.testing.assert_array_equal(model.model_.zero_shot, 1.0)
    # A tree: no child above its parent, and a parent is found through the labels below it.
    tree = MultiLabelClassifier().fit(fresh.vectors[:0], empty, none, names=names, parents=PARENTS)
    q = tree.predict_proba(fresh.vectors, fresh.lexical)
    assert all((q[:, child] <= q[:, parent]).all() for child, parent in enumerate(PARENTS) if parent >= 0)
    any_of_them = fresh.targets.any(axis=1)
    assert average_precision_score(any_of_them, q[:, 0]) > any_of_them.mean() + 0.1
    with pytest.raises(TooFewAnnotationsError):
        MultiLabelClassifier().fit(fresh.vectors[:0], empty, none)


def test_names_help_with_two_examples_and_reviews_mend_their_level(make_reviews: MakeReviews) -> None:
    few, fresh = make_reviews(40, (0.1, 0.1, 0.1, 0.1)), make_reviews(3_000, (0.1, 0.1, 0.1, 0.1), seed=1)
    names = names_for(fresh.vectors)
    said = [
        MultiLabelClassifier().fit(few.vectors, few.lexical, few.targets, names=known)
        for known in (None, names)
    ]
    without, beside = (model.predict_proba(fresh.vectors, fresh.lexical) for model in said)
    assert precision(fresh.targets, beside) > precision(fresh.targets, without) + 0.02
    assert log_loss(fresh.targets.ravel(), beside.ravel()) < log_loss(fresh.targets.ravel(), without.ravel())
    assert beside.mean() == pytest.approx(fresh.targets.mean(), abs=0.05)
    assert said[1].out_of_fold_ is not None
    assert precision(few.targets, said[1].out_of_fold_) > precision(few.targets, said[0].out_of_fold_)


def test_names_that_mislead_do_no_harm(make_reviews: MakeReviews) -> None:
    reviews, fresh = make_reviews(200), make_reviews(3_000, seed=1)
    wrong = names_for(fresh.vectors, DIRECTIONS[[3, 2, 0, 1]])
    without, beside = (
        MultiLabelClassifier().fit(reviews.vectors, reviews.lexical, reviews.targets, names=known)
        for known in (None, wrong)
    )
    p, q = (one.predict_proba(fresh.vectors, fresh.lexical) for one in (without, beside))
    assert precision(fresh.targets, q) > precision(fresh.targets, p) - 0.01
    assert log_loss(fresh.targets.ravel(), q.ravel()) < log_loss(fresh.targets.ravel(), p.ravel()) + 0.005


def test_from_fifty_examples_on_a_name_is_silent(make_reviews: MakeReviews) -> None:
    assert fade(np.array([0, NAMES_GONE, 1_000])).tolist() == [1.0, 0.0, 0.0]
    assert (np.diff(fade(np.arange(NAMES_GONE + 1))) < 0).all()
    reviews = make_reviews(600, (0.4, 0.2, 0.1, 0.01))
    plain, named = (
        MultiLabelClassifier().fit(reviews.vectors, reviews.lexical, reviews.targets, names=known)
        for known in (None, names_for(reviews.vectors))
    )
    p, q = (one.predict_proba(reviews.vectors, reviews.lexical) for one in (plain, named))
    np.testing.assert_array_equal(named.model_.zero_shot[:3], 0.0)
    assert 0 < named.model_.zero_shot[3] < 1
    np.testing.assert_array_equal(p[:, :3], q[:, :3])
    assert (p[:, 3] != q[:, 3]).any()
    full = make_reviews(600, (0.4, 0.3, 0.3, 0.3))
    plain, named = (
        MultiLabelClassifier().fit(full.vectors, full.lexical, full.targets, names=known)
        for known in (None, names_for(full.vectors))
    )
    np.testing.assert_array_equal(
        plain.predict_proba(full.vectors, full.lexical), named.predict_proba(full.vectors, full.lexical)
    )


def test_names_are_stored_taken_over_and_part_of_the_lineage(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(120)
    rows = (reviews.vectors, reviews.lexical, reviews.targets)
    ids = ["a", "b", "c", "d"]
    first, again = (
        MultiLabelClassifier(n_threads=n).fit(*rows, label_ids=ids, names=names_for(reviews.vectors))
        for n in (1, 2)
    )
    assert first.to_bytes() == again.to_bytes()
    plain = MultiLabelClassifier().fit(*rows, label_ids=ids)
    assert "names" not in plain.model_.lineage
    assert plain.model_.lineage["model"] != first.model_.lineage["model"]
    kept = MultiLabelClassifier.from_bytes(first.to_bytes())
    np.testing.assert_array_equal(kept.predict_proba(*rows[:2]), first.predict_proba(*rows[:2]))
    assert kept.to_bytes() == first.to_bytes()
    fresh = MultiLabelClassifier().refresh(kept, *rows, label_ids=ids)
    assert fresh.model_.lineage["names"] == first.model_.lineage["names"]
    assert fresh.model_.mixture.blend == first.model_.mixture.blend
    np.testing.assert_allclose(fresh.predict_proba(*rows[:2]), first.predict_proba(*rows[:2]), atol=0.01)
    header, arrays = unpack(KIND, first.to_bytes())
    del arrays["name_coef"]
    with pytest.raises(ModelError, match="array 'name_coef' is missing"):
        LinearModel.from_bytes(pack(KIND, header, arrays))


def test_names_of_another_width_or_number_are_refused(make_reviews: MakeReviews) -> None:
    reviews = make_reviews(20)
    for wrong in (DIRECTIONS[:, :5], np.full_like(DIRECTIONS, np.nan)):
        with pytest.raises(InputError, match="cannot be compared with messages"):
            names_for(reviews.vectors, wrong)
    with pytest.raises(InputError, match=r"names of shape \(24, 3\) do not fit"):
        MultiLabelClassifier().fit(
            reviews.vectors, None, reviews.targets, names=names_for(reviews.vectors, DIRECTIONS[:3])
        )


def test_a_name_that_stands_twice_is_read_with_those_above_it() -> None:
    paths = [
        ("Claim",),
        ("Claim", "other"),
        ("Complaint",),
        ("Complaint", "Other"),
        ("Complaint", "Too_late"),
    ]
    said = ["", "", "Anger.", "", " It came late. "]
    assert label_texts(paths, said) == [
        "Claim",
        "Claim other",
        "Complaint\nAnger.",
        "Complaint Other",
        "Too late\nIt came late.",
    ]
