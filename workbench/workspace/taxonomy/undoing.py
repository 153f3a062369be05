"""Taking changes of a taxonomy back, and the list of them."""

# ruff: noqa: FBT001, FBT002 - as the operations say

from __future__ import annotations

from dataclasses import replace

from workbench.domain import (
    Dataset,
    DatasetId,
    LabelId,
    MessageChange,
    Node,
    TaxonomyReport,
    TaxonomyStep,
    Tree,
    TreeChange,
)
from workbench.errors import InputError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.taxonomy.stepping import Plan, step

MOST_STEPS = 1_000
_FIELDS = ("parent_id", "name", "position", "title", "instructions", "external_id")


def taxonomy_steps(caller: Caller, dataset_id: DatasetId, n_most: int = 100) -> tuple[TaxonomyStep, ...]:
    """Changes, newest first."""
    if not 1 <= n_most <= MOST_STEPS:
        raise InputError(f"{n_most} steps cannot be had.", next_step=f"Ask for 1 to {MOST_STEPS:,}.")
    with caller.store.read() as session:
        return session.taxonomies.steps(session.catalog.find_dataset(dataset_id).dataset_id, n_most)


def undo_taxonomy(caller: Caller, dataset_id: DatasetId, dry_run: bool = False) -> TaxonomyReport:
    """Take the newest change back."""
    return step(caller, dataset_id, _plan, action="undo", dry_run=dry_run)


def _plan(session: Session, dataset: Dataset, tree: Tree) -> Plan:
    stored = session.taxonomies.to_undo(dataset.dataset_id)
    if stored is None:
        raise InputError(
            f"dataset {dataset.full_name!r} has no change of its taxonomy to undo.",
            next_step="Labels that were made can be deleted.",
        )
    was, left = {one.label_id: one for one in stored.before}, {one.label_id: one for one in stored.after}
    after, became = tree.returned(*(_as_before(tree, node, left.get(one)) for one, node in was.items()))
    exact = session.taxonomies.untouched(dataset.dataset_id, stored.step_id)
    event = stored.last_event
    judged = None if event is None else session.taxonomies.judged_since(dataset.dataset_id, event)
    made = [one for one in left if one not in was and one in tree.nodes]
    after, parts = _without_made(session, dataset.dataset_id, after, made, stored.came_from, exact)
    return Plan(
        action="undo",
        summary=f"undo: {stored.summary}",
        change=TreeChange(before=tree, after=after, became=became | parts),
        exact=exact,
        judged=judged,
        retrains=stored.action != "order",
        undoes=stored.step_id,
        n_kept=session.taxonomies.n_changed_by(dataset.dataset_id, stored.step_id) - len(exact),
    )


def _as_before(tree: Tree, was: Node, left: Node | None) -> Node:
    """A label as it was, but for what the step did not change; a vanished one comes back whole."""
    if left is None or was.label_id not in tree.nodes:
        return was
    changed = {one: getattr(was, one) for one in _FIELDS if getattr(was, one) != getattr(left, one)}
    return replace(tree.nodes[was.label_id], **changed)


def _without_made(
    session: Session,
    dataset_id: DatasetId,
    tree: Tree,
    made: list[LabelId],
    came_from: dict[LabelId, LabelId],
    exact: tuple[MessageChange, ...],
) -> tuple[Tree, dict[LabelId, LabelId]]:
    """Leave out what the step made: parts of a split go back into it; what is in use since stays."""
    back = {one.uid for one in exact}
    became: dict[LabelId, LabelId] = {}
    for one in sorted(made, key=lambda label_id: -len(tree.paths[label_id])):
        if tree.children(one):
            continue
        if one in came_from:
            became[one] = came_from[one]
        elif any(message.uid not in back for message in session.taxonomies.carriers(dataset_id, [one])):
            continue
        tree = tree.without([one])
    return tree, became
