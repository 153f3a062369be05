"""A search as SQL: what finds the words while no index is there, with the same meaning.

Texts are folded by the database exactly as ``workbench.domain.tokens.fold`` does it; a word is found by a
regular expression that asks for its borders, after a plain look whether its letters occur at all.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench.domain import Term, TextQuery
from workbench.domain.tokens import UNSPACED, is_unspaced

_OUTSIDE = r"[^\p{L}\p{N}\p{M}]"
_LEFT = rf"(?:^|[{UNSPACED}]|{_OUTSIDE})"
_RIGHT = rf"(?:$|[{UNSPACED}]|{_OUTSIDE})"
COLUMNS = ("subject", "body")

Bind = Callable[[object], str]
"""Binds a value and gives the name that stands for it in SQL."""


def folded(column: str) -> str:
    """The text of a column as it is compared."""
    # DuckDB composes a text only up to its first NUL, which separates words like a space.
    return f"replace(lower(nfc_normalize(replace(m.{column}, chr(0), ' '))), 'ς', 'σ')"


def text_condition(query: TextQuery, bind: Bind) -> list[str]:
    """Conditions that must all hold for a message ``m`` to be found."""
    groups = [" OR ".join(_occurs(term, bind) for term in group) for group in query.groups]
    return [f"({group})" for group in groups] + [f"NOT ({_occurs(term, bind)})" for term in query.excluded]


def hit_count(query: TextQuery, bind: Bind) -> str:
    """How often the words looked for occur, a hit in the subject counting three; empty without words."""
    counts = []
    for term in query.terms:
        name = bind(" ".join(term.words))
        for column, weight in (("subject", 3), ("body", 1)):
            text = folded(column)
            counts.append(
                f"{weight} * (length({text}) - length(replace({text}, {name}, ''))) / length({name})"
            )
    return " + ".join(counts)


def pattern(term: Term) -> str:
    """The regular expression (RE2) of a term in folded text; words hold letters, digits and marks only."""
    found = "" if is_unspaced(term.words[0]) else _LEFT
    for place, word in enumerate(term.words):
        if place:
            borders = is_unspaced(word) or is_unspaced(term.words[place - 1])
            found += _OUTSIDE + ("*" if borders else "+")
        found += word
    return found if term.prefix or is_unspaced(term.words[-1]) else found + _RIGHT


def _occurs(term: Term, bind: Bind) -> str:
    letters, expression = bind(max(term.words, key=len)), bind(pattern(term))
    return " OR ".join(
        f"(contains({folded(column)}, {letters}) AND regexp_matches({folded(column)}, {expression}))"
        for column in COLUMNS
    )
