"""Projects, sources and datasets by name: change, copy, delete. What ``Workspace`` offers beside its verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import get_args

from workbench.domain import (
    AnnotatedChoice,
    Dataset,
    DatasetId,
    DeletionPreview,
    DeletionReport,
    MessageChoice,
    MessageId,
    Operations,
    Project,
    Source,
    SourceId,
    SourceKind,
)
from workbench.door.names import chosen, split_name
from workbench.errors import UnknownNameError


class Managing:
    """Everything is named ``project/name``; a deletion repeats the name in ``confirm``."""

    operations: Operations

    # ---- projects

    def projects(self) -> tuple[Project, ...]:
        """All projects, by name."""
        return self.operations.projects()

    def create_project(self, name: str, *, title: str = "", description: str = "") -> Project:
        """Create a project; its name is fixed from here on."""
        return self.operations.create_project(name, title, description)

    def amend_project(
        self, name: str, *, title: str | None = None, description: str | None = None
    ) -> Project:
        """Change title or description of a project."""
        return self.operations.amend_project(name, title, description)

    def delete_project(self, name: str, *, confirm: str, force: bool = False) -> DeletionReport:
        """Delete a project; with ``force`` its datasets and sources too.

        Raises
        ------
        NotEmptyError
            It still holds something and ``force`` is not set.
        ConfirmationError
            ``confirm`` is not its name.
        """
        return self.operations.delete_project(name, confirm, force)

    # ---- sources

    def create_source(
        self,
        name: str,
        *,
        title: str = "",
        kind: SourceKind = "other",
        language: str = "en",
        description: str = "",
        should_translate: bool = False,
        sensitive_properties: Sequence[str] = (),
        bucket: str = "",
        mask_personal: bool = False,
    ) -> Source:
        """Create ``project/name``; kind and language (``multilingual`` for several) are fixed from here on.

        The mail of ``bucket`` (``project/name``) becomes messages of it, now and later. With ``mask_personal``
        personal data is masked before anything is computed from its messages or shown of them.

        Raises
        ------
        InputError
            The name has no project, is taken, or a value is none that is known.
        """
        project, short = split_name("source", name)
        known = {one.full_name: one.bucket_id for one in self.operations.buckets()} if bucket else {}
        if bucket and bucket not in known:
            raise UnknownNameError("bucket", bucket, known)
        return self.operations.create_source(
            project,
            short,
            title,
            chosen(kind, SourceKind, "kind", get_args(SourceKind)),
            language,
            description,
            should_translate,
            tuple(sensitive_properties),
            known.get(bucket),
            mask_personal,
        )

    def amend_source(
        self,
        name: str,
        *,
        title: str | None = None,
        description: str | None = None,
        should_translate: bool | None = None,
        sensitive_properties: Sequence[str] | None = None,
        mask_personal: bool | None = None,
    ) -> Source:
        """Change what may change of a source; language and kind stay.

        Masking hides all texts of a source at once; a job brings them back masked.
        """
        sensitive = None if sensitive_properties is None else tuple(sensitive_properties)
        return self.operations.amend_source(
            self._source_id(name), title, description, should_translate, sensitive, mask_personal
        )

    def delete_source(self, name: str, *, confirm: str, with_bucket: bool = False) -> DeletionReport:
        """Delete a source with its messages, from every dataset; raw mail stays in its bucket, unless asked.

        Raises
        ------
        ConfirmationError
            ``confirm`` is not its full name.
        NotEmptyError
            It is the only source of a dataset, or another source reads the bucket that is to go too.
        """
        return self.operations.delete_source(self._source_id(name), confirm, with_bucket)

    def preview_deletion(
        self,
        source: str,
        *,
        message_ids: Sequence[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> DeletionPreview:
        """What deleting messages would take; nothing chosen = the whole source. Bounds are inclusive."""
        return self.operations.preview_deletion(self._source_id(source), _choice(message_ids, since, until))

    def delete_messages(
        self,
        source: str,
        *,
        annotated: AnnotatedChoice,
        message_ids: Sequence[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> DeletionReport:
        """Delete messages by id or by time, bounds inclusive, from their source and so from every dataset.

        Parameters
        ----------
        annotated
            ``keep`` or ``delete`` messages that somebody annotated in any dataset.
        """
        choice = _choice(message_ids, since, until)
        return self.operations.delete_messages(self._source_id(source), choice, annotated)

    # ---- datasets

    def amend_dataset(
        self,
        name: str,
        *,
        title: str | None = None,
        description: str | None = None,
        has_sentiment: bool | None = None,
    ) -> Dataset:
        """Change title or description of a dataset; another ``has_sentiment`` than it is raises ``InputError``."""
        return self.operations.amend_dataset(self._dataset_id(name), title, description, has_sentiment)

    def copy_dataset(
        self, name: str, new_name: str, *, sources: Sequence[str] = (), title: str = ""
    ) -> Dataset:
        """Create ``new_name`` with the taxonomy of ``name`` and its annotations on the sources both have."""
        project, short = split_name("dataset", new_name)
        source_ids = tuple(self._source_id(source) for source in sources)
        return self.operations.copy_dataset(self._dataset_id(name), project, short, source_ids, title)

    def add_sources(self, name: str, sources: Sequence[str]) -> Dataset:
        """Add sources to a dataset."""
        return self.operations.add_sources(self._dataset_id(name), tuple(map(self._source_id, sources)))

    def remove_sources(self, name: str, sources: Sequence[str]) -> Dataset:
        """Remove sources from a dataset; their annotations come back when they are added again."""
        return self.operations.remove_sources(self._dataset_id(name), tuple(map(self._source_id, sources)))

    def delete_dataset(self, name: str, *, confirm: str) -> DeletionReport:
        """Delete a dataset; the messages of its sources stay.

        Raises
        ------
        ConfirmationError
            ``confirm`` is not its full name.
        """
        return self.operations.delete_dataset(self._dataset_id(name), confirm)

    def _source_id(self, name: str) -> SourceId:
        known = {source.full_name: source.source_id for source in self.operations.sources()}
        if name not in known:
            raise UnknownNameError("source", name, known)
        return known[name]

    def _dataset_id(self, name: str) -> DatasetId:
        return self.operations.dataset(name).dataset_id


def _choice(
    message_ids: Sequence[str] | None, since: datetime | None, until: datetime | None
) -> MessageChoice:
    ids = None if message_ids is None else tuple(MessageId(one) for one in message_ids)
    return MessageChoice(message_ids=ids, since=since, until=until)
