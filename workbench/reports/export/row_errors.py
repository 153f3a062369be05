"""The rows of a file that could not be read, as a table to work through."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workbench.domain import RowError
from workbench.reports.sheets import write_csv


def write_row_errors(errors: Iterable[RowError], path: Path) -> Path:
    """Write row, column, value and problem as CSV, in row order; values cannot run as formulas."""
    import polars as pl  # noqa: PLC0415  loaded when a table is written

    rows = [(error.row, error.column, error.value, error.problem) for error in errors]
    schema = {"row": pl.Int64, "column": pl.String, "value": pl.String, "problem": pl.String}
    write_csv(pl.DataFrame(rows, schema=schema, orient="row"), path)
    return path
