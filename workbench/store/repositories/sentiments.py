"""What a judgement makes of the sentiments on a message. Pure: no database.

What a person left as they saw it keeps its mark; what they said anew gets the revision of now. A parent needs no mark
while the labels below it say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import get_args

from workbench.domain import (
    Judgement,
    LabelId,
    Sentiment,
    format_path,
    sentiment_mark,
    whole_marks,
)
from workbench.errors import InputError
from workbench.store.repositories.merging import LabelSets, Taxonomy

Marks = dict[LabelId, int]


def check_sentiments(taxonomy: Taxonomy, judgement: Judgement, *, has_sentiment: bool) -> None:
    """Refuse sentiments where there are none, of labels that are not assigned, and words that are none.

    Raises
    ------
    InputError
        With the label and the message.
    """
    for label_id, sentiment in judgement.sentiments.items():
        name = format_path(taxonomy.paths.get(label_id, (label_id,)))
        if not has_sentiment:
            raise InputError(
                f"label {name!r} was given a sentiment, and the dataset has no label sentiment.",
                next_step="Leave it out, or annotate in a dataset created with has_sentiment=True.",
                details={"label": name, "uid": judgement.uid},
            )
        if sentiment not in get_args(Sentiment):
            raise InputError(
                f"{str(sentiment)[:80]!r} is no sentiment of label {name!r}.",
                next_step="Say 'positive' or 'negative'; there is no neutral.",
                details={"label": name, "uid": judgement.uid, "known": list(get_args(Sentiment))},
            )
        if label_id not in taxonomy.closed(judgement.assigned):
            raise InputError(
                f"label {name!r} has a sentiment and is not assigned on message {judgement.uid!r}.",
                next_step="Assign it, or leave its sentiment out.",
                details={"label": name, "uid": judgement.uid},
            )


def said_of(
    taxonomy: Taxonomy, judgement: Judgement, *, seen: LabelSets, asked: LabelSets, revision: int
) -> LabelSets:
    """``asked`` with the sentiments a judgement asks for, by somebody who saw ``seen``.

    Raises
    ------
    InputError
        A label was given none, and there is none to take over or to follow from the labels below it.
    """
    given, saw = judgement.sentiments, _whole(taxonomy, seen)
    marks = {one: mark for one, mark in seen.sentiments if one in asked.assigned}
    for one, sentiment in given.items():
        mark = sentiment_mark(sentiment, revision)
        if one not in saw or (saw[one] > 0) != (mark > 0):
            marks[one] = mark
    found = _without_needless(taxonomy, asked, marks, revision)
    found = _filled(taxonomy, asked, found, given | {one: _word(mark) for one, mark in saw.items()}, revision)
    known = whole_marks(taxonomy.paths, asked.assigned, found)
    for one in reversed(taxonomy.in_order(asked.assigned)):
        if one not in known and one not in seen.assigned:  # what stood before labels had sentiments may stay
            _refuse_without(taxonomy, judgement, one)
    return replace(asked, sentiments=frozenset(found.items()))


def merged_sentiments(
    taxonomy: Taxonomy,
    *,
    seen: LabelSets,
    current: LabelSets,
    asked: LabelSets,
    made: LabelSets,
    revision: int,
) -> LabelSets:
    """``made``, what merging came to, with sentiments: those the judge said anew win, others stay as they are now."""
    saw, stands, wanted = dict(seen.sentiments), dict(current.sentiments), dict(asked.sentiments)
    marks = {one: mark for one, mark in stands.items() if one in made.assigned}
    marks |= {one: mark for one, mark in wanted.items() if one in made.assigned and saw.get(one) != mark}
    words = {one: _word(mark) for sets in (current, asked) for one, mark in _whole(taxonomy, sets).items()}
    found = _filled(taxonomy, made, marks, words, revision)
    return replace(made, sentiments=frozenset(found.items()))


def _whole(taxonomy: Taxonomy, sets: LabelSets) -> Marks:
    return whole_marks(taxonomy.paths, sets.assigned, dict(sets.sentiments))


def _word(mark: int) -> Sentiment:
    return "positive" if mark > 0 else "negative"


def _without_needless(taxonomy: Taxonomy, sets: LabelSets, marks: Marks, revision: int) -> Marks:
    """Marks made now, but for those of parents that would say the same without."""
    found = dict(marks)
    for one in reversed(taxonomy.in_order(marks)):  # what lies below comes first
        others = {other: mark for other, mark in found.items() if other != one}
        implied = whole_marks(taxonomy.paths, (one,), others).get(one)
        if abs(marks[one]) == revision and implied is not None and (implied > 0) == (marks[one] > 0):
            found = others
    return {one: mark for one, mark in found.items() if one in sets.assigned}


def _filled(
    taxonomy: Taxonomy,
    sets: LabelSets,
    marks: Marks,
    words: Mapping[LabelId, Sentiment],
    revision: int,
) -> Marks:
    """Marks, and new ones for labels that followed from what is gone."""
    known = whole_marks(taxonomy.paths, sets.assigned, marks)
    lacking = [one for one in taxonomy.in_order(sets.assigned) if one not in known and one in words]
    found = dict(marks)
    for one in reversed(lacking):  # a child may say it for its parent
        if one not in whole_marks(taxonomy.paths, sets.assigned, found):
            found[one] = sentiment_mark(words[one], revision)
    return found


def _refuse_without(taxonomy: Taxonomy, judgement: Judgement, label_id: LabelId) -> None:
    name = format_path(taxonomy.paths[label_id])
    raise InputError(
        f"label {name!r} has no sentiment on message {judgement.uid!r}, and the dataset has label sentiment.",
        next_step="Say 'positive' or 'negative' for it; there is no neutral.",
        details={"label": name, "uid": judgement.uid},
    )
