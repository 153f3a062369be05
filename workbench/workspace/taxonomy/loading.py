"""Taking a taxonomy in from a file: all of it, or with any error nothing."""

# ruff: noqa: FBT001, FBT002 - as the operations say

from __future__ import annotations

from dataclasses import replace

from workbench.domain import (
    Dataset,
    DatasetId,
    LabelId,
    LabelImport,
    LabelPath,
    Node,
    RowError,
    Tree,
    TreeChange,
    ancestors,
    format_path,
)
from workbench.errors import LimitError
from workbench.primitives import new_id
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.quota_checks import refuse_beyond
from workbench.workspace.taxonomy.filing import FileLabel, read_labels
from workbench.workspace.taxonomy.stepping import Plan, step


def import_labels(caller: Caller, dataset_id: DatasetId, content: str, dry_run: bool = False) -> LabelImport:
    """Make and amend labels as a file says."""
    rows, errors = read_labels(content)
    n_rows = len(rows) + len(errors)

    def plan(_session: Session, _dataset: Dataset, tree: Tree) -> Plan:
        after = _taken_in(tree, rows)
        summary = f"import {n_rows} labels"
        return Plan(action="import", summary=summary, change=TreeChange(before=tree, after=after))

    if errors:
        return LabelImport(n_rows=n_rows, errors=errors)
    foreseen = step(caller, dataset_id, plan, action="import", dry_run=True)
    is_new = [not one.before for one in foreseen.labels]
    try:
        if any(is_new):
            with caller.store.read() as session:
                found = session.catalog.find_dataset(dataset_id)
                n_labels, where = found.n_labels + sum(is_new), f"dataset {found.full_name!r}"
                refuse_beyond(session, "labels_per_dataset", n_labels, where, settings=caller.settings)
    except LimitError as error:
        over = rows[-1]
        problem = RowError(
            row=over.row, column="label", value=format_path(over.path)[:80], problem=error.message
        )
        return LabelImport(n_rows=n_rows, errors=(problem,))
    report = foreseen if dry_run else step(caller, dataset_id, plan, action="import", dry_run=False)
    named = {format_path(one.path) for one in rows}
    changed = {one.after for one in report.labels if one.before}
    return LabelImport(
        n_rows=n_rows,
        n_new=sum(not one.before for one in report.labels),
        n_changed=len(changed & named),
        n_unchanged=len(named - changed - {one.after for one in report.labels if not one.before}),
        warnings=report.warnings,
        applied=not dry_run,
        step_id=report.step_id,
    )


def _taken_in(tree: Tree, rows: tuple[FileLabel, ...]) -> Tree:
    """The tree with every label of the file, siblings in the order in which the file names them first."""
    ids: dict[LabelPath, LabelId] = {path: label_id for label_id, path in tree.paths.items()}
    nodes: dict[LabelId, Node] = dict(tree.nodes)
    said = {one.path: one for one in rows}
    order: dict[LabelId | None, dict[LabelId, None]] = {}
    for one in rows:
        for path in (*ancestors(one.path), one.path):
            parent_id = ids.get(path[:-1])
            if path not in ids:
                ids[path] = LabelId(new_id())
                nodes[ids[path]] = Node(label_id=ids[path], parent_id=parent_id, name=path[-1])
            order.setdefault(parent_id, {})[ids[path]] = None
    for path, one in said.items():
        node = nodes[ids[path]]
        nodes[ids[path]] = replace(
            node,
            instructions=node.instructions if one.instructions is None else one.instructions,
            external_id=node.external_id if one.external_id is None else one.external_id or None,
            title=node.title if one.title is None else one.title,
        )
    for parent_id, listed in order.items():
        siblings = (
            [node.label_id for node in tree.children(parent_id)] if parent_id in (None, *tree.nodes) else []
        )
        wanted = [*listed, *(one for one in siblings if one not in listed)]
        as_it_stands = sorted(wanted, key=lambda one: (nodes[one].position, nodes[one].name))
        if wanted != as_it_stands:
            for place, label_id in enumerate(wanted, 1):
                nodes[label_id] = replace(nodes[label_id], position=place)
    return tree.with_(*nodes.values())
