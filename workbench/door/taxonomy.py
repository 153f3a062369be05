"""The taxonomy of a dataset by name: ``ds.taxonomy.rename("Claims > Motor", "Cars")``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.domain import (
    DatasetId,
    EmptiedChoice,
    Label,
    LabelId,
    LabelImport,
    LabelPart,
    Operations,
    TaxonomyReport,
    Uid,
)
from workbench.errors import FileFormatError, UnknownNameError
from workbench.primitives import write_atomically

if TYPE_CHECKING:
    import polars as pl


class Taxonomy:
    """Changes of the tree of labels; each takes ``dry_run=True`` to say what it would do.

    Labels are named ``Parent > Child``. What people said of messages follows every change.
    """

    def __init__(self, operations: Operations, dataset_id: DatasetId) -> None:
        self.operations = operations
        self.dataset_id = dataset_id

    def __repr__(self) -> str:
        names = [label.name for label in self.operations.labels(self.dataset_id)]
        return "\n".join(names) or "<a taxonomy without labels>"

    def rename(self, label: str, name: str, *, dry_run: bool = False) -> TaxonomyReport:
        """Give a label another name of one level; what is below it follows."""
        return self.operations.rename_label(self.dataset_id, self._id(label), name, dry_run)

    def move(self, label: str, parent: str | None, *, dry_run: bool = False) -> TaxonomyReport:
        """Hang a label, with all below it, from another one; None = it becomes a root."""
        parent_id = None if parent is None else self._id(parent)
        return self.operations.move_label(self.dataset_id, self._id(label), parent_id, dry_run)

    def merge(self, labels: str | Iterable[str], into: str, *, dry_run: bool = False) -> TaxonomyReport:
        """Merge one label or several into another, children by name."""
        names = (labels,) if isinstance(labels, str) else tuple(labels)
        label_ids = tuple(self._id(name) for name in names)
        return self.operations.merge_labels(self.dataset_id, label_ids, self._id(into), dry_run)

    def split(
        self,
        label: str,
        parts: Mapping[str, Iterable[str] | Iterable[int]],
        *,
        below: bool = True,
        dry_run: bool = False,
    ) -> TaxonomyReport:
        """Make labels of parts of one, below it or beside it.

        Parameters
        ----------
        parts
            New names (one level), each with what goes to it: uids of messages, or numbers of clusters.
        """
        made = tuple(_part(name, tuple(members)) for name, members in parts.items())
        return self.operations.split_label(self.dataset_id, self._id(label), made, below, dry_run)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """Write the taxonomy as CSV: ``label, description, external_id``; returns the path."""
        target = Path(path).expanduser().absolute()
        text = self.operations.export_labels(self.dataset_id)

        def write(draft: Path) -> None:
            draft.write_bytes(text.encode("utf-8-sig"))

        write_atomically(target, write)
        return target

    def import_(self, path: str | os.PathLike[str], *, dry_run: bool = False) -> LabelImport:
        """Make and amend labels as a CSV file says; with errors nothing is changed, and the answer lists them.

        Raises
        ------
        FileFormatError
            The file is not UTF-8, no CSV, or has no column ``label``.
        """
        content = Path(path).expanduser().read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileFormatError(
                f"{Path(path).name} is not UTF-8 at byte {error.start}.", next_step="Save it as CSV in UTF-8."
            ) from error
        return self.operations.import_labels(self.dataset_id, text, dry_run)

    def delete(self, label: str, *, emptied: EmptiedChoice, dry_run: bool = False) -> TaxonomyReport:
        """Delete a label with all below it.

        Parameters
        ----------
        emptied
            Reviewed messages that lose their last label stay ``reviewed``, as examples of *none of these*, or become
            ``unreviewed``.
        """
        return self.operations.delete_label(self.dataset_id, self._id(label), emptied, dry_run)

    def describe(
        self,
        label: str,
        *,
        title: str | None = None,
        instructions: str | None = None,
        external_id: str | None = None,
        dry_run: bool = False,
    ) -> TaxonomyReport:
        """Change what is said of a label; None leaves it, an empty text takes it away."""
        return self.operations.amend_label(
            self.dataset_id, self._id(label), title, instructions, external_id, dry_run
        )

    def order(
        self, labels: Iterable[str], *, parent: str | None = None, dry_run: bool = False
    ) -> TaxonomyReport:
        """Put the children of ``parent`` (None = the roots) in order; those left out follow."""
        parent_id = None if parent is None else self._id(parent)
        label_ids = tuple(self._id(name) for name in labels)
        return self.operations.order_labels(self.dataset_id, parent_id, label_ids, dry_run)

    def undo(self, *, dry_run: bool = False) -> TaxonomyReport:
        """Take the newest change back; again, the one before it. What people said since stays."""
        return self.operations.undo_taxonomy(self.dataset_id, dry_run)

    def steps(self, n_most: int = 100) -> pl.DataFrame:
        """Changes, newest first: at, actor, action, summary, messages, undone."""
        import polars as pl  # noqa: PLC0415

        rows = [
            (one.at, one.actor, one.action, one.summary, one.n_messages, one.undone)
            for one in self.operations.taxonomy_steps(self.dataset_id, n_most)
        ]
        schema: dict[str, pl.DataType | type[pl.DataType]] = {
            "at": pl.Datetime("us", "UTC"),
            "actor": pl.String,
            "action": pl.String,
            "summary": pl.String,
            "messages": pl.Int64,
            "undone": pl.Boolean,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    def _id(self, name: str) -> LabelId:
        known = {label.name: label.label_id for label in self.operations.labels(self.dataset_id)}
        if name not in known:
            raise UnknownNameError("label", name, known)
        return known[name]


def _part(name: str, members: tuple[str | int, ...]) -> LabelPart:
    return LabelPart(
        name=name,
        uids=tuple(Uid(one) for one in members if isinstance(one, str)),
        cluster_ids=tuple(one for one in members if isinstance(one, int)),
    )


class WithTaxonomy:
    """What a dataset offers for its labels."""

    operations: Operations
    dataset_id: DatasetId

    @property
    def taxonomy(self) -> Taxonomy:
        """Changes of the tree of labels: rename, move, merge, split, delete, describe, order, undo, files."""
        return Taxonomy(self.operations, self.dataset_id)

    def create_label(self, name: str, *, instructions: str = "", external_id: str | None = None) -> Label:
        """Create ``Parent > Child`` and what it hangs from."""
        return self.operations.create_label(self.dataset_id, name, instructions, external_id)
