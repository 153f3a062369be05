"""Balance by property: where the reviewed messages differ from all by what is known of them besides their text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.domain import PropertyBalance, ValueShare
from workbench.errors import InputError
from workbench.monitor.panel import holm

NO_VALUE, OTHERS = "(no value)", "(others)"
FEWEST_OF_VALUE = 10
"""Values of fewer messages are put together."""
_MOST_VALUES = 12
_DRAWS = 999
_INTERVAL = (0.025, 0.975)


@dataclass(frozen=True, kw_only=True)
class ValueCounts:
    """A value of a property: how many of all messages have it, and how many of the reviewed ones."""

    value: str
    n_messages: int
    n_reviewed: int


def property_balance(
    counts: Mapping[str, Sequence[ValueCounts]], *, n_messages: int, n_reviewed: int, random_state: int
) -> tuple[PropertyBalance, ...]:
    """Compare the reviewed messages with all by each property.

    Parameters
    ----------
    counts
        The values of each property; a message has at most one. What no value accounts for is "(no value)".
    n_messages, n_reviewed
        All messages, and the reviewed ones among them.
    random_state
        Seed of the draws.

    Returns
    -------
    tuple of PropertyBalance
        Those with at least two values, the least balanced first; empty without reviewed messages.

    Raises
    ------
    InputError
        More messages have a value than there are.
    """
    if n_reviewed == 0:
        return ()
    kept: dict[str, list[ValueCounts]] = {}
    for name, values in counts.items():
        parts = _parts(name, values, n_messages, n_reviewed)
        if len(parts) > 1:
            kept[name] = parts
    random = np.random.default_rng(random_state)
    judged = [_judge(parts, n_reviewed, random) for parts in kept.values()]
    adjusted = holm([p for _, p, _ in judged])
    found = [
        PropertyBalance(name=name, balance=balance, p_adjusted=float(p), values=values)
        for (name, (balance, _, values)), p in zip(zip(kept, judged, strict=True), adjusted, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (one.p_adjusted, one.balance, one.name)))


def _parts(name: str, values: Sequence[ValueCounts], n_messages: int, n_reviewed: int) -> list[ValueCounts]:
    """The values shown: frequent ones as they are, the rest together, and what has none."""
    rest = n_messages - sum(one.n_messages for one in values)
    rest_reviewed = n_reviewed - sum(one.n_reviewed for one in values)
    if rest < 0 or not 0 <= rest_reviewed <= rest:
        raise InputError(
            f"the values of {name!r} are those of {n_messages - rest:,} messages, {n_reviewed - rest_reviewed:,} of them "
            f"reviewed; there are {n_messages:,} and {n_reviewed:,}.",
            next_step="Count at most one value of each message.",
        )
    by_size = sorted(values, key=lambda one: (-one.n_messages, one.value))[:_MOST_VALUES]
    frequent = {one.value for one in by_size if one.n_messages >= FEWEST_OF_VALUE}
    parts = [one for one in values if one.value in frequent]
    few = [one for one in values if one.value not in frequent]
    for called, n, n_here in (
        (OTHERS, sum(one.n_messages for one in few), sum(one.n_reviewed for one in few)),
        (NO_VALUE, rest, rest_reviewed),
    ):
        if n:
            parts.append(ValueCounts(value=called, n_messages=n, n_reviewed=n_here))
    return parts


def _judge(
    parts: Sequence[ValueCounts], n_reviewed: int, random: np.random.Generator
) -> tuple[float, float, tuple[ValueShare, ...]]:
    everywhere = np.array([one.n_messages for one in parts], dtype=np.int64)
    among = np.array([one.n_reviewed for one in parts], dtype=np.int64)
    p = everywhere / everywhere.sum()
    drawn = random.multivariate_hypergeometric(everywhere, n_reviewed, size=_DRAWS, method="marginals")

    def overlap(samples: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return np.asarray(np.minimum(p, samples / n_reviewed).sum(axis=1))

    def distance(samples: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return np.asarray((((samples - n_reviewed * p) ** 2) / (n_reviewed * p)).sum(axis=1))

    exceed = int((distance(drawn) >= distance(among[None])[0] * (1 - 1e-9)).sum())
    low, high = np.quantile(drawn / n_reviewed, _INTERVAL, axis=0)
    balance = float(min(1.0, overlap(among[None])[0] / overlap(drawn).mean()))
    values = tuple(
        ValueShare(
            value=one.value,
            share_all=float(p[at]),
            share_reviewed=one.n_reviewed / n_reviewed,
            low=float(low[at]),
            high=float(high[at]),
            n_messages=one.n_messages,
            n_reviewed=one.n_reviewed,
        )
        for at, one in enumerate(parts)
    )
    return balance, (1 + exceed) / (1 + _DRAWS), values
