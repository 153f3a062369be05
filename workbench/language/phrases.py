"""Phrases of one to three words that could name a group of messages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import InputError
from workbench.language.stopwords import NEGATIONS, stop_words
from workbench.language.tokens import binds, joined, token_spans, tokens

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_LONGEST_WORD = 30
_LETTERS = 2  # a word of the Latin alphabet as short as this is no name
_DIGITS_OF_AN_ID = 4  # an order or parcel number tells one message from the rest, not a topic
_END = 0  # the word id that closes each text


@dataclass(frozen=True, kw_only=True)
class PhraseTable:
    """Which text contains which phrase.

    Attributes
    ----------
    phrases
        Lower case, words joined by one space (none where the language puts none), in the order of the columns of
        ``incidence``.
    incidence
        bool as float32, (n_texts, n_phrases), sparse: 1 where the text contains the phrase at least once.
    """

    phrases: tuple[str, ...]
    incidence: csr_matrix


def phrases(
    texts: Sequence[str], n_max: int = 3, *, min_count: int | None = None, max_words: int = 400
) -> PhraseTable:
    """Find candidate phrases and the texts that contain them.

    A phrase is 1 to ``n_max`` consecutive words with no stop word (function words and
    generic verbs of those of the product's eight languages that the texts are in) at either edge; a negation may begin one, but not end it or stand alone. Each word has a
    letter, at most 30 characters and fewer than 4 digits, so that numbers of orders and parcels are left out.

    Parameters
    ----------
    texts
        Message texts, in Japanese or any language that puts spaces between words.
    n_max
        Words in the longest phrase, 1 to 3.
    min_count
        Least number of texts with the phrase; None = 2, rising to 10 at 100,000 texts.
    max_words
        Words read of each text, from its start.

    Returns
    -------
    PhraseTable
        Phrases in order of their first word's first appearance; the same for the same texts.

    Raises
    ------
    InputError
        ``n_max`` is not 1, 2 or 3.
    """
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - heavy

    if n_max not in (1, 2, 3):
        raise InputError(f"n_max {n_max} cannot be used.", next_step="Use 1, 2 or 3.")
    least = min_count if min_count is not None else 2 + min(8, len(texts) // 12_500)
    ids, vocabulary = _encode(texts, max_words)
    rows = np.cumsum(ids == _END) - (ids == _END)
    stops = stop_words(vocabulary, ids, rows, len(texts))
    kinds = _WordKinds(vocabulary, np.bincount(ids, minlength=len(vocabulary)) >= least, stops)

    at = np.flatnonzero(kinds.start[ids])
    code = ids[at].astype(np.int64)
    found: list[str] = []
    row_parts: list[np.ndarray] = []
    column_parts: list[np.ndarray] = []
    for n in range(1, n_max + 1):
        if n > 1:
            # A phrase is frequent only if its first n-1 words and its last word are.
            goes_on = kinds.inside[ids[at + n - 1]]
            at = at[goes_on]
            key = code[goes_on] * len(vocabulary) + ids[at + n - 1]
            _, code, counts = np.unique(key, return_inverse=True, return_counts=True)
            frequent = counts[code] >= least
            at, code = at[frequent], code[frequent]
        may_end = (kinds.alone if n == 1 else kinds.end)[ids[at + n - 1]]
        _, first, column = np.unique(code[may_end], return_index=True, return_inverse=True)
        heads = at[may_end][first]
        row_parts.append(rows[at[may_end]])
        column_parts.append(column + len(found))
        found.extend(joined([vocabulary[ids[head + k]] for k in range(n)]) for head in heads)

    columns, all_rows = np.concatenate(column_parts), np.concatenate(row_parts)
    incidence = csr_matrix(
        (np.ones(len(columns), dtype=np.float32), (all_rows, columns)),
        shape=(len(texts), len(found)),
    )
    incidence.data[:] = 1.0  # the constructor summed repeated mentions
    in_enough = np.bincount(incidence.indices, minlength=len(found)) >= least
    kept = np.flatnonzero(in_enough)
    return PhraseTable(phrases=tuple(found[i] for i in kept), incidence=incidence[:, kept])


def phrase_ranges(text: str, phrases: Sequence[str]) -> list[tuple[int, int]]:
    """Where ``phrases`` stand in ``text``, for underlining.

    Parameters
    ----------
    text
        Any text; it is never changed, so the ranges fit it exactly.
    phrases
        Phrases as :func:`phrases` gives them. Words are compared in lower case, whatever stands between
        them in ``text``.

    Returns
    -------
    list of (int, int)
        Half-open character ranges, ascending; overlapping ones are merged.

    Examples
    --------
    >>> phrase_ranges("The Exchange  rate is wrong", ["exchange rate", "wrong"])
    [(4, 18), (22, 27)]
    """
    wanted = {tuple(tokens(phrase)) for phrase in phrases} - {()}
    lengths = sorted({len(words) for words in wanted}, reverse=True)
    words = list(token_spans(text))
    ranges: list[tuple[int, int]] = []
    for i in range(len(words)):
        for length in lengths:
            piece = words[i : i + length]
            if len(piece) == length and tuple(word for word, _, _ in piece) in wanted:
                start, end = piece[0][1], piece[-1][2]
                if ranges and start < ranges[-1][1]:
                    ranges[-1] = (ranges[-1][0], max(end, ranges[-1][1]))
                else:
                    ranges.append((start, end))
                break
    return ranges


class _WordKinds:
    """Whether the word of each id may stand at the start, inside, at the end, or alone as a phrase."""

    def __init__(self, vocabulary: list[str], frequent: np.ndarray, stops: frozenset[str]) -> None:
        def each(test: Callable[[str], bool]) -> np.ndarray:
            return np.fromiter(map(test, vocabulary), dtype=bool, count=len(vocabulary))

        proper = each(
            lambda word: (
                len(word) <= _LONGEST_WORD
                and any(map(str.isalpha, word))
                and sum(map(str.isdigit, word)) < _DIGITS_OF_AN_ID
            )
        )
        self.inside = proper & frequent
        self.start = self.inside & each(lambda word: word not in stops and len(word) > 1 and not binds(word))
        self.end = self.start & each(lambda word: word not in NEGATIONS)
        self.alone = self.end & each(lambda word: len(word) > _LETTERS or not word.isascii())


def _encode(texts: Sequence[str], max_words: int) -> tuple[np.ndarray, list[str]]:
    """All words as int32 ids in order, each text closed by ``_END``, and the words by id."""
    number: defaultdict[str, int] = defaultdict(count().__next__)
    _ = number["\0"]  # the first number, 0, is _END

    def words() -> Iterator[str]:
        for text in texts:
            yield from tokens(text)[:max_words]
            yield "\0"

    ids = np.fromiter(map(number.__getitem__, words()), dtype=np.int32)
    return ids, list(number)
