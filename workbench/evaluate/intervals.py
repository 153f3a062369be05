"""How sure a figure is: intervals for shares and for average precision."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from workbench.domain import AveragePrecision
from workbench.evaluate.curves import Bools, Floats, Scores, average_precision, descending
from workbench.evaluate.influence import effective_number, precision_influence, variance
from workbench.primitives import Z95

IntervalMethod = Literal["score", "bootstrap", "logit"]
_LEAST_WORTH, _MOST_WORTH = 0.5, 2.25
"""Bounds of what a positive may count for in a score interval, set on BANKING77 and simulated scores."""
_CHUNK = 2**22
"""Numbers a block of resamples may hold."""


def wilson_interval(
    successes: npt.NDArray[np.int64] | Floats, trials: npt.NDArray[np.int64] | Floats, z: float = Z95
) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share (Wilson 1927); ``z`` = 1.96 gives 95 %.

    Effective numbers of weighted rows serve as counts (Korn and Graubard 1998).

    Returns
    -------
    low, high
        float64, shape of ``trials``; 0 and 1 where there is no trial.
    """
    n = np.maximum(trials, 1).astype(np.float64)
    share = successes / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    empty = np.asarray(trials) == 0
    low = np.where(empty | (np.asarray(successes) == 0), 0.0, centre - half)
    high = np.where(empty | (np.asarray(successes) == np.asarray(trials)), 1.0, centre + half)
    return low, high


def resample_weights(
    n: int, n_resamples: int, random_state: int, *, groups: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.float32]:
    """How often each of ``n`` rows is drawn in each bootstrap resample; float32, (n_resamples, n).

    Rows with one number in ``groups``, (n,), are drawn together: thread-mates are alike, and drawn singly they would
    make an interval too narrow (three alike messages to a thread: 73 % of 95 % intervals held the truth).
    """
    member = np.arange(n) if groups is None else np.unique(groups, return_inverse=True)[1]
    n_units = int(member.max(initial=-1)) + 1
    rng = np.random.default_rng(random_state)
    weights = np.zeros((n_resamples, n), dtype=np.float32)
    for index in range(n_resamples if n else 0):
        weights[index] = np.bincount(rng.integers(0, n_units, size=n_units), minlength=n_units)[member]
    return weights


