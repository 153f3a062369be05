"""Tables as CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.primitives import neutral_cell, write_atomically

if TYPE_CHECKING:
    import polars as pl


def write_csv(frame: pl.DataFrame, path: Path) -> None:
    """Write UTF-8 CSV with a byte-order mark; text cells are neutralised, numbers stay numbers."""
    import polars as pl  # noqa: PLC0415  loaded when a table is written

    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    safe = frame.with_columns(
        pl.Series(name, [None if v is None else neutral_cell(v) for v in frame[name]], dtype=pl.String)
        for name in texts
    )
    write_atomically(path, lambda draft: safe.write_csv(draft, include_bom=True))
