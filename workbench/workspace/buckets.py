"""Buckets of raw mail: create, change, delete, and let sources read them."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain import (
    Bucket,
    BucketId,
    DeletionReport,
    JobId,
    Source,
    SourceId,
    check_name,
)
from workbench.errors import ConfirmationError, DuplicateNameError, InputError
from workbench.store import Session
from workbench.workspace.catalog import check_texts, ensure_project
from workbench.workspace.context import Caller
from workbench.workspace.deleting import done_before, remove_bucket
from workbench.workspace.depositing import deposit as deposit  # noqa: PLC0414 - what connectors call
from workbench.workspace.quota_checks import check_quota


def buckets(caller: Caller, project: str | None = None) -> tuple[Bucket, ...]:
    """Buckets of a project, or all."""
    with caller.store.read() as session:
        found = session.buckets.all(project)
    return tuple(one for one in found if caller.may("bucket.read", one.project))


def bucket(caller: Caller, name: str) -> Bucket:
    """One bucket by full name or id."""
    with caller.store.read() as session:
        return session.buckets.find(name)


def create_bucket(caller: Caller, project: str, name: str, title: str = "") -> Bucket:
    """Create a bucket, and its project when there is none."""
    with caller.store.write() as session:
        made = make_bucket(caller, session, project, name, title)
    caller.tell("catalog", made.bucket_id)
    return made


def make_bucket(caller: Caller, session: Session, project: str, name: str, title: str) -> Bucket:
    """Create a bucket in a session."""
    full_name = f"{project}/{name}"
    check_name("bucket", name)
    check_texts(f"bucket {full_name}", title, None)
    bucket_id = BucketId(caller.made_id("bucket"))
    ensure_project(caller, session, project)
    known = session.buckets.all()
    for there in known:
        if there.bucket_id == bucket_id:
            return there
        if there.full_name == full_name:
            raise DuplicateNameError("bucket", full_name)
    check_quota(caller, session, "buckets", len(known) + 1, f"bucket {full_name}")
    made = Bucket(
        bucket_id=bucket_id,
        project=project,
        name=name,
        title=title or name,
        created_at=caller.workspace.clock(),
    )
    session.buckets.add(made)
    caller.audit(session, "create_bucket", full_name, bucket_id=bucket_id)
    return made


def amend_bucket(caller: Caller, bucket_id: BucketId, title: str) -> Bucket:
    """Change the title of a bucket."""
    with caller.store.write() as session:
        known = session.buckets.get(bucket_id)
        check_texts(f"bucket {known.full_name}", title, None)
        at = caller.workspace.clock()
        session.buckets.amend(bucket_id, title, at)
        caller.audit(session, "amend_bucket", known.full_name, bucket_id=bucket_id, title=title)
    caller.tell("catalog", bucket_id)
    return replace(known, title=title, updated_at=at)


def delete_bucket(caller: Caller, bucket_id: BucketId, confirm: str) -> DeletionReport:
    """Delete a bucket and its mail; sources that read it keep their messages."""
    caller.store.forget_deleted()
    with caller.store.write() as session:
        done = done_before(caller, session, "delete_bucket", confirm)
        if done is not None:
            return done
        doomed = session.buckets.get(bucket_id)
        if confirm != doomed.full_name:
            raise ConfirmationError("bucket", doomed.full_name, confirm)
        report = remove_bucket(caller, session, doomed)
    caller.store.checkpoint()
    caller.tell("catalog", bucket_id)
    return report


def start_attach(caller: Caller, source_id: SourceId, bucket_id: BucketId) -> JobId:
    """Let a source read a bucket, and queue what brings in the mail that is there."""
    with caller.store.write() as session:
        session.buckets.get(bucket_id)
        source = session.catalog.source(source_id)
        if source.bucket_id not in (None, bucket_id):
            raise InputError(
                f"source {source.full_name!r} reads another bucket already.",
                next_step="Detach it first: its messages stay.",
                details={"source_id": source_id, "bucket_id": source.bucket_id},
            )
        session.buckets.attach(source_id, bucket_id)
        caller.audit(session, "attach_bucket", source.full_name, source_id=source_id, bucket_id=bucket_id)
    caller.tell("catalog", source_id)
    return caller.submit("fill", {"source_id": source_id, "bucket_id": bucket_id, "channel": caller.channel})


def detach_bucket(caller: Caller, source_id: SourceId) -> Source:
    """Let a source read no bucket any more; its messages stay."""
    with caller.store.write() as session:
        source = session.catalog.source(source_id)
        session.buckets.attach(source_id, None)
        if source.bucket_id is not None:
            caller.audit(
                session, "detach_bucket", source.full_name, source_id=source_id, bucket_id=source.bucket_id
            )
    caller.tell("catalog", source_id)
    return replace(source, bucket_id=None)
