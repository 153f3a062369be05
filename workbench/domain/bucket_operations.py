"""The operations on buckets of raw mail. A part of ``Operations``, in a module of its own for its length."""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from typing import Protocol

import pyarrow as pa

from workbench.domain.buckets import Bucket, BucketSyncState, DepositReport, Email, EmailPage, MailFile
from workbench.domain.catalog import Source
from workbench.domain.deleting import DeletionReport, MailDeletionPreview, MailMessages
from workbench.domain.ids import BucketId, DatasetId, JobId, MessageId, SourceId, Uid, UploadId


class BucketOperations(Protocol):
    """Raw mail, and which sources read it."""

    def buckets(self, project: str | None = None) -> tuple[Bucket, ...]:
        """Buckets with their mails and bytes counted, by full name; None = of all projects."""
        ...

    def bucket(self, name: str) -> Bucket:
        """A bucket by ``project/name`` or by id; ``UnknownNameError`` otherwise. Its mail is not counted: 0."""
        ...

    def create_bucket(self, project: str, name: str, title: str = "") -> Bucket:
        """Create a bucket; the project is created when it does not exist. Its name is fixed from here on."""
        ...

    def amend_bucket(self, bucket_id: BucketId, title: str) -> Bucket:
        """Change the title of a bucket."""
        ...

    def delete_bucket(self, bucket_id: BucketId, confirm: str) -> DeletionReport:
        """Delete a bucket with its raw mail and threads; ``confirm`` repeats the full name.

        Sources that read it keep their messages and read no bucket any more. Refused while a job brings mail
        into it. What would go is in ``buckets()``: ``n_mails``, ``n_bytes``.
        """
        ...

    def preview_mail_deletion(
        self, bucket_id: BucketId, message_ids: tuple[MessageId, ...]
    ) -> MailDeletionPreview:
        """What deleting these mails from a bucket would take; ids that it does not have are counted."""
        ...

    def delete_mails(
        self, bucket_id: BucketId, message_ids: tuple[MessageId, ...], messages: MailMessages
    ) -> DeletionReport:
        """Delete raw mails, by message id, from a bucket: as received, where they were found, whom they name.

        ``messages`` says what happens to the messages that they became in the sources that read the bucket.
        Nothing remembers that a mail was there: brought in again, it is a new one. Refused while a job brings
        mail into the bucket.
        """
        ...

    def finish_mail_upload(self, upload_id: UploadId, n_pieces: int, sha256: str) -> MailFile:
        """The end frame of a mail file: check number and SHA-256 of the pieces, and say what kind of file it is.

        A folder or Maildir comes as one or several tar archives without compression.
        """
        ...

    def start_mail_import(
        self,
        bucket_id: BucketId | None,
        upload_ids: tuple[UploadId, ...],
        mailbox: str = "",
        dry_run: bool = False,
        no_charge: bool = False,
    ) -> JobId:
        """Bring uploaded mail files into a bucket as a job; its result is a ``MailImportReport`` as JSON.

        Every mail that can be read comes in, the others are reported. With ``dry_run`` nothing is kept or
        charged and the uploads stay; without a bucket, which only a dry run may be, it counts for a new bucket
        that one new source reads. ``mailbox`` is what the places are called, empty = the names of the files.
        ``no_charge`` (for administrators) records the units as not charged.
        """
        ...

    def mail_problems(self, job_id: JobId, after: int = 0, n_rows: int = 16_384) -> pa.Table:
        """Mails that an import, its dry run or the filling of a source made no message of: place, message_id, problem, kept.

        Those after the first ``after``, at most ``n_rows`` (1-65,536); empty at the end. Kept are the first
        1,000,000 of a job, for 30 days. ``kept`` says whether the bucket keeps the mail as received.
        """
        ...

    def put_emails(
        self, bucket_id: BucketId, emails: tuple[Email, ...], no_charge: bool = False
    ) -> DepositReport:
        """Bring mails (at most 4,096) into a bucket in one transaction; again, nothing changes and nothing is charged.

        An id that is known with another mail is a ``ConflictError``, and a mail that cannot be read an
        ``InputError``; then nothing is stored. What was told of a known mail is written over.
        """
        ...

    def emails(
        self, bucket_id: BucketId, after: int = 0, limit: int = 64, email_ids: tuple[str, ...] | None = None
    ) -> EmailPage:
        """The next mails of a bucket in order of arrival, about ``limit`` (1-256) and 32 MiB; or those of these ids.

        Refused to those who may not see what a source that reads the bucket hides or masks, as ``raw_mail`` is.
        """
        ...

    def bucket_sync_state(self, bucket_id: BucketId) -> BucketSyncState | None:
        """The bookmark of the program that fills a bucket, None = it set none."""
        ...

    def set_bucket_sync_state(self, bucket_id: BucketId, state: BucketSyncState) -> BucketSyncState:
        """Set the bookmark of the program that fills a bucket; ``last_synced_at`` None = now."""
        ...

    def raw_mail(self, dataset_id: DatasetId, uid: Uid) -> bytes:
        """The mail that a message came as, byte for byte as received (RFC 822); ``InputError`` when it was none.

        It holds all that its sender wrote, so it is refused to those who may not see the sensitive properties of
        its source. It is as hostile as its sender: keep it as a file, never show it as a page.
        """
        ...

    def start_attach(self, source_id: SourceId, bucket_id: BucketId) -> JobId:
        """Let a source read a bucket, and bring in the mail that is there as a job of kind ``fill``.

        Mail that comes later becomes messages by itself. Attached again, what the source lacks is brought in,
        messages deleted from it included. The job's result is a ``MailImportReport`` as JSON.
        """
        ...

    def detach_bucket(self, source_id: SourceId) -> Source:
        """Let a source read no bucket any more; its messages stay."""
        ...
