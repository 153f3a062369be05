"""How well values are extracted: fields of whole datasets, and fields of what labels say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.domain.results.judged import Share

FieldAction = Literal["none", "teach", "check", "missed"]


@dataclass(frozen=True, kw_only=True)
class FieldQuality:
    """How one field does on the test messages; a value counts when its place and its type are exactly right.

    Attributes
    ----------
    name
        Of the field; empty = the whole extraction of ``label``, which is right when all its fields are.
    kind
        What values are: the title of its field type.
    label
        Name of the label that it is a field of; empty for a general field.
    n, n_train, n_test
        Values people annotated: all, in the training part, in the test part.
    f1
        Harmonic mean of precision and recall, of ``f1.n`` values that people annotated, the model predicted, or both.
    precision, recall
        Of the values predicted, and of those annotated, in the test part. All three are None without one annotated there.
    warnings
        Sentences, most pressing first, each with what to do.
    action
        What to do next: annotate unsure values (teach), look again at annotated values that are not predicted (check), or
        at predicted ones that nobody annotated (missed).
    """

    name: str
    kind: str
    label: str = ""
    n: int
    n_train: int
    n_test: int
    f1: Share
    precision: Share
    recall: Share
    warnings: tuple[str, ...] = ()
    action: FieldAction = "none"


@dataclass(frozen=True, kw_only=True)
class FieldAverage:
    """Unweighted means over the fields that have figures; their ``n`` counts fields. ``n_test`` counts annotated values."""

    f1: Share
    precision: Share
    recall: Share
    n_test: int


@dataclass(frozen=True, kw_only=True)
class FieldSet:
    """Fields that belong together, in their order, and their average."""

    fields: tuple[FieldQuality, ...]
    average: FieldAverage


@dataclass(frozen=True, kw_only=True)
class LabelExtraction:
    """What is extracted of one label: ``whole`` is right when all fields of an extraction are."""

    whole: FieldQuality
    parts: FieldSet


@dataclass(frozen=True, kw_only=True)
class ExtractionSet:
    """Labels that have fields, in the order of the taxonomy, and the average of their whole extractions."""

    labels: tuple[LabelExtraction, ...]
    average: FieldAverage


__all__ = [
    "ExtractionSet",
    "FieldAction",
    "FieldAverage",
    "FieldQuality",
    "FieldSet",
    "LabelExtraction",
]
