"""Model versions, their validation, and the rating."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.labels import LabelState, has_enough_examples
from workbench.domain.results.fields import ExtractionSet, FieldSet
from workbench.domain.results.thresholds import Estimate
from workbench.domain.review import ReviewMode

RatingBand = Literal["none", "poor", "average", "good", "excellent"]
FactorName = Literal["balance", "coverage", "all_labels", "underperforming_labels"]


@dataclass(frozen=True, kw_only=True)
class AveragePrecision:
    """Average precision with its interval (95 % unless said otherwise); None = cannot be estimated.

    ``n_positive`` counts test messages that carry the label, ``n`` all test messages. ``n_effective`` says how many
    unrelated, equally weighted ones the positives are worth (Kish 1965): thread-mates count together, and unequal
    weights count for less; None in reports of before it was known. ``method`` names the interval's source.
    ``approximate`` = cross-validated because the test part has under 10 positives.
    """

    value: float | None
    low: float | None
    high: float | None
    n_positive: int
    n: int
    method: str = "bootstrap"
    approximate: bool = False
    n_effective: float | None = None


@dataclass(frozen=True, kw_only=True)
class ThresholdChoice:
    """An automatic threshold.

    ``name`` is ``balanced``, ``high_precision``, ``high_recall``, or ``sampled_0`` to ``sampled_4``.
    """

    name: str
    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, kw_only=True)
class SentimentAccuracy:
    """Share of the test examples of a label whose sentiment is right, with its 95 % Wilson interval; None = no example.

    ``n`` counts examples; ``majority`` is what always saying the more frequent sentiment would reach.
    """

    value: float | None
    low: float | None
    high: float | None
    majority: float | None
    n: int


@dataclass(frozen=True, kw_only=True)
class CorrectedLabel:
    """How one label does when reviewed messages are weighted to stand for the whole dataset.

    Attributes
    ----------
    precisions, recalls, precision_low, precision_high, recall_low, recall_high
        At each of the label's ``thresholds``, with 95 % Wilson bounds on effective numbers. A precision is None where
        no message at or above the threshold has weight, and all are None when no positive was drawn at random.
    """

    average_precision: AveragePrecision
    precisions: tuple[float | None, ...]
    recalls: tuple[float | None, ...]
    precision_low: tuple[float | None, ...]
    precision_high: tuple[float | None, ...]
    recall_low: tuple[float | None, ...]
    recall_high: tuple[float | None, ...]


@dataclass(frozen=True, kw_only=True)
class OverallFigures:
    """Recall and precision over all labels together, a prediction of at least 0.5 being "yes".

    Attributes
    ----------
    recall, precision
        For all messages of the population, with 95 % intervals: what the model expects of every message, corrected by
        the reviewed ones, weighted by how they were chosen.
    raw_recall, raw_precision
        Of the reviewed messages as they are; None without an example, and without a "yes".
    """

    recall: Estimate
    precision: Estimate
    raw_recall: float | None
    raw_precision: float | None


@dataclass(frozen=True, kw_only=True)
class CorrectedMetrics:
    """Figures weighted by inclusion probabilities, so that what was chosen to be reviewed does not tint them.

    Attributes
    ----------
    n_random
        Reviewed test messages that were drawn at random from (nearly) all: the reserve that the weights rest on.
    n_population
        Test messages of the dataset, reviewed or not, for which they stand.
    n_effective
        How many equally weighted messages the reviewed test messages are worth (Kish 1965).
    warning
        A sentence with the one thing to do when that is too few; empty otherwise.
    overall
        Recall and precision over all labels; None where it is not known what the model says of messages that nobody
        reviewed, as in older reports.
    """

    mean_average_precision: AveragePrecision
    n_random: int
    n_population: int
    n_effective: float
    warning: str = ""
    overall: OverallFigures | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewStep:
    """A review that would mend something: messages by a mode, of a label where the mode is about one."""

    mode: ReviewMode
    label_id: LabelId | None = None


@dataclass(frozen=True, kw_only=True)
class LabelValidation:
    """How one label does.

    Attributes
    ----------
    thresholds, precisions, recalls
        Aligned, by ascending threshold; a prediction is "yes" at or above the threshold. Recall never rises.
    precision_low, precision_high, recall_low, recall_high
        95 % Wilson bounds at each threshold.
    n_predicted
        Messages at or above each threshold: what a precision is a share of. Empty in older reports.
    n_train, n_test
        Positives in the training and the test part; ``n_pins`` = both.
    health
        0-100, section 6.3 of the published formulas (docs/explanation/rating.md).
    warnings
        Sentences, most pressing first, each with what to do.
    steps
        Reviews that help it, the one that helps most first; none for a label without warnings.
    sentiment
        None where the dataset has no label sentiment.
    cross_validated
        On held-out predictions of all reviewed messages: the lower bound that makes a label healthy. None without.
    corrected
        Weighted to stand for the whole dataset; None where it was not known how messages were chosen.
    """

    label_id: LabelId
    name: str
    average_precision: AveragePrecision
    thresholds: tuple[float, ...]
    precisions: tuple[float, ...]
    recalls: tuple[float, ...]
    precision_low: tuple[float, ...]
    precision_high: tuple[float, ...]
    recall_low: tuple[float, ...]
    recall_high: tuple[float, ...]
    choices: tuple[ThresholdChoice, ...]
    n_train: int
    n_test: int
    n_pins: int
    health: float
    state: LabelState
    warnings: tuple[str, ...] = ()
    sentiment: SentimentAccuracy | None = None
    n_predicted: tuple[int, ...] = ()
    cross_validated: AveragePrecision | None = None
    corrected: CorrectedLabel | None = None
    steps: tuple[ReviewStep, ...] = ()

    @property
    def has_enough(self) -> bool:
        """Whether it has examples enough for its quality to count."""
        return has_enough_examples(self.n_pins, self.n_train)


@dataclass(frozen=True, kw_only=True)
class RatingFactor:
    """One of the four factors. ``score`` 0-100 or None when it cannot be known yet; ``reason`` says why.

    ``contributors`` are name-value pairs shown below it; ``action`` the recommended next step, ``steps`` the reviews
    that it asks for.
    """

    name: FactorName
    score: float | None
    band: RatingBand
    weight: float
    contributors: dict[str, float]
    action: str
    reason: str = ""
    steps: tuple[ReviewStep, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rating:
    """The model rating: 0-100, or None with the band ``none`` and a ``reason``."""

    score: float | None
    band: RatingBand
    factors: tuple[RatingFactor, ...]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ValidationReport:
    """Validation of one model version on its fixed test part.

    Attributes
    ----------
    mean_average_precision
        Unweighted mean over labels with >= 25 examples, of these >= 20 for training and >= 1 for the test, with its
        interval.
    recall_grid, mean_precision
        The mean-precision-at-recall curve, 101 points each.
    n_train, n_test, n_reviewed
        Messages.
    sentiment
        Over the examples of all labels; None where the dataset has no label sentiment.
    corrected
        Figures weighted to stand for the whole dataset; None in reports of before there were any.
    general_fields
        Of the dataset; None where none is enabled, and in reports of before there were any.
    extractions
        Of labels that have fields; None as the above.
    """

    dataset_id: DatasetId
    version: int
    created_at: datetime
    n_train: int
    n_test: int
    n_reviewed: int
    n_labels: int
    mean_average_precision: AveragePrecision
    recall_grid: tuple[float, ...]
    mean_precision: tuple[float, ...]
    labels: tuple[LabelValidation, ...]
    rating: Rating
    seed: int
    sentiment: SentimentAccuracy | None = None
    corrected: CorrectedMetrics | None = None
    general_fields: FieldSet | None = None
    extractions: ExtractionSet | None = None


__all__ = [
    "AveragePrecision",
    "CorrectedLabel",
    "CorrectedMetrics",
    "FactorName",
    "LabelValidation",
    "Rating",
    "RatingBand",
    "RatingFactor",
    "SentimentAccuracy",
    "ThresholdChoice",
    "ValidationReport",
]
