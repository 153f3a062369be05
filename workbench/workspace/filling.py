"""The mail that a bucket has, into a source that begins to read it."""

from __future__ import annotations

from typing import Any

import msgspec

from workbench.domain import BucketId, MailImportReport, MailProblem, SourceId, SyncCounts
from workbench.errors import InputError
from workbench.ingest.mailbox import ReadMail, Threads, to_batch
from workbench.store import KeptMail, Session, prepare
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.depositing import add_counts, place_of
from workbench.workspace.importing import load_messages
from workbench.workspace.jobs import JobRun
from workbench.workspace.mail_chunks import CHUNK_BYTES, CHUNK_MAILS
from workbench.workspace.mail_problems import ProblemList


def run_fill(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: piece by piece in order of arrival, each one transaction; what is there already is unchanged."""
    caller = Caller(workspace=workspace, actor=parameters["actor"], channel=parameters["channel"])
    source_id, bucket_id = SourceId(parameters["source_id"]), BucketId(parameters["bucket_id"])
    with workspace.store.read() as session:
        bucket = session.buckets.get(bucket_id)
    run.stage("filling", bucket.n_mails, "mails")
    counts, after, n_mails = SyncCounts(), 0, 0
    problems = ProblemList(workspace, run.state.job_id, bucket_id)
    while True:
        with workspace.store.read() as session:
            kept = session.mails.next(bucket_id, after, n_most=CHUNK_MAILS, n_bytes=CHUNK_BYTES)
        if not kept:
            break
        run.stop_if_cancelled()
        read = workspace.mail.read([one.raw for one in kept], cancelled=run.cancelled)
        problems.add(
            [
                MailProblem(
                    message_id=one.message_id, place=place_of(one.raw), problem=found.problem, kept=True
                )
                for one, found in zip(kept, read, strict=True)
                if found.problem
            ]
        )
        with workspace.store.write() as session:
            loaded = _load(caller, session, source_id, bucket_id, kept, read, batch_id=run.state.job_id)
        counts = add_counts(counts, loaded)
        after, n_mails = kept[-1].mail_seq, n_mails + len(kept)
        run.progress(n_mails)
    workspace.tidy()
    if counts.new or counts.updated:
        caller.tell("import", source_id, new=counts.new, updated=counts.updated)
    report = MailImportReport(
        job_id=run.state.job_id,
        bucket_id=bucket_id,
        name=bucket.full_name,
        n_mails=n_mails,
        n_known=n_mails,
        counts=counts,
        n_problems=problems.n_problems,
        problems=tuple(problems.shown),
    )
    return msgspec.to_builtins(report)


def _load(
    caller: Caller,
    session: Session,
    source_id: SourceId,
    bucket_id: BucketId,
    kept: tuple[KeptMail, ...],
    read: tuple[ReadMail, ...],
    *,
    batch_id: str,
) -> SyncCounts:
    source = session.catalog.source(source_id)
    if source.bucket_id != bucket_id:
        raise InputError(
            f"source {source.full_name!r} was detached from the bucket while it was filled.",
            next_step="What came in stays; attach it again to go on.",
            details={"source_id": source_id, "bucket_id": bucket_id},
        )
    messages = [one.message for one in read if one.message is not None and not one.problem]
    if not messages:
        return SyncCounts()
    entries = session.mails.threads(bucket_id, {one.message_id for one in messages}, {}, days=0)
    times = {one.message_id: one.stored_at for one in kept}
    batch = to_batch(messages, Threads(entries=entries), undated_at=times)
    prepared = prepare(source_id, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
    return load_messages(caller, session, source_id, prepared, channel=caller.channel, batch_id=batch_id)
