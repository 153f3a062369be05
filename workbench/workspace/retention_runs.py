"""The job that takes what is past retention: piece by piece, each one transaction, each one audited.

A piece is archived, when so asked, inside the transaction that deletes it: what is deleted is what was read back. A run
that was broken off goes on with what is left; what it may take was fixed at its start.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from workbench.domain import DeletionReport, MessageChoice, MessageId, RetentionPolicy, Source, SourceId
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.archiving import archive_folder, write_part
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.deleting import added_up, datasets_over, finish, note
from workbench.workspace.jobs import JobRun
from workbench.workspace.quiet import refuse_running
from workbench.workspace.quota_checks import note_messages
from workbench.workspace.retention_plans import policy_of, terms

PIECE_ROWS = 500
"""Messages of one transaction, fewer where their files are large."""
PIECE_BYTES = 64 * 1024 * 1024


def run_retention(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job; its result counts what this run took, without what it took before it was resumed."""
    caller = Caller(workspace=workspace, actor=parameters["actor"], channel=parameters["channel"])
    reports: list[DeletionReport] = []
    n_archived_bytes = 0
    total = _left(workspace, parameters["sources"])
    run.stage("taking", total=total, unit="messages")
    done = 0
    for chosen in parameters["sources"]:
        source_id = SourceId(chosen["source_id"])
        try:
            while True:
                run.stop_if_cancelled()
                report, n_bytes = _take_piece(caller, source_id, chosen, parameters["run"])
                if report is None:
                    break
                reports.append(report)
                n_archived_bytes += n_bytes
                done += report.n_messages
                run.progress(done, max(done, total))
        finally:  # also after a kill: the run that goes on clears what the other one left
            with workspace.store.read() as session:
                touched = datasets_over(session, source_id)
            finish(caller, touched, source_id)
    whole = added_up("", reports)
    return {
        "n_messages": whole.n_messages,
        "n_mails": whole.n_mails,
        "n_predictions": whole.n_predictions,
        "n_vectors": whole.n_vectors,
        "n_contents": whole.n_contents,
        "n_archived_bytes": n_archived_bytes,
    }


def _left(workspace: Workspace, sources: list[dict[str, Any]]) -> int:
    with workspace.store.read() as session:
        return sum(
            session.retention.count(
                SourceId(one["source_id"]), datetime.fromisoformat(one["before"]), one["terms"][2]
            )[0]
            for one in sources
        )


def _take_piece(
    caller: Caller, source_id: SourceId, chosen: dict[str, Any], run: str
) -> tuple[DeletionReport | None, int]:
    """Take the next messages; None when none is left, or the source is gone."""
    caller.store.forget_deleted()
    with caller.store.write() as session:
        try:
            source = session.catalog.source(source_id)
        except UnknownNameError:
            return None, 0
        policy = policy_of(session, source)
        if policy is None or terms(policy) != chosen["terms"]:
            raise InputError(
                f"the retention policy of source {source.full_name!r} was changed while a run took messages by it.",
                next_step="What was taken is in the audit log; look at retention_preview, then start a new run.",
            )
        before = datetime.fromisoformat(chosen["before"])
        rows = _piece(session.retention.first(source_id, before, policy.annotated, PIECE_ROWS))
        if not rows:
            return None, 0
        refuse_running(session, datasets_over(session, source_id), source_id)
        if policy.action == "archive" and source.is_masking:
            raise InputError(
                f"source {source.full_name!r} is being masked; an archive would hold no texts.",
                next_step="Wait until its job 'mask' is done, then resume this one.",
            )
        uids = [uid for uid, _, _ in rows]
        mails = _mails(session, source, [message_id for _, message_id, _ in rows])
        n_bytes = 0
        if policy.action == "archive":
            n_bytes = _archive(caller, session, source, policy, uids, mails, run)
        report = _delete(session, source, uids, mails)
        told = {"policy": policy.action, "before": chosen["before"], "run": run}
        note(caller, session, "apply_retention", report, source_id=source_id, **told)
    return report, n_bytes


def _piece(rows: list[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """As many as their files allow, but at least one."""
    taken: list[tuple[str, str, int]] = []
    n_bytes = 0
    for row in rows:
        n_bytes += row[2]
        if taken and n_bytes > PIECE_BYTES:
            break
        taken.append(row)
    return taken


def _mails(session: Session, source: Source, message_ids: list[str]) -> pa.Table | None:
    """Raw mails of these messages that no message of another source came from."""
    if source.bucket_id is None:
        return None
    bucket = session.buckets.get(source.bucket_id)
    refuse_running(session, (), bucket_id=bucket.bucket_id)
    which = MessageChoice(message_ids=tuple(MessageId(one) for one in message_ids))
    shared: set[str] = set()
    for other in bucket.source_ids:
        if other != source.source_id:
            found = session.deletion.chosen(other, which)
            shared |= {uid.partition(".")[2] for uid in found["uid"].to_pylist()}
    return session.mails.chosen(bucket.bucket_id, [one for one in message_ids if one not in shared])


def _archive(
    caller: Caller,
    session: Session,
    source: Source,
    policy: RetentionPolicy,
    uids: list[str],
    mails: pa.Table | None,
    run: str,
) -> int:
    """Bytes written. Of a masked source only what is shown: its files and mails hold what masks hide."""
    tables = session.retention.archived(uids, with_files=not source.mask_personal)
    if mails is not None and mails.num_rows and not source.mask_personal:
        tables["mails"] = session.retention.archived_mails(mails)
    about = {
        "format": 1,
        "source": source.full_name,
        "source_id": source.source_id,
        "keep_days": policy.keep_days,
        "masked": source.mask_personal,
    }
    folder = archive_folder(caller, policy.folder) / run / source.source_id
    return write_part(caller.store, folder, uids, tables, about)


def _delete(session: Session, source: Source, uids: list[str], mails: pa.Table | None) -> DeletionReport:
    note_messages(session)
    # Messages first: a content that mail and message share is unused only when both are gone.
    removed = session.deletion.messages(pa.table({"uid": pa.array(uids, pa.string())}))
    session.batches.forget(source.source_id)
    n_contents = removed.n_contents
    if mails is not None and source.bucket_id is not None:
        n_contents += session.mails.drop(source.bucket_id, mails)
    return DeletionReport(
        name=source.full_name,
        n_messages=removed.n_messages,
        n_predictions=removed.n_predictions,
        n_vectors=removed.n_vectors,
        n_contents=n_contents,
        n_mails=0 if mails is None else mails.num_rows,
    )