def weighted_average_precision(y_true: Bools, scores: Scores, weights: npt.NDArray[np.float32]) -> Floats:
    """Average precision of one label under many weightings of its rows.

    Parameters
    ----------
    y_true, scores
        As for ``average_precision``, (n,).
    weights
        float32, (n_resamples, n), >= 0.

    Returns
    -------
    numpy.ndarray
        float64, (n_resamples,); NaN where no positive has weight.
    """
    order = descending(scores)
    ranked, truth = scores[order], y_true[order]
    holders = np.flatnonzero(truth)
    if not len(holders):
        return np.full(len(weights), np.nan)
    # Only positives add area; each counts at the end of its group of equal scores.
    ends = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    end_of = ends[np.searchsorted(ends, holders)]
    order = order[: end_of[-1] + 1]
    out = np.empty(len(weights))
    step = max(1, _CHUNK // len(order))
    for begin in range(0, len(weights), step):
        block = weights[begin : begin + step][:, order]
        total = np.cumsum(block, axis=1, dtype=np.float32)[:, end_of]
        held = block[:, holders]
        found = np.cumsum(held, axis=1, dtype=np.float32)
        if len(np.unique(end_of)) < len(end_of):
            found = found[:, np.searchsorted(end_of, end_of, side="right") - 1]
        area = (held * (found / np.maximum(total, 1e-30))).sum(axis=1, dtype=np.float64)
        mass = held.sum(axis=1, dtype=np.float64)
        out[begin : begin + step] = np.where(mass > 0, area / np.maximum(mass, 1e-30), np.nan)
    return out


def logit_interval(value: float, n_positive: int, z: float = Z95) -> tuple[float, float]:
    """Interval of an average precision on the logit scale (Boyd, Eng and Page 2013).

    The standard error on that scale is ``1 / sqrt(n_positive * value * (1 - value))``; values of 0 and 1 are
    moved half a positive inwards first.
    """
    inside = min(max(value, 0.5 / (n_positive + 1)), 1 - 0.5 / (n_positive + 1))
    centre = np.log(inside / (1 - inside))
    spread = z / np.sqrt(n_positive * inside * (1 - inside))
    low, high = 1 / (1 + np.exp(-(centre - spread))), 1 / (1 + np.exp(-(centre + spread)))
    return min(float(low), value), max(float(high), value)


def score_interval(value: float, spread: float, n_effective: float) -> tuple[float, float]:
    """95 % interval of an average precision: Wilson's, on as many trials as its variance is worth.

    The trials are ``value * (1 - value) / variance``. As few positives hide the hard ones that the next sample
    brings, the variance is first mixed with one positive of the largest variance, and a positive counts for half a
    trial to two and a quarter. With 5 to 50 positives such intervals hold the truth about as often as they say
    (``benchmarks/interval_coverage.py``). Percentiles of 200 bootstrap resamples do so in 91 % with 50 positives, and
    logit intervals (Boyd, Eng and Page 2013) are up to twice as wide.

    Parameters
    ----------
    value, spread
        Average precision in [0, 1], and its variance by linearisation (``influence.variance``).
    n_effective
        Effective number of positives, > 0.

    Returns
    -------
    low, high
        In [0, 1], around ``value``.
    """
    trials = np.array([worth_trials(value, spread, n_effective)])
    low, high = wilson_interval(value * trials, trials)
    return min(float(low[0]), value), max(float(high[0]), value)


def worth_trials(value: float, spread: float, n_effective: float) -> float:
    """How many trials of a share an average precision is worth, see ``score_interval``; > 0."""
    k, largest = n_effective, largest_spread(value, n_effective)
    each = k * k / (k - 1) * spread if k > 1 else largest  # variance that one positive brings
    return k * min(max(largest * (k + 1) / (k * each + largest), _LEAST_WORTH), _MOST_WORTH)


def largest_spread(value: float, n_effective: float) -> float:
    """The largest variance that one positive can bring, ``value * (1 - value)`` with half a positive added; > 0."""
    centre = (n_effective * value + 0.5) / (n_effective + 1)
    return centre * (1 - centre)


def ap_interval(
    y_true: Bools,
    scores: Scores,
    *,
    method: IntervalMethod = "score",
    weights: Floats | None = None,
    n_resamples: int = 200,
    random_state: int = 0,
    approximate: bool = False,
    groups: npt.NDArray[np.int64] | None = None,
) -> AveragePrecision:
    """Average precision of one label with its 95 % interval.

    Parameters
    ----------
    y_true, scores
        bool and float, (n,).
    method
        ``"score"``: see ``score_interval``. ``"bootstrap"``: percentiles over resampled rows, unweighted only; with
        fewer than 2 distinct outcomes (all positive, one positive) the logit interval replaces it. ``"logit"``: the
        closed form of Boyd, Eng and Page 2013.
    weights
        float64, (n,), >= 0, see ``inverse_weights``; None = all alike.
    n_resamples, random_state
        Of the bootstrap; at least 1.
    approximate
        Handed through: scores are out-of-fold ones.
    groups
        int64, (n,): rows with one number (thread-mates) are taken together; None = each on its own.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    found, shares = precision_influence(y_true, scores, weights)
    # Equal weights have counts, which are exact.
    value = found if weights is not None else average_precision(y_true, scores)
    n_positive, n = int(y_true.sum()), len(y_true)
    if value is None:
        return AveragePrecision(
            value=None,
            low=None,
            high=None,
            n_positive=n_positive,
            n=n,
            method=method,
            approximate=approximate,
            n_effective=0.0,
        )
    members = None if groups is None else groups[y_true]
    n_effective = effective_number((np.ones(n) if weights is None else weights)[y_true], members)
    low, high, used = 0.0, 1.0, method
    if method == "score":
        low, high = score_interval(value, variance(shares, groups), n_effective)
    elif method == "bootstrap":
        drawn = resample_weights(n, n_resamples, random_state, groups=groups)
        low, high, used = percentile_interval(
            value, weighted_average_precision(y_true, scores, drawn), n_positive
        )
    if used == "logit":
        low, high = logit_interval(value, n_positive)
    return AveragePrecision(
        value=value,
        low=low,
        high=high,
        n_positive=n_positive,
        n=n,
        method=used,
        approximate=approximate,
        n_effective=n_effective,
    )


def percentile_interval(
    value: float, resampled: Floats, n_positive: int
) -> tuple[float, float, IntervalMethod]:
    """95 % percentile bounds that hold ``value``; the method is ``"logit"`` where resamples do not differ."""
    finite = resampled[np.isfinite(resampled)]
    if len(finite) < 2 or float(np.ptp(finite)) == 0.0 or n_positive < 2:  # noqa: PLR2004 - no spread in one
        low, high = logit_interval(value, max(n_positive, 1))
        return low, high, "logit"
    low, high = np.quantile(finite, [0.025, 0.975])
    return min(float(low), value), max(float(high), value), "bootstrap"
