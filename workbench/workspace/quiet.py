"""What is taken away must not be in use: deletions wait for running jobs, or are refused."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from workbench.domain import BucketId, DatasetId, JobKind, JobState, Mailbox, SourceId
from workbench.errors import ConflictError
from workbench.store import Session

HARMLESS: tuple[JobKind, ...] = ("languages", "translate")
"""What these find of a message that is gone is not kept, and they need no file to go on: they hold nobody up."""


def refuse_running(
    session: Session,
    dataset_ids: Iterable[DatasetId],
    source_id: SourceId | None = None,
    *,
    bucket_id: BucketId | None = None,
) -> None:
    """Refuse while a job works on one of the datasets, or loads into the source or the bucket.

    A sync loads into what its mailboxes flow into, those that are paused aside: of them nothing is stored any more.

    Raises
    ------
    ConflictError
        One does; the text names it. Clients that try a conflict again get through when it is done.
    """
    concerned = set(dataset_ids)
    for job in session.jobs.list():
        if job.finished or job.kind in HARMLESS:
            continue
        if (
            job.dataset_id in concerned
            or (source_id and _target(session, job, "source_id") == source_id)
            or (bucket_id and _target(session, job, "bucket_id") == bucket_id)
            or (job.kind == "sync" and _syncs_into(session, job, source_id, bucket_id))
        ):
            raise ConflictError(
                f"job {job.job_id} ({job.kind}) still works on it.",
                next_step="Wait until it is done, or cancel it first.",
                details={"job_id": job.job_id, "kind": job.kind},
            )


def _target(session: Session, job: JobState, what: str) -> str:
    if job.kind not in ("import", "import_mail", "fill"):
        return ""
    told = msgspec.json.decode(session.jobs.parameters(job.job_id), type=dict[str, object])
    return str(told.get(what, ""))


def _syncs_into(
    session: Session, job: JobState, source_id: SourceId | None, bucket_id: BucketId | None
) -> bool:
    told = msgspec.json.decode(session.jobs.parameters(job.job_id), type=dict[str, object])
    asked, address = told.get("integration_id"), told.get("mailbox")
    bucket = session.buckets.get(bucket_id).full_name if bucket_id else ""
    return any(
        (source_id and mailbox.source == source_id) or (bucket and _bucket_name(mailbox) == bucket)
        for integration in session.integrations.list()
        if integration.enabled and asked in (None, integration.integration_id)
        for mailbox in (status.mailbox for status in integration.mailboxes)
        if address in (None, mailbox.address) and (mailbox.enabled or mailbox.disabled_reason == "quota")
    )


def _bucket_name(mailbox: Mailbox) -> str:
    return f"{mailbox.bucket.project}/{mailbox.bucket.name}" if mailbox.bucket else ""
