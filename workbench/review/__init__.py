"""What to review next: query strategies by review mode, each pick with its inclusion probability."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.domain import ReviewMode
from workbench.review.agreement import Agreement, agreement, gwet_ac1, krippendorff_alpha
from workbench.review.cover import cover, informativeness, sureness
from workbench.review.diversity import k_centre, skip_near_duplicates, spread
from workbench.review.gain import FITTED, GainModel, forecast
from workbench.review.learning import check, label, low_confidence, missed, teach
from workbench.review.policy import propose
from workbench.review.pool import Picks, Pool, Strategy
from workbench.review.ranking import first
from workbench.review.sampling import (
    by_cluster,
    cluster,
    rebalance,
    recent,
    search,
    shuffle,
    systematic_sample,
    typicality,
)
from workbench.review.standing import Gain, LabelStanding, PastBatch, Proposal, Standing

STRATEGIES: Mapping[ReviewMode, Strategy] = {
    "check": check,
    "cluster": cluster,
    "label": label,
    "low_confidence": low_confidence,
    "missed": missed,
    "rebalance": rebalance,
    "recent": recent,
    "search": search,
    "shuffle": shuffle,
    "teach": teach,
}
"""The strategy of each review mode; ``import`` has none, because nobody chooses there."""

__all__ = [
    "FITTED",
    "STRATEGIES",
    "Agreement",
    "Gain",
    "GainModel",
    "LabelStanding",
    "PastBatch",
    "Picks",
    "Pool",
    "Proposal",
    "Standing",
    "Strategy",
    "agreement",
    "by_cluster",
    "check",
    "cluster",
    "cover",
    "first",
    "forecast",
    "gwet_ac1",
    "informativeness",
    "k_centre",
    "krippendorff_alpha",
    "label",
    "low_confidence",
    "missed",
    "propose",
    "rebalance",
    "recent",
    "search",
    "shuffle",
    "skip_near_duplicates",
    "spread",
    "sureness",
    "systematic_sample",
    "teach",
    "typicality",
]
