"""Suspect labels, ranked over a tree."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.evaluate import KINDS, rank_suspects

PARENTS = np.array([-1, 0, 0, -1])  # Claims; Claims > Motor; Claims > Home; Thanks


def told(y, p, **asked):
    found = rank_suspects(np.array(y, dtype=bool), np.array(p, dtype=np.float32), PARENTS, **asked)
    return [
        (int(row), KINDS[kind], int(said), int(expected))
        for row, kind, said, expected in zip(found.rows, found.kinds, found.said, found.expected, strict=True)
    ]


GOOD = ([1, 1, 0, 0], [0.95, 0.9, 0.05, 0.02])
NONE = ([0, 0, 0, 0], [0.05, 0.02, 0.02, 0.05])


def test_each_kind_is_found_and_good_labels_are_not():
    y, p = zip(
        GOOD,
        ([1, 1, 0, 0], [0.95, 0.04, 0.9, 0.02]),  # Motor, where Home is expected
        ([1, 1, 0, 0], [0.95, 0.93, 0.03, 0.9]),  # Thanks is missing
        ([1, 1, 0, 1], [0.95, 0.9, 0.05, 0.004]),  # Thanks is wrong
        NONE,
        NONE,
        strict=True,
    )
    found = told(y, p)
    assert sorted(found) == [(1, "instead", 1, 2), (2, "missing", -1, 3), (3, "wrong", 3, -1)]


def test_the_most_contradicted_come_first():
    rows = [([1, 1, 0, 0], [0.95, p, 0.9, 0.0]) for p in (0.2, 0.01, 0.1)]
    y, p = zip(*rows, strict=True)
    assert [row for row, *_ in told(y, p)] == [1, 2, 0]


def test_a_parent_with_an_assigned_child_is_not_taken_away():
    # The parent is unlikely too, but the label in doubt is the precise one.
    y, p = zip(([1, 1, 0, 0], [0.03, 0.01, 0.01, 0.01]), NONE, NONE, strict=True)
    assert told(y, p) == [(0, "wrong", 1, -1)]


def test_a_missing_parent_is_named_by_its_likely_child():
    y, p = zip(([0, 0, 0, 0], [0.97, 0.1, 0.9, 0.0]), ([0, 0, 0, 0], [0.97, 0.3, 0.4, 0.0]), strict=True)
    assert told(y, p) == [(0, "missing", -1, 2), (1, "missing", -1, 0)]


def test_a_child_of_the_label_in_doubt_is_added_not_exchanged():
    y, p = zip(([1, 0, 0, 0], [0.9, 0.88, 0.0, 0.0]), NONE, strict=True)
    assert told(y, p) == [(0, "missing", -1, 1)]


def test_taking_the_only_label_away_is_doubted_where_every_message_has_one():
    alone = ([0, 0, 0, 1], [0.1, 0.05, 0.05, 0.08])
    everywhere = [GOOD, ([0, 0, 0, 1], [0.1, 0.05, 0.05, 0.9])] * 200
    y, p = zip(alone, *everywhere, strict=True)
    assert told(y, p) == []
    y, p = zip(alone, *everywhere, *[NONE] * 200, strict=True)
    assert told(y, p) == [(0, "wrong", 3, -1)]


def test_what_was_settled_is_left_out():
    y, p = zip(([1, 1, 0, 0], [0.95, 0.04, 0.9, 0.02]), GOOD, strict=True)
    settled = np.zeros((2, 4), dtype=bool)
    settled[0, 1] = True
    assert told(y, p, settled=settled) == [(0, "missing", -1, 2)]
    settled[0, 2] = True
    assert told(y, p, settled=settled) == []


def test_one_label_can_be_asked_about():
    y, p = zip(
        ([1, 1, 0, 0], [0.95, 0.04, 0.9, 0.02]),
        ([1, 1, 0, 0], [0.95, 0.93, 0.03, 0.9]),
        GOOD,
        strict=True,
    )
    assert told(y, p, label=3) == [(1, "missing", -1, 3)]
    assert told(y, p, label=1) == [(0, "instead", 1, 2)] == told(y, p, label=2)


def test_messages_without_probabilities_and_empty_sets():
    y, p = zip(([1, 1, 0, 0], [0.95, np.nan, 0.9, 0.02]), GOOD, strict=True)
    assert told(y, p) == []
    assert len(rank_suspects(np.zeros((0, 4), dtype=bool), np.zeros((0, 4)), PARENTS).rows) == 0
    nothing = rank_suspects(np.zeros((3, 0), dtype=bool), np.zeros((3, 0)), PARENTS[:0])
    assert len(nothing.rows) == 0


def test_order_of_rows_changes_nothing():
    rng = np.random.default_rng(0)
    y, p = rng.random((60, 4)) < 0.3, rng.random((60, 4)).astype(np.float32)
    order = rng.permutation(60)
    straight = rank_suspects(y, p, PARENTS)
    mixed = rank_suspects(y[order], p[order], PARENTS)
    assert order[mixed.rows].tolist() == straight.rows.tolist()
    np.testing.assert_allclose(mixed.scores, straight.scores)


def test_flipped_labels_are_found_better_than_by_chance():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 2_000)
    columns = np.array([1, 2, 3])
    p = np.full((2_000, 4), 0.03)
    p[np.arange(2_000), columns[truth]] = rng.beta(8, 2, 2_000)
    p[:, 0] = np.maximum(p[:, 0], p[:, 1:3].max(axis=1))
    flipped = rng.choice(2_000, 100, replace=False)
    said = truth.copy()
    said[flipped] = (said[flipped] + 1) % 3
    y = np.zeros((2_000, 4), dtype=bool)
    y[np.arange(2_000), columns[said]] = True
    y[:, 0] = y[:, 1] | y[:, 2]
    found = rank_suspects(y, p, PARENTS)
    assert set(found.rows[:100].tolist()) == set(flipped.tolist())


def test_wrong_shapes_are_refused():
    with pytest.raises(InputError, match=r"shapes of truth, .* differ: .* Give one row per reviewed message"):
        rank_suspects(np.zeros((2, 4), dtype=bool), np.zeros((2, 3)), PARENTS)
    with pytest.raises(InputError, match=r"label column 4 does not exist\. Choose one of 0 to 3"):
        rank_suspects(np.zeros((2, 4), dtype=bool), np.zeros((2, 4)), PARENTS, label=4)
