"""Where a piece may not be taken for what it says by itself: after *not*, beside *or*, cut off a longer name.

A condition taken wrongly hides messages without a word; a piece that is left is told. So in doubt it is left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from workbench.domain.sentences.remarks import Remark

_FILLER_WORDS = (
    "a all an and any are as by can conversation conversations email emails e-mail e-mails everything find for get give have i in is it"
    " list mail mails me message messages of on only or please search see show some that the them there they this those to want was"
    " were what where which who with written you sent received but also do did from at us our"
)
FILLER = frozenset(_FILLER_WORDS.split())
"""Words that say nothing by themselves."""
_MORE_NAMES = re.compile(r"\s*(?:(?:and\s|&|,\s*and\s|[-–/>+])\s*)?([\w'’+-]+)")
_LISTED = re.compile(r"\s*,[^\0;]*?(?<!\w)or(?!\w)", re.IGNORECASE)
_ENDS_A_NAME_WORDS = (
    "about and before between but during except excluding last mentioning not no over since this translated"
    " unreviewed reviewed until without after till today yesterday"
)
_ENDS_A_NAME = frozenset(_ENDS_A_NAME_WORDS.split())
_MOST_BEFORE = 120
_DENIAL = re.compile(
    r"(?<!\w)(?:not|no|never|neither|nor|without|all\s+but|except(?:ing)?|excluding|exclude|besides|unless"
    r"|(?:other|rather)\s+than|instead\s+of|\w+n['’]t)(?P<between>(?:\s+[\w'’-]+)*)\s*$",
    re.IGNORECASE,
)
WORD = re.compile(r"[\w'’@.+-]+")
"""A word, an address or a number."""


def alternatives(sentence: str, understood: Iterable[Remark], named: frozenset[int]) -> frozenset[int]:
    """Where pieces begin that say something else with what stands beside them.

    Beside an *or* two pieces would pass what is both, not either; a name may go on, or be one of several.
    """
    understood = list(understood)
    free = covered(sentence, understood)
    going_on = {
        one.start
        for one in understood
        if one.start in named
        and (
            ((more := _MORE_NAMES.match(free[one.end :])) and _goes_on(more[1]))
            or _LISTED.match(free[one.end :])
        )
    }
    return frozenset(going_on) | frozenset(
        one.start
        for word in re.finditer(r"(?<!\w)or(?!\w)", free, re.IGNORECASE)
        for one in understood
        for gap in (
            free[one.end : word.start()] if one.end <= word.start() else free[word.end() : one.start],
        )
        if "\0" not in gap and not says(gap)
    )


def is_denied(free: str, start: int) -> bool:
    """Whether *not* or the like stands before a piece with nothing that says more between: it is left then."""
    found = _DENIAL.search(free[max(0, start - _MOST_BEFORE) : start])
    return found is not None and not says(found["between"])


def _goes_on(word: str) -> bool:
    return says(word) and word.lower() not in _ENDS_A_NAME


def says(text: str) -> bool:
    """Whether words say anything beside filler."""
    return any(
        word.strip(".'’-").lower() not in FILLER | {"", "been", "being", "yet"} for word in WORD.findall(text)
    )


def covered(sentence: str, pieces: Iterable[Remark]) -> str:
    """The sentence with a NUL for every character of the pieces."""
    for one in pieces:
        sentence = sentence[: one.start] + "\0" * (one.end - one.start) + sentence[one.end :]
    return sentence


def runs(free: str) -> Iterator[Remark]:
    """Runs of words that say something; filler at their ends is cut off."""
    for clause in re.finditer(r"[^\0,;]+", free):
        said = [word for word in WORD.finditer(clause[0]) if word[0].strip(".'-").lower() not in FILLER]
        said = [word for word in said if word[0].strip(".'-")]
        if said:
            start, end = clause.start() + said[0].start(), clause.start() + said[-1].end()
            yield Remark(start=start, end=end, text=free[start:end])
