"""The operations on the taxonomy of a dataset. A part of ``Operations``, in a module of its own for its length."""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from typing import Protocol

from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.labels import Label
from workbench.domain.taxonomies import EmptiedChoice, LabelImport, LabelPart, TaxonomyReport, TaxonomyStep


class TaxonomyOperations(Protocol):
    """Labels, and how their tree changes.

    Every change is one transaction, a recorded step that ``undo_taxonomy`` takes back, and the cause of a training
    when the dataset has a model. With ``dry_run`` nothing is changed: the report says what would be. Model versions
    stay as they are.
    """

    def labels(self, dataset_id: DatasetId) -> tuple[Label, ...]:
        """The taxonomy in its order, parents first, with counts."""
        ...

    def create_label(
        self,
        dataset_id: DatasetId,
        name: str,
        instructions: str = "",
        external_id: str | None = None,
    ) -> Label:
        """Create ``Parent > Child`` and the ancestors it lacks; returns the existing one when it is there."""
        ...

    def rename_label(
        self, dataset_id: DatasetId, label_id: LabelId, name: str, dry_run: bool = False
    ) -> TaxonomyReport:
        """Give a label another name, one level; what is below it follows, and no message changes."""
        ...

    def move_label(
        self, dataset_id: DatasetId, label_id: LabelId, parent_id: LabelId | None, dry_run: bool = False
    ) -> TaxonomyReport:
        """Hang a label, with all below it, from another one; None = it becomes a root.

        Messages that carry it get its new parents. Old parents that stood on a message only because of it leave.
        """
        ...

    def merge_labels(
        self, dataset_id: DatasetId, label_ids: tuple[LabelId, ...], into_id: LabelId, dry_run: bool = False
    ) -> TaxonomyReport:
        """Merge labels into one, which keeps its id; children are merged by name, those without a twin move.

        A message that carries one of them carries the target; where none applies, a dismissal of any is kept.
        """
        ...

    def split_label(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        parts: tuple[LabelPart, ...],
        below: bool = True,
        dry_run: bool = False,
    ) -> TaxonomyReport:
        """Make labels of parts of one, by messages or clusters: below it, or (``below`` False) beside it.

        Messages that carry the label and belong to a part carry the part, and the label itself only where the part
        is below it; a message of two parts carries both. The others keep the label, and messages that do not carry
        it are passed over.
        """
        ...

    def delete_label(
        self, dataset_id: DatasetId, label_id: LabelId, emptied: EmptiedChoice, dry_run: bool = False
    ) -> TaxonomyReport:
        """Delete a label with all below it, and what was said of it; its parents stay on the messages.

        ``emptied`` says what becomes of reviewed messages that lose their last label: they stay ``reviewed``, an
        example of *none of these*, or become ``unreviewed``.
        """
        ...

    def amend_label(
        self,
        dataset_id: DatasetId,
        label_id: LabelId,
        title: str | None = None,
        instructions: str | None = None,
        external_id: str | None = None,
        dry_run: bool = False,
    ) -> TaxonomyReport:
        """Change title, instructions or external id; None leaves it, an empty text takes it away."""
        ...

    def order_labels(
        self,
        dataset_id: DatasetId,
        parent_id: LabelId | None,
        label_ids: tuple[LabelId, ...],
        dry_run: bool = False,
    ) -> TaxonomyReport:
        """Put the children of a label (None = the roots) in order; those left out follow as they stood."""
        ...

    def export_labels(self, dataset_id: DatasetId) -> str:
        """The taxonomy as CSV: ``label, description, external_id`` in the order of the tree, ``title`` if any has one.

        Cells that a spreadsheet could take for formulas stand behind an apostrophe, which ``import_labels`` knows.
        """
        ...

    def import_labels(self, dataset_id: DatasetId, content: str, dry_run: bool = False) -> LabelImport:
        """Make and amend labels as CSV text says; with an error in any row nothing is changed.

        Columns: ``label`` (``Parent > Child``), and as wanted ``description``, ``external_id``, ``title``; what has
        no column stays. Labels that are not in the file stay, after those that are. ``FileFormatError`` when it is
        no CSV or has no column ``label``.
        """
        ...

    def undo_taxonomy(self, dataset_id: DatasetId, dry_run: bool = False) -> TaxonomyReport:
        """Take back the newest change that was not taken back yet; asked again, the one before it.

        Messages that nobody judged since become exactly as they were. What people said since stays, under the
        names that hold now. ``InputError`` when there is nothing to undo.
        """
        ...

    def taxonomy_steps(self, dataset_id: DatasetId, n_most: int = 100) -> tuple[TaxonomyStep, ...]:
        """Changes of the taxonomy, newest first, at most ``n_most`` (1-1,000); making a label is none."""
        ...
