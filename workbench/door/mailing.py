"""Mail and buckets by name: what ``Workspace`` offers beside its verbs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import msgspec

from workbench.domain import (
    Bucket,
    BucketId,
    DeletionReport,
    JobId,
    MailDeletionPreview,
    MailFile,
    MailImportReport,
    MailMessages,
    MessageId,
    Operations,
    Source,
)
from workbench.door.jobs import Job
from workbench.door.mail_packing import packed_folder
from workbench.door.names import chosen, split_name
from workbench.door.pieces import whole
from workbench.door.uploading import send
from workbench.errors import InputError, UnknownNameError

if TYPE_CHECKING:
    import polars as pl


class Mailing:
    """Everything is named ``project/name``; a deletion repeats the name in ``confirm``."""

    operations: Operations

    def import_mail(
        self,
        *paths: str | os.PathLike[str],
        source: str = "",
        bucket: str = "",
        mailbox: str = "",
        dry_run: bool = False,
        no_charge: bool = False,
        progress: bool = True,
    ) -> MailImportReport:
        """Import mail files, folders of mails or Maildirs; bucket and source are created if need be.

        Parameters
        ----------
        paths
            One or several, which are one import: ``.eml``, mbox (also ``.gz``), ``.msg``, ``.pst``, a folder of ``.eml``, ``.msg``, mbox
            files and Maildirs, or a ``.zip`` of any of these but ``.pst``.
        source
            ``project/name`` of the source whose bucket takes the mail; one that reads none gets a bucket of
            its name.
        bucket
            ``project/name`` of the bucket, where it is not that of the source; without a source the mail
            becomes messages of those sources that read it.
        mailbox
            What the place is called, empty = the name of each file or folder.
        dry_run
            Keep and charge nothing, only count what the import would do.
        no_charge
            Record the units as not charged; for administrators.

        Raises
        ------
        InputError
            There is no such path, neither source nor bucket is named, or the source reads another bucket.
        FileFormatError
            It is no mail.
        """
        places = [Path(path).expanduser() for path in paths]
        for place in places:
            if not place.exists():
                raise InputError(
                    f"there is no file {str(place)!r}.",
                    next_step="Check the path.",
                    details={"path": str(place)},
                )
        target = self.mail_target(source, bucket, create=not dry_run)
        files = [file for place in places for file in self._sent(place)]
        job_id = self.operations.start_mail_import(
            target, tuple(file.upload_id for file in files), mailbox, dry_run, no_charge
        )
        return msgspec.convert(Job(self.operations, job_id).wait(progress=progress), MailImportReport)

    def mail_problems(self, job_id: str) -> pl.DataFrame:
        """All mails that an import, its dry run or ``attach_bucket`` made no message of: place, message_id, problem, kept.

        ``job_id`` stands in the report, whose ``problems`` are the first 1,000. Kept are the first 1,000,000 of a job, for
        30 days.
        """
        return whole(partial(self.operations.mail_problems, JobId(job_id)))

    def buckets(self) -> tuple[Bucket, ...]:
        """Buckets with their mails counted."""
        return self.operations.buckets()

    def create_bucket(self, name: str, *, title: str = "") -> Bucket:
        """Create a bucket for raw mail."""
        return self.operations.create_bucket(*split_name("bucket", name), title)

    def amend_bucket(self, name: str, *, title: str) -> Bucket:
        """Change the title of a bucket."""
        return self.operations.amend_bucket(self._bucket(name).bucket_id, title)

    def delete_bucket(self, name: str, *, confirm: str) -> DeletionReport:
        """Delete a bucket with its raw mail; the messages of sources that read it stay."""
        return self.operations.delete_bucket(self._bucket(name).bucket_id, confirm)

    def preview_mail_deletion(self, bucket: str, message_ids: Sequence[str]) -> MailDeletionPreview:
        """What deleting these mails from a bucket would take, and which messages of which sources they became."""
        return self.operations.preview_mail_deletion(self._bucket(bucket).bucket_id, _ids(message_ids))

    def delete_mails(
        self, bucket: str, message_ids: Sequence[str], *, messages: MailMessages
    ) -> DeletionReport:
        """Delete raw mails from a bucket; brought in again, they are new ones.

        Parameters
        ----------
        message_ids
            Ids of the messages that they became, or would have.
        messages
            What happens to these messages: ``keep`` all, ``keep_annotated`` ones only, or ``delete`` all.
        """
        kept = chosen(messages, MailMessages, "messages", get_args(MailMessages))
        return self.operations.delete_mails(self._bucket(bucket).bucket_id, _ids(message_ids), kept)

    def attach_bucket(self, source: str, bucket: str, *, progress: bool = True) -> MailImportReport:
        """Let a source read a bucket, and bring in the mail that is there, which is charged."""
        source_id = self._source_named(source).source_id
        job_id = self.operations.start_attach(source_id, self._bucket(bucket).bucket_id)
        return msgspec.convert(Job(self.operations, job_id).wait(progress=progress), MailImportReport)

    def detach_bucket(self, source: str) -> Source:
        """Let a source read no bucket any more; its messages stay."""
        return self.operations.detach_bucket(self._source_named(source).source_id)

    def _sent(self, place: Path) -> list[MailFile]:
        if place.is_dir():
            return [self._send(archive) for archive in packed_folder(place)]
        return [self._send(place)]

    def _send(self, file: Path) -> MailFile:
        sent = send(self.operations, file)
        return self.operations.finish_mail_upload(sent.upload_id, sent.n_pieces, sent.sha256)

    def mail_target(self, source: str, bucket: str = "", *, create: bool) -> BucketId | None:
        """The bucket that takes the mail of a source; None where it is not there yet and nothing is to be created.

        With ``create`` a source that reads none gets the bucket of its name, which must be empty.
        """
        if not source and not bucket:
            raise InputError(
                "neither a source nor a bucket is named.", next_step="Pass source='demo/mail', for example."
            )
        buckets = {one.full_name: one for one in self.operations.buckets()}
        if not source:
            split_name("bucket", bucket)
            there = buckets.get(bucket)
            if there is None and create:
                there = self.create_bucket(bucket)
            return there.bucket_id if there else None
        split_name("source", source)
        reader = next((one for one in self.operations.sources() if one.full_name == source), None)
        wanted = buckets.get(bucket or source)
        if reader is not None and reader.bucket_id is not None and not bucket:
            return reader.bucket_id
        if wanted is not None and reader is not None and reader.bucket_id == wanted.bucket_id:
            return wanted.bucket_id
        self._refuse_joining(source, reader, bucket or source, wanted)
        if not create:
            return None
        home = wanted or self.create_bucket(bucket or source)
        if reader is None:
            project, short = split_name("source", source)
            self.operations.create_source(project, short, kind="email", bucket_id=home.bucket_id)
        else:
            self.attach_bucket(source, home.full_name, progress=False)
        return home.bucket_id

    def _refuse_joining(self, source: str, reader: Source | None, name: str, wanted: Bucket | None) -> None:
        """Only an empty bucket is attached unasked: what one holds would be charged to the source."""
        if reader is not None and reader.bucket_id is not None:
            raise InputError(
                f"source {source!r} reads another bucket than {name!r}.",
                next_step="Leave the bucket out, or detach the source from its own first.",
                details={"source": source, "bucket": name},
            )
        if wanted is not None and (wanted.n_mails or wanted.source_ids):
            raise InputError(
                f"source {source!r} does not read bucket {name!r}, which is in use and holds"
                f" {wanted.n_mails:,} mails.",
                next_step=f"Attach it first, which brings these in: attach_bucket({source!r}, {name!r});"
                " or name another bucket.",
                details={"source": source, "bucket": name, "n_mails": wanted.n_mails},
            )

    def _bucket(self, name: str) -> Bucket:
        known = {one.full_name: one for one in self.operations.buckets()}
        if name not in known:
            raise UnknownNameError("bucket", name, known)
        return known[name]

    def _source_named(self, name: str) -> Source:
        known = {one.full_name: one for one in self.operations.sources()}
        if name not in known:
            raise UnknownNameError("source", name, known)
        return known[name]


def _ids(message_ids: Sequence[str]) -> tuple[MessageId, ...]:
    return tuple(MessageId(one) for one in message_ids)
