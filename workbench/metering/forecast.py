"""What is likely to be charged in the next days: sums with prediction intervals, from the days there were.

The method, in the order of the code (``benchmarks/forecast.py`` measures it):

1. Days far above the usual ones are taken out. One alone, or those of a workspace's first two weeks, are imports of
   what had piled up: they are left out of the forecast for good. Several are a habit, and come again at random.
2. What is left is summed by week, so that the days of the week fall out, and simulated: exponential smoothing in
   its innovations form (Hyndman, Koehler, Ord & Snyder, Forecasting with Exponential Smoothing, 2008, chapter 6)
   with several rates, and a straight line, each path with one of them, drawn by how well it predicted each week from
   the weeks before. Errors are drawn from those it made, scaled as an unknown variance asks (Student's t).
3. Large days, and all days where few have any, come as a renewal process: gaps and sizes are drawn from those seen.

A forecast is the middle of the paths; an interval holds the middle 80 or 95 % of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.metering.renewal import split_days
from workbench.metering.smoothing import simulate_level

FloatArray = npt.NDArray[np.float64]
LEAST_DAYS = 7
"""Fewer days say nothing of the next ones."""
_WEEKLY_FROM = 35
"""Days from which on weeks are counted rather than days."""
_MOST_DAYS = 730
_QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """Units of the days to come, summed from the first of them on: element ``d`` is the sum of ``d + 1`` days.

    Attributes
    ----------
    expected
        The middle of what is likely.
    low, high, low80, high80
        Ends of the 95 and 80 % prediction intervals; never below 0.
    set_aside
        Places of days in the history that were left out: imports that are not expected again.
    """

    expected: FloatArray
    low: FloatArray
    high: FloatArray
    low80: FloatArray
    high80: FloatArray
    set_aside: tuple[int, ...]


def forecast_units(
    daily: npt.ArrayLike, *, horizon: int = 90, seed: int = 0, n_paths: int = 2000
) -> Forecast | None:
    """Forecast the next ``horizon`` days.

    Parameters
    ----------
    daily
        Units of each day, oldest first and without gaps: a day without charges is 0. At most the last 730 count.
    seed
        Of the paths; the same days and seed give the same forecast.

    Returns
    -------
    Forecast | None
        None where there are fewer than seven days.
    """
    days = np.asarray(daily, dtype=np.float64)
    skipped = max(0, len(days) - _MOST_DAYS)
    days = days[skipped:]
    if len(days) < LEAST_DAYS:
        return None
    rng = np.random.default_rng(seed)
    base, habit, aside = split_days(days)
    paths = np.zeros((n_paths, horizon))
    if base.any():
        paths += _base_paths(base, horizon, n_paths, rng)
    if habit is not None:
        paths += habit.paths(horizon, n_paths, rng)
    low, low80, expected, high80, high = np.quantile(np.cumsum(paths, axis=1), _QUANTILES, axis=0)
    return Forecast(
        expected=expected,
        low=low,
        high=high,
        low80=low80,
        high80=high80,
        set_aside=tuple(int(place) + skipped for place in aside),
    )


def _base_paths(base: FloatArray, horizon: int, n_paths: int, rng: np.random.Generator) -> FloatArray:
    """Daily paths (n_paths, horizon) of what comes day by day."""
    period = 7 if len(base) >= _WEEKLY_FROM else 1
    n = len(base) // period
    sums = base[len(base) - n * period :].reshape(n, period).sum(axis=1)
    ahead = -(-horizon // period)
    found = simulate_level(sums, ahead, n_paths, rng)
    if period == 1:
        return found
    recent = base[len(base) - min(n, 8) * 7 :].reshape(-1, 7).sum(axis=0).clip(0)
    shares = (recent + 0.02 * recent.sum()) / (1.14 * recent.sum()) if recent.sum() > 0 else np.full(7, 1 / 7)
    paths: FloatArray = (found[:, :, None] * shares).reshape(n_paths, -1)[:, :horizon]
    return paths
