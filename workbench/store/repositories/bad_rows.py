"""Rows of imported files that could not be read, and mails that became no message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from workbench.domain import BucketId, JobId, MailProblem, RowError, SourceId
from workbench.store.cursor import Cursor


class BadRows:
    """One list per job, in the order of its file."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def add(self, job_id: JobId, source_id: SourceId, errors: Sequence[RowError], *, after: int) -> None:
        """Append errors to the list of a job, which has ``after`` of them."""
        listed = [(error.row, error.column, error.value, error.problem) for error in errors]
        self._add(job_id, source_id, listed, after)

    def add_mails(
        self, job_id: JobId, bucket_id: BucketId, problems: Sequence[MailProblem], *, after: int
    ) -> None:
        """Append mails without message to the list of a job, which has ``after`` of them."""
        listed = [(0, one.message_id, one.place, one.problem) for one in problems]
        self._add(job_id, bucket_id, listed, after)

    def _add(self, job_id: JobId, home: str, listed: list[tuple[int, str, str, str]], after: int) -> None:
        columns = {
            "number": pa.array(range(after + 1, after + 1 + len(listed)), pa.int64()),
            "row": pa.array([one[0] for one in listed], pa.int64()),
            "column": pa.array([one[1] for one in listed], pa.string()),
            "value": pa.array([one[2] for one in listed], pa.string()),
            "problem": pa.array([one[3] for one in listed], pa.string()),
        }
        self._cursor.bulk("bad_row.add", pa.table(columns), job_id=job_id, source_id=home)

    def piece(self, job_id: JobId, after: int, n_most: int) -> pa.Table:
        """Columns row, column, value, problem: at most ``n_most`` errors after the first ``after``."""
        return self._cursor.table("bad_row.piece", job_id=job_id, after=after, n_most=n_most)

    def mails(self, job_id: JobId, after: int, n_most: int) -> pa.Table:
        """Columns place, message_id, problem, kept: at most ``n_most`` mails after the first ``after``."""
        return self._cursor.table("bad_row.mails", job_id=job_id, after=after, n_most=n_most)

    def forget(self, job_id: JobId) -> None:
        """Forget the list of a job."""
        self._cursor.execute("bad_row.drop_job", job_id=job_id)

    def forget_before(self, at: datetime) -> None:
        """Forget the lists of jobs that were started before a time."""
        self._cursor.execute("bad_row.drop_old", before=at)
