"""Projects, sources, datasets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from workbench.domain import MULTILINGUAL, Dataset, DatasetId, Project, Source, SourceId
from workbench.errors import DuplicateNameError, UnknownNameError
from workbench.store.cursor import Cursor
from workbench.store.repositories.judging import has_sentiment


@dataclass(frozen=True, kw_only=True)
class SensitiveSource:
    """A source with the full names of its properties that not everybody may read."""

    source_id: SourceId
    project: str
    properties: frozenset[str]


class Catalog:
    """What there is."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def projects(self) -> tuple[Project, ...]:
        """All projects, by name."""
        return tuple(
            Project(name=name, title=title, description=description, created_at=at, updated_at=updated_at)
            for name, title, description, at, updated_at in self._cursor.rows("catalog.projects")
        )

    def add_project(self, project: Project) -> None:
        """Insert a project; ``DuplicateNameError`` when the name is taken."""
        if any(known.name == project.name for known in self.projects()):
            raise DuplicateNameError("project", project.name)
        values = asdict(project)
        del values["updated_at"]
        self._cursor.execute("catalog.add_project", **values)

    def amend_project(self, project: Project) -> None:
        """Write title and description of a project that exists."""
        values = asdict(project)
        del values["created_at"]
        self._cursor.execute("catalog.amend_project", **values)

    def sources(self, project: str | None = None) -> tuple[Source, ...]:
        """Sources with message counts, by full name; None = of all projects."""
        found = (_source(row) for row in self._cursor.rows("catalog.sources"))
        return tuple(source for source in found if project is None or source.project == project)

    def source_times(self) -> dict[SourceId, tuple[datetime, datetime]]:
        """Time of the first and the last message of each source that has any."""
        return {
            SourceId(source_id): (earliest, latest)
            for source_id, earliest, latest in self._cursor.rows("catalog.source_times")
        }

    def sensitive_sources(self) -> tuple[SensitiveSource, ...]:
        """Sources that have properties which not everybody may read."""
        return tuple(
            SensitiveSource(source_id=source_id, project=project, properties=frozenset(names))
            for source_id, project, names in self._cursor.rows("catalog.sensitive_sources")
        )

    def source(self, source_id: SourceId) -> Source:
        """One source; ``UnknownNameError`` when there is none."""
        row = self._cursor.one("catalog.source", source_id=source_id)
        if row is None:
            raise UnknownNameError("source", source_id, (i for i, _ in self._source_ids()))
        return _source(row)

    def find_source(self, name_or_id: str) -> Source:
        """A source by ``project/name`` or id, its messages not counted; ``UnknownNameError`` with the known names."""
        row = self._cursor.one("catalog.find_source", wanted=name_or_id)
        if row is None:
            raise UnknownNameError("source", name_or_id, (name for _, name in self._source_ids()))
        return _source(row)

    def bare_source(self, source_id: SourceId) -> Source:
        """A source by id alone, its messages not counted; ``UnknownNameError`` when there is none."""
        found = self.find_source(source_id)
        if found.source_id != source_id:
            raise UnknownNameError("source", source_id, (i for i, _ in self._source_ids()))
        return found

    def add_source(self, source: Source) -> None:
        """Insert a source; ``DuplicateNameError`` when name or id is taken."""
        if any(source.source_id == i or source.full_name == n for i, n in self._source_ids()):
            raise DuplicateNameError("source", source.full_name)
        values = asdict(source)
        for counted in ("n_messages", "earliest", "latest", "is_masking"):
            del values[counted]
        values["sensitive_properties"] = list(source.sensitive_properties)
        self._cursor.execute("catalog.add_source", **values)

    def amend_source(self, source: Source) -> None:
        """Write what may change of a source that exists."""
        self._cursor.execute(
            "catalog.amend_source",
            source_id=source.source_id,
            title=source.title,
            description=source.description,
            should_translate=source.should_translate,
            sensitive_properties=list(source.sensitive_properties),
            updated_at=source.updated_at,
            mask_personal=source.mask_personal,
            transform_tag=source.transform_tag,
        )

    def datasets(self) -> tuple[Dataset, ...]:
        """All datasets with counts of now, by full name."""
        return tuple(_dataset(row) for row in self._cursor.rows("catalog.datasets"))

    def find_dataset(self, name_or_id: str) -> Dataset:
        """A dataset by ``project/name`` or id, its messages and reviews not counted: they are 0.

        Raises
        ------
        UnknownNameError
            There is none; the error has the known names.
        """
        row = self._cursor.one("catalog.find_dataset", wanted=name_or_id)
        if row is None:
            names = (name for (name,) in self._cursor.rows("catalog.dataset_names"))
            raise UnknownNameError("dataset", name_or_id, names)
        (
            dataset_id,
            project,
            name,
            title,
            description,
            encoder,
            created_at,
            sentiment,
            language,
            updated_at,
        ) = row
        sources = self._cursor.rows("catalog.dataset_sources", dataset_id=dataset_id)
        ((n_labels, model_version, rating),) = self._cursor.rows(
            "catalog.dataset_figures", dataset_id=dataset_id
        )
        spoken = {spoken for _, spoken in sources}
        return Dataset(
            dataset_id=dataset_id,
            project=project,
            name=name,
            title=title,
            description=description,
            source_ids=tuple(source_id for source_id, _ in sources),
            encoder=encoder,
            created_at=created_at,
            n_labels=n_labels,
            model_version=model_version,
            rating=rating,
            has_sentiment=sentiment,
            language=language or (spoken.pop() if len(spoken) == 1 else MULTILINGUAL),
            updated_at=updated_at,
        )

    def counted_dataset(self, name_or_id: str) -> Dataset:
        """As ``find_dataset``, with counts of now, which take long where there are many messages."""
        wanted = self.find_dataset(name_or_id).dataset_id
        return next(dataset for dataset in self.datasets() if dataset.dataset_id == wanted)

    def has_sentiment(self, dataset_id: DatasetId) -> bool:
        """Whether the labels of a dataset carry a sentiment, at little cost; False for one that is not there."""
        return has_sentiment(self._cursor, dataset_id)

    def add_dataset(self, dataset: Dataset) -> None:
        """Insert a dataset over its sources.

        Raises
        ------
        DuplicateNameError
            Name or id is taken.
        UnknownNameError
            A source does not exist.
        """
        if any(
            known.dataset_id == dataset.dataset_id or known.full_name == dataset.full_name
            for known in self.datasets()
        ):
            raise DuplicateNameError("dataset", dataset.full_name)
        known_ids = [source_id for source_id, _ in self._source_ids()]
        for source_id in dataset.source_ids:
            if source_id not in known_ids:
                raise UnknownNameError("source", source_id, known_ids)
        self._cursor.execute(
            "catalog.add_dataset",
            dataset_id=dataset.dataset_id,
            project=dataset.project,
            name=dataset.name,
            title=dataset.title,
            description=dataset.description,
            encoder=dataset.encoder,
            created_at=dataset.created_at,
            has_sentiment=dataset.has_sentiment,
            language=dataset.language,
        )
        self.add_sources(dataset.dataset_id, dataset.source_ids)

    def amend_dataset(self, dataset: Dataset) -> None:
        """Write title and description of a dataset that exists."""
        self._cursor.execute(
            "catalog.amend_dataset",
            dataset_id=dataset.dataset_id,
            title=dataset.title,
            description=dataset.description,
            updated_at=dataset.updated_at,
        )

    def add_sources(self, dataset_id: DatasetId, source_ids: Sequence[SourceId]) -> None:
        """Put sources into a dataset, behind those it has."""
        ((first,),) = self._cursor.rows("catalog.next_position", dataset_id=dataset_id)
        for position, source_id in enumerate(source_ids, first):
            self._cursor.execute(
                "catalog.add_dataset_source", dataset_id=dataset_id, source_id=source_id, position=position
            )

    def remove_source(self, dataset_id: DatasetId, source_id: SourceId) -> None:
        """Take a source out of a dataset; what people said of its messages stays, unseen."""
        self._cursor.execute("catalog.drop_dataset_source", dataset_id=dataset_id, source_id=source_id)

    def _source_ids(self) -> list[tuple[str, str]]:
        return [(source_id, name) for source_id, name in self._cursor.rows("catalog.source_ids")]


