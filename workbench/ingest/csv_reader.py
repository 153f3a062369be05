"""Rows of a CSV file, with exact row numbers.

Python's ``csv`` module splits (RFC 4180, quotes doubled inside quoted cells, line breaks allowed there)
in its strict mode. Blank lines are no rows. A row that cannot be split is one bad row; a quote that never
closes makes the rest of the file unreadable.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.domain import LIMITS
from workbench.errors import FileFormatError
from workbench.ingest.encoding import open_text
from workbench.ingest.exported import is_cut
from workbench.ingest.records import Chunk, Wanted, chunk_characters, row_error
from workbench.ingest.shape import FileShape
from workbench.primitives import bare_cell

ROW_CHARACTERS = LIMITS["text_characters"].most
"""Characters of a row that is long for a message; so many rows are split at once as fit by this measure."""
_LINE_END = re.compile("\r\n|\r|\n")
CELL_CHARACTERS = 1 << 20
"""Longest cell the splitter takes; what is longer is no cell of a message, or a quote that never closes."""


def csv_chunks(
    path: Path, shape: FileShape, wanted: Wanted, batch_rows: int, end: int | None
) -> Iterator[Chunk]:
    """Read a CSV file; see ``records.iterate_chunks``."""
    if csv.field_size_limit() < CELL_CHARACTERS:  # a limit of the process: only ever raised
        csv.field_size_limit(CELL_CHARACTERS)
    places = {column: shape.columns.index(column) for column in wanted.columns}
    with open_text(path, shape.encoding, newline="", end=end) as stream:
        for _ in range(shape.n_before):
            stream.readline()
        reader = csv.reader(stream, delimiter=shape.delimiter, strict=True)
        while not next(reader):
            pass  # blank lines before the header
        gather = _Gather(len(shape.columns), places)
        most_characters = chunk_characters(batch_rows)
        row = 0
        for records, line, failure in _records(reader, gather, batch_rows, most_characters, shape.n_before):
            row = gather.add(row, records, line)
            if failure is not None:
                row += 1
                gather.fail(row, _explain(failure, row, line + sum(map(_n_lines, records))))
            if gather.n_rows >= batch_rows or gather.n_characters >= most_characters:
                yield _as_exported(gather.take(), shape)
        if gather.n_rows:
            yield _as_exported(gather.take(), shape)


def _as_exported(chunk: Chunk, shape: FileShape) -> Chunk:
    """The chunk with cells as they were before our export minded spreadsheets; a text that it cut is no text."""
    if not shape.by_spreadsheet:
        return chunk
    cut: dict[int, tuple[str, str]] = {}
    for column, cells in chunk.cells.items():
        cut |= {place: (column, cell) for place, cell in enumerate(cells) if is_cut(cell)}
        chunk.cells[column] = [bare_cell(cell) for cell in cells]
    if cut:
        chunk.errors += [
            row_error(chunk.rows[place], column, cell, "was cut by the export; use CSV, JSONL or Parquet")
            for place, (column, cell) in sorted(cut.items())
        ]
        kept = [place for place in range(len(chunk.rows)) if place not in cut]
        chunk.rows = [chunk.rows[place] for place in kept]
        chunk.cells = {column: [cells[place] for place in kept] for column, cells in chunk.cells.items()}
    return chunk


def _records(
    reader: Any, gather: _Gather, batch_rows: int, most_characters: int, n_before: int
) -> Iterator[tuple[list[list[str]], int, csv.Error | None]]:
    """Records as many at once as the chunk surely takes, the line where they begin, and what ended them."""
    while True:
        line = reader.line_num + n_before + 1
        room = (most_characters - gather.n_characters) // ROW_CHARACTERS
        n_wanted = max(1, min(batch_rows - gather.n_rows, room))
        records: list[list[str]] = []
        try:
            records.extend(islice(reader, n_wanted))
        except csv.Error as failure:
            yield records, line, failure
        else:
            if not records:
                return
            yield records, line, None


def _n_lines(record: list[str]) -> int:
    """Lines of the file that a record takes: one, and one for every line end inside its cells."""
    return 1 + sum(len(_LINE_END.findall(cell)) for cell in record)


def _explain(failure: csv.Error, row: int, line: int) -> str:
    """The problem of one row; raises when the rest of the file cannot be read."""
    text = str(failure)
    if "field limit" in text:
        raise FileFormatError(
            f"row {row} (line {line}) has a cell of more than {CELL_CHARACTERS:,} characters, "
            "or opens a quote that never closes.",
            next_step='Shorten the cell, or close the quote; write quotes inside a quoted cell twice ("").',
            details={"row": row, "line": line, "problem": "unclosed quote"},
        ) from None
    if "end of data" in text:
        raise FileFormatError(
            f"row {row} (line {line}) opens a quote that never closes.",
            next_step='Close the quote, and write quotes inside a quoted cell twice ("").',
            details={"row": row, "line": line, "problem": "unclosed quote"},
        ) from None
    return f'has text after the closing quote (line {line}); write quotes inside a cell twice ("")'


class _Gather:
    """Rows until a chunk is full."""

    def __init__(self, n_columns: int, places: dict[str, int]) -> None:
        self._n_columns = n_columns
        self._places = places
        self._clear()

    def _clear(self) -> None:
        self._kept: list[list[str]] = []
        self._chunk = Chunk()
        self.n_characters = 0
        self.n_rows = 0

    def fail(self, row: int, problem: str) -> None:
        self._chunk.errors.append(row_error(row, "", "", problem))
        self.n_rows += 1

    def add(self, row: int, records: list[list[str]], line: int) -> int:
        """Take records, ``row`` rows after the first of the file; returns the number of rows then."""
        n_columns = self._n_columns
        if all(len(record) == n_columns and record[0] and not record[0].isspace() for record in records):
            self._chunk.rows.extend(range(row + 1, row + 1 + len(records)))
            self._kept.extend(records)
            self.n_rows += len(records)
            self.n_characters += sum(sum(map(len, record)) for record in records)
            return row + len(records)
        for record in records:
            if record and (len(record) > 1 or record[0].strip()):
                row += 1
                self._add_one(row, record, line)
            line += _n_lines(record)
        return row

    def _add_one(self, row: int, cells: list[str], line: int) -> None:
        self.n_rows += 1
        self.n_characters += sum(map(len, cells))
        if len(cells) != self._n_columns:
            problem = f"has {len(cells)} cells, the header has {self._n_columns} (line {line})"
        elif not cells[0] and not any(map(str.strip, cells)):
            problem = f"has only empty cells (line {line}); delete the row"
        else:
            self._chunk.rows.append(row)
            self._kept.append(cells)
            return
        self._chunk.errors.append(row_error(row, "", " | ".join(cells), problem))

    def take(self) -> Chunk:
        chunk = self._chunk
        wanted = self._kept if self._places else []
        by_place = list(zip(*wanted, strict=True)) or [()] * self._n_columns
        chunk.cells = {column: list(by_place[place]) for column, place in self._places.items()}
        chunk.n_rows = self.n_rows
        chunk.present = set(self._places)
        self._clear()
        return chunk
