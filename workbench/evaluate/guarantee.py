"""Thresholds with a promise: a risk that is controlled with a stated probability.

Learn then Test (Angelopoulos, Bates, Candes, Jordan and Lei 2021): each threshold of a fixed list is a hypothesis
"the risk is above the limit"; those that exact binomial tests reject one after the other, the safest first, are
promised (fixed-sequence testing, Bauer 1991). The first that is not rejected ends the list, which is why no
correction for many tests is due.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, betaincinv, gammaln

from workbench.domain import Risk
from workbench.errors import InputError
from workbench.evaluate.curves import Bools, Scores, check_rows
from workbench.evaluate.volumes import reaches

GRID = tuple(round(step / 1000, 3) for step in (*range(10, 990, 10), *range(990, 1000, 2), 999))
"""Thresholds that can be promised, ascending. Chosen before any data, as the proof asks."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What can be promised; ``threshold`` None = nothing.

    ``n`` held-out messages make up the risk at the threshold (without one: at the first one tested, 0 where none was),
    ``n_bad`` of them count against it. ``upper`` is the exact upper bound there.
    """

    threshold: float | None
    n: int
    n_bad: int
    upper: float | None
    n_needed: int


def promise(
    y_true: Bools,
    scores: Scores,
    *,
    risk: Risk,
    at_most: float,
    sure: float = 0.95,
    over_next: int | None = None,
) -> Promise:
    """The threshold that takes in most (risk ``wrong``) or least (``missed``) and still keeps the risk at ``at_most``.

    Risk ``wrong``: of the messages at or above the threshold, those without the label. Thresholds are tested from the
    highest down, beginning with the first that enough messages reach to be testable at all. The promise holds where the
    risk does not fall as the threshold falls, which is what a probability is for: whether the first hypothesis
    that is true is tested hangs on the number of messages that reach it, and given that number its mistakes are binomial.
    Risk ``missed``: of the messages with the label, those below the threshold, tested from the lowest up; it rises
    with the threshold by construction.

    Parameters
    ----------
    y_true, scores
        bool and float, (n,): held-out messages that are independent of one another and were not used to train,
        like those to come.
    at_most
        The limit of the risk, in (0, 1).
    sure
        Probability of the promise, in (0, 1): over samples of held-out messages, and of those to come.
    over_next
        Speak of the share among this many messages to come, which chance may push above a risk within the limit;
        None = of the risk itself, which the share comes to in the long run.

    Raises
    ------
    InputError
        A limit is out of range, shapes differ, or a score is not finite.
    """
    check_rows(y_true, scores)
    for name, value in (("at_most", at_most), ("sure", sure)):
        if not 0 < value < 1:
            raise InputError(
                f"{name} is {value}; it has to lie between 0 and 1.",
                next_step="Give a share, such as at_most=0.02 for 2 % and sure=0.95 for 95 %.",
                details={name: str(value)},
            )
    if over_next is not None and over_next < 1:
        raise InputError(
            f"a promise over the next {over_next} messages says nothing.",
            next_step="Give 1 or more, or None for the long run.",
            details={"over_next": over_next},
        )
    future = 0.0 if over_next is None or not len(scores) else over_next / len(scores)

    def p_value(n_bad: int, n: int) -> float:
        """Probability of so few mistakes where the promise is broken."""
        if over_next is None:
            return float(bdtr(n_bad, n, at_most))
        return share_p_value(n_bad, n, max(1, round(n * future)), at_most)

    counted = (_count_wrong if risk == "wrong" else _count_missed)(y_true, scores)
    # What could not pass without a mistake is no test: whether it is skipped hangs on its number of messages alone.
    tests = [(one, n, n_bad) for one, n, n_bad in counted if n and p_value(0, n) <= 1 - sure]
    passed: tuple[float, int, int] | None = None
    for threshold, n, n_bad in tests:
        if p_value(n_bad, n) > 1 - sure:
            break
        passed = (threshold, n, n_bad)
    needed = n_needed(at_most, sure)
    if passed is None:
        _, n, n_bad = tests[0] if tests else (None, 0, 0)
        upper = upper_bound(n_bad, n, sure) if n else None
        return Promise(threshold=None, n=n, n_bad=n_bad, upper=upper, n_needed=needed)
    threshold, n, n_bad = passed
    return Promise(threshold=threshold, n=n, n_bad=n_bad, upper=upper_bound(n_bad, n, sure), n_needed=needed)


def share_p_value(n_bad: int, n: int, n_next: int, at_most: float) -> float:
    """Probability of at most ``n_bad`` mistakes in ``n`` where the next ``n_next`` just break the limit.

    Given the mistakes in both together, which messages came first is a draw without replacement, whatever the risk: the
    hypergeometric distribution, as in prediction bounds for a binomial count (Thatcher 1964).
    """
    broken = int(np.floor(at_most * n_next + 1e-9)) + 1
    if broken > n_next:
        return 0.0
    both, bad = n + n_next, n_bad + broken
    first = np.arange(max(0, bad - n_next), min(n_bad, n) + 1)
    logs = _log_choose(bad, first) + _log_choose(both - bad, n - first) - _log_choose(both, n)
    return float(min(1.0, np.exp(logs).sum()))


def _log_choose(n: int, k: npt.NDArray[np.int64] | int) -> npt.NDArray[np.float64]:
    return np.asarray(gammaln(n + 1) - gammaln(np.asarray(k) + 1) - gammaln(n - np.asarray(k) + 1))


def n_needed(at_most: float, sure: float) -> int:
    """Messages without one mistake that a promise takes: the least ``n`` with ``(1 - at_most) ** n <= 1 - sure``."""
    return int(np.ceil(np.log(1 - sure) / np.log(1 - at_most) - 1e-9))


def upper_bound(n_bad: int, n: int, sure: float) -> float:
    """One-sided exact upper bound of a share (Clopper and Pearson 1934); 1 when all are bad. ``n`` is 1 or more."""
    return 1.0 if n_bad >= n else float(betaincinv(n_bad + 1, n - n_bad, sure))


def _count_wrong(y_true: Bools, scores: Scores) -> list[tuple[float, int, int]]:
    """Threshold, messages that reach it, those without the label; descending."""
    found = [(one, reaches(scores, one)) for one in reversed(GRID)]
    return [(one, int(above.sum()), int((above & ~y_true).sum())) for one, above in found]


def _count_missed(y_true: Bools, scores: Scores) -> list[tuple[float, int, int]]:
    """Threshold, messages with the label, those below; ascending."""
    held: npt.NDArray[np.floating] = scores[y_true]
    return [(one, len(held), int((~reaches(held, one)).sum())) for one in GRID]
