"""Weights that undo how reviewed messages were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import InputError
from workbench.evaluate.curves import Bools, Floats

MIN_EFFECTIVE = 50
"""Effective test messages below which corrected figures come with a warning: a share is then known to 14 points."""
_SPEAKS_FOR = 0.8
"""Least share of the messages not yet reviewed that a random pick must have been drawn from."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """How reviewed messages came to be reviewed.

    Attributes
    ----------
    places
        int64, (n,), different: the order in which they were reviewed.
    is_random
        bool, (n,), see ``random_picks``.
    n_messages, n_test
        Messages of the dataset, and those of them in the test part, reviewed or not.
    """

    places: npt.NDArray[np.int64]
    is_random: Bools
    n_messages: int
    n_test: int


def random_picks(
    modes: Sequence[str],
    probabilities: Sequence[float | None],
    n_populations: Sequence[int | None],
    places: npt.NDArray[np.int64],
    n_messages: int,
) -> Bools:
    """Which reviewed messages were drawn with equal chances from (nearly) all that were not reviewed then.

    That is Shuffle with a known inclusion probability, from at least four fifths of what was open. A draw within a
    filter, or from before the dataset grew by much, does not speak for today's messages; what other modes choose
    speaks for itself alone.

    Parameters
    ----------
    modes, probabilities, n_populations
        Of each message when it was first reviewed, see ``Judgement``.
    places
        int64, (n,), see ``Draws``.
    n_messages
        Messages of the dataset.

    Returns
    -------
    numpy.ndarray
        bool, (n,).
    """
    n_before = np.empty(len(places), dtype=np.int64)
    n_before[np.argsort(places, kind="stable")] = np.arange(len(places))
    least = _SPEAKS_FOR * (n_messages - n_before)
    return np.array(
        [
            mode == "shuffle" and chance is not None and population is not None and population >= wanted
            for mode, chance, population, wanted in zip(
                modes, probabilities, n_populations, least, strict=True
            )
        ],
        dtype=bool,
    )


def inverse_weights(is_random: Bools, places: npt.NDArray[np.int64], n_population: int) -> Floats:
    """Weights with which reviewed messages stand for a whole population.

    Before each random pick ``n - k`` of ``n`` messages are left, all equally likely (inclusion probability
    ``1 / (n - k)``). So the k reviewed ones as they are, and the picked one times ``n - k``, estimate any sum over
    the population without bias, whatever the model chose before. The estimates of all random picks are averaged,
    each with the inverse of its variance, ``1 / (n - k)^2``. (Sampling without replacement in stages: Raj 1956;
    of a model's test set: Farquhar, Gal and Rainforth 2021, Kossen et al. 2021.) A ratio of two such sums is Hajek's
    estimator (1971).

    A message that a model or a person chose counts at most once, and not at all after the last random pick.

    Parameters
    ----------
    is_random, places
        bool and int64, (n,), see ``Draws``; of the reviewed messages of this population.
    n_population
        Messages of the population, at least n.

    Returns
    -------
    numpy.ndarray
        float64, (n,), >= 0, sum about ``n_population``; all 0 without a random pick.

    Raises
    ------
    InputError
        More messages are reviewed than the population has.
    """
    n = len(places)
    if n > n_population:
        raise InputError(
            f"{n} messages are reviewed in a population of {n_population}.",
            next_step="Count all messages of the dataset, reviewed or not.",
            details={"n_reviewed": n, "n_population": n_population},
        )
    order = np.argsort(places, kind="stable")
    picked = is_random[order]
    left = (n_population - np.arange(n)).astype(np.float64)
    trust = np.where(picked, left**-2, 0.0)
    if not picked.any():
        return np.zeros(n)
    trust /= trust.sum()
    later = trust.sum() - np.cumsum(trust)
    later[np.flatnonzero(picked)[-1] :] = 0.0
    weights = np.empty(n)
    weights[order] = later + trust * left
    return weights


def reserve_warning(n_effective: float, n_random: int, test_share: float) -> str:
    """What to do when corrected figures rest on too little; empty when they do not.

    Parameters
    ----------
    n_effective, n_random
        Of the reviewed test messages: their effective number, and how many were drawn at random.
    test_share
        Share of reviewed messages that lands in the test part, 0-1; below 0.01 counts as that.
    """
    if n_effective >= MIN_EFFECTIVE:
        return ""
    missing = int(np.ceil((MIN_EFFECTIVE - n_effective) / max(test_share, 0.01) / 10)) * 10
    rest = (
        f"Corrected figures rest on {n_random} test messages that were drawn at random "
        f"(worth {n_effective:.0f} effective ones, {MIN_EFFECTIVE} are needed)"
        if n_random
        else "No test message was drawn at random, so nothing can be corrected"
    )
    return f"{rest}: review {missing} more messages with Shuffle."
