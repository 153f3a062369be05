"""What a message has beyond the plain columns: more people, the time of sending, parts, attachments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from workbench.domain import ColumnMapping, RowError
from workbench.ingest.columns import read_addresses, read_optional_times
from workbench.ingest.full_cells import InParts, read_attachment_cells, read_part_cells
from workbench.ingest.records import Chunk
from workbench.ingest.time_order import TimeEvidence

_SAID_BY_PARTS = (
    "body",
    "subject",
    "signature",
    "sender",
    "recipients",
    "cc",
    "bcc",
    "sent_at",
    "language",
)


@dataclass(frozen=True, kw_only=True)
class Extras:
    """The extras of one chunk, as long as its rows; None = the mapping names none.

    Attributes
    ----------
    days_first, months_first
        timestamp[us, UTC]: both readings of the time of sending, null where unreadable or blank.
    parts
        Messages of parts by row.
    """

    cc: list[list[str]] | None = None
    bcc: list[list[str]] | None = None
    days_first: pa.Array | None = None
    months_first: pa.Array | None = None
    parts: dict[int, InParts] | None = None
    attachments: list[list[dict[str, object]] | None] | None = None

    def kept(self, places: Sequence[int]) -> Extras:
        """Those of some places of the chunk."""
        taken = pa.array(places, pa.int64())
        return Extras(
            cc=self.cc and [self.cc[place] for place in places],
            bcc=self.bcc and [self.bcc[place] for place in places],
            days_first=None if self.days_first is None else self.days_first.take(taken),
            months_first=None if self.months_first is None else self.months_first.take(taken),
            parts=self.parts,
            attachments=self.attachments and [self.attachments[place] for place in places],
        )


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """How the times of a file are written: those of the messages, and those of sending."""

    times: TimeEvidence = field(default_factory=TimeEvidence)
    sent: TimeEvidence = field(default_factory=TimeEvidence)


def without_parts(chunk: Chunk, mapping: ColumnMapping) -> Chunk:
    """The chunk with nothing in the columns that parts say, in the rows that have parts.

    The body alone is needed in every row, so a mark stands for it until the parts are put in its place.
    """
    if mapping.parts is None or not any(chunk.cells[mapping.parts]):
        return chunk
    has_parts = [bool(cell) and not cell.isspace() for cell in chunk.cells[mapping.parts]]
    cells = dict(chunk.cells)
    for role in _SAID_BY_PARTS:
        column = getattr(mapping, role)
        if column is not None:
            blank = "-" if role == "body" else ""
            cells[column] = [
                blank if there else cell for there, cell in zip(has_parts, cells[column], strict=True)
            ]
    return Chunk(rows=chunk.rows, cells=cells, as_is=chunk.as_is)


def read_extras(
    chunk: Chunk, mapping: ColumnMapping, errors: list[RowError], evidence: TimeEvidence
) -> Extras | None:
    """Read what the mapping names; None when it names nothing."""
    named = (mapping.cc, mapping.bcc, mapping.sent_at, mapping.parts, mapping.attachments)
    if all(column is None for column in named):
        return None
    rows, cells, as_is = chunk.rows, chunk.cells, chunk.as_is
    found: dict[str, Any] = {}
    if mapping.cc is not None:
        found["cc"] = read_addresses(rows, mapping.cc, cells[mapping.cc], errors, role="cc", as_is=as_is)
    if mapping.bcc is not None:
        found["bcc"] = read_addresses(rows, mapping.bcc, cells[mapping.bcc], errors, role="bcc", as_is=as_is)
    if mapping.sent_at is not None:
        found["days_first"], found["months_first"] = read_optional_times(
            rows, mapping.sent_at, cells[mapping.sent_at], errors, evidence
        )
    if mapping.parts is not None:
        found["parts"] = read_part_cells(rows, mapping.parts, cells[mapping.parts], errors, as_is=as_is)
    if mapping.attachments is not None:
        column = mapping.attachments
        found["attachments"] = read_attachment_cells(rows, column, cells[column], errors)
    return Extras(**found)


def add_extras(
    columns: dict[str, Any],
    extras: Extras,
    rows: Sequence[int],
    full_texts: Sequence[str | None],
    *,
    day_first: bool,
    as_is: bool,
) -> None:
    """Put extras behind the plain columns of a batch, and parts in the place of what these have for them.

    Parameters
    ----------
    columns
        By name in the order of the schema, each as long as ``rows``.
    extras
        Of the same rows.
    full_texts
        As the file gives them; where it gives none, parts are joined.
    """
    parts = extras.parts or {}
    for name, values in (("cc", extras.cc), ("bcc", extras.bcc), ("attachments", extras.attachments)):
        if values is not None:
            columns[name] = [value or None for value in values]
    times = extras.days_first if day_first else extras.months_first
    if times is not None:
        columns["sent_at"] = times.to_pylist() if parts else times
    if extras.parts is None:
        return
    for name in ("parts", "cc", "bcc", "sent_at"):
        columns.setdefault(name, [None] * len(rows))
    for place, row in enumerate(rows):
        said = parts.get(row)
        if said is not None:
            for name in _SAID_BY_PARTS:
                columns[name][place] = getattr(said.columns, name)
            given = full_texts[place] or ""
            columns["full_text"][place] = given if as_is else given or said.columns.full_text
            columns["parts"][place] = said.stored
