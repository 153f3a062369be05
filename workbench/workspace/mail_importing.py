"""Mail files into a bucket: uploaded in pieces, read away from the owner, stored piece by piece."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import Any

import msgspec

from workbench.domain import (
    BucketId,
    Budget,
    DepositReport,
    JobId,
    MailFile,
    MailFileKind,
    MailImportReport,
    MailProblem,
    SyncCounts,
    UploadId,
)
from workbench.domain.mail import RawMail
from workbench.errors import FileFormatError, InputError
from workbench.ingest.mailbox import find_mailbox_kind, is_archive
from workbench.primitives import hex_digest
from workbench.workspace.charges import check_waiver, is_bounded, release, reserve, standing
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.depositing import add_counts, foresee_mails, store_mails
from workbench.workspace.jobs import JobRun
from workbench.workspace.mail_problems import ProblemList
from workbench.workspace.uploads import drop_upload, file_name, joined_file, uploaded_file


def finish_mail_upload(caller: Caller, upload_id: UploadId, n_pieces: int, sha256: str) -> MailFile:
    """Join the pieces, and say what kind of mail file it is."""
    target = joined_file(caller.workspace, upload_id, n_pieces, sha256)
    name = file_name(caller.workspace, upload_id)
    try:
        found = "archive" if is_archive(target) else find_mailbox_kind(target, name=name)
    except FileFormatError:
        drop_upload(caller.workspace, upload_id)
        raise
    kind: MailFileKind = msgspec.convert(found, MailFileKind)
    return MailFile(upload_id=upload_id, name=name, kind=kind, n_bytes=target.stat().st_size)


def start_mail_import(
    caller: Caller,
    bucket_id: BucketId | None,
    upload_ids: tuple[UploadId, ...],
    mailbox: str = "",
    dry_run: bool = False,  # noqa: FBT001, FBT002 - as the operation says
    no_charge: bool = False,  # noqa: FBT001, FBT002
) -> JobId:
    """Queue the import of uploaded mail files."""
    check_waiver(caller, no_charge)
    if not upload_ids:
        raise InputError(
            "no upload was named.", next_step="Upload a mail file first, then name its upload id."
        )
    for upload_id in upload_ids:
        uploaded_file(caller.workspace, upload_id)
    if bucket_id is None:
        if not dry_run:
            raise InputError(
                "mail is imported into a bucket, and none was named.",
                next_step="Name one of buckets(), or create it with create_bucket.",
            )
    else:
        with caller.store.write() as session:
            bucket = session.buckets.get(bucket_id)
            if not dry_run:
                names = [file_name(caller.workspace, upload_id) for upload_id in upload_ids[:10]]
                caller.audit(session, "import_mail", bucket.full_name, files=names, n_files=len(upload_ids))
    parameters = {
        "bucket_id": bucket_id,
        "upload_ids": upload_ids,
        "mailbox": mailbox,
        "dry_run": dry_run,
        "no_charge": no_charge,
        "channel": caller.channel,
    }
    return caller.submit("import_mail", parameters)


def run_mail_import(workspace: Workspace, run: JobRun, parameters: dict[str, Any]) -> object:
    """The job: each piece of mails is one transaction; begun again, it finds what it stored and skips it."""
    caller = Caller(workspace=workspace, actor=parameters["actor"], channel=parameters["channel"])
    bucket_id: BucketId | None = parameters["bucket_id"]
    upload_ids = [UploadId(upload_id) for upload_id in parameters["upload_ids"]]
    dry_run: bool = parameters["dry_run"]
    no_charge: bool = parameters.get("no_charge", False)
    payload = {
        "files": [(str(uploaded_file(workspace, one)), file_name(workspace, one)) for one in upload_ids],
        "mailbox": parameters["mailbox"],
        "spool": str(workspace.folder / "spool" / run.state.job_id),
        "unpacked_bytes": workspace.settings.import_unpacked_max_bytes,
        "stage": "comparing" if dry_run else "loading",
    }
    projects = _projects(caller, bucket_id)
    with workspace.store.read() as session:
        bounded = any(is_bounded(caller, session, one) for one in projects)
    bounded = bounded and not (dry_run or no_charge)
    try:
        if bounded:
            counting = payload | {"stage": "comparing"}
            needed = _load(caller, run, counting, bucket_id, dry_run=True, no_charge=False).units
            reserve(caller, run.state.job_id, needed)
        tally = _load(caller, run, payload, bucket_id, dry_run=dry_run, no_charge=no_charge)
    finally:
        shutil.rmtree(payload["spool"], ignore_errors=True)
        if bounded:
            release(caller, run.state.job_id)
    if not dry_run:
        workspace.tidy()
        for upload_id in upload_ids:
            drop_upload(workspace, upload_id)
    return msgspec.to_builtins(
        MailImportReport(
            job_id=run.state.job_id,
            bucket_id=bucket_id or BucketId(""),
            name=", ".join(name for _, name in payload["files"][:3]),
            n_mails=tally.n_mails,
            n_stored=tally.n_stored,
            n_known=tally.n_known,
            counts=tally.counts,
            n_problems=tally.problems.n_problems,
            problems=tuple(tally.problems.shown),
            dry_run=dry_run,
            budgets=_budgets(caller, projects),
        )
    )


def _projects(caller: Caller, bucket_id: BucketId | None) -> tuple[str, ...]:
    """Projects of the sources that read a bucket."""
    if bucket_id is None:
        return ()
    with caller.store.read() as session:
        readers = session.buckets.get(bucket_id).source_ids
        return tuple(dict.fromkeys(session.catalog.source(one).project for one in readers))


def _budgets(caller: Caller, projects: tuple[str, ...]) -> tuple[Budget, ...]:
    with caller.store.read() as session:
        found = [one for project in projects or ("",) for one in standing(caller, session, project)]
    return tuple(dict.fromkeys(found))


def _load(
    caller: Caller,
    run: JobRun,
    payload: dict[str, Any],
    bucket_id: BucketId | None,
    *,
    dry_run: bool,
    no_charge: bool,
) -> _Tally:
    tally = _Tally(ProblemList(caller.workspace, run.state.job_id, bucket_id))
    seen: set[str] = set()
    for kind, item in run.work_items("mails:read_files", payload):
        if kind == "result":
            break
        tally.refused(item["problems"])
        mails: list[RawMail] = item["mails"]
        read = caller.workspace.mail.read(mails, cancelled=run.cancelled)
        if dry_run or bucket_id is None:
            done = foresee_mails(caller, bucket_id, read, seen, tally.units)
        else:
            batch_id = hex_digest(run.state.job_id, str(tally.n_mails))
            done = store_mails(
                caller,
                bucket_id,
                read,
                batch_id=batch_id,
                no_charge=no_charge,
                job_id=run.state.job_id,
            )
        tally.add(len(mails), done)
        run.progress(tally.n_mails)
    return tally


class _Tally:
    """What a job has done so far."""

    def __init__(self, problems: ProblemList) -> None:
        self.n_mails = self.n_stored = self.n_known = 0
        self.counts = SyncCounts()
        self.units: Counter[str] = Counter()
        self.problems = problems

    def refused(self, problems: list[tuple[str, str]]) -> None:
        """Files that could not be read as mails at all."""
        self.n_mails += len(problems)
        self.problems.add(
            [MailProblem(message_id="", place=place[:500], problem=why) for place, why in problems]
        )

    def add(self, n_mails: int, done: DepositReport) -> None:
        """Mails that were brought in."""
        self.n_mails += n_mails
        self.n_stored += done.n_stored
        self.n_known += done.n_known
        self.counts = add_counts(self.counts, done.counts)
        self.problems.add(done.problems)
