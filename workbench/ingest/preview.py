"""The first look at an uploaded file."""

from __future__ import annotations

from pathlib import Path

from workbench.domain import ColumnMapping, FilePreview, UploadId
from workbench.errors import FileFormatError
from workbench.ingest.guess import guess_mapping
from workbench.ingest.records import Chunk, Wanted, iterate_chunks
from workbench.ingest.shape import find_shape
from workbench.ingest.text import sanitise

PREVIEW_ROWS = 20
GUESS_ROWS = 200
_CELL_CHARACTERS = 1_000


def look(path: Path, *, name: str, upload_id: UploadId, max_bytes: int) -> FilePreview:
    """Find out what a file is, show its first rows and propose a mapping.

    The whole file is split into rows once (for ``n_rows``), so damage anywhere shows now; single values
    are judged later, by ``check``.

    Parameters
    ----------
    name
        What the file was called; its extension is not trusted.
    max_bytes
        Largest size accepted.

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
    shape = find_shape(path)
    wanted = Wanted(
        columns=shape.columns,
        required=frozenset(),
        texts=frozenset(),
        lists=frozenset(shape.columns),
        loose=True,
    )
    first: Chunk | None = None
    n_rows = 0
    for chunk in iterate_chunks(path, shape, wanted, GUESS_ROWS):
        n_rows += chunk.n_rows
        if first is None:
            first = chunk
    if first is None:
        raise FileFormatError(
            f"{name!r} has a header and no rows.", next_step="Export it again with its rows."
        )
    return FilePreview(
        upload_id=upload_id,
        name=name,
        kind=shape.kind,
        encoding=shape.encoding.name,
        delimiter=shape.delimiter,
        columns=shape.columns,
        rows=_shown_rows(first, shape.columns),
        n_rows=n_rows,
        n_bytes=n_bytes,
        guess=_guess(first, shape.columns),
    )


def _shown_rows(chunk: Chunk, columns: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    by_column = [[_cut(cell) for cell in chunk.cells[column][:PREVIEW_ROWS]] for column in columns]
    return tuple(zip(*by_column, strict=True))


def _cut(cell: str) -> str:
    text = sanitise(cell)
    return text if len(text) <= _CELL_CHARACTERS else text[: _CELL_CHARACTERS - 1] + "…"


def _guess(chunk: Chunk, columns: tuple[str, ...]) -> ColumnMapping | None:
    """A mapping over the columns that hold plain values; nested ones cannot be imported."""
    flat = {column: chunk.cells[column] for column in columns if column not in chunk.nested}
    return guess_mapping(flat, frozenset(chunk.lists)) if chunk.rows else None
