"""Words of a message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

# A word is letters, marks and digits; inside it an apostrophe or a hyphen joins ("don't", "e-mail"). Two kinds
# of text write words without a blank between them:
# - French and Italian put a shortened article or pronoun before a vowel: "l'adresse" is "l'" and "adresse";
# - Japanese changes its script: nouns are in Chinese characters or katakana, what binds them in hiragana.
_SHORTENED = (
    r"(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|un|all|dall|dell|nell|sull|quell|quest|bell|dov|cos)"
)
_HAN = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HIRAGANA = "\u3041-\u309f"
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_PLAIN = rf"[^\W{_HAN}{_HIRAGANA}{_KATAKANA}]+"
WORD = re.compile(
    rf"(?<!\w)(?i:{_SHORTENED})['’](?=[^\W\d_]{{2}})"
    rf"|{_PLAIN}(?:['’\-]{_PLAIN})*"
    rf"|[{_HAN}]+|[{_HIRAGANA}]+|[{_KATAKANA}]+"
)
_SPACED = re.compile(
    r"\w+(?:-\w+)*"
)  # what WORD finds where there is neither apostrophe nor Japanese; faster
_UNSPACED = re.compile(rf"[{_HAN}{_HIRAGANA}{_KATAKANA}]")
_BINDING = re.compile(rf"[{_HIRAGANA}]+|\w+'")


def normal_word(word: str) -> str:
    """Lower case, with the typewriter apostrophe: the form in which words are compared."""
    return word.lower().replace("’", "'")


def tokens(text: str) -> list[str]:
    """Words of ``text`` in lower case, in order, numbers included.

    Examples
    --------
    >>> tokens("Where’s my e-mail, Zoë?")
    ["where's", 'my', 'e-mail', 'zoë']
    >>> tokens("荷物がまだ届いていません")
    ['荷物', 'がまだ', '届', 'いていません']
    """
    plain = text.lower().replace("’", "'")
    if "'" not in plain and (plain.isascii() or not _UNSPACED.search(plain)):
        return _SPACED.findall(plain)
    return WORD.findall(plain)


def token_spans(text: str) -> Iterator[tuple[str, int, int]]:
    """Words of ``text`` with their half-open character ranges in ``text`` itself."""
    for match in WORD.finditer(text):
        yield normal_word(match.group()), match.start(), match.end()


def joined(words: Sequence[str]) -> str:
    """Write words as a phrase, so that `tokens` gives the words back.

    Examples
    --------
    >>> joined(["changement", "d'", "adresse"]), joined(["荷物", "の", "追跡"])
    ("changement d'adresse", '荷物の追跡')
    """
    text = ""
    for n, word in enumerate(words, start=1):
        close = text.endswith("'") or (text and _UNSPACED.search(text[-1] + word[0]))
        # Written close only where reading it again gives the same words.
        text += word if not text or (close and tokens(text + word) == list(words[:n])) else f" {word}"
    return text


def binds(word: str) -> bool:
    """Whether a word only binds others: hiragana, a shortened article."""
    return _BINDING.fullmatch(word) is not None
