"""Buckets of raw mail, and what bringing mail into one did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workbench.domain.charging import Budget
from workbench.domain.ids import BucketId, JobId, SourceId, UploadId
from workbench.domain.imports import SyncCounts

MailFileKind = Literal["eml", "mbox", "msg", "pst", "archive"]


@dataclass(frozen=True, kw_only=True)
class Bucket:
    """A store of raw mail, each once by its message id; the sources that read it have its messages.

    Attributes
    ----------
    n_mails, n_bytes
        Mails kept, as received, and their size together.
    source_ids
        Sources that read it.
    """

    bucket_id: BucketId
    project: str
    name: str
    title: str
    created_at: datetime
    n_mails: int = 0
    n_bytes: int = 0
    source_ids: tuple[SourceId, ...] = ()
    updated_at: datetime | None = None

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Email:
    """A mail with what a program said of it when it handed it in.

    Attributes
    ----------
    email_id
        What the program calls it, 1-1,024 characters; of mail that came otherwise, its Message-ID in brackets.
    content
        The whole mail, bytes as received.
    received_at
        When the mailbox received it; aware.
    told
        JSON text that is kept and given back as it came: facts of the mailbox, names of files.
    """

    email_id: str
    mailbox: str
    received_at: datetime
    content: bytes
    folder: tuple[str, ...] = ()
    told: str = "{}"
    stored_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EmailPage:
    """Mails of a bucket in order of arrival; ``next`` = what to ask from for more, None = there are none."""

    emails: tuple[Email, ...]
    next: int | None = None


@dataclass(frozen=True, kw_only=True)
class BucketSyncState:
    """How far a program that fills a bucket has come: its own bookmark, opaque to everybody else."""

    sync_state: str
    progress_at: datetime | None = None
    last_synced_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class MailProblem:
    """Why a mail is no message.

    Attributes
    ----------
    message_id
        Its id, empty where the mail could not be read so far.
    place
        Where it was found: mailbox, folder, and what the server or folder calls it.
    kept
        Whether the bucket keeps it as received.
    """

    message_id: str
    place: str
    problem: str
    kept: bool = False


@dataclass(frozen=True, kw_only=True)
class MailFile:
    """What a look at an uploaded mail file found.

    Attributes
    ----------
    kind
        ``eml``, ``mbox``, ``msg``, ``pst``, or ``archive``: a tar archive of a folder or Maildir.
    """

    upload_id: UploadId
    name: str
    kind: MailFileKind
    n_bytes: int


@dataclass(frozen=True, kw_only=True)
class DepositReport:
    """What bringing mails into a bucket did.

    Attributes
    ----------
    n_stored, n_known
        Mails that the bucket did not have, and those that it had (or that came twice).
    counts
        Messages over all sources that read the bucket, and what they cost. ``updated`` are those that moved to
        another thread, which is free; a mail that is known already counts as ``unchanged`` in each source.
    problems
        One for each mail that became no message, in the order of the mails.
    """

    n_stored: int = 0
    n_known: int = 0
    counts: SyncCounts = field(default_factory=SyncCounts)
    problems: tuple[MailProblem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MailImportReport:
    """The outcome of a mail import. ``problems`` holds at most 1,000; ``n_problems`` counts all.

    The operation ``mail_problems`` gives them all.

    With ``dry_run`` nothing was kept or charged: the numbers say what the same import would do now.
    ``budgets`` are those that apply, as they stood when it ended.
    """

    job_id: JobId
    bucket_id: BucketId
    name: str
    n_mails: int = 0
    n_stored: int = 0
    n_known: int = 0
    counts: SyncCounts = field(default_factory=SyncCounts)
    n_problems: int = 0
    problems: tuple[MailProblem, ...] = ()
    dry_run: bool = False
    budgets: tuple[Budget, ...] = ()
