"""Tables that an operation hands out in pieces, as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    import polars as pl


def whole(piece: Callable[[int], pa.Table]) -> pl.DataFrame:
    """All rows; ``piece`` gives those after the first so many, none at the end."""
    import polars as pl  # noqa: PLC0415

    pieces = [pl.DataFrame(piece(0))]
    while pieces[-1].height:
        pieces.append(pl.DataFrame(piece(sum(one.height for one in pieces))))
    return pl.concat(pieces)
