"""Reading a sentence: rules first, then whoever is asked about the rest."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Protocol

from workbench.domain.catalog import Source
from workbench.domain.filters import MOST_TEXT, MessageFilter
from workbench.domain.ids import LabelId, SourceId
from workbench.domain.labels import Label
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
_MORE_NAMES = re.compile(r"\s*(?:(?:and\s|&|,\s*and\s|[-–/>+])\s*)?([\w'’+-]+)")
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
_FILLER_WORDS = (
    "a all an and any are as by can conversation conversations email emails e-mail e-mails everything find for get give have i in is it"
    " list mail mails me message messages of on only or please search see show some that the them there they this those to want was"
    " were what where which who with written you sent received but also do did from at us our"
)
_FILLER = frozenset(_FILLER_WORDS.split())
_WORD = re.compile(r"[\w'’@.+-]+")


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """What a dataset has, so that a sentence can name it.

    Attributes
    ----------
    labels
        Label ids by name, ``Claims > Motor`` and, where only one label ends so, ``Motor``.
    sources
        Source ids by ``project/name`` and by name.
    properties
        Full names, ``string:Team`` with the values that occur, ``number:NPS`` with none.
    """

    labels: Mapping[str, LabelId] = field(default_factory=dict)
    sources: Mapping[str, SourceId] = field(default_factory=dict)
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A piece of a sentence: half-open range of characters, and its text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True)
class SentenceReading:
    """What became of a sentence.

    Attributes
    ----------
    where
        The filter.
    understood
        The pieces that the filter comes from, in order.
    left
        The pieces that say something nobody understood, in order; show them.
    """

    where: MessageFilter
    understood: tuple[Remark, ...]
    left: tuple[Remark, ...]


def known_names(
    labels: Iterable[Label],
    sources: Iterable[Source],
    properties: Mapping[str, tuple[str, ...]] | None = None,
) -> KnownNames:
    """Names of a dataset's labels and sources; the last part of a name counts where only one ends so."""
    labels, sources = list(labels), list(sources)
    leaves = Counter(label.path[-1].lower() for label in labels)
    short = Counter(source.name.lower() for source in sources)
    return KnownNames(
        labels={
            name: label.label_id
            for label in labels
            for name in (label.name, *([label.path[-1]] if leaves[label.path[-1].lower()] == 1 else ()))
        },
        sources={
            name: source.source_id
            for source in sources
            for name in (source.full_name, *([source.name] if short[source.name.lower()] == 1 else ()))
        },
        properties=properties or {},
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
        doubtful = _alternatives(sentence, reading.understood, named)
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
            if found.start() in refused or _is_denied(free, found.start()):
                continue
            before = where
            try:
                where = change(where, found)
            except (FilterError, ValueError, OverflowError):
                continue  # 31 February, or an end before the start: it stays among what is left
            if any(getattr(where, part) != getattr(before, part) for part in _NAMING):
                named.add(found.start())
            understood.append(Remark(start=found.start(), end=found.end(), text=found[0].strip()))
            free = free[: found.start()] + "\0" * (found.end() - found.start()) + free[found.end() :]
    where, free = _about(where, free, understood, refused)
    understood.sort(key=lambda one: one.start)
    reading = SentenceReading(where=where, understood=tuple(understood), left=tuple(_left(free)))
    return reading, frozenset(named)


def _alternatives(sentence: str, understood: Iterable[Remark], named: frozenset[int]) -> frozenset[int]:
    """Where pieces begin that say something else with what stands beside them.

    Beside an *or* two pieces would pass what is both, not either; a name may go on, or be one of several.
    """
    free = sentence
    for one in understood:
        free = free[: one.start] + "\0" * (one.end - one.start) + free[one.end :]
    going_on = {
        one.start
        for one in understood
        if one.start in named and (more := _MORE_NAMES.match(free[one.end :])) and _goes_on(more[1])
    }
    return frozenset(going_on) | frozenset(
        one.start
        for word in re.finditer(r"(?<!\w)or(?!\w)", free, re.IGNORECASE)
        for one in understood
        for gap in (
            free[one.end : word.start()] if one.end <= word.start() else free[word.end() : one.start],
        )
        if "\0" not in gap and not _says(gap)
    )


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
            or _is_denied(free, found.start())
            or not kept
            or len(where.text) + len(tail[0]) >= MOST_TEXT
        ):
            continue
        where = replace(where, text=" ".join([where.text, *kept]).strip())
        end = found.end() + tail.end()
        understood.append(Remark(start=found.start(), end=end, text=free[found.start() : end].strip()))
        free = free[: found.start()] + "\0" * (end - found.start()) + free[end:]
    return where, free


def _is_denied(free: str, start: int) -> bool:
    """Whether *not* or the like stands before a piece with nothing that says more between: it is left then."""
    found = _DENIAL.search(free[max(0, start - _MOST_BEFORE) : start])
    return found is not None and not _says(found["between"])


def _goes_on(word: str) -> bool:
    return _says(word) and word.lower() not in _ENDS_A_NAME


def _says(text: str) -> bool:
    """Whether words say anything beside filler."""
    return any(
        word.strip(".'’-").lower() not in _FILLER | {"", "been", "being", "yet"}
        for word in _WORD.findall(text)
    )


def _searched(text: str) -> list[str]:
    words = [word.strip(".'-+") for word in _WORD.findall(text)]
    said = [word for word in words if word and (word.lower() == "or" or word.lower() not in _FILLER)]
    kept = ["OR" if word.lower() == "or" else word for word in said]
    while kept and kept[-1] == "OR":
        kept.pop()
    while kept and kept[0] == "OR":
        kept.pop(0)
    return kept


def _left(free: str) -> Iterator[Remark]:
    """Runs of words that say something; filler at their ends is cut off."""
    for clause in re.finditer(r"[^\0,;]+", free):
        said = [word for word in _WORD.finditer(clause[0]) if word[0].strip(".'-").lower() not in _FILLER]
        said = [word for word in said if word[0].strip(".'-")]
        if said:
            start, end = clause.start() + said[0].start(), clause.start() + said[-1].end()
            yield Remark(start=start, end=end, text=free[start:end])
