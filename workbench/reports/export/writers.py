"""One writer per format: a piece goes in, rows go out; nothing is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workbench.reports.export.columns import as_cells
from workbench.reports.export.lines import comment_lines
from workbench.reports.export.pieces import Layout, Piece

if TYPE_CHECKING:
    import polars as pl

Flatten = Callable[[Piece], "pl.DataFrame"]


class Writer(Protocol):
    """Writes one file."""

    def write(self, piece: Piece) -> None:
        """Add the rows of a piece; the first may be empty and gives the header."""

    def close(self) -> None:
        """Finish the file."""


class CsvWriter:
    """UTF-8 CSV with a byte-order mark; text cells are neutralised, numbers stay numbers."""

    def __init__(self, path: Path, flatten: Flatten, layout: Layout) -> None:
        del layout
        self._file = path.open("wb")
        self._flatten = flatten
        self._is_first = True

    def write(self, piece: Piece) -> None:
        """Add the rows of a piece."""
        cells = as_cells(self._flatten(piece))
        cells.write_csv(self._file, include_bom=self._is_first, include_header=self._is_first)
        self._is_first = False

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class JsonLinesWriter:
    """Comment objects, which our own import reads back to the same messages."""

    def __init__(self, path: Path, flatten: Flatten, layout: Layout) -> None:
        del flatten, layout
        self._file = path.open("wb")

    def write(self, piece: Piece) -> None:
        """Add the rows of a piece."""
        self._file.writelines(comment_lines(piece.table))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


class ParquetWriter:
    """Typed columns: times, numbers, lists of texts."""

    def __init__(self, path: Path, flatten: Flatten, layout: Layout) -> None:
        del layout
        self._path = path
        self._flatten = flatten
        self._writer: Any = None

    def write(self, piece: Piece) -> None:
        """Add the rows of a piece."""
        import pyarrow.parquet as pq  # noqa: PLC0415  loaded when a file is written

        table = self._flatten(piece).to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table.cast(self._writer.schema))

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()
