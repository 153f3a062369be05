"""How well people agree beyond chance: Krippendorff's alpha and Gwet's AC1, with intervals.

A message that several people judged on their own is a unit; the label applies or does not. Both measures set the
observed agreement against that expected by chance and differ in what chance means. Alpha takes the answers as
shuffled over all units (Krippendorff 2019, chapter 12), so that for a rare label one slip weighs much. AC1 (Gwet
2008) expects chance agreement only where answers are guesses, which keeps it steady when nearly all say the same.
Shown side by side they tell a hard label from a rare one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError

Counts = npt.NDArray[np.integer]
Floats = npt.NDArray[np.float64]

_CHUNK = 2**22
"""Numbers a block of resamples may hold."""


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Agreement on one label; None = cannot be told, as for alpha when everybody always says the same.

    Attributes
    ----------
    alpha, ac1
        At most 1 = always agree; 0 = as by chance; below = less than that.
    alpha_low, alpha_high, ac1_low, ac1_high
        Bounds of the interval.
    observed
        Share of pairs of judgements of one unit that are equal, 0-1.
    n_units
        Units that at least two people judged.
    n_judgements
        Judgements of these units.
    """

    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    ac1: float | None
    ac1_low: float | None
    ac1_high: float | None
    observed: float | None
    n_units: int
    n_judgements: int


def krippendorff_alpha(counts: Counts, weights: Floats | None = None) -> Floats:
    """Krippendorff's alpha for unordered categories (2019, chapter 12).

    Parameters
    ----------
    counts
        int, (n_units, n_categories) or (n_units, n_categories, n_labels): how many people put a unit into a category.
        Units with fewer than two judgements tell nothing and are left out.
    weights
        float64, (n_resamples, n_units), >= 0: how often each unit counts; None = once.

    Returns
    -------
    ndarray
        float64, (n_resamples, n_labels), the axes dropped that were not given; NaN where all judgements are of one
        category, or there is no unit.
    """
    units, weights, shape = _prepare(counts, weights)
    n = units.sum(axis=1)
    pairable = n > 1
    units = np.where(pairable[:, None], units, 0.0)
    n = np.where(pairable, n, 0.0)
    differing = (n * n - np.einsum("ucl,ucl->ul", units, units)) / np.maximum(n - 1, 1)
    totals = np.tensordot(weights, units, axes=1)
    everything = totals.sum(axis=1)
    expected = everything * everything - np.einsum("rcl,rcl->rl", totals, totals)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = 1.0 - (everything - 1.0) * (weights @ differing) / expected
    known: Floats = np.where(expected > 0, alpha, np.nan).reshape(shape)
    return known


