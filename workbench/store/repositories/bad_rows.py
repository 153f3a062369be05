"""Rows of imported files that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from workbench.domain import JobId, RowError, SourceId
from workbench.store.cursor import Cursor


class BadRows:
    """One list per job, in the order of its file."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, job_id: JobId, source_id: SourceId, errors: Sequence[RowError], *, after: int) -> None:
        """Append errors to the list of a job, which has ``after`` of them."""
        columns = {
            "number": pa.array(range(after + 1, after + 1 + len(errors)), pa.int64()),
            "row": pa.array([error.row for error in errors], pa.int64()),
            "column": pa.array([error.column for error in errors], pa.string()),
            "value": pa.array([error.value for error in errors], pa.string()),
            "problem": pa.array([error.problem for error in errors], pa.string()),
        }
        self._cursor.bulk("bad_row.add", pa.table(columns), job_id=job_id, source_id=source_id)

    def piece(self, job_id: JobId, after: int, n_most: int) -> pa.Table:
        """Columns row, column, value, problem: at most ``n_most`` errors after the first ``after``."""
        return self._cursor.table("bad_row.piece", job_id=job_id, after=after, n_most=n_most)

    def forget(self, job_id: JobId) -> None:
        """Forget the list of a job."""
        self._cursor.execute("bad_row.drop_job", job_id=job_id)

    def forget_before(self, at: datetime) -> None:
        """Forget the lists of jobs that were started before a time."""
        self._cursor.execute("bad_row.drop_old", before=at)
