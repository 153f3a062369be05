"""Changing the taxonomy on screen: each change is foreseen in a form, made in one step, and read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import ipywidgets as ipw

from workbench import charts
from workbench.charts import Figure
from workbench.domain import (
    MIN_EXAMPLES,
    DatasetId,
    EmptiedChoice,
    Label,
    LabelId,
    LabelPart,
    Operations,
    TaxonomyReport,
    Tree,
    ValidationReport,
)
from workbench.door import Dataset
from workbench.errors import UnknownNameError
from workbench.widgets.elements import Form, TaxonomyTree, TreeGesture
from workbench.widgets.elements.base import describe_error
from workbench.widgets.panels.rows import tree_rows
from workbench.widgets.panels.taxonomy_questions import EMPTIED, TaxonomyQuestions
from workbench.widgets.panels.taxonomy_split import LabelSplit
from workbench.widgets.panels.taxonomy_words import done, made_deep, to_undo

_STEPS = 100


class Host(Protocol):
    """The panel it stands in."""

    operations: Operations
    dataset: Dataset

    def read_labels(self) -> None:
        """Read the labels again; calls ``show``."""

    def figure_of(self, element: TaxonomyTree, figure: Figure | None) -> None:
        """Say which figure the tree's counts come from."""

    def refusal(self, operation: str) -> str:
        """Why an operation on the dataset would be refused to the visitor; empty when it would not."""


