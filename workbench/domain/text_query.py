"""What people type into a search box: words, ``"phrases"``, ``-exclusions``, ``prefix*``, ``a OR b``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workbench.domain.tokens import fold, is_unspaced, word_spans, words

Span = tuple[int, int]
"""A half-open range of characters."""

_PIECE = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<word>[^\s"]+))')


@dataclass(frozen=True, kw_only=True)
class Term:
    """Words that stand next to each other in one text.

    Attributes
    ----------
    words
        At least one, folded as in ``workbench.domain.tokens``.
    prefix
        Whether the last one may go on.
    """

    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, kw_only=True)
class TextQuery:
    """A search: of each group some term must occur in some text, of ``excluded`` none in any."""

    groups: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.groups or self.excluded)

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms that are looked for."""
        return tuple(term for group in self.groups for term in group)


@dataclass(frozen=True, kw_only=True)
class TextHits:
    """Where a search was found in a message: half-open character ranges, ascending, apart."""

    subject: tuple[Span, ...] = ()
    body: tuple[Span, ...] = ()


def parse_text(text: str) -> TextQuery:
    """Read a search.

    Every word must occur, in any order; ``"lost parcel"`` are neighbours, and so are the parts of ``AB-17``;
    ``-late`` must not occur; ``ref*`` begins a word; ``refund OR return`` is either. What holds no letter,
    digit or picture is not searched for.

    >>> parse_text('late OR lost "my parcel" -chat*')  # doctest: +NORMALIZE_WHITESPACE
    TextQuery(groups=((Term(words=('late',), prefix=False), Term(words=('lost',), prefix=False)),
                      (Term(words=('my', 'parcel'), prefix=False),)),
              excluded=(Term(words=('chat',), prefix=True),))
    """
    pieces = [(found, _term(found)) for found in _PIECE.finditer(text)]
    read = [(found, term) for found, term in pieces if term is not None]
    groups: list[tuple[Term, ...]] = []
    excluded: list[Term] = []
    joins = False
    for place, (found, term) in enumerate(read):
        if found["minus"]:
            excluded.append(term)
        elif found["word"] == "OR" and not joins and _stands_between(read, place):
            joins = True
            continue
        elif joins:
            groups[-1] = (*groups[-1], term)
        else:
            groups.append((term,))
        joins = False
    return TextQuery(groups=tuple(groups), excluded=tuple(excluded))


def occurs(query: TextQuery, texts: Iterable[str]) -> bool:
    """Whether a message of these texts is found: the meaning that every engine has to keep."""
    read = [words(text) for text in texts]

    def has(term: Term) -> bool:
        return any(next(_starts(term, found), None) is not None for found in read)

    return all(any(map(has, group)) for group in query.groups) and not any(map(has, query.excluded))


def text_spans(query: TextQuery, text: str) -> tuple[Span, ...]:
    """Where the terms of a search stand in ``text``.

    >>> text_spans(parse_text('late "my parcel"'), "Late: my  parcel")
    ((0, 4), (6, 16))
    """
    folded = fold(text)
    if not any(term.words[0] in folded for term in query.terms):
        return ()
    found = list(word_spans(text))
    read = [word for word, _, _ in found]
    spans = sorted(
        (found[start][1], found[start + len(term.words) - 1][2])
        for term in query.terms
        for start in _starts(term, read)
    )
    kept: list[Span] = []
    for start, end in spans:
        if kept and start < kept[-1][1]:
            kept[-1] = (kept[-1][0], max(end, kept[-1][1]))
        else:
            kept.append((start, end))
    return tuple(kept)


def _starts(term: Term, read: Sequence[str]) -> Iterator[int]:
    *first, last = term.words
    n_first = len(first)
    for start in range(len(read) - n_first):
        end = read[start + n_first]
        if (end.startswith(last) if term.prefix else end == last) and read[start : start + n_first] == first:
            yield start


def _term(found: re.Match[str]) -> Term | None:
    piece = found["word"] if found["phrase"] is None else found["phrase"] + found["star"]
    is_open = piece.endswith("*")
    asked = words(piece.rstrip("*"))
    if not asked:
        return None
    # A star continues the word it touches; a character of a script without spaces has no continuation.
    touches = is_open and bool(words(piece.rstrip("*")[-1:])) and not is_unspaced(asked[-1])
    return Term(words=tuple(asked), prefix=touches)


def _stands_between(read: Sequence[tuple[re.Match[str], Term]], place: int) -> bool:
    """Whether what is looked for stands on both sides of ``place``."""
    inside = 0 < place < len(read) - 1
    return inside and not read[place - 1][0]["minus"] and not read[place + 1][0]["minus"]
