"""The operations on buckets of raw mail. A part of ``Operations``, in a module of its own for its length."""

from __future__ import annotations

from typing import Protocol

from workbench.domain.buckets import Bucket
from workbench.domain.catalog import Source
from workbench.domain.deleting import DeletionReport
from workbench.domain.ids import BucketId, JobId, SourceId


class BucketOperations(Protocol):
    """Raw mail, and which sources read it."""

    def buckets(self, project: str | None = None) -> tuple[Bucket, ...]:
        """Buckets with their mails and bytes counted, by full name; None = of all projects."""
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

    def start_attach(self, source_id: SourceId, bucket_id: BucketId) -> JobId:
        """Let a source read a bucket, and bring in the mail that is there as a job of kind ``fill``.

        Mail that comes later becomes messages by itself. Attached again, what the source lacks is brought in,
        messages deleted from it included. The job's result is a ``MailImportReport`` as JSON.
        """
        ...

    def detach_bucket(self, source_id: SourceId) -> Source:
        """Let a source read no bucket any more; its messages stay."""
        ...
