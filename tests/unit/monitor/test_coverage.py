"""Coverage and informativeness."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from workbench.errors import InputError
from workbench.monitor import coverage, informativeness


def test_cover_by_hand() -> None:
    found = coverage([[0.5, 0.5], [0.9, 0.1], [0.1, 0.1]], [1, 0.5], [0.2, 0.2])
    assert found.cover.tolist() == pytest.approx([1 - 0.5 * 0.75, 0.9, 0])
    assert found.coverage == pytest.approx((0.625 + 0.9) / 3)
    assert found.share_covered == pytest.approx(2 / 3)


def test_labels_that_say_nothing_do_not_cover() -> None:
    assert coverage(np.ones((4, 1)), [0], [0.5]).coverage == 0


def test_no_messages_no_coverage() -> None:
    assert coverage(np.zeros((0, 2)), [1, 1], [0.5, 0.5]).coverage is None


def test_shapes_must_fit() -> None:
    with pytest.raises(InputError, match="weights"):
        coverage(np.ones((4, 2)), [1], [0.5])
    with pytest.raises(InputError, match="2 paths"):
        informativeness(np.ones((4, 1), dtype=bool), [("a",), ("b",)])


def test_labels_that_stand_alone_are_informative_and_companions_are_not() -> None:
    paths = [("Claim",), ("Claim", "Motor"), ("Urgent",)]
    deep = [[True, True, False]] * 15
    urgent = [[True, True, True]] * 25
    weights = informativeness(np.array(deep + urgent), paths)
    # The parent never stands alone (its child is always there), nor does Urgent; the child does.
    assert weights.tolist() == [0, 1, 0]


def test_rarely_used_labels_get_the_benefit_of_the_doubt() -> None:
    assert informativeness(np.zeros((3, 1), dtype=bool), [("New",)]).tolist() == [1]


def test_weight_rises_with_the_share_alone() -> None:
    alone = np.array([[True, False]] * 2 + [[True, True]] * 96)
    weights = informativeness(alone, [("A",), ("B",)])
    assert weights[0] == pytest.approx(3 / 100 / 0.10)
    assert weights[1] == 0


def test_many_messages_are_weighed_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    p = np.random.default_rng(0).random((50, 3)).astype(np.float32)
    whole = coverage(p, [1, 0.5, 0.2], [0.5, 0.5, 0.1]).cover
    monkeypatch.setattr(sys.modules["workbench.monitor.coverage"], "_ROWS_AT_ONCE", 7)
    assert (coverage(p, [1, 0.5, 0.2], [0.5, 0.5, 0.1]).cover == whole).all()
