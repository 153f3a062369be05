"""In which project things lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from workbench.domain import DatasetId, SourceId
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor
from workbench.store.repositories.kept import DatasetPlace, Reading

Placed = Literal["source", "bucket", "integration"]

_STATEMENTS: dict[Placed, str] = {
    "source": "place.source",
    "bucket": "place.bucket",
    "integration": "place.integration",
}


class Places:
    """What the rules of access ask for; cheap enough to be asked at every call."""

    def __init__(self, cursor: Cursor, reading: Reading | None = None) -> None:
        self._cursor, self._reading = cursor, reading

    def datasets(self) -> tuple[DatasetPlace, ...]:
        """All datasets, by full name; known by heart while none of them changes."""
        if self._reading is None:
            return self._datasets()
        known = self._reading.places.get(self._reading.n_of_places)
        if known is None:
            known = self._datasets()
            self._reading.places.put(self._reading.n_of_places, known)
        return known

    def find_dataset(self, name_or_id: str) -> DatasetPlace:
        """A dataset by ``project/name`` or id; ``UnknownNameError`` with the known names."""
        return find_place(self.datasets(), name_or_id)

    def _datasets(self) -> tuple[DatasetPlace, ...]:
        return tuple(
            DatasetPlace(
                dataset_id=DatasetId(dataset_id),
                project=project,
                name=name,
                sources={SourceId(one["source_id"]): one["project"] for one in sources},
            )
            for dataset_id, project, name, sources in self._cursor.rows("place.datasets")
        )

    def project_of(self, kind: Placed, found_id: str) -> str | None:
        """Project of something; None when it is not there."""
        row = self._cursor.one(_STATEMENTS[kind], found_id=found_id)
        return None if row is None else str(row[0])


def find_place(known: Sequence[DatasetPlace], name_or_id: str) -> DatasetPlace:
    """The one of that full name or id; ``UnknownNameError`` with the names of all otherwise."""
    for one in known:
        if name_or_id in (one.dataset_id, one.full_name):
            return one
    raise UnknownNameError("dataset", name_or_id, (one.full_name for one in known))
