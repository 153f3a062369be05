"""The guide: how a dataset stands, and which batch of reviews brings it on most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from workbench.domain.ids import DatasetId, LabelId, Uid
from workbench.domain.results import Rating, RatingFactor, ValidationReport
from workbench.domain.review import ReviewMode

StepKind = Literal["import", "discover", "batch", "train", "pin"]
"""How a step is done: bring messages in, map them, review a batch, train, or pin the newest version."""
Readiness = Literal["go_on", "good", "excellent"]


@dataclass(frozen=True, kw_only=True)
class ExpectedGain:
    """Points of mean average precision (0-1) that a batch is expected to bring, with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class MeasuredGain:
    """By how much mean average precision (0-1) changed between two versions, on the test messages of both.

    ``low`` and ``high`` bound it with 95 % confidence: messages are resampled for both versions alike, so that what
    both find hard does not widen it. ``n`` counts the messages.
    """

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What to do next.

    Attributes
    ----------
    kind
        How it is done; the fields up to ``minutes_high`` speak of batches only.
    rule
        Stable name of the rule that asks for it.
    mode, label_id, label
        What the batch shows; the label's name is empty in modes that are about none.
    n
        Messages of the batch.
    gain
        None = cannot be told yet.
    minutes_low, minutes_high
        How long it takes a person.
    title, reason
        For people: what it is, and why it is next.
    """

    kind: StepKind
    rule: str
    mode: ReviewMode | None = None
    label_id: LabelId | None = None
    label: str = ""
    n: int = 0
    gain: ExpectedGain | None = None
    minutes_low: float = 0.0
    minutes_high: float = 0.0
    title: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class VersionScore:
    """What a validated model version was worth: rating and factors 0-100, None where not known."""

    version: int
    rating: float | None
    mean_average_precision: float | None
    factors: dict[str, float | None]

    @classmethod
    def of(cls, report: ValidationReport) -> Self:
        """The figures of a report, which stay when the version goes."""
        return cls(
            version=report.version,
            rating=report.rating.score,
            mean_average_precision=report.mean_average_precision.value,
            factors={factor.name: factor.score for factor in report.rating.factors},
        )


@dataclass(frozen=True, kw_only=True)
class GuidedBatch:
    """Messages that one person reviews in one go.

    A person has one open batch in a dataset: beginning another one ends it. What they judge of its messages from its
    beginning to its end belongs to it.

    Attributes
    ----------
    label_id, label
        The label its mode is about, None without one; its name of now, empty without one or when it is gone.
    uids, probabilities
        Its messages in order, each with its inclusion probability (``ReviewBatch.probabilities``).
    done
        Those of them that were reviewed in it.
    before, after
        The newest validated version when it began, and the first one that learned from all of it; None = none yet.
    promised
        What it was expected to bring when it began; None = that could not be told.
    gained
        What changed from ``before`` to ``after``; None = not yet, or too few test messages are common to both.
    """

    batch_id: str
    dataset_id: DatasetId
    actor: str
    mode: ReviewMode
    label_id: LabelId | None = None
    label: str = ""
    begun_at: datetime
    finished_at: datetime | None = None
    uids: tuple[Uid, ...]
    probabilities: tuple[float, ...]
    n_population: int
    done: tuple[Uid, ...] = ()
    before: VersionScore | None = None
    after: VersionScore | None = None
    promised: ExpectedGain | None = None
    gained: MeasuredGain | None = None


@dataclass(frozen=True, kw_only=True)
class StopAdvice:
    """Whether to go on.

    ``good`` = enough for analytics, ``excellent`` = for automation too, after a test on live data. ``missing`` says
    what the next of the two lacks, most pressing first.
    """

    readiness: Readiness
    text: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Guide:
    """How training stands and goes on.

    Attributes
    ----------
    version
        The newest validated version, which rating and factors are of; 0 = none yet.
    n_labels, n_labels_ready
        Labels of the taxonomy, and those of them with at least 25 reviewed messages.
    seconds_per_message
        Median time people took for a message here; None = not known, a usual value is reckoned with.
    recommended, alternatives
        The step that is next, and others, best first.
    last_batch
        The newest finished batch of anybody that a validated version has learned from.
    open_batch
        The caller's batch that is not finished.
    """

    dataset_id: DatasetId
    version: int
    rating: Rating
    mean_average_precision: float | None
    n_messages: int
    n_reviewed: int
    n_labels: int
    n_labels_ready: int
    seconds_per_message: float | None
    recommended: NextStep
    alternatives: tuple[NextStep, ...]
    last_batch: GuidedBatch | None
    open_batch: GuidedBatch | None
    advice: StopAdvice

    @property
    def factors(self) -> tuple[RatingFactor, ...]:
        """The four factors of the rating, empty before the first validated version."""
        return self.rating.factors
