"""Setting aside what people said after a model version: one step that can be undone, nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from workbench.domain import (
    Dataset,
    DatasetId,
    MessageChange,
    ModelVersion,
    RollbackPreview,
    TaxonomyReport,
    Tree,
)
from workbench.store import Session
from workbench.workspace.context import Caller


def rollback_preview(caller: Caller, dataset_id: DatasetId, version: int) -> RollbackPreview:
    """Count both ways."""
    with caller.store.read() as session:
        dataset = session.catalog.counted_dataset(dataset_id)
        known = session.models.version(dataset.dataset_id, version)
        n_later = len(session.models.reviewed_after(dataset.dataset_id, moment_of(known)))
    return RollbackPreview(
        dataset_id=dataset.dataset_id,
        version=version,
        moment=moment_of(known),
        n_reviewed=dataset.n_reviewed,
        n_later=n_later,
    )


def moment_of(known: ModelVersion) -> datetime:
    """The newest judgement that a version learned from."""
    return datetime.fromisoformat(known.lineage.get("learned_until") or known.lineage["reviewed_until"])


def set_aside(
    session: Session, dataset: Dataset, known: ModelVersion, *, step_id: str, actor: str, at: datetime
) -> int:
    """Make unreviewed what was reviewed after a version, in the caller's transaction; returns how many messages.

    Their labels stand as they are, unreviewed, and no training learns from them. ``undo_taxonomy`` takes it back.
    """
    found = session.models.reviewed_after(dataset.dataset_id, moment_of(known))
    if not found:
        return 0
    changes = tuple(
        MessageChange(uid=uid, revision=revision, before=stands, after=replace(stands, reviewed=False))
        for uid, revision, stands in found
    )
    tree = Tree.of(session.labels.all(dataset.dataset_id, counted=False))
    messages = "1 message" if len(found) == 1 else f"{len(found):,} messages"
    report = TaxonomyReport(
        dataset_id=dataset.dataset_id,
        action="set_aside",
        summary=f"set aside {messages} reviewed after version {known.version}",
        step_id=step_id,
        n_messages=len(found),
        retrains=False,
    )
    session.taxonomies.put_messages(dataset.dataset_id, changes, step_id=step_id, actor=actor, at=at)
    session.taxonomies.add_step(report, before=tree, after=tree, came_from={}, became={}, actor=actor, at=at)
    return len(found)
