"""The model rating: four factors, published weights (section 6.3 of the published formulas)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, inf

import numpy as np

from workbench.domain import FactorName, Rating, RatingBand, RatingFactor, ReviewStep
from workbench.errors import InputError

WEIGHTS: Mapping[FactorName, float] = {
    "all_labels": 0.30,
    "underperforming_labels": 0.20,
    "coverage": 0.25,
    "balance": 0.25,
}
"""Default weights; they sum to 1."""
CAP = 69.0
"""Highest rating while a factor is poor."""
MIN_LABELS = 5
"""Labels with enough examples before there is a rating."""
MIN_REVIEWED = 100
"""Reviewed messages before balance means anything."""
WANTED_RANDOM_SHARE = 0.20
SEARCH_SHARE_LIMIT = 0.30
_AVERAGE, _GOOD, _EXCELLENT = 50, 70, 90
_Steps = tuple[ReviewStep, ...]
_NAMED = 3
_SHUFFLE: _Steps = (ReviewStep(mode="shuffle"),)
_REBALANCE: _Steps = (ReviewStep(mode="rebalance"), *_SHUFFLE)
_LOW_CONFIDENCE: _Steps = (ReviewStep(mode="low_confidence"),)


@dataclass(frozen=True, kw_only=True)
class RatingEvidence:
    """What the rating is made of.

    Attributes
    ----------
    healths
        Health of each trainable label, 0-100, with its name.
    n_ready
        Trainable labels with enough examples.
    n_reviewed
        Reviewed messages.
    coverage
        Expected share of messages with an informative label, 0-1; None = unknown.
    similarity
        How far reviewed messages resemble all messages, 0-1; None = unknown.
    mode_shares
        Share of reviews by review mode, 0-1.
    steps
        Reviews that would help a label, by its name, the best first.
    """

    healths: Mapping[str, float]
    n_ready: int
    n_reviewed: int
    coverage: float | None
    similarity: float | None
    mode_shares: Mapping[str, float]
    steps: Mapping[str, Sequence[ReviewStep]] = field(default_factory=dict)


def rating_band(score: float | None) -> RatingBand:
    """Band of a score 0-100 after rounding: poor below 50, average below 70, good below 90, excellent."""
    if score is None:
        return "none"
    whole = _round(score)
    if whole < _AVERAGE:
        return "poor"
    if whole < _GOOD:
        return "average"
    return "good" if whole < _EXCELLENT else "excellent"


def rate(evidence: RatingEvidence, *, weights: Mapping[FactorName, float] = WEIGHTS) -> Rating:
    """Weigh the four factors.

    There is no rating (band ``none``, with the reason) until 5 labels have enough examples, 100 messages are
    reviewed, and coverage and balance are known. It is at most 69 while a factor is poor. A factor of weight 0 is told,
    and neither asked for nor holds the rating down.

    Parameters
    ----------
    evidence
        Measured quantities.
    weights
        Of each factor, finite and not negative; they are divided by their sum.

    Raises
    ------
    InputError
        A weight is missing, negative or not finite, or all are 0.
    """
    total = sum(weights.values())
    fits = set(weights) == set(WEIGHTS) and all(0 <= one < inf for one in weights.values())
    if not fits or total <= 0:
        raise InputError(
            f"rating weights {dict(weights)} cannot be used.",
            next_step=f"Give a weight of 0 or more for each of {', '.join(sorted(WEIGHTS))}, not all 0.",
        )
    share = {name: weights[name] / total for name in WEIGHTS}
    factors = (
        _balance(evidence, share["balance"]),
        _coverage(evidence, share["coverage"]),
        _all_labels(evidence, share["all_labels"]),
        _underperforming(evidence, share["underperforming_labels"]),
    )
    reason = _missing(evidence, factors)
    if reason:
        return Rating(score=None, band="none", factors=factors, reason=reason)
    score = sum(factor.weight * (factor.score or 0.0) for factor in factors)
    poor = [factor.name.replace("_", " ") for factor in factors if factor.band == "poor" and factor.weight]
    whole = float(_round(score))
    if poor and whole > CAP:
        return Rating(
            score=CAP,
            band=rating_band(CAP),
            factors=factors,
            reason=f"Held at {CAP:.0f} because a factor is poor: {', '.join(poor)}.",
        )
    return Rating(score=whole, band=rating_band(whole), factors=factors)


def _round(score: float) -> int:
    """Half up, as people round; Python's ``round`` would send 68.5 to 68."""
    return int(np.floor(score + 0.5 + 1e-9))


def _missing(evidence: RatingEvidence, factors: Sequence[RatingFactor]) -> str:
    if evidence.n_ready < MIN_LABELS:
        return (
            f"{evidence.n_ready} of at least {MIN_LABELS} labels have enough examples (25, with 20 for training): "
            "review more messages."
        )
    unknown = [factor.reason for factor in factors if factor.score is None and factor.weight]
    return unknown[0] if unknown else ""


