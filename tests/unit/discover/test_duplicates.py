"""Near-duplicates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workbench.discover import near_duplicates

MakeBlobs = Callable[..., tuple[np.ndarray, np.ndarray]]


def at(degrees: float) -> list[float]:
    return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]


def test_copies_share_a_group_in_order_of_appearance() -> None:
    vectors = [at(0), at(90), at(1), at(91), at(180), at(0)]
    assert near_duplicates(vectors).tolist() == [0, 1, 0, 1, 2, 0]


def test_length_does_not_matter() -> None:
    assert near_duplicates([[1, 0], [5, 0], [0, 2]]).tolist() == [0, 0, 1]


def test_chains_do_not_grow() -> None:
    # Each is within 10 degrees (cosine 0.985) of the next, but the ends are 60 degrees apart.
    groups = near_duplicates([at(10 * i) for i in range(7)])
    assert groups.tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_every_member_is_a_copy_of_the_first(make_blobs: MakeBlobs) -> None:
    vectors, _ = make_blobs(400, noise=0.03)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = near_duplicates(vectors)
    assert len(set(groups.tolist())) < 400
    for group in set(groups.tolist()):
        members = np.flatnonzero(groups == group)
        assert (unit[members] @ unit[members[0]] > 0.97 - 1e-5).all()


def test_many_equal_rows_are_one_group() -> None:
    vectors = np.tile(np.array([[1.0, 2.0, 3.0]], dtype=np.float32), (500, 1))
    assert set(near_duplicates(vectors).tolist()) == {0}


def test_nothing() -> None:
    assert near_duplicates(np.zeros((0, 4))).shape == (0,)
