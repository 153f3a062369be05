"""Overlap: the same messages judged by several people on their own, to see how well they agree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workbench.domain.filters import MessageFilter
from workbench.domain.ids import DatasetId, LabelId, OverlapId, Uid

MAX_PEOPLE = 20
MAX_OVERLAP = 1_000
MIN_PACE = 20
"""Judgements below which nobody's pace is told: a few say more of the person than of the work."""


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Messages that several people judge on their own.

    Attributes
    ----------
    people
        Who judges, as ``whoami`` names them; others than the caller are hidden from those who may not manage.
    n_messages, n_repeats
        Messages each person judges, and how many of them come back to the same person unannounced.
    n_population
        Messages they were drawn from at random.
    n_given, n_asked
        Judgements that came, of all that are asked.
    """

    overlap_id: OverlapId
    dataset_id: DatasetId
    created_at: datetime
    created_by: str
    people: tuple[str, ...]
    n_messages: int
    n_repeats: int
    n_population: int
    seed: int
    n_given: int = 0
    n_asked: int = 0


@dataclass(frozen=True, kw_only=True)
class OverlapTask:
    """A message the caller is asked about; whether it came before is not said."""

    task_id: str
    uid: Uid


@dataclass(frozen=True, kw_only=True)
class OverlapAnswer:
    """What a person says of a task's message: it says of every label whether it applies, as a judgement does."""

    task_id: str
    assigned: tuple[LabelId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of agreement with its 95 % interval; None = cannot be told."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class LabelAgreement:
    """How well people agree on one label.

    Attributes
    ----------
    alpha
        Krippendorff's alpha: 1 = always, 0 = as by chance. One slip weighs much for a rare label.
    ac1
        Gwet's AC1: the same, steady for rare labels.
    observed
        Share of pairs of people who said the same of a message.
    n_messages
        Messages that at least two people judged.
    n_yes
        Judgements of them that assign the label.
    """

    label_id: LabelId | None
    name: str
    alpha: Measure
    ac1: Measure
    observed: float | None
    n_messages: int
    n_yes: int


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A message on which people differ: how many of those asked assign each label that not all say the same of."""

    uid: Uid
    n_people: int
    votes: tuple[tuple[LabelId, int], ...]
    resolved: bool


@dataclass(frozen=True, kw_only=True)
class PersonPace:
    """One person's work on the dataset.

    Attributes
    ----------
    person
        The name; "Person 2" and so on for those who may not manage, other than themselves.
    n_judgements
        Review events, imports aside.
    seconds_per_message
        Median time from one judgement to the next, pauses over 5 minutes aside; None below 20 judgements.
    n_repeats, n_equal
        Messages that came back to this person, and how many were judged the same again.
    n_given, n_asked
        Judgements of the overlap.
    """

    person: str
    n_judgements: int
    seconds_per_message: float | None
    n_repeats: int
    n_equal: int
    n_given: int
    n_asked: int


@dataclass(frozen=True, kw_only=True)
class AgreementReport:
    """How well people agree, from one overlap.

    Attributes
    ----------
    overall
        All labels together: each message and label is a unit, messages are resampled whole.
    labels
        In the taxonomy's order; those made after the overlap are left out and named in ``later_labels``.
    """

    overlap: Overlap
    overall: LabelAgreement
    labels: tuple[LabelAgreement, ...]
    later_labels: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]
    people: tuple[PersonPace, ...]


class OverlapOperations(Protocol):
    """Agreement between annotators. An overlap that does not exist raises ``UnknownNameError``."""

    def assign_overlap(
        self,
        dataset_id: DatasetId,
        people: tuple[str, ...],
        n_messages: int = 50,
        n_repeats: int = 5,
        where: MessageFilter | None = None,
        seed: int | None = None,
    ) -> Overlap:
        """Draw messages (2-1,000) at random among those that pass and ask 2-20 people about each, on their own.

        ``where`` None = unreviewed messages. ``n_repeats`` of the messages come back to each person, half an overlap
        later. Where all agree on a message that nobody reviewed, it counts as reviewed in mode shuffle, unless labels have a sentiment.
        """
        ...

    def overlaps(self, dataset_id: DatasetId) -> tuple[Overlap, ...]:
        """Every overlap, newest first."""
        ...

    def overlap_due(self, dataset_id: DatasetId, n: int = 20) -> tuple[OverlapTask, ...]:
        """What the caller is still asked, in order, at most ``n`` (1-256)."""
        ...

    def answer_overlap(self, dataset_id: DatasetId, answers: tuple[OverlapAnswer, ...]) -> int:
        """Store answers (1-256) of the caller; returns how many were new. The first answer to a task stands."""
        ...

    def delete_overlap(self, dataset_id: DatasetId, overlap_id: OverlapId) -> Overlap:
        """Delete an overlap with its answers; reviews that came of it stay. Returns what it was."""
        ...

    def agreement(
        self, dataset_id: DatasetId, overlap_id: OverlapId | None = None, seed: int = 0
    ) -> AgreementReport | None:
        """Agreement per label with intervals, from one overlap (None = the newest); None before the first."""
        ...


__all__ = [
    "MAX_OVERLAP",
    "MAX_PEOPLE",
    "MIN_PACE",
    "AgreementReport",
    "Disagreement",
    "LabelAgreement",
    "Measure",
    "Overlap",
    "OverlapAnswer",
    "OverlapOperations",
    "OverlapTask",
    "PersonPace",
]
