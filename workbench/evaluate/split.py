"""The fixed test part: decided by a hash of the id, so that it never changes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workbench.primitives import unit_interval

TEST_SHARE = 0.20
"""Share of messages that validation keeps apart."""


def split(ids: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Which messages belong to the test part.

    Parameters
    ----------
    ids
        Thread id of each message, or its uid when it has no thread: thread-mates land on one side.

    Returns
    -------
    numpy.ndarray
        bool, (n,): True = test. A message's side depends on its id alone, whatever else is in the dataset.
    """
    return np.fromiter((unit_interval(name) < TEST_SHARE for name in ids), dtype=bool, count=len(ids))
