"""The operation that reads a sentence."""

from __future__ import annotations

from typing import Protocol

from workbench.domain.ids import DatasetId
from workbench.domain.sentences.remarks import SentenceReading


class SentenceOperations(Protocol):
    """Filters in words."""

    def read_sentence(self, dataset_id: DatasetId, sentence: str) -> SentenceReading:
        """Turn a sentence (at most 1,000 characters) into a filter, to be shown and corrected.

        Rules read times, people, quoted words, and labels, sources, properties and languages of the dataset by
        their names; ``left`` holds what they did not understand. Nothing leaves this machine unless a language
        model is configured (setting ``language_model``): then it is asked about what is left, its answer counts
        where sentence and names bear it out, and ``problem`` says why it could not help.
        """
        ...