def _source(row: tuple[Any, ...]) -> Source:
    source_id, project, name, title, kind, language, created_at, n_messages, *more = row
    description, should_translate, sensitive_properties, updated_at, bucket_id, *more = more
    mask_personal, is_masking, transform_tag = more
    return Source(
        source_id=source_id,
        project=project,
        name=name,
        title=title,
        kind=kind,
        language=language,
        created_at=created_at,
        n_messages=n_messages,
        description=description,
        should_translate=should_translate,
        sensitive_properties=tuple(sensitive_properties),
        updated_at=updated_at,
        bucket_id=bucket_id,
        mask_personal=mask_personal,
        is_masking=is_masking,
        transform_tag=transform_tag or "",
    )


def _dataset(row: tuple[Any, ...]) -> Dataset:
    dataset_id, project, name, title, description, source_ids, encoder, created_at, *counts = row
    n_messages, n_reviewed, n_labels, model_version, rating, has_sentiment, language, updated_at = counts
    return Dataset(
        dataset_id=dataset_id,
        project=project,
        name=name,
        title=title,
        description=description,
        source_ids=tuple(source_ids),
        encoder=encoder,
        created_at=created_at,
        n_messages=n_messages,
        n_reviewed=n_reviewed,
        n_labels=n_labels,
        model_version=model_version,
        rating=rating,
        has_sentiment=has_sentiment,
        language=language,
        updated_at=updated_at,
    )
