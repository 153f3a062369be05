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
        """The taxonomy in its order, parents first, with counts of now; ``n_predicted`` stays 0 unless ``counted``, for it is dear."""
        expected = dict(self._cursor.rows("label.expected", dataset_id=dataset_id)) if counted else {}
        rows = self._cursor.rows("label.all", dataset_id=dataset_id)
        order = _place_by_path({tuple(row[2]): row[7] for row in rows})
        return tuple(
            Label(
                label_id=label_id,
                dataset_id=owner,
                path=tuple(path),
                title=title,
                instructions=instructions,
                external_id=external_id,
                trainable=trainable,
                position=position,
                n_assigned=n_assigned,
                n_predicted=expected.get(label_id, 0.0),
                zero_shot=zero_shot,
            )
            for label_id, owner, path, title, instructions, external_id, trainable, position, n_assigned, zero_shot in sorted(
                rows, key=lambda row: order[tuple(row[2])]
            )
        )

    def ids(self, dataset_id: DatasetId) -> dict[LabelPath, LabelId]:
        """Ids by path; nothing else of the labels is read."""
        return {
            tuple(path): label_id
            for label_id, path in self._cursor.rows("label.paths", dataset_id=dataset_id)
        }

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
            title=label.title,
            instructions=label.instructions,
            external_id=label.external_id,
            trainable=label.trainable,
            position=label.position,
        )


def _place_by_path(positions: dict[LabelPath, int]) -> dict[LabelPath, list[tuple[int, str]]]:
    """What a taxonomy sorts by: at each level the position among siblings, then the name."""
    return {
        path: [(positions.get(path[: depth + 1], 0), name) for depth, name in enumerate(path)]
        for path in positions
    }
