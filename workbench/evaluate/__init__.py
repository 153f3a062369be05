"""How good a model is: fixed split, curves, average precision with intervals, thresholds, health, rating."""

from __future__ import annotations

from workbench.evaluate.comparing import compare
from workbench.evaluate.curves import (
    Curve,
    average_precision,
    precision_at_recall,
    precision_recall_curve,
    thin,
)
from workbench.evaluate.health import LabelEvidence, label_health, label_state, label_warnings
from workbench.evaluate.intervals import ap_interval, logit_interval, wilson_interval
from workbench.evaluate.outcomes import Confusion, confusions, count_outcomes, outcome_rows, passing, share_of
from workbench.evaluate.rating import WEIGHTS, RatingEvidence, rate, rating_band
from workbench.evaluate.sentiment import sentiment_accuracy, with_sentiment_accuracy
from workbench.evaluate.split import TEST_SHARE, split
from workbench.evaluate.thresholds import choose_thresholds
from workbench.evaluate.validation import ReviewEvidence, disagreement_shares, validate

__all__ = [
    "TEST_SHARE",
    "WEIGHTS",
    "Confusion",
    "Curve",
    "LabelEvidence",
    "RatingEvidence",
    "ReviewEvidence",
    "ap_interval",
    "average_precision",
    "choose_thresholds",
    "compare",
    "confusions",
    "count_outcomes",
    "disagreement_shares",
    "label_health",
    "label_state",
    "label_warnings",
    "logit_interval",
    "outcome_rows",
    "passing",
    "precision_at_recall",
    "precision_recall_curve",
    "rate",
    "rating_band",
    "sentiment_accuracy",
    "share_of",
    "split",
    "thin",
    "validate",
    "wilson_interval",
    "with_sentiment_accuracy",
]
