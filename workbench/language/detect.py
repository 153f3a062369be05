"""Which language a message is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

MIN_CHARACTERS = 15
_MAX_CHARACTERS = 160  # time grows with the length, accuracy hardly


class _Identifier(Protocol):
    def classify(self, text: str) -> tuple[str, float]: ...


@lru_cache(maxsize=1)
def _identifier() -> _Identifier:
    from py3langid import langid  # noqa: PLC0415 - heavy

    identifier: _Identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE)
    return identifier


def detect_language(texts: Sequence[str], *, fallback: str = "en") -> list[str]:
    """Guess each text's language (Lui and Baldwin 2012, through py3langid).

    Parameters
    ----------
    texts
        Message texts.
    fallback
        Used when no text is long enough to judge.

    Returns
    -------
    list of str
        ISO 639-1 codes, one per text. A text of fewer than 15 characters (or without a letter) gets the
        majority language of the others, the alphabetically first of equally frequent ones.
    """
    identifier = _identifier()
    codes: list[str | None] = []
    for text in texts:
        head = text[:_MAX_CHARACTERS].strip().encode("utf-8", "replace").decode("utf-8")
        judged = len(head) >= MIN_CHARACTERS and any(map(str.isalpha, head))
        codes.append(identifier.classify(head)[0] if judged else None)
    counts = Counter(code for code in codes if code is not None)
    majority = min(counts, key=lambda code: (-counts[code], code)) if counts else fallback
    return [majority if code is None else code for code in codes]
