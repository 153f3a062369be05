"""The operations on projects, sources and datasets: create, amend, copy, delete.

A part of ``Operations``, in a module of its own for its length.
"""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from typing import Protocol

from workbench.domain.catalog import Dataset, Project, Source, SourceKind
from workbench.domain.deleting import AnnotatedChoice, DeletionPreview, DeletionReport, MessageChoice
from workbench.domain.ids import BucketId, DatasetId, SourceId


class CatalogOperations(Protocol):
    """What there is, and how it changes."""

    # ---- projects, sources, datasets -------------------------------------------------------------

    def projects(self) -> tuple[Project, ...]:
        """All projects, by name."""
        ...

    def create_project(self, name: str, title: str = "", description: str = "") -> Project:
        """Create a project; ``DuplicateNameError`` when it exists. Its name is fixed from here on."""
        ...

    def amend_project(self, name: str, title: str | None = None, description: str | None = None) -> Project:
        """Change title or description; None = as it is."""
        ...

    def delete_project(self, name: str, confirm: str, force: bool = False) -> DeletionReport:
        """Delete a project; ``confirm`` repeats its name.

        ``NotEmptyError`` counts what it still holds; ``force`` deletes its datasets and sources with it, also
        those that datasets of other projects use.
        """
        ...

    def sources(self, project: str | None = None) -> tuple[Source, ...]:
        """Sources with message counts, by full name; None = of all projects."""
        ...

    def source(self, name: str) -> Source:
        """A source by ``project/name`` or by id; ``UnknownNameError`` otherwise. Its messages are not counted: 0."""
        ...

    def create_source(
        self,
        project: str,
        name: str,
        title: str = "",
        kind: SourceKind = "other",
        language: str = "en",
        description: str = "",
        should_translate: bool = False,
        sensitive_properties: tuple[str, ...] = (),
        bucket_id: BucketId | None = None,
        mask_personal: bool = False,
        transform_tag: str = "",
    ) -> Source:
        """Create a source; the project is created when it does not exist. Kind and language are fixed.

        ``language`` is ISO 639-1 or ``multilingual``; sensitive properties are full keys, ``string:Account``.
        With a bucket its mail becomes messages; what it has already comes in by a job of kind ``fill``. With
        ``mask_personal`` personal data is masked before anything is computed from messages or shown of them.
        ``transform_tag`` says how mail becomes messages (``TRANSFORM_TAGS``; empty = the one way there is).
        """
        ...

    def amend_source(
        self,
        source_id: SourceId,
        title: str | None = None,
        description: str | None = None,
        should_translate: bool | None = None,
        sensitive_properties: tuple[str, ...] | None = None,
        mask_personal: bool | None = None,
        transform_tag: str | None = None,
    ) -> Source:
        """Change what may change of a source; None = as it is.

        Masking hides all texts at once, and a job of kind ``mask`` brings them back masked; clusters, drift reports
        and translations made before are dropped. Turning it off needs the right to unmask.
        """
        ...

    def delete_source(self, source_id: SourceId, confirm: str, with_bucket: bool = False) -> DeletionReport:
        """Delete a source, its messages and all that is known of them in every dataset.

        ``confirm`` repeats the full name. No units are returned. Refused while it is the only source of a
        dataset, or while a job works on it. The raw mail of the bucket it reads stays, unless ``with_bucket``
        deletes that too; refused while another source reads it.
        """
        ...

    def datasets(self) -> tuple[Dataset, ...]:
        """All datasets, by full name."""
        ...

    def dataset(self, name: str, counted: bool = True) -> Dataset:
        """A dataset by ``project/name`` or by id; ``UnknownNameError`` otherwise.

        Unless ``counted``, which takes long where there are many messages, its messages and reviews are 0 and it
        warns of no languages.
        """
        ...

    def create_dataset(
        self,
        project: str,
        name: str,
        source_ids: tuple[SourceId, ...],
        title: str = "",
        description: str = "",
        encoder: str = "",
        has_sentiment: bool = False,
        language: str = "",
    ) -> Dataset:
        """Create a dataset over at most 20 sources; without any it is empty, and can be given some.

        Fixed from here on: the encoder (empty = the default), whether labels carry a sentiment, and the
        language (ISO 639-1 or ``multilingual``; empty = that of its sources, ``multilingual`` when they differ).
        """
        ...

    def copy_dataset(
        self,
        dataset_id: DatasetId,
        project: str,
        name: str,
        source_ids: tuple[SourceId, ...] = (),
        title: str = "",
    ) -> Dataset:
        """Create a dataset with the taxonomy of another and its annotations on the sources both have.

        ``source_ids`` empty = the same sources. Labels get new ids; models are not copied.
        """
        ...

    def amend_dataset(
        self,
        dataset_id: DatasetId,
        title: str | None = None,
        description: str | None = None,
        has_sentiment: bool | None = None,
    ) -> Dataset:
        """Change title or description; None = as it is.

        ``has_sentiment`` was chosen at creation: another than it is raises ``InputError``.
        """
        ...

    def add_sources(self, dataset_id: DatasetId, source_ids: tuple[SourceId, ...]) -> Dataset:
        """Add sources, those it has passed over; annotations made before one was removed come back with it."""
        ...

    def remove_sources(self, dataset_id: DatasetId, source_ids: tuple[SourceId, ...]) -> Dataset:
        """Remove sources, those it has not passed over.

        Their messages and annotations are hidden from the dataset, not deleted; predictions of them and their
        places in clusters go, and come again with the next training and the next map.
        """
        ...

    def delete_dataset(self, dataset_id: DatasetId, confirm: str) -> DeletionReport:
        """Delete a dataset: taxonomy, annotations, models, predictions, maps; its sources keep their messages.

        ``confirm`` repeats the full name.
        """
        ...

    # ---- deleting messages -----------------------------------------------------------------------

    def preview_deletion(self, source_id: SourceId, which: MessageChoice) -> DeletionPreview:
        """What deleting messages of a source would take, and which datasets would lose them."""
        ...

    def delete_messages(
        self, source_id: SourceId, which: MessageChoice, annotated: AnnotatedChoice
    ) -> DeletionReport:
        """Delete messages by id or time from their source, so from every dataset; no units are returned.

        ``annotated`` says what happens to messages that are annotated in any dataset: ``keep`` or ``delete``.
        """
        ...
