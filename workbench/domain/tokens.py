"""How texts are cut into words for searching: one rule for every engine and every language.

A word is a longest run of letters, digits and the marks that belong to them; everything else separates.
Scripts written without spaces (Chinese, Japanese, Thai …) count each character as a word, so that a search
for several of them is a search for a phrase, which is what a reader expects; so do pictures (emoji). Nothing is stemmed and no word
is too small to be found.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ecd\u1000-\u103f\u1780-\u17d3"
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufad9\uff66-\uff9f\U00020000-\U0003134a"
    "\u2600-\u27bf\U0001f300-\U0001faff"
)
"""Thai, Lao, Myanmar, Khmer, Japanese and Chinese characters and pictures, as the inside of a character class."""
_FIRST_MARK, _LAST_MARK = 0x300, 0x1F000
_VARIATION = "\U000e0100-\U000e01ef"
_JAMO = "\u1100-\u11ff\uac00-\ud7a3"


def fold(text: str) -> str:
    """``text`` as it is compared: composed (NFC) and in small letters, one for one.

    >>> fold("Ärger ΟΔΌΣ")
    'ärger οδόσ'
    """
    # As UTF-8 databases do it: each letter on its own, so neither a final sigma nor a dotted İ is special.
    composed = unicodedata.normalize("NFC", text)
    return composed.replace("İ", "i").lower().replace("ς", "σ")


def words(text: str) -> list[str]:
    """The words of ``text``, folded, in order.

    >>> words("Order AB-17: it's LATE, 返金")
    ['order', 'ab', '17', 'it', 's', 'late', '返', '金']
    """
    return _word().findall(fold(text))


def word_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of ``text``, folded, with its half-open range of characters in ``text``."""
    if unicodedata.is_normalized("NFC", text):
        for found in _word().finditer(fold(text)):
            yield found[0], found.start(), found.end()
        return
    # Letters and their loose marks grow together: remember where each folded character came from.
    folded, origins = [], []
    for piece in _cluster().finditer(text):
        letters = fold(piece[0])
        folded.append(letters)
        origins += [piece.span()] * len(letters)
    for found in _word().finditer("".join(folded)):
        yield found[0], origins[found.start()][0], origins[found.end() - 1][1]


def is_unspaced(word: str) -> bool:
    """Whether a word is a character of a script without spaces."""
    return _unspaced().fullmatch(word) is not None


@functools.cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]")


@functools.cache
def _marks() -> str:
    found = (chr(i) for i in range(_FIRST_MARK, _LAST_MARK) if unicodedata.category(chr(i))[0] == "M")
    return "".join(mark for mark in found if not is_unspaced(mark))


@functools.cache
def _word() -> re.Pattern[str]:
    return re.compile(f"[{UNSPACED}]|(?:[^\\W_{UNSPACED}]|[{_marks()}{_VARIATION}])+")


@functools.cache
def _cluster() -> re.Pattern[str]:
    return re.compile(f"[{_JAMO}]+|.[{_marks()}{_VARIATION}]*", re.DOTALL)
