"""Pass one: the whole file is checked before anything is loaded."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import numpy as np

from workbench.domain import ColumnMapping, ImportOptions, PropertyKind, RowError
from workbench.errors import BadRowsError, FileFormatError, JobCancelledError
from workbench.ingest.convert import convert
from workbench.ingest.extras import Evidence
from workbench.ingest.late import LateErrors, find_duplicates
from workbench.ingest.packed import unpack
from workbench.ingest.records import (
    Chunk,
    Wanted,
    check_mapping,
    iterate_chunks,
    mapped_columns,
)
from workbench.ingest.shape import FileShape, find_shape
from workbench.ingest.time_order import LateGroup
from workbench.ingest.times import TimeKind

MAX_ERRORS = 1_000
CHECK_ROWS = 5_000
HIDDEN = "(hidden)"
EVERY = "*"
"""Among hidden properties: no value of the file may show."""
Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """What pass one found.

    Attributes
    ----------
    n_rows
        Data rows of the file.
    errors
        The first 1,000 errors in row order; ``n_errors`` counts all, ``n_bad_rows`` the rows they are in.
    day_first, sent_day_first
        How dates such as 03/04/2026 are read: as the mapping says, else as the column proves. A column of
        times of sending follows the column of times where that proves an order, else itself.
    """

    n_rows: int
    errors: tuple[RowError, ...]
    n_errors: int
    n_bad_rows: int
    day_first: bool
    sent_day_first: bool
    late: LateErrors = field(repr=False, compare=False)


def check(
    path: Path,
    mapping: ColumnMapping,
    options: ImportOptions,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    hidden: frozenset[str] = frozenset(),
) -> CheckReport:
    """Check every row without loading any.

    Parameters
    ----------
    progress
        Called with (rows done, -1) after each chunk: the total is not known yet.
    cancelled
        Asked after each chunk; True ends the check.
    hidden
        Properties, prefix included, whose values no error may show. A column is known as one by its name, so
        that a value shows neither when it is taken for something else nor in a row that falls apart.

    Raises
    ------
    FileFormatError
        The file as a whole cannot be read, a mapped column is missing, or no row of a required column
        can be read.
    JobCancelledError
        ``cancelled`` said so.
    """
    del options  # the same rows are bad whatever is done about them
    source = unpack(path, sheet=mapping.sheet)
    path, shape = source.path, find_shape(source.path, typed=source.is_typed)
    if shape.kind == "csv":
        check_mapping(mapping, shape.columns)
    wanted = Wanted.of(mapping)
    tally = _Tally(hidden_columns((*shape.columns, *wanted.columns), hidden))
    for chunk in watched(iterate_chunks(path, shape, wanted, CHECK_ROWS), progress, cancelled, -1):
        tally.add(chunk, mapping)
    if tally.n_rows == 0:
        raise FileFormatError(
            "the file has a header and no rows.", next_step="Export it again with its rows."
        )
    if shape.kind == "jsonl" and tally.present:
        others = [name for name in shape.columns if name not in wanted.columns]
        check_mapping(mapping, (*sorted(tally.present), *others))
    day_first, sent_day_first, times = _settle(tally.evidence, mapping)
    late = LateErrors(
        id_column=mapping.id,
        times=times,
        duplicates=find_duplicates(tally.id_rows, tally.id_hashes),
    )
    late_errors = _late_errors(path, shape, mapping, late)
    report = tally.report(late, late_errors, day_first=day_first, sent_day_first=sent_day_first)
    _refuse_unusable(report, tally, mapping, late)
    return report


class _Tally:
    """Everything pass one counts; a few bytes per row, however large the file."""

    def __init__(self, hidden: frozenset[str]) -> None:
        self._hidden = hidden
        self.n_rows = 0
        self.n_errors = 0
        self.n_split_errors = 0
        self.errors: list[RowError] = []
        self.bad_rows = array("q")
        self.by_column: Counter[str] = Counter()
        self.evidence = Evidence()
        self.id_rows = array("q")
        self.id_hashes = array("q")
        self.present: set[str] = set()

    def add(self, chunk: Chunk, mapping: ColumnMapping) -> None:
        values = convert(chunk, mapping, self.evidence)
        self.n_rows += chunk.n_rows
        self.present |= chunk.present
        errors = sorted([*chunk.errors, *values.errors], key=lambda error: error.row)
        self.n_split_errors += len(chunk.errors)
        self.n_errors += len(errors)
        self.errors.extend(errors[: MAX_ERRORS - len(self.errors)])
        self.bad_rows.extend(sorted({error.row for error in errors}))
        self.by_column.update(error.column for error in values.errors)
        for row, message_id in zip(values.rows, values.ids, strict=True):
            if message_id is not None:
                self.id_rows.append(row)
                self.id_hashes.append(hash(message_id))

    def report(
        self, late: LateErrors, late_errors: list[RowError], *, day_first: bool, sent_day_first: bool
    ) -> CheckReport:
        errors = sorted([*self.errors, *late_errors], key=lambda error: error.row)
        if self._hidden:
            errors = [without_value(error, self._hidden) for error in errors]
        bad = np.union1d(np.frombuffer(self.bad_rows, dtype=np.int64), late.rows)
        return CheckReport(
            n_rows=self.n_rows,
            errors=tuple(errors[:MAX_ERRORS]),
            n_errors=self.n_errors + late.n_errors,
            n_bad_rows=len(bad),
            day_first=day_first,
            sent_day_first=sent_day_first,
            late=late,
        )


def hidden_columns(columns: Iterable[str], hidden: frozenset[str]) -> frozenset[str]:
    """Columns that are named like hidden properties, whatever they are taken for; with "", the name of a whole row."""
    if EVERY in hidden:
        return frozenset({*columns, ""})
    names = {_bare(name) for name in hidden}
    found = {column for column in columns if _bare(column) in names}
    return frozenset({*found, ""} if found else ())


def _bare(name: str) -> str:
    kind, mark, rest = name.partition(":")
    return rest if mark and kind in get_args(PropertyKind) else name


def without_value(error: RowError, hidden: frozenset[str]) -> RowError:
    """The error, without a value that may not show."""
    return replace(error, value=HIDDEN) if error.column in hidden and error.value else error


def _settle(evidence: Evidence, mapping: ColumnMapping) -> tuple[bool, bool, dict[str, list[LateGroup]]]:
    """Order of day and month in the times and in those of sending, and what contradicts it, by column."""
    day_first, groups = evidence.times.settle(chosen=mapping.day_first)
    times = {mapping.timestamp: groups}
    if mapping.sent_at in (None, mapping.timestamp):
        return day_first, day_first, times
    rows = evidence.times.rows
    proven = bool(rows[TimeKind.DAY_FIRST] or rows[TimeKind.MONTH_FIRST])
    if mapping.day_first is None and proven:
        said = f"column {mapping.timestamp!r} says"
        sent_day_first, sent = evidence.sent.settle(chosen=day_first, by=said)
    else:
        sent_day_first, sent = evidence.sent.settle(chosen=mapping.day_first)
    return day_first, sent_day_first, times | {mapping.sent_at: sent}


def watched(
    chunks: Iterator[Chunk], progress: Progress | None, cancelled: Cancelled | None, n_rows: int
) -> Iterator[Chunk]:
    """Pass chunks on; report progress and obey a cancellation between them."""
    done = 0
    for chunk in chunks:
        if cancelled is not None and cancelled():
            raise JobCancelledError("the import was cancelled.", details={"rows_done": done})
        yield chunk
        done += chunk.n_rows
        if progress is not None:
            progress(done, n_rows)


def _late_errors(path: Path, shape: FileShape, mapping: ColumnMapping, late: LateErrors) -> list[RowError]:
    """The first errors that only the whole file shows, with their values, by reading once more."""
    found: list[RowError] = []
    if late.n_errors:
        for chunk in iterate_chunks(path, shape, Wanted.of(mapping), CHECK_ROWS):
            found.extend(late.errors_in(chunk))
            if len(found) >= MAX_ERRORS:
                break
    return found[:MAX_ERRORS]


def _refuse_unusable(report: CheckReport, tally: _Tally, mapping: ColumnMapping, late: LateErrors) -> None:
    if tally.n_split_errors == tally.n_rows:
        first = report.errors[0]
        raise FileFormatError(
            f"none of the {tally.n_rows:,} rows can be read; row {first.row} {first.problem}.",
            next_step="Correct the file and import it again.",
            details={"rows": error_records(report.errors), "n_rows": tally.n_rows},
        )
    for role in ("id", "timestamp", "body"):
        column = mapped_columns(mapping)[role]
        n_bad = tally.n_split_errors + tally.by_column[column]
        n_bad += late.n_times(column)
        if n_bad >= tally.n_rows:
            first = next(error for error in report.errors if error.column == column)
            raise FileFormatError(
                f"column {column!r} cannot be used as {role}: none of the {tally.n_rows:,} rows can be read; "
                f"row {first.row} ({first.value!r}) {first.problem}.",
                next_step="Choose another column, or correct the file.",
                details={"column": column, "role": role, "rows": error_records(report.errors)},
            )


def error_records(errors: tuple[RowError, ...]) -> list[dict[str, str | int]]:
    """Row errors as the records that travel in ``details["rows"]``."""
    return [
        {"row": error.row, "column": error.column, "value": error.value, "problem": error.problem}
        for error in errors[:MAX_ERRORS]
    ]


def bad_rows_error(report: CheckReport) -> BadRowsError:
    """The refusal of a file with bad rows; nothing of it was loaded."""
    first = report.errors[0]
    where = f"row {first.row}" + (f", column {first.column!r}" if first.column else "")
    value = f" ({first.value!r})" if first.value else ""
    return BadRowsError(
        f"{report.n_bad_rows:,} of {report.n_rows:,} rows cannot be read, nothing was loaded; "
        f"the first: {where}{value} {first.problem}.",
        next_step="Correct them, or import with on_bad_row='skip' (--skip-bad-rows) to load the other rows.",
        details={
            "rows": error_records(report.errors),
            "n_rows": report.n_rows,
            "n_bad_rows": report.n_bad_rows,
            "n_errors": report.n_errors,
        },
    )
