"""Taking a language model at its word only where the sentence bears it out.

A condition counts when it is of a known kind, quotes words that rules left, names what the dataset has, searches
and addresses only what is written there, and does not read over a *not* or an *or*. All else stays left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import msgspec

from workbench.domain.filters import MOST_TEXT, MessageFilter
from workbench.domain.sentences.doubts import covered, is_denied, runs, says
from workbench.domain.sentences.names import KnownNames
from workbench.domain.sentences.remarks import Remark, SentenceReading
from workbench.domain.sentences.vocabulary import Condition
from workbench.errors import FilterError

MOST_ANSWER = 20_000
"""Characters that an answer may have."""
MOST_CONDITIONS = 20
"""Conditions of an answer that are looked at."""
_FENCE = re.compile(r"```(?:json)?\s*\n(.*)\n\s*```", re.DOTALL)
_OR = re.compile(r"(?<!\w)(?:or|oder|ou|either)(?!\w)|[/|]", re.IGNORECASE)
_NOT = re.compile(
    r"(?<!\w)(?:not|no|non|never|neither|nor|none|nobody|without|(?:all|any\w*|every\w*)\s+but|except\w*|exclud\w*|besides?|unless|ignor\w*|skip\w*|minus"
    r"|(?:other|rather)\s+than|instead|lack\w*|\w+n['’]t|nicht|kein\w*|ohne|außer|sin|salvo|excepto|pas|sans|sauf|senza|tranne"
    r"|niet|geen|zonder|não|sem)(?!\w)",
    re.IGNORECASE,
)
_EVERYTHING = MessageFilter()


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    conditions: list[msgspec.Raw]


@dataclass(frozen=True, kw_only=True)
class _Proposal:
    run: Remark
    piece: Remark
    condition: Condition
    asks: MessageFilter

    @property
    def sets(self) -> frozenset[str]:
        """What of a filter it decides alone; no other may decide the same."""
        names = {
            one.name
            for one in fields(self.asks)
            if getattr(self.asks, one.name) != getattr(_EVERYTHING, one.name)
        }
        several = {"properties", "text"} | ({"labels"} if self.asks.labels_match == "all" else set())
        return frozenset((names - several) | {one.name for one in self.asks.properties})


class UnusableAnswerError(ValueError):
    """An answer that is not of the form asked for."""


def with_answer(sentence: str, reading: SentenceReading, known: KnownNames, answer: str) -> SentenceReading:
    """``reading`` with those conditions of a model's answer that hold; the rest stays among what is left.

    Raises
    ------
    UnusableAnswerError
        The answer is not the JSON that was asked for.
    """
    proposals = [
        one for condition in _read(answer) if (one := _proposal(sentence, reading, known, condition))
    ]
    proposals = [one for one in proposals if not any(_rivals(one, other) for other in proposals)]
    free = covered(sentence, reading.understood)
    free = covered(free, [one.piece for one in proposals if one.condition.n_values > 1])
    if _OR.search(free):
        return reading  # what stands beside an *or* holds only together, and a filter cannot say it
    where, taken = reading.where, list(reading.understood)
    for one in proposals:
        try:
            where = _joined(where, one.asks)
        except FilterError:
            continue
        taken.append(one.piece)
    taken.sort(key=lambda one: one.start)
    left = tuple(runs(covered(sentence, taken)))
    return replace(reading, where=where, understood=tuple(taken), left=left)


def _read(answer: str) -> Iterator[Condition]:
    fenced = _FENCE.fullmatch(answer.strip())
    text = fenced[1] if fenced else answer
    try:
        if len(text) > MOST_ANSWER:
            raise UnusableAnswerError(f"it has more than {MOST_ANSWER:,} characters")
        found = msgspec.json.decode(text.encode("utf-8", "replace"), type=_Answer).conditions
    except (msgspec.DecodeError, RecursionError):
        raise UnusableAnswerError("it is not the JSON that was asked for") from None
    for raw in found[:MOST_CONDITIONS]:
        try:
            yield msgspec.json.decode(raw, type=Condition)
        except (msgspec.DecodeError, RecursionError):
            continue


def _proposal(
    sentence: str, reading: SentenceReading, known: KnownNames, condition: Condition
) -> _Proposal | None:
    quoted = _quoted(sentence, reading.left, condition.words.strip())
    if quoted is None:
        return None
    run, piece = quoted
    # From where the clause begins or rules read the last piece: what is said there may deny this one.
    free = covered(sentence, reading.understood)
    begins = max(free.rfind(mark, 0, run.start) for mark in "\0,;") + 1
    said = _NOT.search(sentence[begins : piece.end]) or is_denied(sentence, piece.start)
    if said and not condition.denies:
        return None
    try:
        return _Proposal(run=run, piece=piece, condition=condition, asks=condition.made(known))
    except (FilterError, ValueError, OverflowError, KeyError):
        return None


def _quoted(sentence: str, left: Sequence[Remark], words: str) -> tuple[Remark, Remark] | None:
    """The piece that is left and holds the words, and where they stand in it."""
    if not says(words):
        return None
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", re.IGNORECASE)
    for run in left:
        if found := pattern.search(sentence, run.start, run.end):
            return run, Remark(start=found.start(), end=found.end(), text=found[0], by="model")
    return None


def _rivals(one: _Proposal, other: _Proposal) -> bool:
    if one is other:
        return False
    overlaps = one.piece.start < other.piece.end and other.piece.start < one.piece.end
    return overlaps or bool(one.sets & other.sets)


def _joined(where: MessageFilter, asked: MessageFilter) -> MessageFilter:
    """Both filters as one.

    Raises
    ------
    FilterError
        Both decide the same, so that together they would not say what either says.
    """
    changes: dict[str, Any] = {}
    for part in (one.name for one in fields(asked)):
        before, after, usual = (getattr(one, part) for one in (where, asked, _EVERYTHING))
        if after == usual:
            continue
        if before == usual:
            changes[part] = after
        elif part == "text" and len(before) + len(after) < MOST_TEXT:
            changes[part] = f"{before} {after}"
        elif (part == "labels" and asked.labels_match == where.labels_match == "all") or (
            part == "properties" and not {one.name for one in before} & {one.name for one in after}
        ):
            changes[part] = (*before, *after)
        else:
            raise FilterError(f"two conditions on {part}.", next_step="Name one.")
    if changes.get("labels_match") == "any" and where.labels:
        raise FilterError("two conditions on labels.", next_step="Name one.")
    return replace(where, **changes)
