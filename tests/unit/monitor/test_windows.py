"""What windows are made of."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.monitor import windows
from workbench.monitor.windows import draw, principal_components


def test_components_are_those_of_unit_rows_whatever_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = np.random.default_rng(0).normal(size=(90, 6)).astype(np.float32) * [9, 5, 3, 2, 1, 1]
    vectors[3] = 0
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    _, _, axes = np.linalg.svd(unit - unit.mean(axis=0))
    wanted = np.abs((unit - unit.mean(axis=0)) @ axes[:4].T)
    for size in (1000, 7):
        monkeypatch.setattr(windows, "_ROWS_AT_ONCE", size)
        np.testing.assert_allclose(np.abs(principal_components(vectors, 4)), wanted, atol=1e-5)
    assert principal_components(vectors, 99).shape == (90, 6)
    assert principal_components(vectors[:0], 4).shape == (0, 4)


def test_a_draw_does_not_depend_on_the_order_of_messages() -> None:
    uids = [f"a.{i}" for i in range(50)]
    drawn = {uids[row] for row in draw(uids, 10)}
    turned = uids[::-1]
    assert {turned[row] for row in draw(turned, 10)} == drawn
    assert len(drawn) == 10
