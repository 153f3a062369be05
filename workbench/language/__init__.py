"""Words, phrases, the language of message texts, and their translation.

Phrases serve the names of clusters, the explanation of drift, and underlining. Nothing is translated unless a
translator is configured, and importing the room loads no HTTP library.
"""

from __future__ import annotations

from workbench.language.chat import ChatModel, ChatSettings, make_chat_model, read_key
from workbench.language.detect import detect_language
from workbench.language.endpoints import TranslatorSettings, make_translator
from workbench.language.fit import LanguageFit, language_fit
from workbench.language.names import LANGUAGE_NAMES, language_code, language_name
from workbench.language.phrases import PhraseTable, phrase_ranges, phrases
from workbench.language.tokens import tokens
from workbench.language.translation import (
    Budget,
    MemoryCache,
    Translation,
    TranslationCache,
    Translator,
    translate_texts,
    translation_key,
)

__all__ = [
    "LANGUAGE_NAMES",
    "Budget",
    "ChatModel",
    "ChatSettings",
    "LanguageFit",
    "MemoryCache",
    "PhraseTable",
    "Translation",
    "TranslationCache",
    "Translator",
    "TranslatorSettings",
    "detect_language",
    "language_code",
    "language_fit",
    "language_name",
    "make_chat_model",
    "make_translator",
    "phrase_ranges",
    "phrases",
    "read_key",
    "tokens",
    "translate_texts",
    "translation_key",
]
