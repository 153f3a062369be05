"""Projects, sources, datasets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import DatasetId, SourceId

SourceKind = Literal["email", "review", "chat", "ticket", "survey", "other"]


@dataclass(frozen=True, kw_only=True)
class Project:
    """A permissioned store of sources and datasets."""

    name: str
    title: str
    description: str = ""
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where messages come from; language and kind are fixed at creation. ``language`` is ISO 639-1."""

    source_id: SourceId
    project: str
    name: str
    title: str
    kind: SourceKind
    language: str
    created_at: datetime
    n_messages: int = 0

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A named set of sources and one taxonomy. Counts are of now; ``model_version`` 0 = none yet."""

    dataset_id: DatasetId
    project: str
    name: str
    title: str
    description: str
    source_ids: tuple[SourceId, ...]
    encoder: str
    created_at: datetime
    n_messages: int = 0
    n_reviewed: int = 0
    n_labels: int = 0
    model_version: int = 0
    rating: float | None = None

    @property
    def full_name(self) -> str:
        """``project/name``."""
        return f"{self.project}/{self.name}"
