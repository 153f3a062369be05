"""What holds for any tree, any folds and any text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from workbench.classify import (
    LexicalFeatures,
    add_ancestors,
    assign_folds,
    fit_sigmoids,
    make_consistent,
    parents_of,
)
from workbench.classify.predict import sigmoid_in_place

PATHS = st.lists(
    st.lists(st.sampled_from("ab"), min_size=1, max_size=4).map(tuple), min_size=1, max_size=10, unique=True
)


@given(PATHS, st.data())
def test_no_child_is_likelier_than_its_parent_and_none_is_lowered(
    paths: list[tuple[str, ...]], data: st.DataObject
) -> None:
    parents = parents_of(paths)
    before = data.draw(arrays.arrays(np.float32, (5, len(paths)), elements=st.floats(0, 1, width=32)))
    after = make_consistent(before.copy(), parents)
    assert ((after >= 0) & (after <= 1)).all()
    leaves = ~np.isin(np.arange(len(paths)), parents)
    assert (after[:, leaves] == before[:, leaves]).all()
    for child, parent in enumerate(parents):
        assert parent < 0 or (after[:, child] <= after[:, parent]).all()


@given(PATHS, st.data())
def test_ancestors_are_set_once_and_nothing_else(paths: list[tuple[str, ...]], data: st.DataObject) -> None:
    parents = parents_of(paths)
    targets = data.draw(arrays.arrays(np.bool_, (4, len(paths))))
    full = add_ancestors(targets, parents)
    assert (add_ancestors(full, parents) == full).all()
    for row in range(4):
        wanted = set()
        open_ = np.flatnonzero(targets[row]).tolist()
        while open_:
            wanted.add(column := open_.pop())
            open_.extend(p for p in [int(parents[column])] if p >= 0)
        assert set(np.flatnonzero(full[row]).tolist()) == wanted


@given(st.data(), st.integers(2, 6), st.integers(0, 3))
def test_folds_hold_groups_together(data: st.DataObject, n_folds: int, seed: int) -> None:
    targets = data.draw(arrays.arrays(np.bool_, st.tuples(st.integers(1, 30), st.integers(0, 4))))
    groups = data.draw(arrays.arrays(np.int64, len(targets), elements=st.integers(0, 8)))
    folds = assign_folds(targets, n_folds=n_folds, groups=groups, random_state=seed)
    assert ((folds >= 0) & (folds < n_folds)).all()
    assert all(len(set(folds[groups == group].tolist())) == 1 for group in set(groups.tolist()))


@given(st.data())
def test_probabilities_keep_the_order_of_scores(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 40))
    scores = data.draw(arrays.arrays(np.float32, (n, 3), elements=st.floats(-4, 4, width=16)))
    targets = data.draw(arrays.arrays(np.bool_, (n, 3)))
    found = fit_sigmoids(scores, targets, np.ones(3, dtype=bool))
    p = sigmoid_in_place((scores * found.slopes + found.offsets).astype(np.float32))
    assert np.isfinite(p).all()
    for label in range(3):
        assert (np.diff(p[np.argsort(scores[:, label]), label]) >= 0).all()


@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_text_becomes_rows_of_unit_length_and_comes_back(texts: list[str]) -> None:
    features = LexicalFeatures(min_count=1).fit(texts)
    rows = features.transform(texts)
    lengths = np.linalg.norm(rows.toarray(), axis=1)
    assert all(length == pytest.approx(1) or length == 0 for length in lengths)
    again = LexicalFeatures.from_bytes(features.to_bytes())
    assert again.words_ == features.words_
    assert (again.transform(texts).toarray() == rows.toarray()).all()
