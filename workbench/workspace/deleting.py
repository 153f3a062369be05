"""Deleting messages, sources, datasets and projects: confirmed, audited, and really gone."""

from __future__ import annotations

from dataclasses import asdict, replace

import msgspec
import pyarrow.compute as pc

from workbench.domain import (
    LIMITS,
    AnnotatedChoice,
    Bucket,
    DatasetId,
    DeletionPreview,
    DeletionReport,
    Integration,
    MessageChoice,
    Source,
    SourceId,
)
from workbench.errors import ConfirmationError, InputError, NotEmptyError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.matrices import drop_derived
from workbench.workspace.quiet import refuse_running
from workbench.workspace.quota_checks import note_messages
from workbench.workspace.webhook_secrets import forget_secret


def preview_deletion(caller: Caller, source_id: SourceId, which: MessageChoice) -> DeletionPreview:
    """What deleting messages of a source would take."""
    LIMITS["deleted_ids"].check(len(which.message_ids or ()), f"source {source_id}")
    with caller.store.read() as session:
        source = session.catalog.source(source_id)
        preview = session.deletion.preview(source, which)
        if source.bucket_id is None:
            return preview
        bucket = session.buckets.get(source.bucket_id)
    return replace(preview, bucket=bucket.full_name, n_mails=bucket.n_mails)


def delete_messages(
    caller: Caller, source_id: SourceId, which: MessageChoice, annotated: AnnotatedChoice
) -> DeletionReport:
    """Delete messages by id or time from their source, so from every dataset."""
    LIMITS["deleted_ids"].check(len(which.message_ids or ()), f"source {source_id}")
    if which.is_everything:
        raise InputError(
            "no messages were chosen.",
            next_step="Pass message_ids, since or until; to delete a whole source use delete_source.",
        )
    caller.store.forget_deleted()
    with caller.store.write() as session:
        source = session.catalog.source(source_id)
        done = done_before(caller, session, "delete_messages", source.full_name)
        if done is not None:
            return done
        touched = datasets_over(session, source_id)
        report = take_messages(session, source, which, annotated, touched)
        if report.n_messages:
            note(caller, session, "delete_messages", report, source_id=source_id, **_described(which))
    finish(caller, touched, source_id)
    return report


def take_messages(
    session: Session,
    source: Source,
    which: MessageChoice,
    annotated: AnnotatedChoice,
    touched: tuple[DatasetId, ...],
) -> DeletionReport:
    """Delete messages of a source in a session; refused while a job works on a dataset over it."""
    refuse_running(session, touched, source.source_id)
    found = session.deletion.chosen(source.source_id, which)
    is_annotated = found.column("is_annotated")
    n_annotated = pc.sum(is_annotated).as_py() or 0
    doomed = found if annotated == "delete" else found.filter(pc.invert(is_annotated))
    note_messages(session)
    removed = session.deletion.messages(doomed.select(["uid"]))
    if removed.n_messages:
        session.batches.forget(source.source_id)
    return DeletionReport(
        name=source.full_name,
        n_annotated=n_annotated if annotated == "delete" else 0,
        n_kept=0 if annotated == "delete" else n_annotated,
        **asdict(removed),
    )


