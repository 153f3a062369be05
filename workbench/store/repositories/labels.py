"""Taxonomies."""

from __future__ import annotations

from workbench.domain import DatasetId, Label, LabelId, LabelPath
from workbench.errors import DuplicateNameError, UnknownNameError
from workbench.store.cursor import Cursor


class Labels:
    """The labels of datasets."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def all(self, dataset_id: DatasetId, *, counted: bool = True) -> tuple[Label, ...]:
        """The taxonomy in path order, with counts of now; ``n_predicted`` stays 0 unless ``counted``, for it is dear."""
        expected = dict(self._cursor.rows("label.expected", dataset_id=dataset_id)) if counted else {}
        return tuple(
            Label(
                label_id=label_id,
                dataset_id=owner,
                path=tuple(path),
                instructions=instructions,
                external_id=external_id,
                trainable=trainable,
                n_assigned=n_assigned,
                n_predicted=expected.get(label_id, 0.0),
            )
            for label_id, owner, path, instructions, external_id, trainable, n_assigned in self._cursor.rows(
                "label.all", dataset_id=dataset_id
            )
        )

    def find(self, dataset_id: DatasetId, path: LabelPath) -> Label | None:
        """The label at a path, None when there is none."""
        return next((label for label in self.all(dataset_id) if label.path == path), None)

    def get(self, dataset_id: DatasetId, label_id: LabelId) -> Label:
        """One label; ``UnknownNameError`` when the dataset has none of that id."""
        known = {label.label_id: label for label in self.all(dataset_id)}
        if label_id not in known:
            raise UnknownNameError("label", label_id, known)
        return known[label_id]

    def add(self, label: Label) -> None:
        """Insert a label; ``DuplicateNameError`` when the dataset has its path or the id is taken."""
        for label_id, path in self._cursor.rows("label.paths", dataset_id=label.dataset_id):
            if label_id == label.label_id or tuple(path) == label.path:
                raise DuplicateNameError("label", label.name)
        self._cursor.execute(
            "label.add",
            label_id=label.label_id,
            dataset_id=label.dataset_id,
            path=list(label.path),
            name=label.name,
            instructions=label.instructions,
            external_id=label.external_id,
            trainable=label.trainable,
        )