class TaxonomyEditor:
    """A tree, and the form that asks before it changes.

    Parameters
    ----------
    host
        Whose dataset it changes, and what is read again afterwards.
    multiple
        Whether several labels can be selected, to be merged together.
    height
        Greatest height of the tree in CSS pixels.
    """

    def __init__(self, host: Host, *, multiple: bool = False, height: int = 520) -> None:
        self._host = host
        self._labels: dict[str, Label] = {}
        self._at = ""
        self.form = Form()
        self.questions = TaxonomyQuestions(
            self.form, self._made, lambda: bool(host.dataset.info.model_version)
        )
        self.form.on_submit(self.questions.save)
        self.form.on_cancel(self._back)
        self.splitting = LabelSplit(lambda: host.dataset, self.form, self.questions)
        self.asking = ipw.VBox([self.splitting.widget, self.form])
        self.tree = TaxonomyTree(multiple=multiple, height=height, wanted=MIN_EXAMPLES)
        self.tree.on_new_label(self._at_place(self.new_label, self.tree.type_again))
        self.tree.on_rename(self._at_place(self.rename, self.tree.type_again))
        self.tree.on_gesture(self._at_place(self.act))

    @property
    def operations(self) -> Operations:
        """What it works on."""
        return self._host.operations

    @property
    def dataset_id(self) -> DatasetId:
        """The dataset on screen."""
        return self._host.dataset.dataset_id

    def show(self, labels: Sequence[Label], report: ValidationReport | None) -> None:
        """Show labels as they are now; what is selected stays so while it exists."""
        self._labels = {str(one.label_id): one for one in labels}
        steps = self.operations.taxonomy_steps(self.dataset_id, _STEPS)
        with self.tree.hold_sync():
            self.tree.labels = tree_rows(labels, report)
            self.tree.undoes = to_undo(steps, _STEPS)
            self.tree.editable = not self._host.refusal("create_label")
            self.tree.renames = not self._host.refusal("rename_label")
            self.tree.changes = not self._host.refusal("move_label")
        self._host.figure_of(self.tree, charts.label_counts(labels, dataset_id=str(self.dataset_id)))
        kept = [one for one in self.tree.selected_ids if one in self._labels]
        if kept != self.tree.selected_ids:
            self.tree.selected_ids = kept

    def restart(self) -> None:
        """Another dataset: nothing is asked and nothing was said."""
        self.form.close_form()
        self.splitting.forget()
        self.tree.error = self.tree.said = ""

    # ---- what a person can do

    def act(self, gesture: TreeGesture) -> None:
        """Do what a gesture in the tree wants."""
        action, ids = gesture["action"], gesture["label_ids"]
        if action == "undo":
            self.undo()
        elif action == "order":
            self.order(ids, gesture["target_id"])
        elif action == "merge":
            self.choose_target(ids)
        elif action == "move":
            self.move(ids[0], gesture["target_id"])
        elif action == "move_to":
            self.choose_parent(ids[0])
        elif action == "describe":
            self.describe(ids[0])
        elif action == "split":
            self.split(ids[0])
        else:
            self.delete(ids[0])

    def new_label(self, path: str) -> None:
        """Make a label, and bring it into view."""
        made = self.operations.create_label(self.dataset_id, path)
        self._host.read_labels()
        self.tree.said = made_deep(Tree.of(self._labels.values()).deep([made.label_id]))
        self.tree.focus_label(made.label_id)

    def rename(self, label_id: str, name: str) -> None:
        """Ask to give a label another name of one level."""
        found = self._label(label_id).label_id
        self._at = label_id
        self.questions.foresee(lambda dry: self.operations.rename_label(self.dataset_id, found, name, dry))

    def move(self, label_id: str, parent_id: str) -> None:
        """Ask to hang a label from another one; empty = it becomes a root."""
        found = self._label(label_id).label_id
        parent = self._label(parent_id).label_id if parent_id else None
        self._at = label_id
        self.questions.foresee(lambda dry: self.operations.move_label(self.dataset_id, found, parent, dry))

    def choose_parent(self, label_id: str) -> None:
        """Ask where a label is to hang, then as ``move``."""
        label = self._label(label_id)
        self._at = label_id
        self.questions.ask_label(
            f"Move '{label.name}'",
            self._labels,
            [label],
            lambda parent_id: self.move(label_id, parent_id),
            title="New parent",
            help="Type to search; empty = the top level.",
        )

    def merge(self, label_ids: Sequence[str], into_id: str) -> None:
        """Ask to merge labels into another one."""
        into = self._label(into_id).label_id
        ids = tuple(self._label(one).label_id for one in label_ids)
        self._at = into_id
        self.questions.foresee(lambda dry: self.operations.merge_labels(self.dataset_id, ids, into, dry))

    def choose_target(self, label_ids: Sequence[str]) -> None:
        """Ask which label others are to be merged into, then as ``merge``."""
        labels = [self._label(one) for one in label_ids]
        names = ", ".join(f"'{one.name}'" for one in labels)
        self._at = label_ids[0]
        self.questions.ask_label(
            f"Merge {names}",
            self._labels,
            labels,
            lambda into_id: self.merge(label_ids, into_id),
            title="Into",
            required=True,
            help="Type to search. It keeps its name; labels below are merged by name.",
        )

    def split(self, label_id: str) -> None:
        """Ask which messages of a label go to a new one, and what that is called."""
        label = self._label(label_id)
        self._at = label_id

        def split(part: LabelPart, below: bool, dry: bool) -> TaxonomyReport:  # noqa: FBT001 - as the operation
            return self.operations.split_label(self.dataset_id, label.label_id, (part,), below, dry)

        self.splitting.ask(label, self._labels, split)

    def delete(self, label_id: str) -> None:
        """Ask to delete a label with all below it."""
        found = self._label(label_id).label_id

        def delete(emptied: EmptiedChoice, *, dry: bool = False) -> TaxonomyReport:
            return self.operations.delete_label(self.dataset_id, found, emptied, dry)

        foreseen = delete("reviewed", dry=True)
        asked = bool(foreseen.n_emptied)
        self._at = label_id
        self.questions.confirm(
            lambda values: done(delete(values.get("emptied", "reviewed"))),
            foreseen,
            fields=[EMPTIED] if asked else [],
            values={"emptied": "reviewed"} if asked else {},
            danger=True,
        )

    def describe(self, label_id: str) -> None:
        """Ask what is to be said of a label."""
        label = self._label(label_id)
        self._at = label_id

        def save(title: str, instructions: str, external_id: str) -> TaxonomyReport:
            return self.operations.amend_label(
                self.dataset_id, label.label_id, title, instructions, external_id
            )

        self.questions.ask_words(label, save)

    def order(self, label_ids: Sequence[str], parent_id: str) -> None:
        """Put siblings in order; done at once, for no message changes and no training follows."""
        parent = self._label(parent_id).label_id if parent_id else None
        ids: tuple[LabelId, ...] = tuple(self._label(one).label_id for one in label_ids)
        self.operations.order_labels(self.dataset_id, parent, ids)
        self._host.read_labels()

    def undo(self) -> None:
        """Ask to take the newest change back."""
        self._at = ""
        self.questions.foresee(lambda dry: self.operations.undo_taxonomy(self.dataset_id, dry))

    # ---- inside

    def _label(self, label_id: str) -> Label:
        if label_id not in self._labels:
            raise UnknownNameError("label", label_id, (one.name for one in self._labels.values()))
        return self._labels[label_id]

    def _made(self, said: str) -> None:
        """A change is made: read again, say so, and give the keyboard back."""
        self._host.read_labels()
        self.tree.said = said
        self._back()

    def _back(self) -> None:
        self.tree.focus_label(self._at)

    def _at_place(
        self, action: Callable[..., object], back: Callable[[], None] | None = None
    ) -> Callable[..., None]:
        """A handler whose errors stand above the tree; ``back`` gives the keyboard back after one."""

        def handler(*told: object) -> None:
            try:
                action(*told)
            except Exception as error:  # noqa: BLE001 - a failure must reach the screen, never be swallowed
                words = describe_error(error)
                self.tree.error = f"{words['title']} {words['next']}".strip()
                (back or self._back)()

        return handler