def _factor(
    name: FactorName,
    score: float | None,
    weight: float,
    contributors: dict[str, float],
    action: str,
    reason: str = "",
    steps: Sequence[ReviewStep] = (),
) -> RatingFactor:
    return RatingFactor(
        name=name,
        score=score,
        band=rating_band(score),
        weight=weight,
        contributors=contributors,
        action=action,
        reason=reason,
        steps=tuple(dict.fromkeys(steps)),
    )


def _balance(evidence: RatingEvidence, weight: float) -> RatingFactor:
    shuffle = evidence.mode_shares.get("shuffle", 0.0)
    rebalance = evidence.mode_shares.get("rebalance", 0.0)
    search = evidence.mode_shares.get("search", 0.0)
    parts = {"shuffle_share": shuffle, "rebalance_share": rebalance, "search_share": search}
    if evidence.similarity is None or evidence.n_reviewed < MIN_REVIEWED:
        return _factor(
            "balance",
            None,
            weight,
            parts,
            "Review with Shuffle.",
            f"Balance is known from {MIN_REVIEWED} reviewed messages on; there are {evidence.n_reviewed}."
            if evidence.n_reviewed < MIN_REVIEWED
            else "Balance was not measured: train again.",
            _SHUFFLE if evidence.n_reviewed < MIN_REVIEWED else (),
        )
    similar = float(np.interp(evidence.similarity, [0.5, 0.95], [0.0, 1.0]))
    score = 100 * (
        0.70 * similar
        + 0.20 * min(1.0, (shuffle + rebalance) / WANTED_RANDOM_SHARE)
        + 0.10 * (1 - min(1.0, search / SEARCH_SHARE_LIMIT))
    )
    action, steps = (
        ("Review with Rebalance.", _REBALANCE) if similar < 1 else ("Review with Shuffle.", _SHUFFLE)
    )
    if rating_band(score) == "excellent":
        action, steps = "Nothing to do.", ()
    return _factor(
        "balance", score, weight, {"similarity": evidence.similarity, **parts}, action, steps=steps
    )


def _coverage(evidence: RatingEvidence, weight: float) -> RatingFactor:
    if evidence.coverage is None:
        return _factor(
            "coverage",
            None,
            weight,
            {},
            "Review with Shuffle and Teach label.",
            "Coverage is not known yet: labels have too few examples.",
            _SHUFFLE,
        )
    score = float(np.interp(evidence.coverage, [0.40, 0.70, 0.85, 0.95], [0.0, 70.0, 90.0, 100.0]))
    action, steps = "Review with Low confidence, and create labels for what no label fits.", _LOW_CONFIDENCE
    if rating_band(score) == "excellent":
        action, steps = "Nothing to do.", ()
    return _factor("coverage", score, weight, {"coverage": evidence.coverage}, action, steps=steps)


def _all_labels(evidence: RatingEvidence, weight: float) -> RatingFactor:
    if not evidence.healths:
        return _factor("all_labels", None, weight, {}, "Create labels.", "There is no label to train.")
    score = float(np.mean(list(evidence.healths.values())))
    worst = _worst(evidence.healths, 5)
    if rating_band(score) == "excellent":
        return _factor("all_labels", score, weight, worst, "Nothing to do.")
    steps = [step for name in list(worst)[:_NAMED] for step in evidence.steps.get(name, ())[:1]]
    return _factor("all_labels", score, weight, worst, _advice(next(iter(worst)), steps), steps=steps)


def _advice(label: str, steps: Sequence[ReviewStep]) -> str:
    """The first of the steps in words."""
    mode = steps[0].mode if steps else "teach"
    return "Review with Shuffle." if mode == "shuffle" else f"{mode.capitalize()} label: {label}."


def _underperforming(evidence: RatingEvidence, weight: float) -> RatingFactor:
    if not evidence.healths:
        return _factor(
            "underperforming_labels", None, weight, {}, "Create labels.", "There is no label to train."
        )
    worst = _worst(evidence.healths, ceil(0.10 * len(evidence.healths)))
    score = float(np.mean(list(worst.values())))
    if rating_band(score) == "excellent":
        return _factor("underperforming_labels", score, weight, worst, "Nothing to do.")
    named = list(worst)[:_NAMED]
    steps = [step for name in named for step in evidence.steps.get(name, ())]
    action = f"Teach, Check and Missed label: {', '.join(named)}."
    return _factor("underperforming_labels", score, weight, worst, action, steps=steps)


def _worst(healths: Mapping[str, float], n: int) -> dict[str, float]:
    """The ``n`` least healthy labels, worst first, by name among equals."""
    return dict(sorted(healths.items(), key=lambda item: (item[1], item[0]))[:n])
