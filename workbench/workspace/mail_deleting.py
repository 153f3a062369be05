"""Deleting single raw mails from a bucket, and when asked the messages that they became."""

from __future__ import annotations

from dataclasses import replace

import pyarrow.compute as pc

from workbench.domain import (
    LIMITS,
    AnnotatedChoice,
    BucketId,
    DatasetId,
    DeletionReport,
    MailDeletionPreview,
    MailMessages,
    MessageChoice,
    MessageId,
)
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.deleting import (
    added_up,
    datasets_over,
    done_before,
    finish,
    note,
    take_messages,
)
from workbench.workspace.quiet import refuse_running


def preview_mail_deletion(
    caller: Caller, bucket_id: BucketId, message_ids: tuple[MessageId, ...]
) -> MailDeletionPreview:
    """What deleting mails from a bucket would take."""
    LIMITS["deleted_ids"].check(len(message_ids), f"bucket {bucket_id}")
    with caller.store.read() as session:
        bucket = session.buckets.get(bucket_id)
        found = session.mails.chosen(bucket_id, message_ids)
        which = _messages_of(found["message_id"].to_pylist())
        previews = [
            session.deletion.preview(session.catalog.source(source_id), which)
            for source_id in bucket.source_ids
        ]
    return MailDeletionPreview(
        bucket_id=bucket_id,
        bucket=bucket.full_name,
        n_mails=found.num_rows,
        n_bytes=pc.sum(found["n_bytes"]).as_py() or 0,
        n_unknown=len(set(message_ids)) - found.num_rows,
        messages=tuple(replace(one, n_unknown=0) for one in previews),
    )


def delete_mails(
    caller: Caller, bucket_id: BucketId, message_ids: tuple[MessageId, ...], messages: MailMessages
) -> DeletionReport:
    """Delete mails from a bucket: rows, places, what threads know of them, contents; messages as asked."""
    LIMITS["deleted_ids"].check(len(message_ids), f"bucket {bucket_id}")
    caller.store.forget_deleted()
    with caller.store.write() as session:
        bucket = session.buckets.get(bucket_id)
        done = done_before(caller, session, "delete_mails", bucket.full_name)
        if done is not None:
            return done
        refuse_running(session, (), bucket_id=bucket_id)
        found = session.mails.chosen(bucket_id, message_ids)
        # Messages first: a content that mail and message share is unused only when both are gone.
        touched, reports = _take_messages(session, bucket_id, found["message_id"].to_pylist(), messages)
        n_contents = session.mails.drop(bucket_id, found)
        reports.append(DeletionReport(name=bucket.full_name, n_mails=found.num_rows, n_contents=n_contents))
        report = added_up(bucket.full_name, reports)
        details = {"bucket_id": bucket_id, "n_ids": len(message_ids), "messages": messages}
        note(caller, session, "delete_mails", report, **details)
    if report.n_messages:
        finish(caller, touched, bucket_id)
    else:
        caller.store.checkpoint()
        caller.tell("catalog", bucket_id)
    return report


def _take_messages(
    session: Session, bucket_id: BucketId, message_ids: list[str], messages: MailMessages
) -> tuple[tuple[DatasetId, ...], list[DeletionReport]]:
    if messages == "keep" or not message_ids:
        return (), []
    touched: set[DatasetId] = set()
    reports = []
    for source_id in session.buckets.get(bucket_id).source_ids:
        over = datasets_over(session, source_id)
        touched |= set(over)
        annotated: AnnotatedChoice = "delete" if messages == "delete" else "keep"
        source = session.catalog.source(source_id)
        reports.append(take_messages(session, source, _messages_of(message_ids), annotated, over))
    return tuple(sorted(touched)), reports


def _messages_of(message_ids: list[str]) -> MessageChoice:
    return MessageChoice(message_ids=tuple(MessageId(one) for one in message_ids))
