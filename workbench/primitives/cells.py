"""Cells of tables that a spreadsheet may open: no text of anybody runs as a formula, and every text comes back."""

from __future__ import annotations

import re

ACTIVE_CELL = r"^'*(?:[\s\x1c-\x1f]*[=+\-@＝＋－＠]|[\t\r\n])"
"""Beginnings of cells that a spreadsheet could run, or that were guarded already; also for the engine of polars.

Leading blanks are looked through, and the full-width forms of the signs count too.
"""
_ACTIVE = re.compile(ACTIVE_CELL)


def neutral_cell(text: str) -> str:
    """``text`` with an apostrophe before it when a spreadsheet could take it for a formula.

    What stands behind apostrophes already gets one more, so that :func:`bare_cell` always gives the text back.
    """
    return f"'{text}" if _ACTIVE.match(text) else text


def bare_cell(cell: str) -> str:
    """The text that :func:`neutral_cell` made a cell of."""
    return cell[1:] if cell[:1] == "'" and _ACTIVE.match(cell) else cell
