"""A sentence becomes a filter that is shown and can be corrected.

Rules read what they know for certain: times, ``unreviewed``, senders, known sources, labels, properties,
languages, quoted words. What they leave may be handed to a language model through ``SentenceReader``; what
nobody understood is told, so that nothing is dropped silently.
"""

from __future__ import annotations

from workbench.domain.sentences.asking import SentenceOperations
from workbench.domain.sentences.model import ModelReader
from workbench.domain.sentences.names import KnownNames, known_names
from workbench.domain.sentences.reading import SentenceReader, understand
from workbench.domain.sentences.remarks import Remark, SentenceReading

__all__ = [
    "KnownNames",
    "ModelReader",
    "Remark",
    "SentenceOperations",
    "SentenceReader",
    "SentenceReading",
    "known_names",
    "understand",
]
