"""How good the forecast of usage is on generated histories: error of sums beside two baselines, coverage of intervals.

    python benchmarks/forecast.py [n_histories] [--kinds steady weekly …] [--days 200]

Each history is as long as ``--days`` says, or between 60 and 400 days without it, and goes on for 90 days that the
forecast does not see.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from common import machine

from workbench.metering import forecast_units
from workbench.primitives import wilson

HORIZONS = (30, 90)
WEEKDAYS = np.array([1.2, 1.15, 1.1, 1.05, 1.0, 0.3, 0.2])
Rng = np.random.Generator


def counts(mean: np.ndarray, rng: Rng) -> np.ndarray:
    """Numbers of messages a day that scatter more than by chance alone: negative binomial of size 12."""
    return rng.poisson(np.maximum(mean, 0) * rng.gamma(12, 1 / 12, len(mean))).astype(float)


def steady(n: int, rng: Rng) -> np.ndarray:
    return counts(np.full(n, 10 ** rng.uniform(1, 3)), rng)


def weekly(n: int, rng: Rng) -> np.ndarray:
    return counts(10 ** rng.uniform(1, 3) * np.resize(np.roll(WEEKDAYS, rng.integers(7)), n), rng)


def trend(n: int, rng: Rng) -> np.ndarray:
    """From half to double the level over the history, at a constant rate."""
    level = 10 ** rng.uniform(1.5, 3)
    slope = rng.uniform(-0.5, 1.0) / (n - 90)
    return counts(level * np.resize(WEEKDAYS, n) * np.maximum(0.05, 1 + slope * np.arange(n)), rng)


def wandering(n: int, rng: Rng) -> np.ndarray:
    """A level that wanders by 6 % a week."""
    walk = np.exp(np.cumsum(rng.normal(0, 0.06, n // 7 + 2))).repeat(7)[:n]
    return counts(10 ** rng.uniform(1, 3) * np.resize(WEEKDAYS, n) * walk, rng)


def bursts(n: int, rng: Rng) -> np.ndarray:
    """Every 20 days or so an import of 8 to 30 usual days, on top of what comes daily."""
    found = weekly(n, rng)
    usual = found.mean()
    at = np.flatnonzero(rng.random(n) < 1 / 20)
    found[at] += usual * rng.uniform(8, 30, len(at))
    return found


def level_shift(n: int, rng: Rng) -> np.ndarray:
    """At a third to four fifths of the history the level changes by a factor of 0.3 to 3."""
    found = 10 ** rng.uniform(1, 3) * np.resize(WEEKDAYS, n)
    found[int((n - 90) * rng.uniform(0.33, 0.8)) :] *= np.exp(rng.uniform(np.log(0.3), np.log(3)))
    return counts(found, rng)


def sparse(n: int, rng: Rng) -> np.ndarray:
    """Imports at random, every 12 days or so, of sizes that differ by a factor of about three."""
    return (rng.random(n) < 1 / 12) * np.round(10 ** rng.uniform(2, 4) * rng.lognormal(0, 0.5, n))


def monthly(n: int, rng: Rng) -> np.ndarray:
    """An import every 30 days, two days early or late."""
    found = np.zeros(n)
    for day in range(int(rng.integers(0, 30)), n, 30):
        found[np.clip(day + rng.integers(-2, 3), 0, n - 1)] = np.round(1000 * rng.lognormal(0, 0.2))
    return found


def backfill(n: int, rng: Rng) -> np.ndarray:
    """Daily messages, and once in the history an import of 50 to 500 usual days, spread over one to three days."""
    found = weekly(n, rng)
    day = int(rng.integers(0, n - 90))
    found[day : min(day + rng.integers(1, 4), n - 90)] += found.mean() * rng.uniform(50, 500)
    return found


KINDS: dict[str, Callable[[int, Rng], np.ndarray]] = {
    one.__name__: one
    for one in (steady, weekly, trend, wandering, bursts, level_shift, sparse, monthly, backfill)
}


def naive(history: np.ndarray, horizon: int) -> tuple[float, float]:
    """The mean of the last 30 days, and the last week again and again."""
    last = history[-30:]
    return float(last.mean() * horizon), float(np.resize(history[-7:], horizon).sum())


def measure(kind: str, n_histories: int, n_days: int | None, seed: int) -> None:
    rng = np.random.default_rng(seed)
    errors: dict[int, list[tuple[float, float, float]]] = {horizon: [] for horizon in HORIZONS}
    inside: dict[int, list[tuple[bool, bool]]] = {horizon: [] for horizon in HORIZONS}
    widths: dict[int, list[float]] = {horizon: [] for horizon in HORIZONS}
    spent = 0.0
    for i in range(n_histories):
        n = (n_days or int(rng.integers(60, 401))) + 90
        whole = KINDS[kind](n, rng)
        history, future = whole[:-90], whole[-90:]
        begun = time.perf_counter()
        found = forecast_units(history, seed=i)
        spent += time.perf_counter() - begun
        assert found is not None
        for horizon in HORIZONS:
            true, at = future[:horizon].sum(), horizon - 1
            ours = abs(found.expected[at] - true)
            errors[horizon].append((ours, *(abs(one - true) for one in naive(history, horizon))))
            inside[horizon].append(
                (found.low80[at] <= true <= found.high80[at], found.low[at] <= true <= found.high[at])
            )
            widths[horizon].append((found.high[at] - found.low[at]) / max(true, 1))
    for horizon in HORIZONS:
        made = np.array(errors[horizon])
        # Each history counts alike: errors are shares of the mean error of the three on it.
        relative = made / np.maximum(made.mean(axis=1, keepdims=True), 1e-9)
        held = np.array(inside[horizon])
        shares = []
        for column in (0, 1):
            n_held = int(held[:, column].sum())
            low, high = wilson(n_held / n_histories, n_histories)
            shares.append(f"{n_held / n_histories:.3f} ({low:.3f}-{high:.3f})")
        against = relative[:, 0].sum() / relative.sum(axis=0)
        print(
            f"{kind:12} {horizon:3} d   error against mean of 30 days {against[1]:.2f}, last week again {against[2]:.2f}   "
            f"80 %: {shares[0]}   95 %: {shares[1]}   width/true {np.median(widths[horizon]):.2f}"
        )
    print(f"{'':12} {spent / n_histories * 1000:.0f} ms each")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("n_histories", type=int, nargs="?", default=300)
    parser.add_argument("--kinds", nargs="*", default=list(KINDS))
    parser.add_argument("--days", type=int)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print(machine())
    length = f"{asked.days} days" if asked.days else "60 to 400 days"
    print(f"n = {asked.n_histories} histories of each kind, {length}; shares with 95 % Wilson intervals")
    for kind in asked.kinds:
        measure(kind, asked.n_histories, asked.days, asked.seed)


if __name__ == "__main__":
    main()
