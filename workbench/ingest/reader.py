"""Pass two: rows to Arrow batches of ``MESSAGE_SCHEMA``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from workbench.domain import MESSAGE_EXTRAS, MESSAGE_SCHEMA, ColumnMapping, ImportOptions, RowError
from workbench.ingest.check import Cancelled, CheckReport, Progress, bad_rows_error, check, watched
from workbench.ingest.convert import Values, convert
from workbench.ingest.extras import Evidence, add_extras
from workbench.ingest.html_text import HTML_START, html_document_to_text
from workbench.ingest.mail import clean_mail
from workbench.ingest.packed import unpack
from workbench.ingest.records import Wanted, iterate_chunks
from workbench.ingest.shape import find_shape

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some consecutive rows of a file.

    Attributes
    ----------
    table
        Schema ``MESSAGE_SCHEMA``, then those columns of ``MESSAGE_EXTRAS`` that the mapping names; the good
        rows, in file order.
    rows
        Data rows this batch stands for, good and bad.
    errors
        What is wrong with the bad ones; empty unless bad rows are skipped.
    as_is
        The messages stand in the file as they were stored, from an export of ours.
    """

    table: pa.Table
    rows: int
    errors: tuple[RowError, ...]
    as_is: bool = False


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """How cells become columns."""

    options: ImportOptions
    day_first: bool
    sent_day_first: bool
    taken_apart: bool


def read(
    path: Path,
    *,
    mapping: ColumnMapping,
    options: ImportOptions,
    batch_rows: int,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    report: CheckReport | None = None,
) -> Iterator[Batch]:
    """Check a whole file, then read it in batches.

    The same file, mapping and options give the same batches, cut at the same rows, every time, so a
    repeated import can skip what it loaded.

    Parameters
    ----------
    batch_rows
        Most rows per batch (at least 1); a batch also ends after 800 characters of cells per row,
        or 4 million if that is more.
    progress
        Called with (rows done, rows in the file) after each batch.
    cancelled
        Asked before each batch.
    report
        What ``check`` returned for the same file and mapping, to save doing it again.

    Raises
    ------
    FileFormatError
        As ``check``.
    BadRowsError
        Some row is bad and ``options.on_bad_row`` is ``refuse``; raised before the first batch.
    JobCancelledError
        ``cancelled`` said so.
    """
    if report is None:
        report = check(path, mapping, options, cancelled=cancelled)
    if options.on_bad_row == "refuse" and report.n_errors:
        raise bad_rows_error(report)
    return _batches(path, mapping, options, batch_rows, progress, cancelled, report)


def _batches(
    path: Path,
    mapping: ColumnMapping,
    options: ImportOptions,
    batch_rows: int,
    progress: Progress | None,
    cancelled: Cancelled | None,
    report: CheckReport,
) -> Iterator[Batch]:
    how = _Reading(
        options=options,
        day_first=report.day_first,
        sent_day_first=report.sent_day_first,
        taken_apart=mapping.signature is not None or mapping.full_text is not None,
    )
    source = unpack(path, sheet=mapping.sheet)
    shape = find_shape(source.path, typed=source.is_typed)
    chunks = iterate_chunks(source.path, shape, Wanted.of(mapping), batch_rows)
    for chunk in watched(chunks, progress, cancelled, report.n_rows):
        values = convert(chunk, mapping, Evidence())
        late = report.late.errors_in(chunk)
        errors = sorted([*chunk.errors, *values.errors, *late], key=lambda error: error.row)
        yield Batch(
            table=_table(values, {error.row for error in errors}, how),
            rows=chunk.n_rows,
            errors=tuple(errors),
            as_is=chunk.as_is,
        )


def _table(values: Values, bad: set[int], options: _Reading) -> pa.Table:
    keep = None
    if bad:
        keep = [place for place, row in enumerate(values.rows) if row not in bad]

    def kept(column: list[T]) -> list[T]:
        return column if keep is None else [column[place] for place in keep]

    times = values.days_first if options.day_first else values.months_first
    bodies, signatures, full = _texts(values, kept, options)
    subjects = [subject or "" for subject in kept(values.subjects)]
    columns: dict[str, Any] = {
        "message_id": [message_id or "" for message_id in kept(values.ids)],
        "timestamp": times if keep is None else times.take(pa.array(keep, pa.int64())),
        "thread_id": _or_none(kept(values.threads)),
        "subject": subjects if values.as_is else [subject.strip() for subject in subjects],
        "body": bodies,
        "signature": signatures,
        "full_text": full,
        "sender": _or_none(kept(values.senders)),
        "recipients": kept(values.recipients),
        "language": _or_none(kept(values.languages)),
        "properties": kept(values.properties),
    }
    if values.extras is not None:
        add_extras(
            columns,
            values.extras if keep is None else values.extras.kept(keep),
            kept(values.rows),
            kept(values.full_texts),
            day_first=options.sent_day_first,
            as_is=values.as_is,
        )
    fields = [*MESSAGE_SCHEMA, *(field for field in MESSAGE_EXTRAS if field.name in columns)]
    arrays = [pa.array(columns[field.name], field.type) for field in fields]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def _texts(
    values: Values, kept: Callable[[list[str | None]], list[str | None]], how: _Reading
) -> tuple[list[str], list[str], list[str]]:
    """Bodies, signatures and full texts; those taken apart before are not cut again."""
    bodies = [text or "" for text in kept(values.bodies)]
    if not how.taken_apart:
        return *_clean(bodies, how.options), bodies
    signatures = [text or "" for text in kept(values.signatures)]
    given = [text or "" for text in kept(values.full_texts)]
    if values.as_is:
        return bodies, signatures, given
    return bodies, signatures, [text or body for text, body in zip(given, bodies, strict=True)]


def _clean(full: list[str], options: ImportOptions) -> tuple[list[str], list[str]]:
    """Bodies and signatures. One line without markup is body alone, and needs no look at its parts."""
    bodies = list(full)
    signatures = [""] * len(full)
    for place, text in enumerate(full):
        if "\n" not in text and "<" not in text[:HTML_START]:
            continue
        body = html_document_to_text(text)
        if options.clean_mail:
            cleaned = clean_mail(body)
            body, signatures[place] = cleaned.body, cleaned.signature
        bodies[place] = body
    return bodies, signatures


def _or_none(texts: list[str | None]) -> list[str | None]:
    return [text or None for text in texts]
