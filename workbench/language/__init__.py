"""Words, phrases and the language of message texts.

Phrases serve the names of clusters, the explanation of drift, and underlining.
"""

from __future__ import annotations

from workbench.language.detect import detect_language
from workbench.language.phrases import PhraseTable, phrase_ranges, phrases
from workbench.language.tokens import tokens

__all__ = ["PhraseTable", "detect_language", "phrase_ranges", "phrases", "tokens"]
