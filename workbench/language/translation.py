"""Translated text beside the original: what a translator promises, and the values it gives.

A translation is for reading. The original stays what it was: it is what people annotate, what fields point
into, what encoders and models read. Without a configured translator nothing is translated, and no text
leaves the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from workbench.errors import InputError, JobCancelledError, JobError
from workbench.language.names import language_code
from workbench.primitives import batched, hex_digest

_PIECE = 16


@dataclass(frozen=True, kw_only=True)
class Translation:
    """One text in another language.

    Attributes
    ----------
    original
        The text as it came; never changed.
    text
        The translation, to be shown beside the original.
    translated_from, language
        ISO 639-1 codes of the original and of the translation.
    translator
        Who translated: `Translator.name`.
    """

    original: str
    text: str
    translated_from: str
    language: str
    translator: str


class Translator(Protocol):
    """Something that translates texts."""

    @property
    def name(self) -> str:
        """What it is and where, without a secret; translations of one name are interchangeable."""

    def translate(self, texts: Sequence[str], *, source: str, target: str) -> list[str]:
        """Translate texts of one language into another, in order.

        Raises
        ------
        JobError
            It cannot be reached, refuses, or answers something else. The error holds no text.
        """


class TranslationCache(Protocol):
    """Translations that were made before, by key."""

    def get(self, key: str) -> str | None:
        """Return what was kept under a key."""

    def put(self, key: str, text: str) -> None:
        """Keep a translation."""


class MemoryCache:
    """Keeps translations as long as it lives."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def get(self, key: str) -> str | None:
        """Return what was kept under a key."""
        return self._kept.get(key)

    def put(self, key: str, text: str) -> None:
        """Keep a translation."""
        self._kept[key] = text


class Budget:
    """Characters that may still be sent.

    Parameters
    ----------
    n_characters
        Characters of original text in all; None = without limit.
    """

    def __init__(self, n_characters: int | None) -> None:
        self._limit = n_characters
        self.n_spent = 0

    def spend(self, n_characters: int) -> None:
        """Take characters off, before they are sent.

        Raises
        ------
        JobError
            They are more than what is left; nothing is taken.
        """
        if self._limit is not None and self.n_spent + n_characters > self._limit:
            raise JobError(
                f"the translation budget of {self._limit:,} characters does not cover {n_characters:,} more; "
                f"{self.n_spent:,} were sent.",
                next_step="Raise the budget or translate fewer messages; what was translated is kept.",
                details={"budget": self._limit, "spent": self.n_spent, "wanted": n_characters},
            )
        self.n_spent += n_characters


def translate_texts(
    texts: Sequence[str],
    languages: Sequence[str | None],
    translator: Translator,
    *,
    target: str,
    cache: TranslationCache,
    budget: Budget,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Translation | None]:
    """Translate what is not in the target language yet, each distinct text once.

    Parameters
    ----------
    texts, languages
        Originals, and the language of each (ISO 639-1; None = unknown).
    translator
        Who translates.
    target
        The language to translate into.
    cache
        Asked first, and filled as translations arrive, so that a run that failed goes on where it stopped.
    budget
        Charged for what is sent; texts in the cache are free.
    progress
        Called with (texts done, texts to translate) after each piece.
    cancelled
        Asked before each piece.

    Returns
    -------
    list of Translation or None
        In the order of ``texts``; None for a text in the target language, of unknown language, or blank.

    Raises
    ------
    InputError
        ``target`` is no known language, or there are not as many languages as texts.
    JobError
        The translator fails or the budget is used up.
    JobCancelledError
        ``cancelled`` returned True.
    """
    known_target = language_code(target)
    if known_target is None:
        raise InputError(f"unknown language {target!r}.", next_step="Use a code such as 'en' or 'pt'.")
    if len(texts) != len(languages):
        raise InputError(
            f"{len(texts)} texts with {len(languages)} languages.", next_step="Give one language per text."
        )
    wanted = {
        (language, text): translation_key(text, language, known_target, translator.name)
        for text, language in zip(texts, languages, strict=True)
        if language not in (None, known_target) and text.strip()
    }
    found = {pair: kept for pair, key in wanted.items() if (kept := cache.get(key)) is not None}
    for language in sorted({str(language) for language, _ in wanted}):
        missing = [text for code, text in wanted if code == language and (code, text) not in found]
        for piece in batched(missing, _PIECE):
            _stop_if(cancelled, len(found), len(wanted))
            budget.spend(sum(map(len, piece)))
            answers = translator.translate(piece, source=language, target=known_target)
            for text, answer in zip(piece, answers, strict=True):
                cache.put(wanted[language, text], answer)
                found[language, text] = answer
            if progress is not None:
                progress(len(found), len(wanted))
    return [
        Translation(
            original=text,
            text=found[language, text],
            translated_from=language,
            language=known_target,
            translator=translator.name,
        )
        if language is not None and (language, text) in found
        else None
        for text, language in zip(texts, languages, strict=True)
    ]


def translation_key(text: str, source: str | None, target: str, translator: str) -> str:
    """Key of a translation: 32 hex digits over the text, both languages and the translator's name."""
    return hex_digest(text, source or "", target, translator)


def _stop_if(cancelled: Callable[[], bool] | None, done: int, total: int) -> None:
    if cancelled is not None and cancelled():
        raise JobCancelledError(
            f"translating was cancelled after {done:,} of {total:,} texts.",
            next_step="Start it again; what was translated is kept.",
            details={"done": done, "total": total},
        )
