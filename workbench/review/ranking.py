"""The first of many, without putting all of them in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.review.pool import Ints


def first(rows: Ints, keys: Sequence[npt.NDArray[Any]], n: int) -> Ints:
    """The ``n`` rows that a stable sort by ``keys`` would put first, in that order.

    Of a million messages a page of twenty is found in a tenth of the time that sorting them takes.

    Parameters
    ----------
    rows
        int64, (k,).
    keys
        Each (k,), ascending, without NaN, the most important first; equal rows keep their order.
    n
        How many at most.

    Returns
    -------
    numpy.ndarray
        int64, (min(n, k),).
    """
    if n < 1:
        return rows[:0]
    places = np.arange(len(rows))
    sure: list[Ints] = []
    for key in keys:
        left = n - sum(map(len, sure))
        if left >= len(places) or not left:
            break
        values = key if len(places) == len(rows) else key[places]
        last = np.partition(values, left - 1)[left - 1]
        sure.append(places[values < last])
        places = places[values == last]
    left = n - sum(map(len, sure))
    # Equal by every key: the order they came in decides.
    chosen = np.sort(np.concatenate([*sure, places[:left] if len(sure) == len(keys) else places]))
    order = np.lexsort([key[chosen] for key in reversed(keys)])
    result: Ints = rows[chosen[order]][:n]
    return result
