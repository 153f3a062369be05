"""Which language a message is in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from workbench.language.names import LANGUAGE_NAMES
from workbench.language.scripts import ONE_LANGUAGE, n_letters, script_shares, written_in

MIN_LETTERS = 12
"""Fewer letters are not judged by their words."""

SURE = 0.8
"""From this confidence on the text alone decides; below it the source's languages are weighed in."""

_MAX_CHARACTERS = 160  # time grows with the length, accuracy hardly
_FOREIGN = 0.4  # of the letters: with so many in another script the Latin ones are names
_PURE = 0.85  # of the letters in one script; below that two scripts are mixed
_MIN_WORDS_SHARE = 0.5  # of the characters in words; below that it is code, a log or numbers
_UNSEEN = 0.05  # part of the prior that is spread evenly over all languages
_NO_LANGUAGE = "zxx"

_ADDRESS = re.compile(r"(?<!\S)\S+@\S+|(?:https?://|www\.)\S+")
# Words as people write them: letters, joined by apostrophe or hyphen, punctuation around; no digits, no "aB".
_WORD = re.compile(
    r"(?<!\S)[^\w\s]{0,3}(?:[^\W\d_]['’\-]?)+[^\w\s]{0,3}(?!\S)",
)
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]+")
_CAMEL = re.compile(r"[a-z][A-Z]")


class _Identifier(Protocol):
    nb_classes: Sequence[str]

    def classify(self, text: str) -> tuple[str, float]: ...

    def rank(self, text: str) -> list[tuple[str, float]]: ...

    def set_languages(self, langs: Iterable[str]) -> None: ...


@lru_cache(maxsize=1)
def _identifier() -> _Identifier:
    from py3langid import langid  # noqa: PLC0415 - heavy

    identifier: _Identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    # All its classes would give "pcm" (Nigerian Pidgin) for a tenth of short English messages.
    identifier.set_languages({*LANGUAGE_NAMES, _NO_LANGUAGE} & {*identifier.nb_classes})
    return identifier


@dataclass(frozen=True)
class _Judgement:
    """What the text alone says: a sure language, or words to judge with the source's languages in mind."""

    script: str
    language: str | None = None
    words: str = ""


_NOTHING = _Judgement("")


def detect_language(texts: Sequence[str], *, seen: Mapping[str, int] | None = None) -> list[str | None]:
    """Guess each text's language (Lui and Baldwin 2012, through py3langid).

    Parameters
    ----------
    texts
        Message texts of one source.
    seen
        Messages of the source in each language so far, by ISO 639-1 code. These texts are counted on top.

    Returns
    -------
    list of str or None
        ISO 639-1 codes, one per text. A text of fewer than 12 letters (4 Chinese or Japanese characters) gets
        the source's most frequent language that is written in its script; a longer one that could be in
        several languages gets the likeliest, given how frequent each is in the source. None = unknown: no
        words (numbers, code, addresses), several scripts mixed, or nothing to go by.

    Examples
    --------
    >>> detect_language(["Mein Paket ist noch nicht angekommen.", "danke", "INV-2041 / 88.20"])
    ['de', 'de', None]
    """
    judged = [_judge(text) for text in texts]
    counts = Counter(seen or {})
    counts.update(judgement.language for judgement in judged if judgement.language)
    return [judgement.language or _weighed(judgement, counts) for judgement in judged]


def _judge(text: str) -> _Judgement:
    head = _ADDRESS.sub(" ", text[: 4 * _MAX_CHARACTERS])[:_MAX_CHARACTERS]
    head = head.encode("utf-8", "replace").decode("utf-8").strip()
    script = _deciding(script_shares(head))
    if not script:
        return _NOTHING
    if script in ONE_LANGUAGE:
        return _Judgement(script, ONE_LANGUAGE[script])
    words = _words(head) if script == "latin" else _LATIN.sub(" ", head).strip()
    if not words:
        return _NOTHING
    if n_letters(words) < MIN_LETTERS:
        return _Judgement(script)
    code, confidence = _identifier().classify(words)
    if code == _NO_LANGUAGE:
        return _NOTHING
    return _Judgement(script, code if confidence >= SURE and written_in(code, script) else None, words)


def _deciding(shares: Mapping[str, float]) -> str:
    """The script to judge by; empty for none and for a mixture."""
    latin = shares.get("latin", 0.0)
    if latin >= _PURE:
        return "latin"
    other = max((script for script in shares if script != "latin"), key=shares.__getitem__, default="")
    return other if other and shares[other] >= _FOREIGN and latin + shares[other] >= _PURE else ""


def _weighed(judgement: _Judgement, counts: Counter[str]) -> str | None:
    """The likeliest language of the script, given how many messages of the source are in each."""
    possible = {code: n for code, n in counts.items() if n > 0 and written_in(code, judgement.script)}
    if not possible:
        return "zh" if judgement.script == "han" else None
    if not judgement.words:
        return min(possible, key=lambda code: (-possible[code], code))
    n_all = sum(possible.values())
    ranked = _identifier().rank(judgement.words)
    floor = _UNSEEN / len(ranked)
    best = max(
        (place for place in ranked if written_in(place[0], judgement.script)),
        key=lambda place: place[1] * (floor + (1 - _UNSEEN) * possible.get(place[0], 0) / n_all),
    )
    return best[0]


def _words(text: str) -> str:
    """The words of a text in Latin letters; empty when half of it or more is something else."""
    words = [word for word in _WORD.findall(text) if not _CAMEL.search(word)]
    n_all = sum(map(len, text.split()))
    return " ".join(words) if sum(map(len, words)) > _MIN_WORDS_SHARE * n_all else ""
