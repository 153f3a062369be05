"""How good a model is: fixed split, curves, average precision with intervals, thresholds, label errors, rating."""

from __future__ import annotations

from workbench.evaluate.comparing import compare
from workbench.evaluate.cost import Policy, cheapest, check_costs, cost_of
from workbench.evaluate.curves import (
    Curve,
    average_precision,
    precision_at_recall,
    precision_recall_curve,
    thin,
)
from workbench.evaluate.guarantee import GRID, Promise, n_needed, promise, upper_bound
from workbench.evaluate.health import LabelEvidence, label_health, label_state, label_warnings
from workbench.evaluate.intervals import ap_interval, logit_interval, wilson_interval
from workbench.evaluate.rating import WEIGHTS, RatingEvidence, rate, rating_band
from workbench.evaluate.sentiment import sentiment_accuracy, with_sentiment_accuracy
from workbench.evaluate.split import TEST_SHARE, split
from workbench.evaluate.suspects import KINDS, Suspects, rank_suspects
from workbench.evaluate.thresholds import choose_thresholds
from workbench.evaluate.validation import ReviewEvidence, disagreement_shares, validate
from workbench.evaluate.volumes import Tally, WeeklyDraws, estimate, reaches, tally, weekly_draws

__all__ = [
    "GRID",
    "KINDS",
    "TEST_SHARE",
    "WEIGHTS",
    "Curve",
    "LabelEvidence",
    "Policy",
    "Promise",
    "RatingEvidence",
    "ReviewEvidence",
    "Suspects",
    "Tally",
    "WeeklyDraws",
    "ap_interval",
    "average_precision",
    "cheapest",
    "check_costs",
    "choose_thresholds",
    "compare",
    "cost_of",
    "disagreement_shares",
    "estimate",
    "label_health",
    "label_state",
    "label_warnings",
    "logit_interval",
    "n_needed",
    "precision_at_recall",
    "precision_recall_curve",
    "promise",
    "rank_suspects",
    "rate",
    "rating_band",
    "reaches",
    "sentiment_accuracy",
    "split",
    "tally",
    "thin",
    "upper_bound",
    "validate",
    "weekly_draws",
    "wilson_interval",
    "with_sentiment_accuracy",
]
