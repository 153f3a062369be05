"""In which project things lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain import DatasetId, SourceId
from workbench.store.cursor import Cursor

Placed = Literal["source", "bucket", "integration"]

_STATEMENTS: dict[Placed, str] = {
    "source": "place.source",
    "bucket": "place.bucket",
    "integration": "place.integration",
}


@dataclass(frozen=True, kw_only=True)
class DatasetPlace:
    """A dataset's project, and that of each of its sources."""

    dataset_id: DatasetId
    project: str
    name: str
    sources: dict[SourceId, str]

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"


class Places:
    """What the rules of access ask for; cheap enough to be asked at every call."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def datasets(self) -> tuple[DatasetPlace, ...]:
        """All datasets, by full name."""
        return tuple(
            DatasetPlace(
                dataset_id=DatasetId(dataset_id),
                project=project,
                name=name,
                sources={SourceId(one["source_id"]): one["project"] for one in sources},
            )
            for dataset_id, project, name, sources in self._cursor.rows("place.datasets")
        )

    def dataset_id(self, name_or_id: str) -> DatasetId | None:
        """Id of a dataset, None when it is not there."""
        row = self._cursor.one("place.dataset", found_id=name_or_id)
        return None if row is None else DatasetId(row[0])

    def project_of(self, kind: Placed, found_id: str) -> str | None:
        """Project of something; None when it is not there."""
        row = self._cursor.one(_STATEMENTS[kind], found_id=found_id)
        return None if row is None else str(row[0])
