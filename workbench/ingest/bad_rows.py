"""All bad rows of a file that was checked, however many: the check itself keeps the first ones only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workbench.domain import ColumnMapping, RowError
from workbench.ingest.check import CHECK_ROWS, Cancelled, CheckReport, hidden_columns, watched, without_value
from workbench.ingest.convert import convert
from workbench.ingest.extras import Evidence
from workbench.ingest.packed import unpack
from workbench.ingest.records import Wanted, iterate_chunks
from workbench.ingest.shape import find_shape


def bad_rows(
    path: Path,
    mapping: ColumnMapping,
    report: CheckReport,
    *,
    hidden: frozenset[str] = frozenset(),
    cancelled: Cancelled | None = None,
) -> Iterator[list[RowError]]:
    """The errors of a file in row order, some at a time, none of the lists empty.

    Parameters
    ----------
    report
        What ``check`` returned for the same file and mapping.
    hidden
        As for ``check``.

    Raises
    ------
    JobCancelledError
        ``cancelled`` said so.
    """
    if report.n_errors <= len(report.errors):
        if report.errors:
            yield list(report.errors)
        return
    source = unpack(path, sheet=mapping.sheet)
    path, shape, wanted = source.path, find_shape(source.path, typed=source.is_typed), Wanted.of(mapping)
    secret = hidden_columns((*shape.columns, *wanted.columns), hidden)
    for chunk in watched(iterate_chunks(path, shape, wanted, CHECK_ROWS), None, cancelled, report.n_rows):
        values = convert(chunk, mapping, Evidence())
        errors = [*chunk.errors, *values.errors, *report.late.errors_in(chunk)]
        if errors:
            yield [without_value(error, secret) for error in sorted(errors, key=lambda error: error.row)]
