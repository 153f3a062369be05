from __future__ import annotations

import sys

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.review import (
    Pool,
    check,
    cover,
    informativeness,
    k_centre,
    label,
    low_confidence,
    missed,
    skip_near_duplicates,
    spread,
    sureness,
    teach,
)


def unreviewed(p: list[float], **more: np.ndarray) -> Pool:
    return Pool(
        reviewed=np.zeros(len(p), dtype=bool), probabilities=np.array(p, dtype=np.float32)[:, None], **more
    )


def test_label_goes_down_from_the_surest():
    assert label(unreviewed([0.1, 0.9, 0.5]), 2, label=0).indices.tolist() == [1, 2]


def test_teach_starts_at_even_odds_and_then_spreads():
    vectors = np.array([[1, 0], [1, 0], [0, 1], [1, 0]], dtype=np.float32)
    pool = unreviewed([0.5, 0.51, 0.7, 0.55], vectors=vectors)
    assert teach(pool, 2, label=0).indices.tolist() == [0, 2]
    assert teach(unreviewed([0.5, 0.51, 0.7, 0.55]), 3, label=0).indices.tolist() == [0, 1, 3]


def test_teach_starts_at_two_thirds_where_three_outcomes_are_as_likely_as_each_other():
    pool = unreviewed([0.5, 0.66, 0.72, 0.9], even=2 / 3)
    assert teach(pool, 2, label=0).indices.tolist() == [1, 2]


def test_teach_ignores_messages_beyond_the_hundred_nearest():
    rng = np.random.default_rng(0)
    p = np.concatenate([np.full(100, 0.5), np.full(50, 0.99)])
    vectors = np.tile(np.array([[1, 0]], dtype=np.float32), (150, 1))
    vectors[100:] = [0, 1]
    order = rng.permutation(150)
    pool = unreviewed(p[order].tolist(), vectors=vectors[order])
    assert (pool.probabilities[teach(pool, 20, label=0).indices] == 0.5).all()


def test_low_confidence_takes_the_least_sure_without_repeats():
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, -1]], dtype=np.float32)
    pool = unreviewed([0.01, 0.02, 0.9, 0.03], vectors=vectors)
    assert low_confidence(pool, 2).indices.tolist() == [0, 3]
    # The near-duplicate comes after all others when there is nothing else.
    assert low_confidence(pool, 4).indices.tolist() == [0, 3, 2, 1]


def test_low_confidence_takes_one_of_each_group_of_unsure_messages():
    # Cosine 0.8 within a group, 0 between groups.
    group = np.repeat([0, 1, 2], [19, 1, 20])
    vectors = (np.eye(43)[3:] * 0.5 + np.eye(43)[group]).astype(np.float32) / np.float32(1.25**0.5)
    # The last twenty are sure; of the others nineteen say much the same, and one does not.
    pool = unreviewed([0.4] * 20 + [0.99] * 20, vectors=vectors)
    assert sorted(low_confidence(pool, 2).indices.tolist())[1] == 19
    assert low_confidence(unreviewed([0.99, 0.4, 0.01]), 2).indices.tolist() == [2, 1]


def test_a_prediction_is_sure_when_an_informative_label_is_likely_and_nothing_is_open():
    p = np.array([[0.9, 0.1], [0.9, 0.5], [0.1, 0.1], [0.0, 0.0]], dtype=np.float32)
    expected = np.log([0.9 * 0.9 * 0.9, 0.9 * 0.9 * 0.5, 0.1 * 0.9 * 0.9, 1e-6])
    np.testing.assert_allclose(sureness(p, None), expected, rtol=1e-5)
    np.testing.assert_allclose(sureness(p[:1], np.array([0.5, 1.0])), np.log([0.45 * 0.9 * 0.9]), rtol=1e-5)


def test_cover_counts_informative_labels_above_their_threshold():
    p = np.array([[0.5, 0.4], [0.49, 0.8]], dtype=np.float32)
    np.testing.assert_allclose(cover(p, None, None), [0.5, 0.8], rtol=1e-6)
    np.testing.assert_allclose(cover(p, np.array([1.0, 0.5]), np.array([0.3, 0.3])), [0.6, 0.694], rtol=1e-6)


