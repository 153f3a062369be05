"""Changing projects, sources and datasets; copying a dataset; which sources a dataset has."""

from __future__ import annotations

from dataclasses import replace

from workbench.domain import (
    Dataset,
    DatasetId,
    MessageChoice,
    Project,
    Source,
    SourceId,
    check_transform_tag,
)
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.catalog import (
    check_languages,
    check_members,
    check_sensitive,
    check_texts,
    make_dataset,
)
from workbench.workspace.context import Caller
from workbench.workspace.deleting import datasets_over
from workbench.workspace.mask_switching import after, switch
from workbench.workspace.matrices import drop_derived
from workbench.workspace.quiet import refuse_running
from workbench.workspace.quota_checks import check_quota, note_messages
from workbench.workspace.sensitive import check_amended


def amend_project(
    caller: Caller, name: str, title: str | None = None, description: str | None = None
) -> Project:
    """Change title or description."""
    check_texts(f"project {name[:256]}", title, description)
    with caller.store.write() as session:
        known = {project.name: project for project in session.catalog.projects()}
        if name not in known:
            raise UnknownNameError("project", name, known)
        texts = replace(
            known[name],
            title=known[name].title if title is None else title,
            description=known[name].description if description is None else description,
        )
        if texts == known[name]:
            return texts
        amended = replace(texts, updated_at=caller.workspace.clock())
        session.catalog.amend_project(amended)
        caller.audit(session, "amend_project", name, **_said(title=title, description=description))
    caller.tell("catalog", name)
    return amended


def amend_source(
    caller: Caller,
    source_id: SourceId,
    title: str | None = None,
    description: str | None = None,
    should_translate: bool | None = None,  # noqa: FBT001 - as the operation says
    sensitive_properties: tuple[str, ...] | None = None,
    mask_personal: bool | None = None,  # noqa: FBT001 - as the operation says
    transform_tag: str | None = None,
) -> Source:
    """Change what may change of a source."""
    check_transform_tag(transform_tag or "")
    with caller.store.write() as session:
        known = session.catalog.source(source_id)
        check_texts(f"source {known.full_name}", title, description)
        check_sensitive(f"source {known.full_name}", sensitive_properties or ())
        sensitive = known.sensitive_properties if sensitive_properties is None else sensitive_properties
        check_amended(caller, known, sensitive)
        amended = replace(
            known,
            title=known.title if title is None else title,
            description=known.description if description is None else description,
            should_translate=known.should_translate if should_translate is None else should_translate,
            sensitive_properties=tuple(dict.fromkeys(sensitive)),
            updated_at=caller.workspace.clock(),
            mask_personal=known.mask_personal if mask_personal is None else mask_personal,
            transform_tag=known.transform_tag if transform_tag is None else transform_tag,
        )
        is_switched = switch(caller, session, known, mask_personal)
        session.catalog.amend_source(amended)
        said = _said(
            title=title,
            description=description,
            should_translate=should_translate,
            sensitive_properties=sensitive_properties,
            mask_personal=mask_personal,
            transform_tag=transform_tag,
        )
        caller.audit(session, "amend_source", known.full_name, source_id=source_id, **said)
        if is_switched:
            amended = session.catalog.source(source_id)
            touched = datasets_over(session, source_id)
    if is_switched:
        after(caller, amended, touched)
    caller.tell("catalog", source_id)
    return amended


def amend_dataset(
    caller: Caller,
    dataset_id: DatasetId,
    title: str | None = None,
    description: str | None = None,
    has_sentiment: bool | None = None,  # noqa: FBT001 - as the operation says
) -> Dataset:
    """Change title or description; refuse another choice of label sentiment."""
    with caller.store.write() as session:
        known = session.catalog.counted_dataset(dataset_id)
        if has_sentiment not in (None, known.has_sentiment):
            was, wanted = ("with", "without") if known.has_sentiment else ("without", "with")
            raise InputError(
                f"dataset {known.full_name!r} was created {was} label sentiment, and its annotations are made so: "
                "that cannot change.",
                next_step=f"Create a dataset {wanted} label sentiment over the same sources, and annotate there.",
                details={"dataset": known.full_name, "has_sentiment": known.has_sentiment},
            )
        check_texts(f"dataset {known.full_name}", title, description)
        texts = replace(
            known,
            title=known.title if title is None else title,
            description=known.description if description is None else description,
        )
        if texts == known:
            return known
        amended = replace(texts, updated_at=caller.workspace.clock())
        session.catalog.amend_dataset(amended)
        said = _said(title=title, description=description)
        caller.audit(session, "amend_dataset", known.full_name, dataset_id=known.dataset_id, **said)
    caller.tell("taxonomy", known.dataset_id, dataset_id=known.dataset_id)
    return amended


