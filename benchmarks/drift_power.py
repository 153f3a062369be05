"""False-alarm rate and power of the drift panel on CLINC150, with 95 % (Wilson) intervals.

    python benchmarks/drift_power.py [--sizes 300 1000] [--nulls 200] [--runs 50]

140 intents are known: a logistic regression on the default encoder's vectors is fitted on one part of their messages;
reference and window are drawn from the rest, without a message in common. Scenarios: nothing changed; 3 % or 10 % of the
window from the 10 unknown intents; one label's share rises by 5 points; the mix changes (shares times log-normal, 0.5);
20 % of the messages get a greeting and a closing. The limit of the false alarms is the stated rate, 5 % of windows.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from common import machine
from discover_vs_bertopic import utterances, vectors_of

RATE = 0.05
START = datetime(2026, 1, 5, tzinfo=UTC)
WEEK = timedelta(days=7)
N_UNKNOWN = 10
GREETINGS = ("Dear team, good morning. ", "Hello there, hope you are well. ", "Hi support, ")
CLOSINGS = (" Many thanks and kind regards, Sam", " Looking forward to hearing from you soon", " Best wishes")


@dataclass(frozen=True, kw_only=True)
class World:
    """Messages outside training: vectors, probabilities, intents; ``polite`` holds the same with changed wording."""

    vectors: np.ndarray
    probabilities: np.ndarray
    polite_vectors: np.ndarray
    polite_probabilities: np.ndarray
    intent: np.ndarray
    unknown: np.ndarray


def build(cache: Path) -> World:
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    texts, intent = utterances("clinc150")
    vectors = vectors_of("clinc150", texts, cache)
    polite = [f"{GREETINGS[i % 3]}{text}{CLOSINGS[(i // 3) % 3]}" for i, text in enumerate(texts)]
    polite_vectors = vectors_of("clinc150-polite", polite, cache)
    unknown_intents = random.choice(150, N_UNKNOWN, replace=False)
    unknown = np.isin(intent, unknown_intents)
    order = random.permutation(len(texts))
    train = order[: len(texts) // 3]
    train = train[~unknown[train]]
    rest = np.setdiff1d(np.arange(len(texts)), train)
    model = LogisticRegression(C=10, max_iter=200).fit(vectors[train], intent[train])
    return World(
        vectors=vectors[rest],
        probabilities=model.predict_proba(vectors[rest]).astype(np.float32),
        polite_vectors=polite_vectors[rest],
        polite_probabilities=model.predict_proba(polite_vectors[rest]).astype(np.float32),
        intent=intent[rest],
        unknown=unknown[rest],
    )


Draw = Callable[[World, np.ndarray, int, np.random.Generator], np.ndarray]


def nothing(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    del world
    return random.choice(pool, n, replace=False)


def unseen(share: float) -> Draw:
    def draw(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
        new = random.choice(np.flatnonzero(world.unknown), round(share * n), replace=False)
        return np.concatenate((random.choice(pool, n - len(new), replace=False), new))

    return draw


def spike(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    label = random.choice(np.unique(world.intent[pool]))
    more = random.choice(pool[world.intent[pool] == label], round(0.05 * n), replace=True)
    return np.concatenate((random.choice(pool, n - len(more), replace=False), more))


def mix(world: World, pool: np.ndarray, n: int, random: np.random.Generator) -> np.ndarray:
    weight = random.lognormal(0, 0.5, 150)[world.intent[pool]]
    return random.choice(pool, n, replace=False, p=weight / weight.sum())


SCENARIOS: dict[str, Draw] = {
    "nothing changed": nothing,
    "new intents 3 %": unseen(0.03),
    "new intents 10 %": unseen(0.10),
    "one label +5 points": spike,
    "mix": mix,
    "wording 20 %": nothing,
}


def window(world: World, rows: np.ndarray, polite: np.ndarray, week: int):  # noqa: ANN201
    from workbench.monitor import WindowData

    return WindowData(
        uids=tuple(f"{week}.{row}.{i}" for i, row in enumerate(rows)),
        vectors=np.where(polite[:, None], world.polite_vectors[rows], world.vectors[rows]),
        probabilities=np.where(polite[:, None], world.polite_probabilities[rows], world.probabilities[rows]),
        texts=("",) * len(rows),
        start=START + week * WEEK,
        end=START + (week + 1) * WEEK,
    )


def wilson(hits: int, n: int) -> str:
    share, z = hits / n, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * (share * (1 - share) / n + z * z / (4 * n * n)) ** 0.5 / (1 + z * z / n)
    return f"{share:.2f} [{max(0, middle - half):.2f}, {min(1, middle + half):.2f}]"


def measure(world: World, name: str, size: int, runs: int) -> None:
    from workbench.monitor.drift import compare_window

    known = np.flatnonzero(~world.unknown)
    rang, below, started = [], [], time.perf_counter()
    for run in range(runs):
        random = np.random.default_rng((size, run, sorted(SCENARIOS).index(name)))
        pool = random.permutation(known)
        reference = window(world, pool[:size], np.zeros(size, dtype=bool), 0)
        rows = SCENARIOS[name](world, pool[size:], size, random)
        polite = random.random(size) < (0.2 if name.startswith("wording") else 0)
        found = compare_window(
            reference,
            window(world, rows, polite, 1),
            false_alarm_rate=RATE,
            n_permutations=999,
            random=random,
        )
        rang.append([test.alarm for test in found])
        below.append([test.p_adjusted < RATE for test in found])
    seconds = (time.perf_counter() - started) / runs
    any_rang, any_below = np.any(rang, axis=1).sum(), np.any(below, axis=1).sum()
    each = ", ".join(f"{t.name} {share:.2f}" for t, share in zip(found, np.mean(rang, axis=0), strict=True))
    print(
        f"n={size} {name}: rings {wilson(any_rang, runs)}, significant {wilson(any_below, runs)} of {runs} windows "
        f"({each}; {seconds:.2f} s each)",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", nargs="+", type=int, default=[300, 1000])
    parser.add_argument("--nulls", type=int, default=200)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "workbench-benchmarks")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    print(machine())
    world = build(given.cache)
    for size in given.sizes:
        for name in SCENARIOS:
            measure(world, name, size, given.nulls if name == "nothing changed" else given.runs)


if __name__ == "__main__":
    main()
