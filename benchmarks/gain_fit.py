"""Fit the constants of the gain forecast on BANKING77, which no test of the forecast uses.

    python benchmarks/gain_fit.py [--seeds 4] [--messages 450]

Batches are chosen in modes drawn at random, so that every mode is seen early and late; the constants are those with the
least squared error of promised against realised gain, errors measured in units of the gain to be expected at that time. Prints
what ``workbench/review/gain.py`` holds as ``FITTED``.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from classify_data import banking77, require_data
from common import machine
from replay import Replay, Source, Task
from scipy.optimize import least_squares

from workbench.review import FITTED, GainModel, Standing, forecast

MODES = ("shuffle", "low_confidence", "rebalance", "teach", "cluster")
OWN, NOISE = 0.5, 0.15
"""Between data sets and between batches: one data set cannot tell the first, and with it so wide not the second either,
so both are set and not fitted; ``active_learning.py`` counts how many realised gains their intervals hold."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What was known, what was reviewed, and what mean average precision became of it."""

    standing: Standing
    mode: str
    label_id: str | None
    n: int
    realised: float


def explored(task: Task, n_messages: int) -> list[Batch]:
    """Batches in random modes up to ``n_messages``."""
    random, replay, found, before = np.random.default_rng(task.seed), Replay(task=task), [], 0.0
    while replay.n_reviewed < n_messages:
        standing = replace(replay.standing(), history=())
        mode = str(random.choice(MODES if standing.has_model else ("shuffle", "cluster")))
        pinned = [label.label_id for label in standing.labels if label.n_pins > 0]
        label_id = str(random.choice(pinned)) if mode == "teach" else None
        n = replay.review(mode, label_id, int(random.choice([20, 60])))
        if not n:
            break
        replay.learn()
        after = replay.judged()
        found.append(Batch(standing=standing, mode=mode, label_id=label_id, n=n, realised=after - before))
        before = after
    return found


def unpack(values: npt.NDArray[np.float64]) -> GainModel:
    worth, share = np.exp(values[2:6]), 1 / (1 + np.exp(-values[6:10]))
    others = MODES[1:]
    return GainModel(
        start=float(np.exp(values[0])),
        slope=float(np.exp(values[1])),
        worth={"shuffle": 1.0} | dict(zip(others, map(float, worth), strict=True)),
        evenness={
            "low_confidence": float(share[0]),
            "rebalance": float(share[1]),
            "cluster": float(share[2]),
        },
        teach_share=float(share[3]),
        noise=NOISE,
        own=OWN,
    )


def fit(batches: list[Batch]) -> GainModel:
    realised = np.array([batch.realised for batch in batches])

    def promised(model: GainModel) -> npt.NDArray[np.float64]:
        gains = (forecast(batch.standing, batch.mode, batch.label_id, batch.n, model) for batch in batches)
        return np.array([0.0 if gain is None else gain.value for gain in gains])

    usual = np.maximum(promised(FITTED), 5e-3)

    def residuals(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        # A weak pull to the start keeps what the batches do not tell within reason.
        return np.concatenate([(promised(unpack(values)) - realised) / usual, 0.2 * (values - start)])

    start = np.array([np.log(0.7), np.log(0.6), 0.2, 0.0, 0.0, 0.2, 0.5, -1.0, 0.5, -0.5])
    model = unpack(least_squares(residuals, start, diff_step=1e-2, max_nfev=25).x)
    gains = [forecast(batch.standing, batch.mode, batch.label_id, batch.n, model) for batch in batches]
    inside = [gain.low <= value <= gain.high for gain, value in zip(gains, realised, strict=True) if gain]
    error = np.abs(promised(model) - realised)
    print(f"{len(batches)} batches, mean absolute error {error.mean():.4f}, inside {np.mean(inside):.0%}")
    for mode in MODES:
        of_mode = np.array([batch.mode == mode for batch in batches])
        print(
            f"  {mode}: {of_mode.sum()} batches, realised {realised[of_mode].mean():.4f}, "
            f"promised {promised(model)[of_mode].mean():.4f}"
        )
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--messages", type=int, default=450)
    arguments = parser.parse_args()
    require_data()
    print(machine())
    source = Source.load(banking77())
    batches = []
    for seed in range(arguments.seeds):
        batches += explored(source.task(seed), arguments.messages)
        print(f"  seed {seed}: {len(batches)} batches", flush=True)
    print(fit(batches))


if __name__ == "__main__":
    main()
