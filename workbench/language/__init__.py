"""Words, phrases and the language of message texts.

Phrases serve the names of clusters, the explanation of drift, and underlining.
"""

from __future__ import annotations

from workbench.language.detect import detect_language
from workbench.language.fit import LanguageFit, language_fit
from workbench.language.names import LANGUAGE_NAMES, language_code, language_name
from workbench.language.phrases import PhraseTable, phrase_ranges, phrases
from workbench.language.tokens import tokens

__all__ = [
    "LANGUAGE_NAMES",
    "LanguageFit",
    "PhraseTable",
    "detect_language",
    "language_code",
    "language_fit",
    "language_name",
    "phrase_ranges",
    "phrases",
    "tokens",
]
