"""How good a model is: fixed split, curves, average precision with intervals, thresholds, health, rating."""

from __future__ import annotations

from workbench.evaluate.comparing import compare
from workbench.evaluate.corrected import corrected_label
from workbench.evaluate.curves import (
    Curve,
    average_precision,
    precision_at_recall,
    precision_recall_curve,
    thin,
)
from workbench.evaluate.health import LabelEvidence, label_health, label_state, label_warnings
from workbench.evaluate.influence import effective_number, precision_influence
from workbench.evaluate.intervals import (
    ap_interval,
    logit_interval,
    score_interval,
    wilson_interval,
)
from workbench.evaluate.jackknife import precision_bias
from workbench.evaluate.means import mean_interval
from workbench.evaluate.points import Points, measure_points
from workbench.evaluate.rating import WEIGHTS, RatingEvidence, rate, rating_band
from workbench.evaluate.sentiment import sentiment_accuracy, with_sentiment_accuracy
from workbench.evaluate.split import TEST_SHARE, split
from workbench.evaluate.thresholds import choose_thresholds
from workbench.evaluate.validation import ReviewEvidence, disagreement_shares, validate
from workbench.evaluate.weighting import Draws, inverse_weights, random_picks, reserve_warning

__all__ = [
    "TEST_SHARE",
    "WEIGHTS",
    "Curve",
    "Draws",
    "LabelEvidence",
    "Points",
    "RatingEvidence",
    "ReviewEvidence",
    "ap_interval",
    "average_precision",
    "choose_thresholds",
    "compare",
    "corrected_label",
    "disagreement_shares",
    "effective_number",
    "inverse_weights",
    "label_health",
    "label_state",
    "label_warnings",
    "logit_interval",
    "mean_interval",
    "measure_points",
    "precision_at_recall",
    "precision_bias",
    "precision_influence",
    "precision_recall_curve",
    "random_picks",
    "rate",
    "rating_band",
    "reserve_warning",
    "score_interval",
    "sentiment_accuracy",
    "split",
    "thin",
    "validate",
    "wilson_interval",
    "with_sentiment_accuracy",
]
