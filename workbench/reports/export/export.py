"""The way from a dataset to a file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from workbench.domain import DatasetId, ExportFormat, MessageFilter, Operations
from workbench.errors import InputError
from workbench.primitives import write_atomically
from workbench.reports.export.columns import flat_frame
from workbench.reports.export.pieces import read_pieces
from workbench.reports.export.workbook import WorkbookWriter
from workbench.reports.export.writers import CsvWriter, JsonLinesWriter, ParquetWriter, Writer

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
_WRITERS: dict[ExportFormat, Callable[..., Writer]] = {
    "csv": CsvWriter,
    "jsonl": JsonLinesWriter,
    "parquet": ParquetWriter,
    "xlsx": WorkbookWriter,
}


def choose_format(path: Path, named: str | None = None) -> ExportFormat:
    """The format that is named, else the one that the ending of ``path`` says.

    Raises
    ------
    InputError
        Neither is one of ``FORMATS``, or the folder does not exist.
    """
    wanted = named if named is not None else path.suffix.lower().removeprefix(".")
    known = {str(kind): kind for kind in FORMATS}
    if wanted not in known:
        what = f"format {named!r}" if named is not None else f"the ending of {path.name!r}"
        raise InputError(
            f"{what} does not say how to write messages.",
            next_step=f"End the name with {', '.join(f'.{kind}' for kind in FORMATS)}, or name the format.",
            details={"path": str(path), "formats": [str(kind) for kind in FORMATS]},
        )
    if not path.parent.is_dir():
        raise InputError(
            f"there is no folder {str(path.parent)!r}.",
            next_step="Make it first.",
            details={"path": str(path)},
        )
    return known[wanted]


def export_messages(
    operations: Operations,
    dataset_id: DatasetId,
    where: MessageFilter,
    path: Path,
    *,
    kind: ExportFormat,
    at_least: float = 0.5,
    version: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Write every message that passes; returns how many. The file appears under its name only when whole.

    Memory does not grow with the number of messages: one piece of at most 16,384 is held at a time.

    Parameters
    ----------
    at_least
        Labels with this probability or more stand in ``predicted``; in (0, 1].
    version
        Model version of the probabilities; None = the newest, 0 everywhere before the first.
    progress
        Called with the messages written so far, after each piece.

    Raises
    ------
    InputError
        ``at_least`` lies elsewhere, or there is no such version.
    """
    if not 0 < at_least <= 1:
        raise InputError(
            f"{at_least} is no probability from which to list labels.", next_step="Use one in (0, 1]."
        )
    layout, pieces = read_pieces(operations, dataset_id, where, version)
    flatten = functools.partial(flat_frame, layout=layout, at_least=at_least)
    n_written = 0

    def write(draft: Path) -> None:
        nonlocal n_written
        writer = _WRITERS[kind](draft, flatten, layout)
        try:
            for piece in pieces:
                writer.write(piece)
                n_written += piece.table.num_rows
                if progress is not None:
                    progress(n_written)
        finally:
            writer.close()

    write_atomically(path, write)
    return n_written
