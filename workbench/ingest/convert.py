"""A chunk of cells to checked values: the same steps in pass one (check) and pass two (load)."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from workbench.domain import LIMITS, ColumnMapping, RowError
from workbench.ingest.columns import (
    LANGUAGE_CHARACTERS,
    nul_errors,
    read_addresses,
    read_ids,
    read_properties_of,
    read_texts,
    read_times,
)
from workbench.ingest.extras import Evidence, Extras, read_extras, without_parts
from workbench.ingest.records import Chunk


@dataclass(frozen=True, kw_only=True)
class Values:
    """One chunk, column by column; every list is as long as ``rows``.

    Attributes
    ----------
    days_first, months_first
        timestamp[us, UTC]: both readings of each time, null where unreadable.
    properties
        JSON objects.
    extras
        What the columns of ``MESSAGE_EXTRAS`` hold, None when the mapping names none of them.
    as_is
        See ``Chunk``.
    errors
        Everything wrong with single cells, in row order.
    """

    rows: list[int]
    ids: list[str | None]
    days_first: pa.Array
    months_first: pa.Array
    bodies: list[str | None]
    subjects: list[str | None]
    threads: list[str | None]
    senders: list[str | None]
    recipients: list[list[str]]
    languages: list[str | None]
    signatures: list[str | None]
    full_texts: list[str | None]
    properties: list[str]
    extras: Extras | None
    as_is: bool
    errors: list[RowError]


def convert(chunk: Chunk, mapping: ColumnMapping, evidence: Evidence) -> Values:
    """Check and convert every mapped cell of ``chunk``; nothing is raised for a bad cell."""
    chunk = without_parts(chunk, mapping)
    rows, cells, as_is = chunk.rows, chunk.cells, chunk.as_is
    errors = nul_errors(rows, cells)
    damaged = {(error.row, error.column) for error in errors}

    def optional(column: str | None, most: str | int, *, stripped: bool = False) -> list[str | None]:
        if column is None:
            return [None] * len(rows)
        limit = most if isinstance(most, int) else LIMITS[most].most
        written = [cell.strip() for cell in cells[column]] if stripped and not as_is else cells[column]
        return read_texts(rows, column, written, errors, limit=limit, as_is=as_is)

    ids = read_ids(rows, mapping.id, cells[mapping.id], errors)
    days_first, months_first = read_times(
        rows, mapping.timestamp, cells[mapping.timestamp], errors, evidence.times
    )
    values = Values(
        rows=rows,
        ids=ids,
        days_first=days_first,
        months_first=months_first,
        bodies=read_texts(rows, mapping.body, cells[mapping.body], errors, required=not as_is, as_is=as_is),
        subjects=optional(mapping.subject, "text_characters"),
        threads=optional(mapping.thread_id, "text_characters", stripped=True),
        senders=optional(mapping.sender, "sender_characters", stripped=True),
        recipients=read_addresses(rows, mapping.recipients, cells[mapping.recipients], errors, as_is=as_is)
        if mapping.recipients
        else [[] for _ in rows],
        languages=optional(
            mapping.language, "language_characters" if as_is else LANGUAGE_CHARACTERS, stripped=True
        ),
        signatures=optional(mapping.signature, "text_characters"),
        full_texts=optional(mapping.full_text, "full_text_characters"),
        properties=read_properties_of(rows, mapping.properties, cells, errors, as_is=as_is),
        extras=read_extras(chunk, mapping, errors, evidence.sent),
        as_is=as_is,
        errors=errors,
    )
    if damaged:  # say it once per cell: the NUL explains what else is wrong there
        n_nul = len(damaged)
        errors[n_nul:] = [error for error in errors[n_nul:] if (error.row, error.column) not in damaged]
    errors.sort(key=lambda error: error.row)
    return values