def test_a_parent_never_alone_is_not_informative():
    parents = np.array([-1, 0, -1], dtype=np.int64)
    rows = [[1, 1, 0]] * 15 + [[1, 1, 1]] * 10
    found = informativeness(np.array(rows, dtype=bool), parents)
    assert found.tolist() == [0.0, 1.0, pytest.approx(1 / 12 / 0.1)]
    # "Urgent" that never stands alone in 20 uses loses the rest.
    assert informativeness(np.array([[1, 1, 1]] * 20, dtype=bool), parents).tolist() == [0.0, 0.0, 0.0]


def held_out(p: list[float], has: list[int], settled: list[int] | None = None) -> Pool:
    return Pool(
        reviewed=np.ones(len(p), dtype=bool),
        out_of_fold=np.array(p, dtype=np.float32)[:, None],
        assigned=np.array(has, dtype=bool)[:, None],
        settled=None if settled is None else np.array(settled, dtype=bool),
    )


def test_check_and_missed_show_what_the_model_contradicts():
    p, has = [0.9, 0.02, 0.01, 0.1, 0.95, 0.05], [1, 1, 1, 0, 0, 0]
    assert check(held_out(p, has), 5, label=0).indices.tolist() == [2, 1]
    assert missed(held_out(p, has), 5, label=0).indices.tolist() == [4]
    assert check(held_out(p, has, [0, 0, 1, 0, 0, 0]), 5, label=0).indices.tolist() == [1]
    assert missed(held_out(p, has, [0, 0, 0, 0, 1, 0]), 5, label=0).indices.tolist() == []


@pytest.mark.parametrize("has", [[0, 0, 0], [1, 1, 1]])
def test_check_and_missed_need_both_sides(has):
    pool = held_out([0.1, 0.5, 0.9], has)
    assert len(check(pool, 5, label=0).indices) == 0
    assert len(missed(pool, 5, label=0).indices) == 0


def test_check_ignores_rows_without_held_out_probability():
    pool = held_out([0.9, float("nan"), 0.01, 0.4], [1, 1, 1, 0])
    assert check(pool, 5, label=0).indices.tolist() == [2]


@pytest.mark.parametrize("chosen", [None, -1, 1])
def test_a_label_that_does_not_exist_is_refused(chosen):
    with pytest.raises(InputError, match="label column"):
        teach(unreviewed([0.5]), 1, label=chosen)


def test_k_centre_takes_the_farthest():
    vectors = np.array([[1, 0], [0.8, 0.6], [-1, 0], [0, 1]], dtype=np.float32)
    assert k_centre(np.arange(4), vectors, 3).tolist() == [0, 2, 3]
    assert k_centre(np.arange(4), vectors, 9).tolist() == [0, 1, 2, 3]


def test_near_duplicates_wait_until_nothing_else_is_left():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], dtype=np.float32)
    assert skip_near_duplicates(np.arange(3), vectors, 2).tolist() == [0, 2]
    assert skip_near_duplicates(np.arange(3), vectors, 3).tolist() == [0, 2, 1]
    assert skip_near_duplicates(np.arange(3), None, 2).tolist() == [0, 1]


def test_cover_of_many_messages_is_found_piece_by_piece(monkeypatch):
    p = np.random.default_rng(0).random((50, 3)).astype(np.float32)
    whole = cover(p, None, None)
    monkeypatch.setattr(sys.modules["workbench.review.cover"], "_ROWS_AT_ONCE", 7)
    assert (cover(p, None, None) == whole).all()


def test_spread_takes_the_middle_of_each_group_in_the_order_of_the_candidates():
    angles = np.array([0.0, 0.1, 0.2, 1.5, 1.4, 1.3])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert spread(np.array([5, 2, 4, 1, 3, 0]), vectors, 2).tolist() == [4, 1]
    assert spread(np.array([3, 1]), vectors, 4).tolist() == [3, 1]
    assert spread(np.array([3, 1]), vectors, 0).tolist() == []


def test_spread_fills_up_where_all_candidates_are_alike():
    vectors = np.tile(np.array([[1, 0]], dtype=np.float32), (5, 1))
    found = spread(np.array([4, 3, 2, 1, 0]), vectors, 3)
    assert found.tolist() == [4, 3, 2]
