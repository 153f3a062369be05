"""The mail that a bucket has, into a source that begins to read it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from workbench.domain import BucketId, MailImportReport, MailProblem, SourceId, SyncCounts
from workbench.errors import InputError
from workbench.ingest.mailbox import ReadMail, Threads, to_batch
from workbench.store import KeptMail, Session, prepare
from workbench.workspace.charges import is_bounded, release, reserve, standing, tell_budgets
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.depositing import OPERATION, add_counts, place_of
from workbench.workspace.importing import foresee_messages, load_messages
from workbench.workspace.jobs import JobRun
from workbench.workspace.mail_chunks import CHUNK_BYTES, CHUNK_MAILS
from workbench.workspace.mail_problems import ProblemList


def run_fill(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: piece by piece in order of arrival, each one transaction; what is there already is unchanged.

    Under a hard limit it goes through all of it once before, counts, and reserves the units or stores nothing.
    """
    caller = Caller(workspace=workspace, actor=parameters["actor"], channel=parameters["channel"])
    source_id, bucket_id = SourceId(parameters["source_id"]), BucketId(parameters["bucket_id"])
    with workspace.store.read() as session:
        bucket = session.buckets.get(bucket_id)
        project = session.catalog.source(source_id).project
        bounded = is_bounded(caller, session, project)
    filling = _Filling(caller, run, source_id, bucket_id)
    try:
        if bounded:
            run.stage("counting", bucket.n_mails, "mails")
            foreseen, _ = filling.through(None)
            reserve(caller, run.state.job_id, {project: foreseen.units})
        run.stage("filling", bucket.n_mails, "mails")
        problems = ProblemList(workspace, run.state.job_id, bucket_id)
        counts, n_mails = filling.through(problems)
    finally:
        if bounded:
            release(caller, run.state.job_id)
    workspace.tidy()
    if counts.new or counts.updated:
        caller.tell("import", source_id, new=counts.new, updated=counts.updated)
    counts = replace(counts, warnings=tell_budgets(caller, {project: counts.units}))
    with workspace.store.read() as session:
        budgets = standing(caller, session, project)
    report = MailImportReport(
        job_id=run.state.job_id,
        bucket_id=bucket_id,
        name=bucket.full_name,
        n_mails=n_mails,
        n_known=n_mails,
        counts=counts,
        n_problems=problems.n_problems,
        problems=tuple(problems.shown),
        budgets=budgets,
    )
    return msgspec.to_builtins(report)


class _Filling:
    """The mails of a bucket on their way into a source."""

    def __init__(self, caller: Caller, job: JobRun, source_id: SourceId, bucket_id: BucketId) -> None:
        self._caller, self._job = caller, job
        self._source_id, self._bucket_id = source_id, bucket_id

    def through(self, problems: ProblemList | None) -> tuple[SyncCounts, int]:
        """Load all mails, and list the problems; without a list only count what loading would do."""
        caller, job, bucket_id = self._caller, self._job, self._bucket_id
        counts, after, n_mails = SyncCounts(), 0, 0
        while True:
            with caller.store.read() as session:
                kept = session.mails.next(bucket_id, after, n_most=CHUNK_MAILS, n_bytes=CHUNK_BYTES)
            if not kept:
                return counts, n_mails
            job.stop_if_cancelled()
            read = caller.workspace.mail.read([one.raw for one in kept], cancelled=job.cancelled)
            if problems is None:
                with caller.store.read() as session:
                    loaded = self._load(session, kept, read, only_count=True)
            else:
                problems.add(_problems(kept, read))
                with caller.store.write() as session:
                    loaded = self._load(session, kept, read, only_count=False)
            counts = add_counts(counts, loaded)
            after, n_mails = kept[-1].mail_seq, n_mails + len(kept)
            job.progress(n_mails)

    def _load(
        self, session: Session, kept: tuple[KeptMail, ...], read: tuple[ReadMail, ...], *, only_count: bool
    ) -> SyncCounts:
        caller, source_id = self._caller, self._source_id
        source = session.catalog.source(source_id)
        if source.bucket_id != self._bucket_id:
            raise InputError(
                f"source {source.full_name!r} was detached from the bucket while it was filled.",
                next_step="What came in stays; attach it again to go on.",
                details={"source_id": source_id, "bucket_id": self._bucket_id},
            )
        messages = [one.message for one in read if one.message is not None and not one.problem]
        if not messages:
            return SyncCounts()
        entries = session.mails.threads(self._bucket_id, {one.message_id for one in messages}, {}, days=0)
        times = {one.message_id: one.stored_at for one in kept}
        batch = to_batch(messages, Threads(entries=entries), undated_at=times)
        prepared = prepare(source_id, batch, attachment_max_bytes=caller.settings.attachment_max_bytes)
        if only_count:
            return foresee_messages(caller, session, source_id, prepared, operation=OPERATION)
        job_id = self._job.state.job_id
        return load_messages(
            caller, session, source_id, prepared, operation=OPERATION, batch_id=job_id, job_id=job_id
        )


def _problems(kept: tuple[KeptMail, ...], read: tuple[ReadMail, ...]) -> list[MailProblem]:
    return [
        MailProblem(message_id=one.message_id, place=place_of(one.raw), problem=found.problem, kept=True)
        for one, found in zip(kept, read, strict=True)
        if found.problem
    ]
