"""Recall and precision over all labels, corrected for how messages were chosen, with the model's help.

Weighted reviews estimate each sum over a population without bias (``inverse_weights``), but a few random picks carry
nearly all the weight. What the model expects of *every* message tells most of what they tell: so the sum of the
expectations is taken, and reviews only correct it, by the weighted sum of what they differ by (difference estimator:
Särndal, Swensson and Wretman 1992, chapter 6; prediction-powered inference: Angelopoulos et al. 2023). With
``y`` the counts of a message and ``m`` the expected ones, ::

    total = sum(w * y) + trust * (sum over all m - sum(w * m)),   ratio = total of one count / total of another

For any ``m`` that was not made from ``y`` a total is unbiased whatever ``m`` is worth, since both sums of ``m`` mean the
same; ratio and ``trust`` add what shrinks with the number of reviews. ``trust`` minimises the variance of the ratio,
within 0 to 1 (Angelopoulos, Duchi and Zrnic 2023): 0, for a model that knows nothing, leaves Hajek's ratio (1971).

A model that learned from a reviewed message expects of it what it was told, but not of the others, and then the figures
come out too good (recall on CLINC150 by 0.008). Expectations of reviewed messages must come from models that did not see
them; those of the others from the same models, so from their mean where there are several.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.domain import Estimate, OverallFigures
from workbench.errors import InputError
from workbench.evaluate.curves import Bools, Floats, Scores, check_rows
from workbench.evaluate.influence import variance
from workbench.evaluate.intervals import largest_spread, wilson_interval

THRESHOLD = 0.5
_N_COUNTS = 3
_FITTED = 2
"""Numbers that the variance takes from the picks: their mean and the trust."""
_NOTHING = 1e-12
"""Share of the squares below which expectations are all the same but for rounding."""
_UNSEEN = 5
"""Picks of the largest variance that are added to those that were drawn."""


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """A share of two totals.

    Attributes
    ----------
    figure
        With its 95 % interval, all None when nothing was drawn at random.
    trust
        How far the expectations counted, 0-1.
    """

    figure: Estimate
    trust: float


def expected_counts(said: Scores, expected: Scores | None = None) -> Floats:
    """What a model says of messages, summed over labels.

    Parameters
    ----------
    said
        float, (n, n_labels): probabilities of the model that is judged.
    expected
        float, (n, n_labels): probabilities that the label applies, by whatever model knows best; None = ``said``.

    Returns
    -------
    numpy.ndarray
        float64, (n, 3): labels expected among those at or above 0.5, labels expected, and labels at or above 0.5.
    """
    above = said >= THRESHOLD
    chances = said if expected is None else expected
    columns = ((chances * above), chances, above)
    return np.stack([one.sum(axis=1, dtype=np.float64) for one in columns], axis=1)


def assisted_figures(
    y_true: Bools,
    scores: Scores,
    weights: Floats,
    is_random: Bools,
    groups: npt.NDArray[np.int64],
    counts: Floats,
    totals: Floats,
) -> OverallFigures:
    """Recall and precision at 0.5 over all labels.

    Parameters
    ----------
    y_true, scores
        (n, n_labels): reviewed messages.
    weights, is_random, groups
        (n,), see ``HeldOut``.
    counts
        float64, (n, 3): ``expected_counts`` of the reviewed messages.
    totals
        float64, (3,): the sum of ``expected_counts`` over all messages of the population, reviewed or not.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    check_rows(y_true, scores)
    if counts.shape != (len(y_true), _N_COUNTS) or totals.shape != (_N_COUNTS,):
        raise InputError(
            f"expected counts have shape {counts.shape} and totals {totals.shape} for {len(y_true)} reviewed messages.",
            next_step="Give three expected counts of each reviewed message, and their three sums over all messages.",
        )
    above = scores >= THRESHOLD
    seen = np.stack(
        [one.sum(axis=1, dtype=np.float64) for one in (y_true & above, y_true, above)], axis=1
    ).reshape(len(y_true), _N_COUNTS)
    found, has, told = seen.sum(axis=0).tolist()
    recall, precision = (
        assisted_ratio(seen[:, pair], counts[:, pair], totals[pair], weights, is_random, groups)
        for pair in (np.array([0, 1]), np.array([0, 2]))
    )
    return OverallFigures(
        recall=recall.figure,
        precision=precision.figure,
        raw_recall=found / has if has else None,
        raw_precision=found / told if told else None,
    )


def assisted_ratio(
    seen: Floats,
    expected: Floats,
    totals: Floats,
    weights: Floats,
    is_random: Bools,
    groups: npt.NDArray[np.int64],
) -> Ratio:
    """Share of the first of two totals in the second.

    The interval is Wilson's on as many trials as the variance by linearisation is worth. As few picks hide the rare
    large difference, five picks of the largest variance are added to it. With 60 to 300 random picks such intervals hold
    the truth in 94 to 98 % of replays (``benchmarks/assisted_metrics.py``); with under 30 they can be too narrow.

    Parameters
    ----------
    seen, expected
        float64, (n, 2): counts of the reviewed messages, the first never above the second, and expected ones.
    totals
        float64, (2,): sums of the expected counts over the population.
    weights, is_random, groups
        (n,), see ``HeldOut``.
    """
    unknown = Ratio(figure=Estimate(value=None, low=None, high=None), trust=0.0)
    plain, heavy = weights @ seen, weights[is_random]
    if not heavy.any() or plain[1] <= 0:
        return unknown
    slope = np.array([1.0, -plain[0] / plain[1]])
    moves, hints = (_centred(heavy * (one @ slope)[is_random], heavy) for one in (seen, expected))
    power = float(hints @ hints)
    same = power <= _NOTHING * float(((heavy * (expected @ slope)[is_random]) ** 2).sum())
    trust = 0.0 if same else min(max(float(moves @ hints) / power, 0.0), 1.0)
    total = plain + trust * (totals - weights @ expected)
    if total[1] <= 0:
        return unknown
    n = len(heavy)
    value = min(max(float(total[0] / total[1]), 0.0), 1.0)
    left = ((seen - trust * expected) @ np.array([1.0, -value]))[is_random]
    spread = n / max(n - _FITTED, 1) * variance(_centred(heavy * left, heavy), groups[is_random])
    largest = largest_spread(value, n)
    of_one = float((heavy**2).mean()) * largest * float(weights @ seen[:, 1] ** 2 / weights.sum())
    spread += _UNSEEN * of_one
    trials = np.array([largest * total[1] ** 2 / spread])
    low, high = wilson_interval(value * trials, trials)
    return Ratio(
        figure=Estimate(value=value, low=min(float(low[0]), value), high=max(float(high[0]), value)),
        trust=trust,
    )


def _centred(weighted: Floats, weights: Floats) -> Floats:
    """Weighted values less their mean, which says nothing of how they vary."""
    centred: Floats = weighted - weights * float(weighted @ weights) / float(weights @ weights)
    return centred
