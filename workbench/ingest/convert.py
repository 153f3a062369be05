"""A chunk of cells to checked values: the same steps in pass one (check) and pass two (load)."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from workbench.domain import ColumnMapping, RowError
from workbench.ingest.columns import (
    ADDRESS_CHARACTERS,
    LANGUAGE_CHARACTERS,
    TEXT_CHARACTERS,
    nul_errors,
    read_ids,
    read_properties_of,
    read_recipients,
    read_texts,
    read_times,
)
from workbench.ingest.records import Chunk
from workbench.ingest.time_order import TimeEvidence


@dataclass(frozen=True, kw_only=True)
class Values:
    """One chunk, column by column; every list is as long as ``rows``.

    Attributes
    ----------
    days_first, months_first
        timestamp[us, UTC]: both readings of each time, null where unreadable.
    properties
        JSON objects.
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
    errors: list[RowError]


def convert(chunk: Chunk, mapping: ColumnMapping, evidence: TimeEvidence) -> Values:
    """Check and convert every mapped cell of ``chunk``; nothing is raised for a bad cell."""
    rows, cells = chunk.rows, chunk.cells
    errors = nul_errors(rows, cells)
    damaged = {(error.row, error.column) for error in errors}

    def optional(column: str | None, limit: int | None = None) -> list[str | None]:
        if column is None:
            return [None] * len(rows)
        if limit is None:
            return read_texts(rows, column, cells[column], errors)
        return read_texts(rows, column, [cell.strip() for cell in cells[column]], errors, limit=limit)

    ids = read_ids(rows, mapping.id, cells[mapping.id], errors)
    days_first, months_first = read_times(rows, mapping.timestamp, cells[mapping.timestamp], errors, evidence)
    values = Values(
        rows=rows,
        ids=ids,
        days_first=days_first,
        months_first=months_first,
        bodies=read_texts(rows, mapping.body, cells[mapping.body], errors, required=True),
        subjects=optional(mapping.subject),
        threads=optional(mapping.thread_id, TEXT_CHARACTERS),
        senders=optional(mapping.sender, ADDRESS_CHARACTERS),
        recipients=read_recipients(rows, mapping.recipients, cells[mapping.recipients], errors)
        if mapping.recipients
        else [[] for _ in rows],
        languages=optional(mapping.language, LANGUAGE_CHARACTERS),
        signatures=optional(mapping.signature),
        full_texts=optional(mapping.full_text),
        properties=read_properties_of(rows, mapping.properties, cells, errors),
        errors=errors,
    )
    if damaged:  # say it once per cell: the NUL explains what else is wrong there
        n_nul = len(damaged)
        errors[n_nul:] = [error for error in errors[n_nul:] if (error.row, error.column) not in damaged]
    errors.sort(key=lambda error: error.row)
    return values
