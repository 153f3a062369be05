"""Rename, move, merge, delete, describe and order labels."""

# ruff: noqa: FBT001, FBT002 - as the operations say

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from workbench.domain import (
    LIMITS,
    Dataset,
    DatasetId,
    EmptiedChoice,
    LabelId,
    TaxonomyReport,
    Tree,
    TreeChange,
    one_level,
)
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.taxonomy.stepping import Plan, step


def rename_label(
    caller: Caller, dataset_id: DatasetId, label_id: LabelId, name: str, dry_run: bool = False
) -> TaxonomyReport:
    """Give a label another name of one level."""

    def plan(_session: Session, _dataset: Dataset, tree: Tree) -> Plan:
        node = tree.get(label_id)
        after = tree.with_(replace(node, name=one_level(name)))
        summary = f"rename {tree.name(label_id)!r} to {after.name(label_id)!r}"
        return Plan(action="rename", summary=summary, change=TreeChange(before=tree, after=after))

    return step(caller, dataset_id, plan, action="rename", dry_run=dry_run)


def move_label(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    parent_id: LabelId | None,
    dry_run: bool = False,
) -> TaxonomyReport:
    """Hang a label, with all below it, from another one or from none."""

    def plan(_session: Session, _dataset: Dataset, tree: Tree) -> Plan:
        after = tree.moved(label_id, parent_id)
        summary = f"move {tree.name(label_id)!r} to {after.name(label_id)!r}"
        return Plan(action="move", summary=summary, change=TreeChange(before=tree, after=after))

    return step(caller, dataset_id, plan, action="move", dry_run=dry_run)


def merge_labels(
    caller: Caller,
    dataset_id: DatasetId,
    label_ids: tuple[LabelId, ...],
    into_id: LabelId,
    dry_run: bool = False,
) -> TaxonomyReport:
    """Merge labels into one that keeps its id."""

    def plan(_session: Session, _dataset: Dataset, tree: Tree) -> Plan:
        if not label_ids or into_id in label_ids:
            raise InputError(
                f"{len(label_ids)} labels cannot be merged into {tree.name(tree.get(into_id).label_id)!r}.",
                next_step="Name at least one label, and none that is the target itself.",
                details={"label_ids": [str(one) for one in label_ids], "into_id": into_id},
            )
        after, became = tree, dict[LabelId, LabelId]()
        for one in dict.fromkeys(label_ids):
            tree.get(one)
            if one in after.nodes:  # it may have gone with its parent
                after, merged = after.merged(one, into_id)
                became |= merged
        names = ", ".join(repr(tree.name(one)) for one in dict.fromkeys(label_ids))
        change = TreeChange(before=tree, after=after, became=became)
        return Plan(action="merge", summary=f"merge {names} into {tree.name(into_id)!r}", change=change)

    return step(caller, dataset_id, plan, action="merge", dry_run=dry_run)


def delete_label(
    caller: Caller, dataset_id: DatasetId, label_id: LabelId, emptied: EmptiedChoice, dry_run: bool = False
) -> TaxonomyReport:
    """Delete a label with all below it."""
    if emptied not in get_args(EmptiedChoice):
        raise UnknownNameError(
            "choice for messages that lose their last label", emptied, get_args(EmptiedChoice)
        )

    def plan(_session: Session, _dataset: Dataset, tree: Tree) -> Plan:
        tree.get(label_id)
        gone = tree.subtree(label_id)
        change = TreeChange(before=tree, after=tree.without(gone), emptied=emptied)
        below = f" with {len(gone) - 1} below it" if len(gone) > 1 else ""
        return Plan(action="delete", summary=f"delete {tree.name(label_id)!r}{below}", change=change)

    return step(caller, dataset_id, plan, action="delete", dry_run=dry_run)


def amend_label(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    title: str | None = None,
    instructions: str | None = None,
    external_id: str | None = None,
    dry_run: bool = False,
) -> TaxonomyReport:
    """Change what is said of a label."""

    def plan(_session: Session, _dataset: Dataset, tree: Tree) -> Plan:
        node, where = tree.get(label_id), f"label {tree.name(label_id)!r}"
        for limit, text in (
            ("title_characters", title),
            ("description_characters", instructions),
            ("external_id_characters", external_id),
        ):
            LIMITS[limit].check(len(text or ""), where)
        amended = replace(
            node,
            title=node.title if title is None else title,
            instructions=node.instructions if instructions is None else instructions,
            external_id=node.external_id if external_id is None else external_id or None,
        )
        change = TreeChange(before=tree, after=tree.with_(amended))
        return Plan(
            action="amend",
            summary=f"describe {tree.name(label_id)!r}",
            change=change,
            retrains=amended.instructions != node.instructions,
        )

    return step(caller, dataset_id, plan, action="amend", dry_run=dry_run)


def order_labels(
    caller: Caller,
    dataset_id: DatasetId,
    parent_id: LabelId | None,
    label_ids: tuple[LabelId, ...],
    dry_run: bool = False,
) -> TaxonomyReport:
    """Put siblings in order."""

    def plan(_session: Session, _dataset: Dataset, tree: Tree) -> Plan:
        where = "the roots" if parent_id is None else repr(tree.name(tree.get(parent_id).label_id))
        siblings = {node.label_id: node for node in tree.children(parent_id)}
        for one in label_ids:
            if one not in siblings:
                raise UnknownNameError(
                    f"label directly below {where}" if parent_id else "root", one, siblings
                )
        order = dict.fromkeys((*label_ids, *siblings))
        nodes = [replace(siblings[one], position=place) for place, one in enumerate(order, 1)]
        change = TreeChange(before=tree, after=tree.with_(*nodes))
        summary = f"order {where}" if parent_id is None else f"order what is below {where}"
        return Plan(action="order", summary=summary, change=change, retrains=False)

    return step(caller, dataset_id, plan, action="order", dry_run=dry_run)
