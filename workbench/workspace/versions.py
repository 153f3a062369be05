"""Model versions: which are kept, what they are for, what they say."""

from __future__ import annotations

import pyarrow as pa

from workbench.domain import (
    DatasetId,
    MessageFilter,
    ModelVersion,
    ValidationReport,
    VersionTag,
)
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.auditing import record_read
from workbench.workspace.catalog import check_texts
from workbench.workspace.context import Caller
from workbench.workspace.quota_checks import check_pinned
from workbench.workspace.sensitive import check_conditions

_MOST_NAMED = 5
_MOVE = "Move each stream to another version (amend_stream) or delete it (delete_stream)"
_TAGS: tuple[VersionTag, ...] = ("live", "staging")


def model_versions(caller: Caller, dataset_id: DatasetId) -> tuple[ModelVersion, ...]:
    """Newest first."""
    with caller.store.read() as session:
        return tuple(session.models.versions(dataset_id))


def pin_version(caller: Caller, dataset_id: DatasetId, version: int, pinned: bool = True) -> ModelVersion:  # noqa: FBT001, FBT002
    """Pin or unpin."""
    with caller.store.write() as session:
        known = session.models.version(dataset_id, version)
        if known.tag and not pinned:
            raise InputError(
                f"version {version} carries the tag {known.tag!r} and is pinned by it.",
                next_step="Give the tag to another version, or take it away (tag_version), then unpin.",
                details={"version": version, "tag": known.tag},
            )
        if known.held_by and not pinned:
            raise InputError(
                f"version {version} is held by {_streams(known)} and stays pinned.",
                next_step=f"{_MOVE}, then unpin.",
                details={"version": version, "streams": list(known.held_by)},
            )
        if known.pinned == pinned:
            return _told(caller, known)
        made = session.models.set_pinned(dataset_id, version, pinned)
        if pinned:
            check_pinned(caller, session, version)
        caller.audit(session, "pin_version" if pinned else "unpin_version", dataset_id, version=version)
    return _told(caller, made)


def star_version(caller: Caller, dataset_id: DatasetId, version: int, starred: bool = True) -> ModelVersion:  # noqa: FBT001, FBT002
    """Star or not."""
    with caller.store.write() as session:
        made = session.models.set_starred(dataset_id, version, starred)
        caller.audit(session, "star_version" if starred else "unstar_version", dataset_id, version=version)
    return _told(caller, made)


def tag_version(caller: Caller, dataset_id: DatasetId, version: int, tag: VersionTag | None) -> ModelVersion:
    """Move a tag, or take one away."""
    if tag is not None and tag not in _TAGS:
        raise UnknownNameError("tag", str(tag)[:100], _TAGS)
    with caller.store.write() as session:
        known = session.models.version(dataset_id, version)
        carriers = {one.tag: one.version for one in session.models.versions(dataset_id) if one.tag}
        made = session.models.set_tag(dataset_id, version, tag)
        if made.pinned and not known.pinned:
            check_pinned(caller, session, version)
        moved = {"tag": tag, "replaces": known.tag, "taken_from": carriers.get(tag) if tag else None}
        caller.audit(session, "tag_version", dataset_id, version=version, **moved)
    return _told(caller, made)


def describe_version(caller: Caller, dataset_id: DatasetId, version: int, description: str) -> ModelVersion:
    """Say what it is about."""
    check_texts(f"model version {version}", None, description)
    with caller.store.write() as session:
        made = session.models.set_description(dataset_id, version, description)
        caller.audit(session, "describe_version", dataset_id, version=version, description=description)
    return _told(caller, made)


def delete_version(caller: Caller, dataset_id: DatasetId, version: int) -> ModelVersion:
    """Delete one that nothing needs."""
    with caller.store.write() as session:
        known = session.models.version(dataset_id, version)
        _refuse_needed(session, known)
        session.models.drop(dataset_id, version)
        caller.audit(session, "delete_version", dataset_id, version=version)
    return _told(caller, known)


def validation(caller: Caller, dataset_id: DatasetId, version: int | None = None) -> ValidationReport | None:
    """The report."""
    with caller.store.read() as session:
        if version is not None:
            session.models.label_ids(dataset_id, version)
        return session.models.validation(dataset_id, version)


def predictions_table(
    caller: Caller, dataset_id: DatasetId, where: MessageFilter, version: int | None = None
) -> pa.Table:
    """Predictions of a version."""
    with caller.store.read() as session:
        check_conditions(caller, session, dataset_id, where)
        found = session.models.predictions_table(dataset_id, where, version)
    record_read(caller, "export", dataset_id, dataset_id=dataset_id, n_predictions=found.num_rows)
    return found


def _refuse_needed(session: Session, known: ModelVersion) -> None:
    newest = session.models.versions(known.dataset_id)[0].version
    if known.version == newest:
        why, step = "is the newest", "Train another one, or roll back to an older one, then delete it."
    elif known.tag:
        why = f"carries the tag {known.tag!r}"
        step = "Give the tag to another version, or take it away (tag_version), then unpin and delete it."
    elif known.held_by:
        why, step = f"is held by {_streams(known)}", f"{_MOVE}, then unpin and delete the version."
    elif known.pinned:
        why, step = "is pinned", "Unpin it first (pin_version), if nobody needs its predictions."
    else:
        return
    raise InputError(
        f"version {known.version} {why} and cannot be deleted.",
        next_step=step,
        details={
            "version": known.version,
            "newest": newest,
            "tag": known.tag,
            "pinned": known.pinned,
            "streams": list(known.held_by),
        },
    )


def _streams(known: ModelVersion) -> str:
    names = [repr(name) for name in known.held_by]
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return f"the stream{'s' if len(names) > 1 else ''} {', '.join(names[:_MOST_NAMED])}{more}"


def _told(caller: Caller, version: ModelVersion) -> ModelVersion:
    caller.tell("model", str(version.version), dataset_id=version.dataset_id)
    return version
