"""The first look at an uploaded file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from workbench.domain import ColumnMapping, DatePreview, FilePreview, UploadId
from workbench.errors import FileFormatError
from workbench.ingest.dates import DateTally
from workbench.ingest.guess import guess_mapping
from workbench.ingest.packed import UNPACKED_BYTES, unpack
from workbench.ingest.records import Chunk, Wanted, iterate_chunks
from workbench.ingest.shape import FileShape, find_shape
from workbench.ingest.text import sanitise

PREVIEW_ROWS = 20
GUESS_ROWS = 200
COUNT_ROWS = 5_000
_CELL_CHARACTERS = 1_000


def look(
    path: Path,
    *,
    name: str,
    upload_id: UploadId,
    max_bytes: int,
    sheet: str | None = None,
    unpacked_bytes: int = UNPACKED_BYTES,
) -> FilePreview:
    """Find out what a file is, show its first rows and propose a mapping.

    The whole file is split into rows once (for ``n_rows``), so damage anywhere shows now; single values
    are judged later, by ``check``.

    Parameters
    ----------
    name
        What the file was called; its extension is not trusted.
    max_bytes
        Largest size accepted.
    sheet
        Of a workbook: the sheet to look at; None = the first visible one.
    unpacked_bytes
        Most bytes that a compressed file may unpack to.

    Raises
    ------
    FileFormatError
        Too large, empty, binary, of another kind, not decodable, fewer than three columns, a bad header,
        no rows, or a quote that never closes.
    """
    n_bytes = path.stat().st_size
    if n_bytes > max_bytes:
        raise FileFormatError(
            f"{name!r} has {n_bytes:,} bytes; at most {max_bytes:,} are allowed.",
            next_step="Split it into several files with the same header; ids keep them apart.",
            details={"n_bytes": n_bytes, "max_bytes": max_bytes},
        )
    source = unpack(path, sheet=sheet, max_bytes=unpacked_bytes)
    shape = find_shape(source.path, typed=source.is_typed)
    wanted = Wanted(
        columns=shape.columns,
        required=frozenset(),
        texts=frozenset(),
        lists=frozenset(shape.columns),
        loose=True,
    )
    first = next(iterate_chunks(source.path, shape, wanted, GUESS_ROWS), None)
    if first is None:
        raise FileFormatError(
            f"{name!r} has a header and no rows.", next_step="Export it again with its rows."
        )
    n_rows, dates = _go_through(source.path, shape, wanted, DateTally(_flat_cells(first, shape)))
    return FilePreview(
        upload_id=upload_id,
        name=name,
        kind=source.kind or shape.kind,
        encoding=shape.encoding.name,
        delimiter=shape.delimiter,
        columns=shape.columns,
        rows=_shown_rows(first, shape.columns),
        n_rows=n_rows,
        n_bytes=n_bytes,
        guess=_guess(first, shape, source.sheet or None),
        dates=dates,
        sheets=source.sheets,
        sheet=source.sheet,
        left_out=shape.comments.left_out if shape.comments else (),
    )


def _go_through(
    path: Path, shape: FileShape, wanted: Wanted, tally: DateTally
) -> tuple[int, tuple[DatePreview, ...]]:
    """Split the whole file: number of rows, and how its dates are written."""
    n_rows = 0
    watched = replace(wanted, columns=tally.watched())
    for chunk in iterate_chunks(path, shape, watched, COUNT_ROWS):
        n_rows += chunk.n_rows
        tally.add(chunk.cells)
    return n_rows, tally.previews()


def _shown_rows(chunk: Chunk, columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    by_column = [[_cut(cell) for cell in chunk.cells[column][:PREVIEW_ROWS]] for column in columns]
    return tuple(zip(*by_column, strict=True))


def _cut(cell: str) -> str:
    text = sanitise(cell)
    return text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"


def _flat_cells(chunk: Chunk, shape: FileShape) -> dict[str, list[str]]:
    """The columns that hold plain values; nested ones cannot be imported."""
    return {column: chunk.cells[column] for column in shape.columns if column not in chunk.nested}


def _guess(chunk: Chunk, shape: FileShape, sheet: str | None) -> ColumnMapping | None:
    if not chunk.rows:
        return None
    if shape.comments is not None:
        return shape.comments.mapping()
    guess = guess_mapping(_flat_cells(chunk, shape), frozenset(chunk.lists))
    return guess if guess is None or sheet is None else replace(guess, sheet=sheet)