def gwet_ac1(counts: Counts, weights: Floats | None = None) -> Floats:
    """Gwet's first-order agreement coefficient (2008), with missing judgements as in his handbook (2014, chapter 2).

    Arguments and shape of the result as for :func:`krippendorff_alpha`. NaN where no unit has two judgements.
    """
    units, weights, shape = _prepare(counts, weights)
    n = units.sum(axis=1)
    judged, pairable = n > 0, n > 1
    equal = np.where(pairable, (units * (units - 1)).sum(axis=1) / np.maximum(n * (n - 1), 1), 0.0)
    shares = units / np.maximum(n, 1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = (weights @ equal) / (weights @ pairable.astype(np.float64))
        prevalence = np.tensordot(weights, shares, axes=1) / (weights @ judged.astype(np.float64))[:, None]
    chance = (prevalence * (1 - prevalence)).sum(axis=1) / (units.shape[1] - 1)
    coefficient: Floats = ((observed - chance) / (1 - chance)).reshape(shape)
    return coefficient


def agreement(
    yes: Counts,
    n_people: Counts,
    *,
    groups: npt.NDArray[np.int64] | None = None,
    n_resamples: int = 1_000,
    level: float = 0.95,
    random_state: int = 0,
) -> tuple[Agreement, ...]:
    """Agreement on each label, with percentile bootstrap intervals over units (Efron and Tibshirani 1993, chapter 13).

    Parameters
    ----------
    yes
        int, (n_units, n_labels): people who said that the label applies.
    n_people
        int, (n_units,): people who judged the unit. Those judged by one alone are left out.
    groups
        int64, (n_units,): units with one number (thread-mates) are drawn together; None = each on its own.
    n_resamples
        Resamples, >= 1.
    level
        Of the intervals, in (0, 1).
    random_state
        Seed of the resamples.

    Returns
    -------
    tuple of Agreement
        One per label. A bound is None where the measure is undefined in more than half of the resamples, as when a
        single unit carries the label.

    Raises
    ------
    InputError
        More people said yes than judged, or shapes do not fit.
    """
    if yes.ndim != 2 or n_people.shape != yes.shape[:1] or (yes > n_people[:, None]).any() or (yes < 0).any():  # noqa: PLR2004 - a matrix
        raise InputError(
            f"counts of shape {yes.shape} do not fit judgements of {n_people.shape} units.",
            next_step="Give one row per unit, with at most as many people for a label as judged the unit.",
        )
    several = n_people > 1
    yes, n_people = yes[several], n_people[several]
    counts = np.stack([yes, n_people[:, None] - yes], axis=1)
    n_units = len(yes)
    alpha, ac1 = krippendorff_alpha(counts), gwet_ac1(counts)
    observed = _observed(counts)
    member = np.arange(n_units) if groups is None else groups[several]
    bounds = _bounds(counts, member, n_resamples=n_resamples, level=level, random_state=random_state)
    return tuple(
        Agreement(
            alpha=_known(alpha[label]),
            alpha_low=bounds[0][0][label],
            alpha_high=bounds[0][1][label],
            ac1=_known(ac1[label]),
            ac1_low=bounds[1][0][label],
            ac1_high=bounds[1][1][label],
            observed=_known(observed[label]),
            n_units=n_units,
            n_judgements=int(n_people.sum()),
        )
        for label in range(yes.shape[1])
    )


def _prepare(counts: Counts, weights: Floats | None) -> tuple[Floats, Floats, tuple[int, ...]]:
    """Three axes for counts, two for weights, and the shape of what comes back."""
    units = (counts if counts.ndim == 3 else counts[:, :, None]).astype(np.float64)  # noqa: PLR2004 - with labels
    resamples = () if weights is None else (len(weights),)
    return units, np.ones((1, len(units))) if weights is None else weights, (*resamples, *counts.shape[2:])


def _observed(counts: Counts) -> Floats:
    n = counts.sum(axis=1)
    if not len(n):
        return np.full(counts.shape[2], np.nan)
    shares: Floats = ((counts * (counts - 1)).sum(axis=1) / (n * (n - 1))).mean(axis=0)
    return shares


def _bounds(
    counts: Counts, member: npt.NDArray[np.int64], *, n_resamples: int, level: float, random_state: int
) -> tuple[tuple[list[float | None], list[float | None]], ...]:
    """(low, high) per label, of alpha and of AC1."""
    n_units, n_labels = len(counts), counts.shape[2]
    if not n_units:
        nothing: list[float | None] = [None] * n_labels
        return (nothing, nothing), (nothing, nothing)
    units = np.unique(member, return_inverse=True)[1]
    n_groups = int(units.max()) + 1
    random = np.random.default_rng(random_state)
    found: tuple[list[Floats], list[Floats]] = ([], [])
    step = max(1, _CHUNK // max(n_units, 2 * n_labels))
    for begin in range(0, n_resamples, step):
        drawn = random.integers(0, n_groups, size=(min(step, n_resamples - begin), n_groups))
        weights = np.stack([np.bincount(row, minlength=n_groups) for row in drawn])[:, units].astype(float)
        found[0].append(krippendorff_alpha(counts, weights))
        found[1].append(gwet_ac1(counts, weights))
    tail = (1 - level) / 2
    return tuple(
        (_quantiles(np.concatenate(values), tail), _quantiles(np.concatenate(values), 1 - tail))
        for values in found
    )


def _quantiles(values: Floats, at: float) -> list[float | None]:
    """Quantile of each column over the resamples in which it is defined, None where most are not."""
    return [
        float(np.quantile(column[np.isfinite(column)], at)) if np.isfinite(column).mean() > 0.5 else None  # noqa: PLR2004 - most
        for column in values.T
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
