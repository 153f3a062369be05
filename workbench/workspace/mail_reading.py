"""Mail is read in a worker process of its own: one that breaks it is a problem of that mail only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from workbench.domain.mail import RawMail
from workbench.errors import JobCancelledError, WorkerDiedError
from workbench.ingest.mailbox import ReadMail
from workbench.workspace.jobs.lane import Lane

CHUNK_BYTES = 8 * 1024 * 1024
CHUNK_MAILS = 256
LIMIT_S = 120.0
"""Longest a chunk of mails may take; the largest ordinary one takes some seconds."""


class MailReader:
    """One warm worker for mail, used by one caller at a time; ``stop`` ends it.

    Parameters
    ----------
    attachment_max_bytes
        Larger attachments are described and not kept; 0 = no limit.
    limit_s
        Seconds after which a chunk is given up, then each of its mails.
    """

    def __init__(self, *, cache_dir: Path, attachment_max_bytes: int, limit_s: float = LIMIT_S) -> None:
        self._lane = Lane("mail", n_threads=1, cache_dir=cache_dir)
        self._attachment_max_bytes = attachment_max_bytes
        self._limit_s = limit_s
        self._using = threading.Lock()
        self._stopped = False

    def read(
        self, mails: Sequence[RawMail], *, cancelled: Callable[[], bool] = lambda: False
    ) -> tuple[ReadMail, ...]:
        """Read mails, in their order; none of them can fail the others.

        Raises
        ------
        JobCancelledError
            ``cancelled`` turned true, or the workspace closes.
        """
        with self._using:
            return tuple(one for chunk in chunks(mails) for one in self._read(chunk, cancelled))

    def stop(self) -> None:
        """End the worker process; a read that is under way is cancelled."""
        self._stopped = True
        self._lane.stop()

    def _read(self, mails: Sequence[RawMail], cancelled: Callable[[], bool]) -> list[ReadMail]:
        if cancelled() or self._stopped:
            raise JobCancelledError("the job was cancelled.")
        deadline = time.monotonic() + self._limit_s
        try:
            found: list[ReadMail] = self._lane.call(
                "mails:parse_mails",
                {"mails": mails, "attachment_max_bytes": self._attachment_max_bytes},
                cancelled=lambda: cancelled() or time.monotonic() > deadline,
                on_progress=lambda _done, _total: None,
                on_stage=lambda _name, _total, _unit: None,
            )
        except (WorkerDiedError, JobCancelledError) as error:
            if cancelled() or self._stopped:
                raise JobCancelledError("the job was cancelled.") from None
            if len(mails) > 1:
                return [one for raw in mails for one in self._read([raw], cancelled)]
            what = "took too long" if isinstance(error, JobCancelledError) else "broke the process"
            return [ReadMail(raw=mails[0], problem=f"it cannot be read: reading it {what}.")]
        return [
            ReadMail(raw=raw, message=one.message, problem=one.problem)
            for raw, one in zip(mails, found, strict=True)
        ]


def chunks(mails: Sequence[RawMail]) -> Iterator[list[RawMail]]:
    """Runs of mails of at most 256 and about 8 MiB, or one that is larger; none empty."""
    held: list[RawMail] = []
    n_bytes = 0
    for raw in mails:
        if held and (len(held) >= CHUNK_MAILS or n_bytes + len(raw.content) > CHUNK_BYTES):
            yield held
            held, n_bytes = [], 0
        held.append(raw)
        n_bytes += len(raw.content)
    if held:
        yield held
