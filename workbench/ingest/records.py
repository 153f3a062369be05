"""Chunks of rows, the common ground of the CSV and the JSONL reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.domain import ColumnMapping, PropertyKind, RowError
from workbench.errors import FileFormatError
from workbench.ingest.comments import ROLES
from workbench.ingest.encoding import decoding_error, first_bad_byte
from workbench.ingest.shape import FileShape
from workbench.ingest.text import shown

CHUNK_CHARACTERS = 4_000_000
ROW_CHARACTERS = 800
"""A chunk ends when its cells hold as many characters as its rows may have on average, and at least 4 million."""


def chunk_characters(batch_rows: int) -> int:
    """Most characters of a chunk, so that memory stays bounded whatever the rows are like."""
    return max(CHUNK_CHARACTERS, ROW_CHARACTERS * batch_rows)


@dataclass
class Chunk:
    """Consecutive rows.

    Attributes
    ----------
    rows
        Row numbers of the rows that could be split into cells, ascending; data rows count from 1.
    cells
        Column name to its cells, as long as ``rows``.
    errors
        Rows that could not be split; they are not in ``rows``.
    n_rows
        All data rows, readable or not.
    present
        Wanted columns that occurred at all; always all of them in CSV.
    as_is
        The cells are those of messages as they were stored, from an export of ours: nothing is tidied up.
    nested, lists
        Columns in which a JSON object or list of other things, or a list of texts, occurred.
    """

    rows: list[int] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)
    errors: list[RowError] = field(default_factory=list)
    n_rows: int = 0
    as_is: bool = False
    present: set[str] = field(default_factory=set)
    nested: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a reader is asked for.

    Attributes
    ----------
    columns
        Every column the mapping uses, once each.
    required
        Columns of id, time and text.
    texts
        Columns that must hold text, not numbers.
    lists
        Columns that may hold a list of texts.
    loose
        A nested JSON value becomes its JSON text, to be shown, instead of making the row bad.
    """

    columns: tuple[str, ...]
    required: frozenset[str]
    texts: frozenset[str]
    lists: frozenset[str]
    loose: bool = False

    @classmethod
    def of(cls, mapping: ColumnMapping) -> Wanted:
        """Derive it from a mapping."""
        return cls(
            columns=tuple(dict.fromkeys([*mapped_columns(mapping).values(), *mapping.properties])),
            required=frozenset((mapping.id, mapping.timestamp, mapping.body)),
            texts=frozenset(
                column
                for column in (mapping.body, mapping.subject, mapping.signature, mapping.full_text)
                if column
            ),
            lists=frozenset(
                column for column in (mapping.recipients, mapping.cc, mapping.bcc) if column is not None
            ),
        )


def mapped_columns(mapping: ColumnMapping) -> dict[str, str]:
    """Role or property kind to column, in a fixed order: ``{"id": "Ticket", …}``; unset ones are left out."""
    found = {role: getattr(mapping, role) for role in ROLES}
    return {role: column for role, column in found.items() if column is not None}


def check_mapping(mapping: ColumnMapping, columns: tuple[str, ...]) -> None:
    """Refuse a mapping that names columns the file does not have.

    Raises
    ------
    FileFormatError
        A mapped column is missing, or two become the same property.
    """
    roles = {column: role for role, column in mapped_columns(mapping).items()}
    for column in Wanted.of(mapping).columns:
        if column not in columns:
            role = roles.get(column, "property")
            raise FileFormatError(
                f"the file has no column {column!r}, which the mapping uses as {role}.",
                next_step=f"Columns of the file: {', '.join(columns[:50])}.",
                details={"column": column, "role": role, "columns": list(columns)},
            )
    became: dict[str, str] = {}
    for column, kind in mapping.properties.items():
        key = property_key(column, kind)
        if key in became:
            raise FileFormatError(
                f"columns {became[key]!r} and {column!r} would both become the property {key!r}.",
                next_step="Leave one of them out of the mapping.",
                details={"columns": [became[key], column], "property": key},
            )
        became[key] = column


def property_key(column: str, kind: PropertyKind) -> str:
    """Name of the property that a column becomes; a column that has the prefix already keeps its name."""
    prefix = f"{kind}:"
    return column if column.startswith(prefix) else prefix + column


def list_cell(entries: Iterable[str]) -> str:
    """A list of texts as a cell: one entry a line. A lone one with a comma in it ends its line, to stay whole."""
    lines = [" ".join(entry.split("\n")) for entry in entries]
    ends = len(lines) == 1 and any(mark in lines[0] for mark in ";,")
    return "\n".join(lines) + ("\n" if ends else "")


def row_error(row: int, column: str, value: str, problem: str) -> RowError:
    """A row error whose value is fit to be shown."""
    return RowError(row=row, column=column, value=shown(value), problem=problem)


def iterate_chunks(
    path: Path, shape: FileShape, wanted: Wanted, batch_rows: int, end: int | None = None
) -> Iterator[Chunk]:
    """Read the file in chunks of at most ``batch_rows`` rows, with the cells of ``wanted``.

    Raises
    ------
    FileFormatError
        The rest of the file cannot be read: a byte does not decode, a quote never closes, a line or cell
        is longer than can be meant.
    """
    from workbench.ingest.csv_reader import csv_chunks  # noqa: PLC0415  (they import this module)
    from workbench.ingest.jsonl_reader import jsonl_chunks  # noqa: PLC0415

    read = csv_chunks if shape.kind == "csv" else jsonl_chunks
    try:
        yield from read(path, shape, wanted, batch_rows, end)
    except UnicodeDecodeError:
        offset = first_bad_byte(path, shape.encoding)
        if offset is None:
            raise
        raise _located(path, shape, wanted, batch_rows, offset) from None


def _located(path: Path, shape: FileShape, wanted: Wanted, batch_rows: int, offset: int) -> FileFormatError:
    """Name the row of a bad byte by reading again up to it."""
    n_rows = 0
    try:
        for chunk in iterate_chunks(path, shape, wanted, batch_rows, end=offset):
            n_rows += chunk.n_rows
    except FileFormatError as failure:  # cut inside a quoted cell: that row is the one
        row = failure.details.get("row")
        n_rows = row if isinstance(row, int) else n_rows
    return decoding_error(path, shape.encoding, offset, max(n_rows, 1))
