"""How well fields are extracted, from counts: precision, recall and F1 with their intervals, and what to do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.domain import (
    MIN_EXAMPLES,
    ExtractionSet,
    FieldAction,
    FieldAverage,
    FieldQuality,
    FieldSet,
    LabelExtraction,
    Share,
)
from workbench.errors import InputError
from workbench.evaluate.health import HEALTHY
from workbench.evaluate.outcomes import share_of


@dataclass(frozen=True, kw_only=True)
class FieldCounts:
    """What is counted of one field; see ``FieldQuality`` for ``name``, ``kind`` and ``label``.

    Attributes
    ----------
    n_train, n_test
        Values that people annotated, in the training and the test part.
    n_predicted, n_matched
        Values that the model predicted in the test part, and those of them that match an annotated one exactly.
    """

    name: str
    kind: str
    label: str = ""
    n_train: int
    n_test: int
    n_predicted: int
    n_matched: int


def field_quality(counts: FieldCounts) -> FieldQuality:
    """Figures of one field.

    Precision and recall have 95 % Wilson intervals. The interval of F1 is that of the share of matches among all different
    values, annotated or predicted (Jaccard's index, J): Wilson's, moved to F1 by ``F1 = 2 J / (1 + J)``, which rises with J.

    Raises
    ------
    InputError
        A count is negative, or more values match than were predicted or annotated.
    """
    predicted, matched, actual = counts.n_predicted, counts.n_matched, counts.n_test
    if min(counts.n_train, actual, predicted, matched) < 0 or matched > min(predicted, actual):
        raise InputError(
            f"{matched} values of field {counts.name!r} match, of {predicted} predicted and {actual} annotated ones.",
            next_step="Count each value of the test part once.",
        )
    unknown = actual == 0
    either = 0 if unknown else predicted + actual - matched
    precision = share_of(matched, 0 if unknown else predicted)
    recall, overlap = share_of(matched, actual), share_of(matched, either)
    f1 = Share(
        value=None if overlap.value is None else _f1(overlap.value),
        low=_f1(overlap.low),
        high=_f1(overlap.high),
        n=either,
    )
    warnings, action = _advice(counts, f1)
    return FieldQuality(
        name=counts.name,
        kind=counts.kind,
        label=counts.label,
        n=counts.n_train + actual,
        n_train=counts.n_train,
        n_test=actual,
        f1=f1,
        precision=precision,
        recall=recall,
        warnings=warnings,
        action=action,
    )


def average_quality(fields: Sequence[FieldQuality]) -> FieldAverage:
    """Means over the fields that have figures.

    Their 95 % intervals are put together from those of the fields by their distances from the values (MOVER: Zou and
    Donner 2008), as if each field's figures were independent of the others'.
    """
    return FieldAverage(
        f1=_mean([one.f1 for one in fields]),
        precision=_mean([one.precision for one in fields]),
        recall=_mean([one.recall for one in fields]),
        n_test=sum(one.n_test for one in fields),
    )


def field_set(fields: Sequence[FieldQuality]) -> FieldSet:
    """Fields that belong together, with their average."""
    return FieldSet(fields=tuple(fields), average=average_quality(fields))


def extraction_set(labels: Sequence[LabelExtraction]) -> ExtractionSet:
    """What is extracted of labels, with the average of their whole extractions."""
    return ExtractionSet(labels=tuple(labels), average=average_quality([one.whole for one in labels]))


def _f1(overlap: float) -> float:
    return 2 * overlap / (1 + overlap)


def _mean(shares: Sequence[Share]) -> Share:
    known = [(one.value, one.low, one.high) for one in shares if one.value is not None]
    if not known:
        return Share(value=None, low=0.0, high=1.0, n=0)
    k = len(known)
    value = sum(middle for middle, _, _ in known) / k
    below = math.sqrt(sum((middle - low) ** 2 for middle, low, _ in known)) / k
    above = math.sqrt(sum((high - middle) ** 2 for middle, _, high in known)) / k
    return Share(value=value, low=max(value - below, 0.0), high=min(value + above, 1.0), n=k)


def _advice(counts: FieldCounts, f1: Share) -> tuple[tuple[str, ...], FieldAction]:
    """What is wrong with a field, most pressing first, and the one thing to do."""
    n = counts.n_train + counts.n_test
    found: list[tuple[str, FieldAction]] = []
    if n < MIN_EXAMPLES:
        found.append(
            (f"{n} of {MIN_EXAMPLES} examples: annotate {MIN_EXAMPLES - n} more, best with Teach.", "teach")
        )
    if f1.value is None:
        found.append(("No example is in the test part, so nothing is measured: annotate more.", "teach"))
    elif f1.value < HEALTHY:
        spurious = counts.n_predicted - counts.n_matched
        absent = counts.n_test - counts.n_matched
        if absent >= spurious:
            said = f"{absent:,} of {counts.n_test:,} annotated values are not predicted: go through Check."
            found.append((said, "check"))
        else:
            said = f"{spurious:,} of {counts.n_predicted:,} predicted values were annotated by nobody: go through Missed."
            found.append((said, "missed"))
    elif f1.low < HEALTHY and n >= MIN_EXAMPLES:
        said = f"F1 is {f1.value:.2f}, but with so few test values may be as low as {f1.low:.2f}: annotate more with Teach."
        found.append((said, "teach"))
    return tuple(said for said, _ in found), found[0][1] if found else "none"
