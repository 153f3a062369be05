"""What became of each test message at a threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from workbench.domain import OUTCOMES
from workbench.errors import InputError
from workbench.evaluate import confusions, count_outcomes, outcome_rows, passing, share_of


@st.composite
def decisions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    shape = draw(array_shapes(min_dims=2, max_dims=2, max_side=8))
    return draw(arrays(bool, shape)), draw(arrays(bool, shape))


def test_yes_begins_at_the_threshold_as_scores_are_kept() -> None:
    kept = np.array([0.7, 0.69999, 0.70001], dtype=np.float32)
    assert passing(kept, 0.7).tolist() == [True, False, True]
    assert float(kept[0]) < 0.7  # as numbers of twice the precision it would lie below


def test_a_label_of_each_column_has_its_own_threshold() -> None:
    scores = np.array([[0.4, 0.4], [0.6, 0.6]], dtype=np.float32)
    assert passing(scores, np.array([0.5, 0.3])).tolist() == [[False, True], [True, True]]


@given(decisions())
def test_each_row_has_one_outcome_and_counts_agree(given_arrays: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = (one[:, 0] for one in given_arrays)
    rows = {name: outcome_rows(truth, predicted, name) for name in OUTCOMES}
    assert sorted(np.concatenate(list(rows.values())).tolist()) == list(range(len(truth)))
    counts = count_outcomes(truth, predicted)
    assert {name: getattr(counts, name) for name in OUTCOMES} == {
        name: len(one) for name, one in rows.items()
    }
    assert counts.n == len(truth)


@given(decisions())
def test_confusions_against_plain_python(given_arrays: tuple[np.ndarray, np.ndarray]) -> None:
    truth, predicted = given_arrays
    n_labels = truth.shape[1]
    for column in range(n_labels):
        wanted = {}
        for other in set(range(n_labels)) - {column}:
            pair = [0, 0]
            for carries, given_labels in zip(truth, predicted, strict=True):
                missed = carries & ~given_labels
                wrong = given_labels & ~carries
                pair[0] += missed[column] and wrong[other]
                pair[1] += missed[other] and wrong[column]
            if sum(pair):
                wanted[other] = tuple(pair)
        found = confusions(truth, predicted, column)
        assert {one.column: (one.taken_for, one.taken_from) for one in found} == wanted
        sums = [one.taken_for + one.taken_from for one in found]
        assert sums == sorted(sums, reverse=True)
        # What one label is taken for, the other is taken from.
        for one in found:
            (back,) = (x for x in confusions(truth, predicted, one.column) if x.column == column)
            assert (back.taken_from, back.taken_for) == (one.taken_for, one.taken_from)


def test_a_right_parent_beside_a_missed_child_is_no_confusion() -> None:
    truth, predicted = np.array([[True, True]]), np.array([[True, False]])
    assert confusions(truth, predicted, 1) == ()


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(InputError, match="truth has shape"):
        confusions(np.zeros((2, 2), dtype=bool), np.zeros((3, 2), dtype=bool), 0)


def test_a_share_says_how_sure_it_is() -> None:
    nothing = share_of(0, 0)
    assert (nothing.value, nothing.low, nothing.high, nothing.n) == (None, 0.0, 1.0, 0)
    some = share_of(8, 10)
    assert some.value == 0.8
    # Wilson (1927) for 8 of 10, by hand: (0.8 + z^2/20 -/+ z sqrt(0.016 + z^2/400)) / (1 + z^2/10).
    assert (round(some.low, 4), round(some.high, 4)) == (0.4902, 0.9433)
