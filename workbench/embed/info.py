"""What is known of each encoder without loading it: its languages, and whether its weights are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbench.embed.weights import (
    MINILM_TOKENIZER,
    MINILM_WEIGHTS,
    USE_TOKENIZER,
    USE_WEIGHTS,
    WORDLLAMA_TABLE,
    WORDLLAMA_TOKENIZER,
    WeightFile,
    find,
)
from workbench.errors import MissingExtraError, UnknownNameError, WeightsError

_ENGLISH = frozenset({"en"})
_USE_LANGUAGES = frozenset(
    ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
)


@dataclass(frozen=True, kw_only=True)
class EncoderInfo:
    """An encoder as a screen lists it.

    Attributes
    ----------
    name
        The name `load_encoder` takes.
    summary
        What it is good for, in one sentence.
    languages
        ISO 639-1 codes of what it was trained on; None = it does not depend on a language.
    files
        Its weight files; empty for an encoder without weights.
    """

    name: str
    summary: str
    languages: frozenset[str] | None
    files: tuple[WeightFile, ...]

    @property
    def installed(self) -> bool:
        """Whether its weight files are there; what is in them is checked when it is loaded."""
        try:
            require_weights(self.name)
        except (MissingExtraError, WeightsError):
            return False
        return True


ENCODERS: Mapping[str, EncoderInfo] = {
    info.name: info
    for info in (
        EncoderInfo(
            name="minilm-l6-int8",
            summary="English, 384 numbers, 8-bit weights of all-MiniLM-L6-v2: the default.",
            languages=_ENGLISH,
            files=(MINILM_WEIGHTS, MINILM_TOKENIZER),
        ),
        EncoderInfo(
            name="minilm-l6-fp32",
            summary="The default at full precision, 384 numbers: the reference for its loss, a third as fast.",
            languages=_ENGLISH,
            files=(MINILM_WEIGHTS, MINILM_TOKENIZER),
        ),
        EncoderInfo(
            name="wordllama-256",
            summary="English, 256 numbers, a table of token vectors: worse, and far faster.",
            languages=_ENGLISH,
            files=(WORDLLAMA_TABLE, WORDLLAMA_TOKENIZER),
        ),
        EncoderInfo(
            name="use-multilingual-v3",
            summary="15 languages, 512 numbers, Universal Sentence Encoder: for messages that are not all English.",
            # 16 for its authors, who count simplified and traditional Chinese apart.
            languages=_USE_LANGUAGES,
            files=(USE_WEIGHTS, USE_TOKENIZER),
        ),
        EncoderInfo(
            name="hash-test",
            summary="Hashed words, 64 numbers, no weights: for tests and a first try.",
            languages=None,
            files=(),
        ),
    )
}


def encoder_info(name: str) -> EncoderInfo:
    """Return what is known of an encoder; nothing is loaded.

    Raises
    ------
    UnknownNameError
        There is no encoder of that name.
    """
    if name not in ENCODERS:
        raise UnknownNameError("encoder", name, ENCODERS)
    return ENCODERS[name]


def require_weights(name: str) -> None:
    """Refuse an encoder whose weights are not installed, in milliseconds and without loading it.

    Raises
    ------
    UnknownNameError
        There is no encoder of that name.
    MissingExtraError
        The package that carries its weights is not installed; the text holds the command that installs it.
    WeightsError
        The package is there without the file.
    """
    for file in encoder_info(name).files:
        find(file)
