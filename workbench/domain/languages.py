"""Which languages the messages of a dataset are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from workbench.domain.ids import DatasetId, JobId


@dataclass(frozen=True, kw_only=True)
class LanguageCount:
    """How many messages are in a language; ``language`` None = it is not known. ``name`` is for screens."""

    language: str | None
    name: str
    n_messages: int


@dataclass(frozen=True, kw_only=True)
class LanguageReport:
    """The languages of a dataset.

    Attributes
    ----------
    counts
        By language, most messages first.
    n_waiting
        Messages that nobody has looked at yet; among those whose language is not known.
    share_foreign
        Part of the messages of a known language that the dataset's encoder was not trained on, in [0, 1].
    warning
        What to say of it on a screen; empty where there is nothing to warn of.
    """

    dataset_id: DatasetId
    counts: tuple[LanguageCount, ...]
    n_waiting: int
    share_foreign: float
    warning: str


class LanguageOperations(Protocol):
    """Languages of messages."""

    def languages(self, dataset_id: DatasetId) -> LanguageReport:
        """Messages of a dataset by language, and whether its encoder knows those languages."""
        ...

    def start_languages(self, dataset_id: DatasetId) -> JobId:
        """Find the language of every message that declares none and was not looked at since its text changed.

        It starts by itself when an import into one of the sources has ended (setting ``languages_after_s``).
        """
        ...

    def start_translate(self, dataset_id: DatasetId) -> JobId:
        """Have messages translated for reading: of sources that ask for it, what is in another language.

        Needs a configured translator (setting ``translator``); with one it starts by itself too. The original
        stays what is annotated, embedded and predicted.
        """
        ...
