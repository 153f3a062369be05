"""Splitting a label by messages or clusters."""

# ruff: noqa: FBT001, FBT002 - as the operations say

from __future__ import annotations

from dataclasses import dataclass

from workbench.domain import (
    Dataset,
    DatasetId,
    LabelId,
    LabelPart,
    Node,
    TaxonomyReport,
    Tree,
    TreeChange,
    Uid,
    one_level,
)
from workbench.errors import DuplicateNameError, InputError, UnknownNameError
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.taxonomy.stepping import Plan, step


def split_label(
    caller: Caller,
    dataset_id: DatasetId,
    label_id: LabelId,
    parts: tuple[LabelPart, ...],
    below: bool = True,
    dry_run: bool = False,
) -> TaxonomyReport:
    """Make labels of parts of one."""

    def plan(session: Session, dataset: Dataset, tree: Tree) -> Plan:
        split = tree.get(label_id)
        if not parts:
            raise InputError(
                f"label {tree.name(label_id)!r} was to be split into no parts.",
                next_step="Name at least one part, with messages or clusters.",
            )
        parent_id = label_id if below else split.parent_id
        made = _new_labels(tree, parts, parent_id)
        members = _members(session, dataset.dataset_id, parts)
        going: dict[Uid, frozenset[LabelId]] = {}
        for part, node in zip(parts, made, strict=True):
            for uid in members.of(part):
                going[uid] = going.get(uid, frozenset()) | {node.label_id}
        names = ", ".join(repr(node.name) for node in made)
        return Plan(
            action="split",
            summary=f"split {tree.name(label_id)!r} into {names}",
            change=TreeChange(before=tree, after=tree.with_(*made), split_id=label_id, parts=going),
            came_from={node.label_id: label_id for node in made},
        )

    return step(caller, dataset_id, plan, action="split", dry_run=dry_run)


@dataclass(frozen=True, kw_only=True)
class _Clusters:
    """Messages by cluster of the newest run."""

    uids: dict[int, list[Uid]]

    def of(self, part: LabelPart) -> set[Uid]:
        """All messages of a part."""
        return {*part.uids, *(uid for one in part.cluster_ids for uid in self.uids[one])}


def _members(session: Session, dataset_id: DatasetId, parts: tuple[LabelPart, ...]) -> _Clusters:
    asked = {one for part in parts for one in part.cluster_ids}
    found: dict[int, list[Uid]] = {}
    if asked:
        uids, clusters = session.discovery.members(dataset_id)
        for uid, cluster in zip(uids, clusters.tolist(), strict=True):
            found.setdefault(cluster, []).append(uid)
    for one in sorted(asked - found.keys()):
        raise UnknownNameError("cluster of the newest run", str(one), map(str, sorted(found)))
    return _Clusters(uids=found)


def _new_labels(tree: Tree, parts: tuple[LabelPart, ...], parent_id: LabelId | None) -> tuple[Node, ...]:
    taken = {node.name for node in tree.children(parent_id)}
    first = tree.next_position(parent_id)
    made = []
    for place, part in enumerate(parts):
        name = one_level(part.name)
        if name in taken:
            raise DuplicateNameError("label", name)
        taken.add(name)
        position = first + place if first else 0
        made.append(Node(label_id=LabelId(new_id()), parent_id=parent_id, name=name, position=position))
    return tuple(made)
