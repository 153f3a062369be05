"""Paths of a series that has a level: exponential smoothing with several rates, and a straight line, mixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
_RATES = (0.0, 0.15, 0.3, 0.5, 0.75)
"""How much of an error goes into the level; 0 = the mean of all there was."""
_TRENDS = ((0.3, 0.05), (0.5, 0.1))
_DAMPING = 0.97
_TINY = 1e-12
_TRUST = 0.4
"""Weight of one error in the choice of a way; 0.5 would be the likelihood itself."""
_TREND_FROM = 10
"""Values from which on a series may have a slope."""
_BOOTSTRAP_FROM = 12
"""Errors from which on they are drawn again; of fewer only the size is used."""

_LEVEL = 4
"""Values that a level lasts at least."""
_CLEAR = 16.0
"""Twice the log likelihood that a step must gain: the place of a step is chosen, hence so much."""


@dataclass(frozen=True, kw_only=True)
class _Member:
    """A way to go on: level, slope, how both follow an error, and the errors it made one step ahead."""

    alpha: float
    beta: float
    level: float
    slope: float
    errors: FloatArray


def simulate_level(series: FloatArray, ahead: int, n_paths: int, rng: np.random.Generator) -> FloatArray:
    """Paths (n_paths, ahead) of how the series may go on; never below 0."""
    series = series[_last_level(series) :]
    first = max(2, min(len(series) // 3, 8))
    members = [_smoothed(series, max(alpha, 1 / len(series)), 0.0, first) for alpha in _RATES]
    if len(series) >= _TREND_FROM:
        members += [_smoothed(series, alpha, beta, first) for alpha, beta in _TRENDS]
    odds = np.array([_log_score(member.errors) for member in members])
    line = _line(series, first) if len(series) >= _TREND_FROM else None
    if line is not None:
        odds = np.append(odds, _log_score(line.errors))
    weights = np.exp(odds - odds.max())
    counts = rng.multinomial(n_paths, weights / weights.sum())
    paths = [_follow(member, ahead, n, rng) for member, n in zip(members, counts, strict=False) if n]
    if line is not None and counts[-1]:
        paths.append(_along(series, ahead, int(counts[-1]), rng))
    return np.concatenate(paths).clip(0)


def _last_level(series: FloatArray) -> int:
    """Where the level that holds now began: after the last clear step; 0 without one.

    A step counts when two levels fit the series far better than one, a straight line, or a level that wanders.
    """
    begun = 0
    while len(rest := series[begun:]) >= 2 * _LEVEL:
        n = len(rest)
        t = np.arange(n)
        spread = float(rest.var())
        line = np.polyval(np.polyfit(t, rest, 1), t)
        fits = [
            ((rest[:k] - rest[:k].mean()) ** 2).sum() + ((rest[k:] - rest[k:].mean()) ** 2).sum()
            for k in range(_LEVEL, n - _LEVEL + 1)
        ]
        best = int(np.argmin(fits))
        step = max(float(fits[best]) / n, 1e-9 * spread)
        wandering = min(
            float((_smoothed(rest, rate, 0.0, _LEVEL // 2).errors ** 2).mean()) for rate in _RATES
        )
        if (
            n * np.log((min(spread, ((rest - line) ** 2).mean(), wandering) + _TINY) / (step + _TINY))
            < _CLEAR
        ):
            break
        begun += best + _LEVEL
    return begun


def _smoothed(series: FloatArray, alpha: float, beta: float, first: int) -> _Member:
    level, slope = float(series[:first].mean()), 0.0
    errors = []
    for place, value in enumerate(series):
        error = value - level - _DAMPING * slope
        # While few values are known each counts as much as the others.
        rate = max(alpha, 1 / (place + 1)) if place >= first else 1 / (first + 1)
        level += _DAMPING * slope + rate * error
        slope = _DAMPING * slope + beta * error
        if place >= first:
            errors.append(error)
    return _Member(alpha=alpha, beta=beta, level=level, slope=slope, errors=np.array(errors))


def _line(series: FloatArray, first: int) -> _Member:
    """The straight line through all before, one step ahead each time."""
    errors = []
    for place in range(max(first, 4), len(series)):
        slope, start = np.polyfit(np.arange(place), series[:place], 1)
        errors.append(series[place] - start - slope * place)
    return _Member(alpha=0, beta=0, level=0, slope=0, errors=np.array(errors))


def _log_score(errors: FloatArray) -> float:
    """Log likelihood of the errors under an unknown variance, up to a constant, with less than its weight.

    None of the ways is the true one, and the likelihood would too soon be sure of the best (a power posterior;
    Grünwald & van Ommen, Inconsistency of Bayesian inference for misspecified linear models, 2017).
    """
    return -_TRUST * len(errors) * float(np.log(np.mean(errors**2) + _TINY))


def _follow(member: _Member, ahead: int, n: int, rng: np.random.Generator) -> FloatArray:
    noise = _noise(member.errors, (n, ahead), rng)
    level, slope = np.full(n, member.level), np.full(n, member.slope)
    found = np.empty((n, ahead))
    for step in range(ahead):
        error = noise[:, step]
        found[:, step] = level + _DAMPING * slope + error
        level = level + _DAMPING * slope + member.alpha * error
        slope = _DAMPING * slope + member.beta * error
    return found


def _along(series: FloatArray, ahead: int, n: int, rng: np.random.Generator) -> FloatArray:
    """A line with what is not known of it: the posterior of a regression under the usual flat prior."""
    t = np.arange(len(series), dtype=np.float64)
    design = np.column_stack([np.ones_like(t), t - t.mean()])
    inverse = np.linalg.inv(design.T @ design)
    fit = inverse @ design.T @ series
    residuals = series - design @ fit
    freedom = len(series) - 2
    sigma = np.sqrt((residuals**2).sum() / rng.chisquare(freedom, n))
    drawn = fit + sigma[:, None] * rng.standard_normal((n, 2)) @ np.linalg.cholesky(inverse).T
    steps = np.arange(len(series), len(series) + ahead) - t.mean()
    paths: FloatArray = drawn[:, :1] + drawn[:, 1:] * steps + sigma[:, None] * rng.standard_normal((n, ahead))
    return paths


def _noise(errors: FloatArray, shape: tuple[int, int], rng: np.random.Generator) -> FloatArray:
    """Errors to come: as those made, and larger or smaller by what is not known of their size."""
    n = len(errors)
    spread = np.sqrt(n / rng.chisquare(n, (shape[0], 1)))
    if n >= _BOOTSTRAP_FROM:
        drawn: FloatArray = rng.choice(errors - errors.mean(), shape) * spread
    else:
        drawn = rng.standard_normal(shape) * np.sqrt(np.mean(errors**2)) * spread
    return drawn
