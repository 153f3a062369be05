"""Pass two: rows to Arrow batches of ``MESSAGE_SCHEMA``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import pyarrow as pa

from workbench.domain import MESSAGE_SCHEMA, ColumnMapping, ImportOptions, RowError
from workbench.ingest.check import Cancelled, CheckReport, Progress, bad_rows_error, check, watched
from workbench.ingest.convert import Values, convert
from workbench.ingest.html_text import html_document_to_text
from workbench.ingest.mail import clean_mail
from workbench.ingest.records import Wanted, iterate_chunks
from workbench.ingest.shape import find_shape
from workbench.ingest.time_order import TimeEvidence

_ENCODER = msgspec.json.Encoder()


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Some consecutive rows of a file.

    Attributes
    ----------
    table
        Schema ``MESSAGE_SCHEMA``; the good rows, in file order.
    rows
        Data rows this batch stands for, good and bad.
    errors
        What is wrong with the bad ones; empty unless bad rows are skipped.
    """

    table: pa.Table
    rows: int
    errors: tuple[RowError, ...]


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
        Most rows per batch (at least 1); a batch also ends after 4 million characters of cells.
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
    chunks = iterate_chunks(path, find_shape(path), Wanted.of(mapping), batch_rows)
    for chunk in watched(chunks, progress, cancelled, report.n_rows):
        values = convert(chunk, mapping, TimeEvidence())
        late = report.late.errors_in(chunk)
        errors = sorted([*chunk.errors, *values.errors, *late], key=lambda error: error.row)
        yield Batch(
            table=_table(values, {error.row for error in errors}, options, day_first=report.day_first),
            rows=chunk.n_rows,
            errors=tuple(errors),
        )


def _table(values: Values, bad: set[int], options: ImportOptions, *, day_first: bool) -> pa.Table:
    keep = [place for place, row in enumerate(values.rows) if row not in bad]
    full = [text or "" for text in (values.bodies[place] for place in keep)]
    bodies, signatures = [], []
    for text in full:
        body = html_document_to_text(text)
        signature = ""
        if options.clean_mail:
            cleaned = clean_mail(body)
            body, signature = cleaned.body, cleaned.signature
        bodies.append(body)
        signatures.append(signature)
    columns: dict[str, list[object]] = {
        "message_id": [values.ids[place] for place in keep],
        "timestamp": [_choose(values.times[place], day_first) for place in keep],
        "thread_id": [values.threads[place] or None for place in keep],
        "subject": [(values.subjects[place] or "").strip() for place in keep],
        "body": list(bodies),
        "signature": list(signatures),
        "full_text": list(full),
        "sender": [values.senders[place] or None for place in keep],
        "recipients": [values.recipients[place] for place in keep],
        "language": [values.languages[place] or None for place in keep],
        "properties": [_ENCODER.encode(values.properties[place]).decode() for place in keep],
    }
    return pa.table(columns, schema=MESSAGE_SCHEMA)


def _choose(times: tuple[datetime, datetime] | None, day_first: bool) -> datetime | None:  # noqa: FBT001
    if times is None:
        return None
    return times[0] if day_first else times[1]
