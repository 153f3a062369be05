"""What could not be imported, as a table to work through."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.domain import RowError
from workbench.reports.sheets import write_csv

if TYPE_CHECKING:
    import polars as pl


def write_row_errors(errors: Iterable[RowError], path: Path) -> Path:
    """Write row, column, value and problem as CSV, in row order; values cannot run as formulas."""
    import polars as pl  # noqa: PLC0415  loaded when a table is written

    rows = [(error.row, error.column, error.value, error.problem) for error in errors]
    schema = {"row": pl.Int64, "column": pl.String, "value": pl.String, "problem": pl.String}
    write_csv(pl.DataFrame(rows, schema=schema, orient="row"), path)
    return path


def write_mail_problems(problems: pl.DataFrame, path: Path) -> Path:
    """Write place, message_id, problem and kept (yes, no) of mails without message as CSV, in their order."""
    import polars as pl  # noqa: PLC0415  loaded when a table is written

    kept = pl.when("kept").then(pl.lit("yes")).otherwise(pl.lit("no"))
    write_csv(problems.with_columns(kept.alias("kept")), path)
    return path
