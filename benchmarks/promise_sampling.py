"""Whether a promised threshold keeps its promise when reviewed messages were chosen, not drawn.

    python benchmarks/promise_sampling.py [--runs 500]

Invented messages: a score and, by it, a probability of carrying the label that is lower than the score says above one
half and higher below, as of a model that is too sure of itself. Each run reviews messages in ten rounds; in each some are
chosen and as many drawn at random from what is left (Shuffle). *surest*: chosen are those of the highest score, as people
do who confirm what a model says. *doubtful*: those whose score is nearest to one half. Then a threshold is promised with
95 % on all reviewed messages, as if they had been drawn at random, and on the drawn ones alone. A promise is broken where
the risk of messages to come, known exactly enough from a million of them, is above its limit. A run that promises nothing breaks
none. The bound: *drawn* breaks no more than 5 % of the runs (in brackets the 95 % Wilson interval).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from common import machine

from workbench.domain import Risk
from workbench.evaluate import promise, reaches, wilson_interval

SURE = 0.95
ROUNDS = 10
CHOICES = ("surest", "doubtful")
TOO_SURE = 1.6
"""How much further from one half scores are than probabilities, in log-odds."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Runs, those that promised something, and those whose promise is broken."""

    n: int
    promised: int
    broken: int


def messages(n: int, random: np.random.Generator) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """Truth and scores of ``n`` invented messages."""
    odds = random.normal(-0.5, 2.5, n)
    return random.random(n) < 1 / (1 + np.exp(-odds)), 1 / (1 + np.exp(-TOO_SURE * odds))


def reviewed(
    scores: npt.NDArray[np.float64], choice: str, n_each: int, random: np.random.Generator
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places of the chosen and of the drawn messages, ``n_each`` of both."""
    key = -scores if choice == "surest" else np.abs(scores - 0.5)
    left = np.ones(len(scores), dtype=bool)
    chosen, drawn = [], []
    for _ in range(ROUNDS):
        open_ = np.flatnonzero(left)
        chosen.append(open_[np.argsort(key[open_], kind="stable")[: n_each // ROUNDS]])
        left[chosen[-1]] = False
        drawn.append(random.choice(np.flatnonzero(left), n_each // ROUNDS, replace=False))
        left[drawn[-1]] = False
    return np.concatenate(chosen), np.concatenate(drawn)


def replay(
    choice: str, risk: Risk, at_most: float, *, n_messages: int, n_each: int, runs: int, n_to_come: int
) -> dict[str, Outcome]:
    """Outcomes of promises on ``all`` reviewed messages and on the ``drawn`` ones."""
    truth_to_come, scores_to_come = messages(n_to_come, np.random.default_rng(0))

    @cache
    def real(threshold: float) -> float:
        above = reaches(scores_to_come, threshold)
        return float(1 - (truth_to_come[above] if risk == "wrong" else above[truth_to_come]).mean())

    promised, broken = dict.fromkeys(("all", "drawn"), 0), dict.fromkeys(("all", "drawn"), 0)
    for run in range(1, runs + 1):
        random = np.random.default_rng(run)
        truth, scores = messages(n_messages, random)
        chosen, drawn = reviewed(scores, choice, n_each, random)
        for name, rows in (("all", np.concatenate([chosen, drawn])), ("drawn", drawn)):
            found = promise(truth[rows], scores[rows], risk=risk, at_most=at_most, sure=SURE)
            if found.threshold is None:
                continue
            promised[name] += 1
            broken[name] += real(found.threshold) > at_most
    return {name: Outcome(n=runs, promised=promised[name], broken=broken[name]) for name in promised}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=500)
    runs = parser.parse_args().runs
    print(machine())
    risks: tuple[Risk, ...] = ("wrong", "missed")
    for n_messages in (20_000, 4_000):
        for choice in CHOICES:
            for risk in risks:
                for at_most in (0.05, 0.1):
                    found = replay(
                        choice,
                        risk,
                        at_most,
                        n_messages=n_messages,
                        n_each=400,
                        runs=runs,
                        n_to_come=1_000_000,
                    )
                    told = []
                    for name, one in found.items():
                        low, high = wilson_interval(np.array([one.broken]), np.array([one.n]))
                        told.append(
                            f"{name}: {one.promised} promise, {one.broken} broken "
                            f"{one.broken / one.n:.1%} ({low[0]:.1%} to {high[0]:.1%})"
                        )
                    print(
                        f"{n_messages:6,} {choice:9} {risk:6} {at_most:4.0%}  {'; '.join(told)}", flush=True
                    )


if __name__ == "__main__":
    main()