def copy_dataset(
    caller: Caller,
    dataset_id: DatasetId,
    project: str,
    name: str,
    source_ids: tuple[SourceId, ...] = (),
    title: str = "",
) -> Dataset:
    """Create a dataset like another, with its taxonomy and its annotations on shared sources."""
    with caller.store.write() as session:
        original = session.catalog.find_dataset(dataset_id)
        made, is_new = make_dataset(
            caller,
            session,
            project,
            name,
            source_ids or original.source_ids,
            title=title or original.title,
            description=original.description,
            encoder=original.encoder,
            has_sentiment=original.has_sentiment,
            language=original.language,
        )
        if is_new:
            session.deletion.copy_into(original.dataset_id, made.dataset_id)
            details = {"dataset_id": made.dataset_id, "original": original.full_name}
            caller.audit(session, "copy_dataset", made.full_name, **details)
        copied = session.catalog.counted_dataset(made.dataset_id)
        if is_new:
            where = f"dataset {copied.full_name!r}"
            check_quota(caller, session, "labels_per_dataset", copied.n_labels, where)
            check_quota(caller, session, "reviewed_per_dataset", copied.n_reviewed, where)
    caller.tell("catalog", copied.dataset_id)
    return copied


def add_sources(caller: Caller, dataset_id: DatasetId, source_ids: tuple[SourceId, ...]) -> Dataset:
    """Add sources; those it has already are passed over."""
    with caller.store.write() as session:
        known = session.catalog.counted_dataset(dataset_id)
        added = tuple(one for one in dict.fromkeys(source_ids) if one not in known.source_ids)
        members = check_members(caller, session, known.full_name, known.source_ids, added)
        check_languages(known.full_name, known.language, members[len(known.source_ids) :])
        session.catalog.add_sources(known.dataset_id, added)
        _note(caller, session, "add_sources", known, added)
        found = session.catalog.counted_dataset(known.dataset_id)
        if found.n_reviewed > known.n_reviewed:
            check_quota(
                caller, session, "reviewed_per_dataset", found.n_reviewed, f"dataset {known.full_name!r}"
            )
    caller.tell("import", known.dataset_id, dataset_id=known.dataset_id)
    return found


def remove_sources(caller: Caller, dataset_id: DatasetId, source_ids: tuple[SourceId, ...]) -> Dataset:
    """Remove sources: what people said of their messages waits, what was computed of them goes.

    Those it does not have are passed over, so that a call may come twice.
    """
    with caller.store.write() as session:
        known = session.catalog.find_dataset(dataset_id)
        for source_id in source_ids:
            session.catalog.source(source_id)
        removed = tuple(one for one in known.source_ids if one in source_ids)
        refuse_running(session, (known.dataset_id,))
        note_messages(session)
        for source_id in removed:
            uids = session.deletion.chosen(source_id, MessageChoice()).select(["uid"])
            session.deletion.forget(uids, known.dataset_id)
            session.catalog.remove_source(known.dataset_id, source_id)
        _note(caller, session, "remove_sources", known, removed)
        found = session.catalog.counted_dataset(known.dataset_id)
    drop_derived(caller.workspace, (known.dataset_id,))
    caller.tell("import", known.dataset_id, dataset_id=known.dataset_id, gone=True)
    return found


def _note(
    caller: Caller, session: Session, action: str, dataset: Dataset, source_ids: tuple[SourceId, ...]
) -> None:
    names = [session.catalog.source(source_id).full_name for source_id in source_ids]
    caller.audit(session, action, dataset.full_name, dataset_id=dataset.dataset_id, sources=names)


def _said(**values: object) -> dict[str, object]:
    """What was asked for, for the audit log."""
    return {name: value for name, value in values.items() if value is not None}
