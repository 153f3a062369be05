"""Corrected recall and precision over all labels, with and without the help of a model, replay by replay.

    python benchmarks/assisted_metrics.py [--replays 300] [--retrained 0] [--seed 0]

The replays of ``unbiased_metrics.py``. Three ways to correct: *weighted* alone (Hajek's ratio); *assisted* by what the
judged model says of every message, as in the product; and, for as many replays as ``--retrained`` says, *assisted by
retrained models*: five that learned from the reviewed messages too, each for the fifth that it did not see (a quarter of
a minute a replay on CLINC150). *Leaking* is what that guards against: one model that saw all reviewed messages, and its
cross-validated probabilities for these.

Printed: bias with its 95 % interval; mean absolute error of a replay; how much that is less than of the weighted figure of
the same replay, with its 95 % interval; how often the 95 % interval of the figure holds the truth.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

import numpy as np
import numpy.typing as npt
from classify_data import TestSet, clinc150, nlupp_banking, require_data
from common import machine
from interval_coverage import Population, few_rows, population
from replay import Source
from unbiased_metrics import REVIEWS, Reviewed, assisted, figures, replay

from workbench.classify import MultiLabelClassifier
from workbench.domain import OverallFigures
from workbench.evaluate import expected_counts, inverse_weights, wilson_interval

N_FOLDS = 5
_FOLDS_SEED = 7
Floats = npt.NDArray[np.float64]
Found = list[tuple[float, float, float, float]]
"""Errors of recall and precision of each replay, and whether their intervals hold the truth."""


class Retrained:
    """Models that learned from what was reviewed too."""

    def __init__(self, data: TestSet, known: Population, seed: int) -> None:
        self.data, self.known, self.seed = data, known, seed
        self.source = Source.load(data)
        self.first = few_rows(data, seed)
        self.rest = np.setdiff1d(np.arange(len(data.texts)), self.first)

    def fit(self, rows: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Probabilities of all messages, and cross-validated ones of ``rows``."""
        chosen = np.concatenate([self.first, self.rest[rows]])
        model = MultiLabelClassifier(random_state=self.seed, n_threads=1)
        vectors, lexical = self.source.vectors, self.source.lexical
        model.fit(vectors[chosen], lexical[chosen], self.data.targets[chosen], parents=self.data.parents)
        held_out = model.out_of_fold_
        assert held_out is not None
        return model.predict_proba(vectors[self.rest], lexical[self.rest]), held_out[len(self.first) :]

    def crossed(self, done: Reviewed, number: int) -> Floats:
        """Expected counts: of reviewed messages by the model that did not see them, of others by the mean of all."""
        n = len(done.rows)
        fold = np.random.default_rng([_FOLDS_SEED + self.seed, n, number]).permutation(n) % N_FOLDS
        mean, own = np.zeros(self.known.scores.shape, np.float32), np.zeros((n, self.known.scores.shape[1]))
        for one in range(N_FOLDS):
            said, _ = self.fit(done.rows[fold != one])
            mean += said / N_FOLDS
            own[fold == one] = said[done.rows[fold == one]]
        mean[done.rows] = own
        return expected_counts(self.known.scores, mean)

    def leaking(self, done: Reviewed) -> Floats:
        """Expected counts of one model that saw all reviewed messages, and of its folds for these."""
        said, held_out = self.fit(done.rows)
        said[done.rows] = held_out
        return expected_counts(self.known.scores, said)


def outcome(found: OverallFigures, target: tuple[float, float]) -> tuple[float, float, float, float]:
    """Errors, and whether the intervals hold the truth."""
    pairs = tuple(zip((found.recall, found.precision), target, strict=True))
    error = [(one.value or 0.0) - truth for one, truth in pairs]
    held = [float((one.low or 0.0) <= truth <= (one.high or 0.0)) for one, truth in pairs]
    return error[0], error[1], held[0], held[1]


def told(values: Found, beside: Found, column: int) -> str:
    """One figure of one way."""
    mine, other = np.array(values)[:, column], np.array(beside)[: len(values), column]
    less = np.abs(mine) - np.abs(other)
    n = len(mine)
    half, wide = (1.96 * one.std(ddof=1) / np.sqrt(n) for one in (mine, less))
    hit = int(np.array(values)[:, 2 + column].sum())
    low, high = wilson_interval(np.array([hit]), np.array([n]))
    return (
        f"bias {mine.mean():+.4f} [{mine.mean() - half:+.4f}, {mine.mean() + half:+.4f}], per replay "
        f"{np.abs(mine).mean():.4f}, {less.mean():+.4f} [{less.mean() - wide:+.4f}, {less.mean() + wide:+.4f}], "
        f"interval holds it in {hit / n:.3f} [{low[0]:.3f}, {high[0]:.3f}]"
    )


def compare(known: Population, n: int, n_replays: int, seed: int, again: Retrained, n_retrained: int) -> None:
    """Print the ways for one number of reviews."""
    every = np.arange(len(known.truth))
    target = figures(known, every, np.ones(len(every)))
    said = expected_counts(known.scores)
    found: defaultdict[str, Found] = defaultdict(list)
    for number in range(n_replays):
        done = replay(known.scores, n, np.random.default_rng([seed, n, number]))
        weights = inverse_weights(done.is_random, np.arange(n), len(every))
        counts = {"weighted": np.zeros_like(said), "assisted": said}
        if number < n_retrained:
            counts |= {"by retrained models": again.crossed(done, number), "leaking": again.leaking(done)}
        for way, one in counts.items():
            found[way].append(outcome(assisted(known, done, weights, one), target))
    print(f"{known.name}, {n:,} of {len(every):,} messages reviewed")
    for way, values in found.items():
        for column, figure in enumerate(("recall", "precision")):
            print(f"    {way:19s} {figure:9s} {told(values, found['weighted'], column)}; n = {len(values)}")
    print(end="", flush=True)


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--replays", type=int, default=300)
    ask.add_argument("--retrained", type=int, default=0)
    ask.add_argument("--seed", type=int, default=0)
    chosen = ask.parse_args()
    require_data()
    print(machine())
    for make in (nlupp_banking, clinc150):
        data = make()
        known = population(data, chosen.seed)
        again = Retrained(data, known, chosen.seed)
        for n in REVIEWS:
            compare(known, n, chosen.replays, chosen.seed, again, chosen.retrained)


if __name__ == "__main__":
    main()
