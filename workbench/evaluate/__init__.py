"""How good a model is: fixed split, curves, average precision with intervals, thresholds, label errors, rating."""

from __future__ import annotations

from workbench.evaluate.assisted import assisted_figures, assisted_ratio, expected_counts
from workbench.evaluate.comparing import compare
from workbench.evaluate.corrected import corrected_label
from workbench.evaluate.cost import Policy, cheapest, check_costs, cost_of
from workbench.evaluate.curves import (
    Curve,
    average_precision,
    precision_at_recall,
    precision_recall_curve,
    thin,
)
from workbench.evaluate.fields import FieldCounts, average_quality, extraction_set, field_quality, field_set
from workbench.evaluate.guarantee import GRID, Promise, n_needed, promise, upper_bound
from workbench.evaluate.health import LabelEvidence, label_health, label_state, label_steps, label_warnings
from workbench.evaluate.influence import effective_number, precision_influence
from workbench.evaluate.intervals import (
    ap_interval,
    logit_interval,
    score_interval,
    wilson_interval,
)
from workbench.evaluate.jackknife import precision_bias
from workbench.evaluate.means import mean_interval
from workbench.evaluate.outcomes import Confusion, confusions, count_outcomes, outcome_rows, passing, share_of
from workbench.evaluate.points import Points, measure_points
from workbench.evaluate.rating import WEIGHTS, RatingEvidence, rate, rating_band
from workbench.evaluate.sentiment import sentiment_accuracy, with_sentiment_accuracy
from workbench.evaluate.split import TEST_SHARE, split
from workbench.evaluate.suspects import KINDS, Suspects, rank_suspects
from workbench.evaluate.thresholds import choose_thresholds
from workbench.evaluate.validation import ReviewEvidence, disagreement_shares, validate
from workbench.evaluate.volumes import Tally, WeeklyDraws, estimate, reaches, tally, weekly_draws
from workbench.evaluate.weighting import Draws, inverse_weights, random_picks, reserve_warning

__all__ = [
    "GRID",
    "KINDS",
    "TEST_SHARE",
    "WEIGHTS",
    "Confusion",
    "Curve",
    "Draws",
    "FieldCounts",
    "LabelEvidence",
    "Points",
    "Policy",
    "Promise",
    "RatingEvidence",
    "ReviewEvidence",
    "Suspects",
    "Tally",
    "WeeklyDraws",
    "ap_interval",
    "assisted_figures",
    "assisted_ratio",
    "average_precision",
    "average_quality",
    "cheapest",
    "check_costs",
    "choose_thresholds",
    "compare",
    "confusions",
    "corrected_label",
    "cost_of",
    "count_outcomes",
    "disagreement_shares",
    "effective_number",
    "estimate",
    "expected_counts",
    "extraction_set",
    "field_quality",
    "field_set",
    "inverse_weights",
    "label_health",
    "label_state",
    "label_steps",
    "label_warnings",
    "logit_interval",
    "mean_interval",
    "measure_points",
    "n_needed",
    "outcome_rows",
    "passing",
    "precision_at_recall",
    "precision_bias",
    "precision_influence",
    "precision_recall_curve",
    "promise",
    "random_picks",
    "rank_suspects",
    "rate",
    "rating_band",
    "reaches",
    "reserve_warning",
    "score_interval",
    "sentiment_accuracy",
    "share_of",
    "split",
    "tally",
    "thin",
    "upper_bound",
    "validate",
    "weekly_draws",
    "wilson_interval",
    "with_sentiment_accuracy",
]
