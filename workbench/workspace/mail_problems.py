"""Mails that become no message: the first stand in the report of a job, all of them in a list beside it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from workbench.domain import BucketId, JobId, MailProblem
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.importing import BAD_ROWS_KEPT, check_piece

SHOWN_PROBLEMS = 1_000


class ProblemList:
    """The problems of one job: counted, the first ones at hand, all kept for ``mail_problems``.

    Attributes
    ----------
    n_problems
        How many there are.
    shown
        The first 1,000.
    """

    def __init__(self, workspace: Workspace, job_id: JobId, bucket_id: BucketId | None) -> None:
        self._workspace = workspace
        self._job_id = job_id
        self._bucket_id = bucket_id or BucketId("")
        self.n_problems = 0
        self.shown: list[MailProblem] = []

    def add(self, problems: Sequence[MailProblem]) -> None:
        """Count and keep some."""
        kept = problems[: max(BAD_ROWS_KEPT - self.n_problems, 0)]
        if kept:
            with self._workspace.store.write() as session:
                session.bad_rows.add_mails(self._job_id, self._bucket_id, kept, after=self.n_problems)
        self.n_problems += len(problems)
        self.shown += problems[: SHOWN_PROBLEMS - len(self.shown)]


def mail_problems(caller: Caller, job_id: JobId, after: int = 0, n_rows: int = 16_384) -> pa.Table:
    """Mails that a job made no message of."""
    check_piece("mails without message", after, n_rows)
    with caller.store.read() as session:
        session.jobs.get(job_id)
        return session.bad_rows.mails(job_id, after, n_rows)
