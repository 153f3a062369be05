"""Words of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator

# A word is letters, marks and digits; inside it an apostrophe or a hyphen joins ("don't", "e-mail").
WORD = re.compile(r"\w+(?:['’\-]\w+)*")


def normal_word(word: str) -> str:
    """Lower case, with the typewriter apostrophe: the form in which words are compared."""
    return word.lower().replace("’", "'")


def tokens(text: str) -> list[str]:
    """Words of ``text`` in lower case, in order, numbers included.

    Examples
    --------
    >>> tokens("Where’s my e-mail, Zoë?")
    ["where's", 'my', 'e-mail', 'zoë']
    """
    return WORD.findall(text.lower().replace("’", "'"))


def token_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Words of ``text`` with their half-open character ranges in ``text`` itself."""
    for match in WORD.finditer(text):
        yield normal_word(match.group()), match.start(), match.end()