def delete_source(
    caller: Caller,
    source_id: SourceId,
    confirm: str,
    with_bucket: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> DeletionReport:
    """Delete a source, its messages and all that is known of them; when asked the bucket it reads too."""
    caller.store.forget_deleted()
    with caller.store.write() as session:
        done = done_before(caller, session, "delete_source", confirm)
        if done is not None:
            return done
        source = session.catalog.source(source_id)
        if confirm != source.full_name:
            raise ConfirmationError("source", source.full_name, confirm)
        touched = datasets_over(session, source_id)
        if with_bucket and source.bucket_id is not None:
            bucket = session.buckets.get(source.bucket_id)
            _refuse_readers(source, bucket)
            reports = [_delete_source(caller, session, source_id, touched)]
            reports.append(remove_bucket(caller, session, bucket))
            report = added_up(source.full_name, reports)
        else:
            report = _delete_source(caller, session, source_id, touched)
    finish(caller, touched, source_id)
    return report


def delete_dataset(caller: Caller, dataset_id: DatasetId, confirm: str) -> DeletionReport:
    """Delete a dataset; its sources keep their messages."""
    caller.store.forget_deleted()
    with caller.store.write() as session:
        done = done_before(caller, session, "delete_dataset", confirm)
        if done is not None:
            return done
        dataset = session.catalog.find_dataset(dataset_id)
        if confirm != dataset.full_name:
            raise ConfirmationError("dataset", dataset.full_name, confirm)
        report = _delete_dataset(caller, session, dataset.dataset_id)
    finish(caller, (dataset.dataset_id,), dataset.dataset_id)
    return report


def delete_project(
    caller: Caller,
    name: str,
    confirm: str,
    force: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> DeletionReport:
    """Delete a project, when asked with all that it holds."""
    caller.store.forget_deleted()
    with caller.store.write() as session:
        done = done_before(caller, session, "delete_project", name)
        if done is not None:
            return done
        known = [project.name for project in session.catalog.projects()]
        if name not in known:
            raise UnknownNameError("project", name, known)
        if confirm != name:
            raise ConfirmationError("project", name, confirm)
        datasets = [one for one in session.catalog.datasets() if one.project == name]
        sources = session.catalog.sources(name)
        buckets = session.buckets.all(name)
        integrations = session.integrations.list(name)
        kinds = (
            ("sources", sources),
            ("datasets", datasets),
            ("buckets", buckets),
            ("integrations", integrations),
        )
        held = {kind: len(ones) for kind, ones in kinds if ones}
        if buckets:
            held["mails"] = sum(bucket.n_mails for bucket in buckets)
        if held and not force:
            listed = " and ".join(f"{n:,} {kind if n != 1 else kind[:-1]}" for kind, n in held.items())
            raise NotEmptyError(
                f"project {name!r} still holds {listed}.",
                next_step="Delete them first, or pass force=True to delete them with it.",
                details=dict(held),
            )
        reports = [_delete_dataset(caller, session, one.dataset_id) for one in datasets]
        touched = {one.dataset_id for one in datasets}
        for source in sources:
            over = datasets_over(session, source.source_id)
            touched |= set(over)
            reports.append(_delete_source(caller, session, source.source_id, over))
        reports += [remove_bucket(caller, session, bucket) for bucket in buckets]
        for integration in integrations:
            remove_integration(caller, session, integration)
        session.deletion.project(name)
        session.roles.forget_project(name)
        report = added_up(name, reports)
        note(caller, session, "delete_project", report)
    finish(caller, tuple(sorted(touched)), name)
    return report


def remove_bucket(caller: Caller, session: Session, bucket: Bucket) -> DeletionReport:
    """Delete a bucket in a session; refused while mail comes into it."""
    refuse_running(session, (), bucket_id=bucket.bucket_id)
    n_contents = session.buckets.drop(bucket.bucket_id)
    report = DeletionReport(name=bucket.full_name, n_contents=n_contents, n_buckets=1, n_mails=bucket.n_mails)
    note(caller, session, "delete_bucket", report, bucket_id=bucket.bucket_id)
    return report


def _refuse_readers(source: Source, bucket: Bucket) -> None:
    if set(bucket.source_ids) > {source.source_id}:
        raise NotEmptyError(
            f"bucket {bucket.full_name!r} is read by {len(bucket.source_ids) - 1:,} other sources.",
            next_step="Delete or detach them first, or delete the source without its bucket.",
            details={"source_ids": [str(source_id) for source_id in bucket.source_ids]},
        )


def _delete_source(
    caller: Caller, session: Session, source_id: SourceId, touched: tuple[DatasetId, ...]
) -> DeletionReport:
    refuse_running(session, touched, source_id)
    source = session.catalog.source(source_id)
    for dataset in session.catalog.datasets():
        if dataset.source_ids == (source_id,):
            raise NotEmptyError(
                f"source {source.full_name!r} is the only source of dataset {dataset.full_name!r}.",
                next_step="Delete that dataset first, or add another source to it.",
                details={"datasets": [dataset.full_name]},
            )
    preview = session.deletion.preview(source, MessageChoice())
    note_messages(session)
    removed = session.deletion.source(source_id)
    session.batches.forget(source_id)
    report = DeletionReport(
        name=source.full_name, n_annotated=preview.n_annotated, n_sources=1, **asdict(removed)
    )
    note(caller, session, "delete_source", report, source_id=source_id)
    return report


def _delete_dataset(caller: Caller, session: Session, dataset_id: DatasetId) -> DeletionReport:
    refuse_running(session, (dataset_id,))
    dataset = session.catalog.find_dataset(dataset_id)
    note_messages(session)
    for stream_id in session.webhooks.of_dataset(dataset_id):
        forget_secret(caller.store, stream_id)
    n_predictions = session.deletion.dataset(dataset_id)
    report = DeletionReport(name=dataset.full_name, n_predictions=n_predictions, n_datasets=1)
    note(caller, session, "delete_dataset", report, dataset_id=dataset_id)
    return report


def datasets_over(session: Session, source_id: SourceId) -> tuple[DatasetId, ...]:
    """The datasets that have a source."""
    return tuple(one.dataset_id for one in session.catalog.datasets() if source_id in one.source_ids)


def _described(which: MessageChoice) -> dict[str, object]:
    if which.message_ids is not None:
        return {"n_ids": len(which.message_ids)}
    return {
        "since": which.since.isoformat() if which.since else None,
        "until": which.until.isoformat() if which.until else None,
    }


def note(caller: Caller, session: Session, action: str, report: DeletionReport, **details: object) -> None:
    """Append what a deletion took to the audit log."""
    counts = {name: n for name, n in asdict(report).items() if name != "name" and n}
    call = {"call": caller.call_id} if caller.call_id else {}
    caller.audit(session, action, report.name, **details, report=counts, **call)


def done_before(caller: Caller, session: Session, action: str, name: str) -> DeletionReport | None:
    """What this very call deleted when it came before and only its reply was lost."""
    details = session.audit.of_call(action, caller.call_id) if caller.call_id else None
    if details is None:
        return None
    found = msgspec.json.decode(details)
    return DeletionReport(name=name, **found["report"])


def added_up(name: str, reports: list[DeletionReport]) -> DeletionReport:
    """Several deletions as one."""
    counts: dict[str, int] = {}
    for report in reports:
        for field, n in asdict(report).items():
            if field != "name":
                counts[field] = counts.get(field, 0) + n
    return DeletionReport(name=name, **counts)


def finish(caller: Caller, dataset_ids: tuple[DatasetId, ...], subject: str) -> None:
    """After the commit: derived files go, freed space can be used again, others hear of it."""
    drop_derived(caller.workspace, dataset_ids)
    caller.store.search.drop()  # an index keeps the words of what is taken out of it; the next search begins anew
    caller.store.checkpoint()
    for dataset_id in dataset_ids:
        caller.tell("import", subject, dataset_id=dataset_id, gone=True)
    caller.tell("catalog", subject)


def remove_integration(caller: Caller, session: Session, doomed: Integration) -> None:
    """Delete an integration in a session: its secrets first, so that none outlives it."""
    caller.store.secrets.put(doomed.integration_id, {})
    session.integrations.drop(doomed.integration_id)
    caller.audit(session, "delete_integration", doomed.full_name, integration_id=doomed.integration_id)
