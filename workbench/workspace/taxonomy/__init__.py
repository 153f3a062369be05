"""The taxonomy of a dataset: making labels, and every change of their tree."""

from __future__ import annotations

from workbench.workspace.taxonomy.changing import (
    amend_label,
    delete_label,
    merge_labels,
    move_label,
    order_labels,
    rename_label,
)
from workbench.workspace.taxonomy.creating import create_label, labels
from workbench.workspace.taxonomy.filing import export_labels
from workbench.workspace.taxonomy.loading import import_labels
from workbench.workspace.taxonomy.splitting import split_label
from workbench.workspace.taxonomy.undoing import taxonomy_steps, undo_taxonomy

__all__ = [
    "amend_label",
    "create_label",
    "delete_label",
    "export_labels",
    "import_labels",
    "labels",
    "merge_labels",
    "move_label",
    "order_labels",
    "rename_label",
    "split_label",
    "taxonomy_steps",
    "undo_taxonomy",
]
