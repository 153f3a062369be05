"""Workbooks, written row by row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.reports.export.columns import as_cells
from workbench.reports.export.pieces import Layout, Piece
from workbench.reports.export.writers import Flatten

MOST_ROWS = 1_048_576
"""Rows of a sheet, header included (ECMA-376)."""
CELL_CHARACTERS = 32_767
_CUT = " … [cut: a cell holds 32,767 characters]"


class WorkbookWriter:
    """Sheets of at most 1,048,576 rows; texts are texts, never formulas or links.

    Parameters
    ----------
    most_rows
        Rows per sheet, header included.
    """

    def __init__(self, path: Path, flatten: Flatten, layout: Layout, *, most_rows: int = MOST_ROWS) -> None:
        import xlsxwriter  # noqa: PLC0415  loaded when a workbook is written

        del layout
        self._flatten = flatten
        self._most_rows = most_rows
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(path), options | {"tmpdir": str(path.parent)})
        self._sheet: Any = None
        self._n_sheets = self._row = 0

    def write(self, piece: Piece) -> None:
        """Add the rows of a piece."""
        cells = as_cells(self._flatten(piece))
        if self._sheet is None:
            self._next_sheet(cells.columns)
        for row in cells.iter_rows():
            if self._row >= self._most_rows:
                self._next_sheet(cells.columns)
            self._write_row(row)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _next_sheet(self, columns: list[str]) -> None:
        self._n_sheets += 1
        self._sheet = self._book.add_worksheet(
            "Messages" if self._n_sheets == 1 else f"Messages {self._n_sheets}"
        )
        self._sheet.freeze_panes(1, 0)
        self._row = 0
        self._write_row(columns)

    def _write_row(self, cells: Any) -> None:
        for place, cell in enumerate(cells):
            if isinstance(cell, str):
                text = cell if len(cell) <= CELL_CHARACTERS else cell[: CELL_CHARACTERS - len(_CUT)] + _CUT
                self._sheet.write_string(self._row, place, text)
            elif isinstance(cell, bool):
                self._sheet.write_boolean(self._row, place, cell)
            elif cell is not None:
                self._sheet.write_number(self._row, place, cell)
        self._row += 1
