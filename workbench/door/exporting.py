"""Messages with their labels as a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import InputError
from workbench.primitives import write_atomically

if TYPE_CHECKING:
    import polars as pl

_BETWEEN = "; "
SUFFIXES = (".csv", ".jsonl", ".parquet")


def refuse_other_suffixes(path: Path) -> None:
    """Say before anything is fetched what cannot be written.

    Raises
    ------
    InputError
        The ending is none of ``SUFFIXES``, or the folder does not exist.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{path.name!r} has no ending that says how to write it.",
            next_step=f"End it with {', '.join(SUFFIXES)}.",
            details={"path": str(path)},
        )
    if not path.parent.is_dir():
        raise InputError(
            f"there is no folder {str(path.parent)!r}.",
            next_step="Make it first.",
            details={"path": str(path)},
        )


def with_predictions(
    messages: pl.DataFrame, predictions: pl.DataFrame | None, at_least: float
) -> pl.DataFrame:
    """``messages`` with a column ``predicted``: names of labels whose probability is at least ``at_least``."""
    import polars as pl  # noqa: PLC0415  loaded when a table is written

    if predictions is None:
        return messages.with_columns(predicted=pl.lit([], dtype=pl.List(pl.String)))
    likely = (
        predictions.filter(pl.col("probability") >= at_least)
        .sort("probability", descending=True)
        .group_by("uid", maintain_order=True)
        .agg(predicted=pl.col("label"))
    )
    joined = messages.join(likely, on="uid", how="left", maintain_order="left")
    return joined.with_columns(pl.col("predicted").fill_null(pl.lit([], dtype=pl.List(pl.String))))


def write_frame(frame: pl.DataFrame, path: Path) -> Path:
    """Write by the ending of ``path``; it appears under its name only when whole.

    In CSV lists are joined by "; ", and cells that a spreadsheet could run as a formula begin with an apostrophe.
    """
    import polars as pl  # noqa: PLC0415  as above

    from workbench.reports import write_csv  # noqa: PLC0415  loads templates

    kind = path.suffix.lower()
    if kind == ".parquet":
        write_atomically(path, frame.write_parquet)
    elif kind == ".jsonl":
        write_atomically(path, frame.write_ndjson)
    else:
        lists = [name for name, dtype in frame.schema.items() if dtype == pl.List(pl.String)]
        write_csv(frame.with_columns(pl.col(name).list.join(_BETWEEN) for name in lists), path)
    return path
