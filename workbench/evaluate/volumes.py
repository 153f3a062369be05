"""Mistakes to expect in a week, from the volumes of the last weeks and the shares on held-out messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.domain import Estimate
from workbench.errors import InputError
from workbench.evaluate.curves import Bools, Floats, Scores, check_rows

N_DRAWS = 4_000
_PRIOR = 0.5
"""Jeffreys' prior of a share: half a message on each side."""


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Held-out messages by what the two thresholds of a policy make of them; without checks both are one.

    Attributes
    ----------
    right, wrong
        At or above the upper threshold, with and without the label.
    checked_right, checked_wrong
        Between the thresholds, with and without it.
    missed
        Below the lower one, with it.
    n
        All.
    """

    right: int
    wrong: int
    checked_right: int
    checked_wrong: int
    missed: int
    n: int


@dataclass(frozen=True, kw_only=True)
class WeeklyDraws:
    """Draws of what a week brings, float64, (N_DRAWS,) each, and the same from the plain shares, in front.

    ``value`` has the four figures in the order of the fields; NaN where no held-out message reaches the threshold.
    """

    actions: Floats
    wrong: Floats
    checks: Floats
    missed: Floats
    value: tuple[float, float, float, float]


def reaches(scores: Scores, threshold: float) -> Bools:
    """Which scores are at or above a threshold, in the precision that predictions are stored in."""
    found: Bools = scores.astype(np.float32) >= np.float32(threshold)
    return found


def tally(y_true: Bools, scores: Scores, act_from: float, check_from: float | None = None) -> Tally:
    """Count held-out messages under a policy.

    Parameters
    ----------
    y_true, scores
        bool and float, (n,): one label.
    act_from, check_from
        Thresholds, 0-1; None = nobody checks.

    Raises
    ------
    InputError
        Shapes differ or a score is not finite.
    """
    check_rows(y_true, scores)
    above = reaches(scores, act_from)
    seen = above if check_from is None else above | reaches(scores, check_from)
    between = seen & ~above
    return Tally(
        right=int((above & y_true).sum()),
        wrong=int((above & ~y_true).sum()),
        checked_right=int((between & y_true).sum()),
        checked_wrong=int((between & ~y_true).sum()),
        missed=int((y_true & ~seen).sum()),
        n=len(y_true),
    )


def weekly_draws(
    acted: Sequence[float], checked: Sequence[float] | None, counts: Tally, *, random_state: int = 0
) -> WeeklyDraws:
    """What a week brings, as draws that know how few weeks and held-out messages it rests on.

    Weekly volumes are Poisson counts, wider where the weeks differ more than chance makes them (quasi-likelihood:
    McCullagh and Nelder 1989, chapter 9); the mean of a week is drawn from a gamma distribution. Shares are drawn from
    the Dirichlet distribution that held-out counts and Jeffreys' prior give. Missed messages are taken in proportion to
    those that reach the lower threshold: what is found of the label in the held-out messages sets how much is not.

    Parameters
    ----------
    acted, checked
        Messages of each of the last weeks at or above the upper threshold, and between the two; None = nobody checks.
    counts
        From ``tally`` with the same thresholds.

    Raises
    ------
    InputError
        There is no week.
    """
    if not len(acted):
        raise InputError(
            "there is no week of messages to count in.",
            next_step="Import messages with a time, or widen the filter.",
        )
    rng = np.random.default_rng(random_state)
    cells = [counts.right, counts.wrong, counts.missed]
    if checked is not None:
        cells += [counts.checked_right, counts.checked_wrong]
    shares = rng.dirichlet(np.array(cells, dtype=np.float64) + _PRIOR, size=N_DRAWS).T
    n_acted = _mean_draws(acted, rng)
    n_checked = np.zeros(N_DRAWS) if checked is None else _mean_draws(checked, rng)
    seen = shares[0] + shares[1] + (0.0 if checked is None else shares[3] + shares[4])
    actions, checks = float(np.mean(acted)), 0.0 if checked is None else float(np.mean(checked))
    above = counts.right + counts.wrong
    reached = above + counts.checked_right + counts.checked_wrong
    return WeeklyDraws(
        actions=n_acted,
        wrong=n_acted * shares[1] / (shares[0] + shares[1]),
        checks=n_checked,
        missed=(n_acted + n_checked) * shares[2] / seen,
        value=(
            actions,
            actions * counts.wrong / above if above else np.nan,
            checks,
            (actions + checks) * counts.missed / reached if reached else np.nan,
        ),
    )


def estimate(value: float, draws: Floats) -> Estimate:
    """A figure with the 95 % interval of its draws, which holds it; nothing where it is NaN."""
    if not np.isfinite(value):
        return Estimate(value=None, low=None, high=None)
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(
        value=float(value), low=min(float(low), float(value)), high=max(float(high), float(value))
    )


def _mean_draws(weekly: Sequence[float], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Draws of the mean of a week."""
    counts = np.asarray(weekly, dtype=np.float64)
    mean, k = counts.mean(), len(counts)
    spread = 1.0
    if k > 1 and mean > 0:
        spread = max(1.0, float(counts.var(ddof=1) / mean))
    drawn: Floats = rng.gamma((mean * k + _PRIOR) / spread, spread / k, size=N_DRAWS)
    return drawn
