"""Changes of a taxonomy: what each would do, what it did, and how a file of labels fared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import DatasetId, LabelId, Uid
from workbench.domain.imports import RowError

TaxonomyAction = Literal[
    "rename", "move", "merge", "split", "delete", "amend", "order", "import", "undo", "set_aside"
]
EmptiedChoice = Literal["reviewed", "unreviewed"]
"""What becomes of reviewed messages that lose their last label: they stay reviewed, an example of *none of these*,
or go back to the unreviewed."""


@dataclass(frozen=True, kw_only=True)
class LabelPart:
    """A part that is split off a label: one level of a name, and the messages that go to it.

    Attributes
    ----------
    name
        Name of the new label, one level.
    uids
        Messages by uid; those that do not carry the label are passed over.
    cluster_ids
        Clusters of the newest run whose messages go to the part too.
    """

    name: str
    uids: tuple[Uid, ...] = ()
    cluster_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LabelEffect:
    """What a change does to one label.

    Attributes
    ----------
    before, after
        Its name, ``Parent > Child``; empty where it did not exist before, or exists no more.
    n_added, n_removed
        Messages on which it becomes assigned, and on which it ceases to be.
    n_undismissed
        Messages on which it is dismissed no more.
    """

    label_id: LabelId
    before: str
    after: str
    n_added: int = 0
    n_removed: int = 0
    n_undismissed: int = 0


@dataclass(frozen=True, kw_only=True)
class TaxonomyReport:
    """What a change of a taxonomy does; the same for a dry run as for the change itself.

    Messages of sources that were taken out of the dataset are counted too: what was said of them waits.

    Attributes
    ----------
    step_id
        Id of the recorded step, None for a dry run and where nothing changed.
    summary
        The change in words.
    labels
        Labels that change, by their names before.
    n_messages
        Annotated messages that change, however.
    n_assigned, n_dismissed
        Those of them on which an assigned label changes; on which a dismissed one does.
    n_emptied
        Reviewed messages that lose their last label.
    n_kept
        Of an undo: messages that somebody judged since; what was said of them then stays.
    versions
        Model versions that know a label which changes; they stay as they are and predict the same.
    retrains
        Whether a training follows when the dataset has a model.
    warnings
        What is allowed but seldom meant.
    """

    dataset_id: DatasetId
    action: TaxonomyAction
    summary: str
    step_id: str | None = None
    labels: tuple[LabelEffect, ...] = ()
    n_messages: int = 0
    n_assigned: int = 0
    n_dismissed: int = 0
    n_emptied: int = 0
    n_kept: int = 0
    versions: tuple[int, ...] = ()
    retrains: bool = True
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TaxonomyStep:
    """A change that was made: who, when, what; ``undoes`` is the step that it took back, ``undone`` that it was taken back."""

    step_id: str
    at: datetime
    actor: str
    action: TaxonomyAction
    summary: str
    n_messages: int
    undoes: str | None = None
    undone: bool = False


@dataclass(frozen=True, kw_only=True)
class LabelImport:
    """How a file of labels fared: with errors nothing was changed.

    Attributes
    ----------
    n_rows
        Rows of the file, without the heading.
    n_new, n_changed, n_unchanged
        Labels made (ancestors without a row of their own included), amended, and left as they were.
    applied
        Whether it was done: no error, and no dry run.
    """

    n_rows: int
    n_new: int = 0
    n_changed: int = 0
    n_unchanged: int = 0
    errors: tuple[RowError, ...] = ()
    warnings: tuple[str, ...] = ()
    applied: bool = False
    step_id: str | None = None
