"""Thresholds of least expected cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.domain import ActionCosts
from workbench.errors import InputError
from workbench.evaluate.curves import Scores
from workbench.evaluate.volumes import WeeklyDraws, reaches

_STEPS = 60
"""Halvings of the price of a check: its last place is far below a cent."""
_DIGITS = 4


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Act at or above ``act_from``, check from ``check_from`` up to it; equal = nobody checks.

    ``price`` is what a check has to be worth, None where nobody checks.
    """

    act_from: float
    check_from: float
    price: float | None


def cheapest(costs: ActionCosts, recent: Scores, days: float) -> Policy:
    """The policy of least expected cost for calibrated probabilities.

    Acting on a message of probability ``p`` costs ``(1 - p) * wrong_action`` on average, passing over it
    ``p * missed``, and a check its price; the least of the three decides (Chow 1970, with unequal costs Elkan 2001).
    Where more messages would be worth a check than people can look at, the price of a check rises until what is left is
    what they can: a check then goes where it saves most.

    Parameters
    ----------
    costs
        What mistakes and checks cost.
    recent
        float, (m,): probabilities of recent messages, which the number of checks is counted in.
    days
        Days they came in, above 0.

    Raises
    ------
    InputError
        A cost is negative or no number, or neither mistake costs anything.
    """
    check_costs(costs)
    wrong, missed = costs.wrong_action, costs.missed
    even = wrong / (wrong + missed)
    if costs.manual_check is None:
        return Policy(act_from=_down(even), check_from=_down(even), price=None)
    # Above this price every message is cheaper to decide at once.
    dearest = wrong * missed / (wrong + missed)
    price = costs.manual_check
    if costs.checks_per_day is not None and price < dearest:
        most = costs.checks_per_day * days
        if _n_checks(costs, price, recent) > most:
            low, high = price, dearest
            for _ in range(_STEPS):
                middle = (low + high) / 2
                low, high = (middle, high) if _n_checks(costs, middle, recent) > most else (low, middle)
            price = high
    act_from, check_from = _between(costs, price)
    return Policy(act_from=act_from, check_from=check_from, price=price)


def check_costs(costs: ActionCosts) -> None:
    """Raise ``InputError`` for costs that nothing can be weighed by."""
    given = {
        "wrong_action": costs.wrong_action,
        "missed": costs.missed,
        "manual_check": costs.manual_check,
        "checks_per_day": costs.checks_per_day,
    }
    for name, value in given.items():
        if value is not None and not (np.isfinite(value) and value >= 0):
            raise InputError(
                f"{name} is {value}, which is no cost or number of checks.",
                next_step="Give numbers of 0 or more, costs all in one unit.",
                details={name: str(value)},
            )
    if costs.wrong_action + costs.missed == 0:
        raise InputError(
            "neither a wrong action nor a missed message costs anything, so every threshold is as good.",
            next_step="Say what at least one of the two costs.",
        )


def cost_of(costs: ActionCosts, week: WeeklyDraws) -> tuple[float, np.ndarray]:
    """Cost of a week: from the plain shares, and as draws, float64, (N_DRAWS,)."""
    price = costs.manual_check or 0.0
    _, wrong, checks, missed = week.value
    value = costs.wrong_action * wrong + costs.missed * missed + price * checks
    return value, costs.wrong_action * week.wrong + costs.missed * week.missed + price * week.checks


def _between(costs: ActionCosts, price: float) -> tuple[float, float]:
    """Where acting and checking begin at a price of a check."""
    wrong, missed = costs.wrong_action, costs.missed
    even = wrong / (wrong + missed)
    if price >= wrong * missed / (wrong + missed):
        return _down(even), _down(even)
    # Rounded towards each other, so that rounding never adds a check.
    return _down(1 - price / wrong), min(_up(price / missed), _down(1 - price / wrong))


def _n_checks(costs: ActionCosts, price: float, recent: Scores) -> int:
    act_from, check_from = _between(costs, price)
    return int((reaches(recent, check_from) & ~reaches(recent, act_from)).sum())


def _down(threshold: float) -> float:
    return float(np.floor(threshold * 10**_DIGITS + 1e-9) / 10**_DIGITS)


def _up(threshold: float) -> float:
    return float(np.ceil(threshold * 10**_DIGITS - 1e-9) / 10**_DIGITS)
