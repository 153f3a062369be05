"""Reading a sentence: rules first, then whoever is asked about the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Protocol

from workbench.domain.filters import MOST_TEXT, MessageFilter
from workbench.domain.sentences.doubts import FILLER, WORD, alternatives, covered, is_denied, runs
from workbench.domain.sentences.names import KnownNames
from workbench.domain.sentences.remarks import Remark, SentenceReading
from workbench.domain.sentences.rules import (
    Change,
    Rule,
    label_rules,
    plain_rules,
    property_rules,
    source_rules,
)
from workbench.domain.sentences.times import Bounds, stands_alone, time_rules
from workbench.errors import FilterError, InputError

MOST_SENTENCE = 1_000
"""Characters a sentence may have."""
_NAMING = ("labels", "sources", "properties", "languages", "sender", "recipient", "cc", "bcc")
_ABOUT = re.compile(
    r"(?<!\w)(?:about|mentioning|mention|containing|contain|saying|say|concerning|regarding|with\s+the\s+words?)\s+"
    r"(?!\d+\s|(?:an?\s+|any\s+)?(?:attach|files?\b))",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:(?!(?<![\w-])(?:but|not|no|except|excluding|without|that|which|who|from|since|before|after|until|during|between"
    r"|sent|received|this|last|next|past|previous|today|yesterday|unless)(?![\w-])|\.\s)[^\0,;?!])*",
    re.IGNORECASE,
)


class SentenceReader(Protocol):
    """Reads what rules cannot, e.g. by a language model. Its filter is shown like any other, never trusted."""

    def read(
        self, sentence: str, reading: SentenceReading, known: KnownNames, now: datetime
    ) -> SentenceReading:
        """Improve on ``reading``: add to its filter, and move pieces from ``left`` to ``understood``."""
        ...


def understand(
    sentence: str, known: KnownNames, *, now: datetime, reader: SentenceReader | None = None
) -> SentenceReading:
    """Turn a sentence into a filter.

    Parameters
    ----------
    sentence
        At most 1,000 characters.
    now
        What ``yesterday`` is counted from; aware.
    reader
        Asked only when something is left.

    Raises
    ------
    InputError
        The sentence is too long.

    >>> reading = understand("unreviewed since 1 March from @shop.example about refund", KnownNames(),
    ...                      now=datetime(2026, 4, 2, tzinfo=UTC))
    >>> reading.where.text, reading.where.since.day, reading.left
    ('refund', 1, ())
    """
    if len(sentence) > MOST_SENTENCE:
        raise InputError(
            f"the sentence {sentence[:60]!r}… has {len(sentence):,} characters.",
            next_step=f"Use at most {MOST_SENTENCE:,}.",
            details={"n": len(sentence), "most": MOST_SENTENCE},
        )
    refused: frozenset[int] = frozenset()
    while True:
        reading, named = _by_rules(sentence, known, now.astimezone(UTC).date(), refused)
        doubtful = alternatives(sentence, reading.understood, named)
        if not doubtful:
            break
        refused |= doubtful
    return reader.read(sentence, reading, known, now) if reader and reading.left else reading


def _by_rules(
    sentence: str, known: KnownNames, today: date, refused: frozenset[int]
) -> tuple[SentenceReading, frozenset[int]]:
    """What rules read, and which pieces (by where they begin) name things; ``refused`` is where none may begin."""
    named: set[int] = set()
    where, understood = MessageFilter(), list[Remark]()
    free = sentence
    for pattern, change in _rules(known, today):
        for found in list(pattern.finditer(free)):
            if found.start() in refused or is_denied(free, found.start()):
                continue
            before = where
            try:
                where = change(where, found)
            except (FilterError, ValueError, OverflowError):
                continue  # 31 February, or an end before the start: it stays among what is left
            if any(getattr(where, part) != getattr(before, part) for part in _NAMING):
                named.add(found.start())
            piece = Remark(start=found.start(), end=found.end(), text=found[0].strip())
            understood.append(piece)
            free = covered(free, [piece])
    where, free = _about(where, free, understood, refused)
    understood.sort(key=lambda one: one.start)
    reading = SentenceReading(where=where, understood=tuple(understood), left=tuple(runs(free)))
    return reading, frozenset(named)


def _rules(known: KnownNames, today: date) -> Iterator[Rule]:
    # Names come before quoted words, as a label may stand in quotes; what is quoted before all that is guessed.
    yield from label_rules(known.labels)
    yield from source_rules(known.sources)
    yield from plain_rules()
    yield from property_rules(known.properties)
    yield from ((pattern, _limited(bounds, today)) for pattern, bounds in time_rules())


def _limited(bounds: Callable[[re.Match[str], date], Bounds], today: date) -> Change:
    def change(where: MessageFilter, found: re.Match[str]) -> MessageFilter:
        if not stands_alone(found):
            raise FilterError("the time is part of a longer one.", next_step="Name one time.")
        since, until = bounds(found, today)
        if (since and where.since) or (until and where.until):
            raise FilterError("the sentence names two times.", next_step="Name one.")
        return replace(where, since=since or where.since, until=until or where.until)

    return change


def _about(
    where: MessageFilter, free: str, understood: list[Remark], refused: frozenset[int]
) -> tuple[MessageFilter, str]:
    """Words after ``about`` are searched for, up to what was understood already or the end of the clause."""
    for found in list(_ABOUT.finditer(free)):
        tail = _TAIL.match(free[found.end() :])
        assert tail is not None
        kept = _searched(tail[0])
        if (
            found.start() in refused
            or is_denied(free, found.start())
            or not kept
            or len(where.text) + len(tail[0]) >= MOST_TEXT
        ):
            continue
        where = replace(where, text=" ".join([where.text, *kept]).strip())
        end = found.end() + tail.end()
        piece = Remark(start=found.start(), end=end, text=free[found.start() : end].strip())
        understood.append(piece)
        free = covered(free, [piece])
    return where, free


def _searched(text: str) -> list[str]:
    words = [word.strip(".'-+") for word in WORD.findall(text)]
    said = [word for word in words if word and (word.lower() == "or" or word.lower() not in FILLER)]
    kept = ["OR" if word.lower() == "or" else word for word in said]
    while kept and kept[-1] == "OR":
        kept.pop()
    while kept and kept[0] == "OR":
        kept.pop(0)
    return kept
