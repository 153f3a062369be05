"""Text to words, the same way for every language and for ever.

The rule is part of a fitted vocabulary, so changing it means a new ``RULE`` and a refit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

RULE = "words-1"
"""Name of the rule below, stored with a vocabulary."""

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+(?:'[^\W\d_]+)?")
_LONG_NUMBER = re.compile(r"\d{3,}")


def words(text: str) -> list[str]:
    """Lower-case words of ``text``; may be empty.

    An apostrophe inside a word keeps it together (``don't``). Scripts written without spaces (Han, Kana)
    give one word per character. Numbers of three or more digits become ``000``: account numbers say
    nothing about a topic and must not be remembered.
    """
    return _WORD.findall(_LONG_NUMBER.sub("000", text.lower().replace("\u2019", "'")))


def word_ids(
    texts: Sequence[str], known: dict[str, int]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """Words of all texts as numbers.

    Parameters
    ----------
    texts
        Any Unicode; empty text has no word.
    known
        Number of each word; unknown words become -1.

    Returns
    -------
    ids
        int32, (n_words,), all texts one after the other.
    starts
        int64, (n_texts + 1,): text ``i`` owns ``ids[starts[i]:starts[i + 1]]``.
    """
    pieces = [words(text) for text in texts]
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=starts[1:])
    number = known.get
    ids = np.fromiter(
        (number(word, -1) for word in chain.from_iterable(pieces)),
        dtype=np.int32,
        count=int(starts[-1]),
    )
    return ids, starts


def grow_word_ids(
    texts: Sequence[str], known: dict[str, int]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
    """As ``word_ids``, but unknown words are added to ``known`` with the next free number."""
    pieces = [words(text) for text in texts]
    starts = np.zeros(len(pieces) + 1, dtype=np.int64)
    np.cumsum([len(piece) for piece in pieces], out=starts[1:])
    add = known.setdefault
    ids = np.fromiter(
        (add(word, len(known)) for word in chain.from_iterable(pieces)),
        dtype=np.int32,
        count=int(starts[-1]),
    )
    return ids, starts
