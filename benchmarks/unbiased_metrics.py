"""What an actively chosen test set says of recall, raw and corrected, beside the truth.

    python benchmarks/unbiased_metrics.py [--replays 300] [--seed 0]

The product's classifier learns from few messages of NLU++ banking (300 at random) and CLINC150 (5 of each intent). All
other messages can be reviewed, and the figures on all of them are the truth. Each replay reviews them in batches of 20:
6 drawn at random, as Shuffle does, and the 14 whose predictions are least sure; their labels are looked up. Then recall
and precision at 0.5 over all labels are measured on what was reviewed: raw, weighted by inclusion probabilities
(``inverse_weights``), the same assisted by what the model says of every message (``assisted_figures``), on the random
picks alone, and, for comparison, on as many messages that were all drawn at random.

*Bias* is the mean error over replays, with its 95 % interval: what a correction can remove. *Per replay* is the mean
absolute error of a single replay: the sampling noise of the picks, which only assistance makes smaller
(``assisted_metrics.py`` compares it in pairs). The bound of 0.005 is held against both. Then: how often corrected 95 % intervals hold the truth, for the recall and average
precision of labels with at least 50 messages and for the mean over them.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from classify_data import clinc150, nlupp_banking, require_data
from common import machine
from interval_coverage import Population, line, outcome, population

from workbench.domain import OverallFigures
from workbench.evaluate import (
    assisted_figures,
    average_precision,
    corrected_label,
    effective_number,
    expected_counts,
    inverse_weights,
    mean_interval,
    measure_points,
)

BOUND, SEVERAL = 0.005, 3.0
THRESHOLD = 0.5
REVIEWS = (200, 500, 1_000)
BATCH, RANDOM_SHARE = 20, 0.3
FEW = 5
"""Effective positives below which a label is counted apart."""
N_JUDGED = 20
"""Labels whose intervals are looked at in each replay."""


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """Rows in the order in which they were reviewed, and which of them were drawn at random."""

    rows: npt.NDArray[np.int64]
    is_random: npt.NDArray[np.bool_]


def replay(scores: npt.NDArray[np.float64], n: int, random: np.random.Generator) -> Reviewed:
    """Review ``n`` messages: in each batch some at random, the others least sure (of any label) first."""
    doubt = np.abs(scores - THRESHOLD).min(axis=1)
    least_sure = np.lexsort((random.random(len(scores)), doubt))
    left = np.ones(len(scores), dtype=bool)
    n_random = round(BATCH * RANDOM_SHARE)
    rows: list[npt.NDArray[np.int64]] = []
    for _ in range(n // BATCH):
        drawn = random.choice(np.flatnonzero(left), n_random, replace=False)
        left[drawn] = False
        chosen = least_sure[left[least_sure]][: BATCH - n_random]
        left[chosen] = False
        rows += [drawn, chosen]
    is_random = np.tile(np.arange(BATCH) < n_random, n // BATCH)
    return Reviewed(rows=np.concatenate(rows), is_random=is_random)


def figures(
    known: Population, rows: npt.NDArray[np.int64], weights: npt.NDArray[np.float64]
) -> tuple[float, float]:
    """Recall and precision over all labels of weighted rows."""
    truth, said = known.truth[rows], known.scores[rows] >= THRESHOLD
    right, has, told = ((weights @ one.astype(np.float64)).sum() for one in (truth & said, truth, said))
    return float(right / has), float(right / told)


def assisted(
    known: Population, done: Reviewed, weights: npt.NDArray[np.float64], counts: npt.NDArray[np.float64]
) -> OverallFigures:
    """Corrected figures with the help of expectations of every message, see ``expected_counts``."""
    rows = done.rows
    return assisted_figures(
        known.truth[rows],
        known.scores[rows],
        weights,
        done.is_random,
        np.arange(len(rows)),
        counts[rows],
        counts.sum(axis=0),
    )


def told(values: npt.NDArray[np.float64]) -> str:
    """Bias with its 95 % interval, and mean absolute error per replay."""
    mean, half = values.mean(), 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    return (
        f"bias {mean:+.4f} [{mean - half:+.4f}, {mean + half:+.4f}], per replay {np.abs(values).mean():.4f}"
    )


def verdict(*, held: bool) -> str:
    """The word for a bound."""
    return "kept" if held else "MISSED"


def errors(known: Population, n: int, n_replays: int, seed: int) -> None:
    """Print the errors of each way to measure."""
    every = np.arange(len(known.truth))
    target = np.array(figures(known, every, np.ones(len(every))))
    found: defaultdict[str, list[npt.NDArray[np.float64]]] = defaultdict(list)
    worth = []
    counts = expected_counts(known.scores)
    for number in range(n_replays):
        random = np.random.default_rng([seed, n, number])
        done = replay(known.scores, n, random)
        weights = inverse_weights(done.is_random, np.arange(n), len(every))
        worth.append(effective_number(weights))
        alone = done.rows[done.is_random]
        for way, rows, with_weights in (
            ("raw", done.rows, np.ones(n)),
            ("corrected", done.rows, weights),
            ("random picks alone", alone, np.ones(len(alone))),
            ("all at random", random.choice(every, n, replace=False), np.ones(n)),
        ):
            found[way].append(np.array(figures(known, rows, with_weights)) - target)
        helped = assisted(known, done, weights, counts)
        found["assisted"].append(
            np.array([helped.recall.value or 0.0, helped.precision.value or 0.0]) - target
        )
    print(
        f"{known.name}, {len(every):,} messages, {n:,} reviewed, {n_replays} replays; truth: recall {target[0]:.3f}, "
        f"precision {target[1]:.3f}; effective {np.mean(worth):.0f}"
    )
    values = {way: np.array(each) for way, each in found.items()}
    for way, each in values.items():
        print(f"    {way:19s} recall: {told(each[:, 0])}; precision: {told(each[:, 1])}")
    if n == max(REVIEWS):
        bias, single = abs(values["assisted"][:, 0].mean()), np.abs(values["assisted"][:, 0]).mean()
        raw = abs(values["raw"][:, 0].mean())
        floor = np.abs(values["all at random"][:, 0]).mean()
        print(f"    assisted recall bias <= {BOUND}: {verdict(held=bias <= BOUND)}; ", end="")
        print(f"raw is {raw / max(bias, 1e-9):.0f} times it: {verdict(held=raw >= SEVERAL * bias)}")
        print(
            f"    assisted per replay <= {BOUND}: {verdict(held=single <= BOUND)}, raw is {raw / single:.1f} times it; {n:,} messages "
            f"all at random have {floor:.4f}: {verdict(held=floor <= BOUND)}",
            flush=True,
        )


def coverage(known: Population, n: int, n_replays: int, seed: int) -> None:
    """Print how often corrected intervals of single labels hold the truth."""
    found: defaultdict[str, list[tuple[bool, bool, float]]] = defaultdict(list)
    unknown = 0
    targets = np.array(
        [average_precision(known.truth[:, one], known.scores[:, one]) or 0.0 for one in known.labels]
    )
    for number in range(n_replays):
        random = np.random.default_rng([seed, n, number, 1])
        done = replay(known.scores, n, random)
        weights = inverse_weights(done.is_random, np.arange(n), len(known.truth))
        for label in random.permutation(known.labels)[:N_JUDGED].tolist():
            every, scores = known.truth[:, label], known.scores[:, label]
            one = corrected_label(
                every[done.rows],
                scores[done.rows],
                (THRESHOLD,),
                weights,
                done.is_random,
                np.arange(n),
                approximate=False,
            )
            ap = one.average_precision
            if ap.low is None or ap.high is None or one.recall_low[0] is None or one.recall_high[0] is None:
                unknown += 1
                continue
            few = "< 5" if (ap.n_effective or 0.0) < FEW else ">= 5"
            target = float(average_precision(every, scores) or 0.0)
            found[f"AP, effective {few}"].append(outcome(ap.low, ap.high, target))
            whole = measure_points(every, scores, np.array([THRESHOLD]))
            found[f"recall, eff. {few}"].append(
                outcome(one.recall_low[0], one.recall_high[0], whole.recalls[0])
            )
        has = known.truth[done.rows[done.is_random]][:, known.labels].any(axis=0)
        mean = mean_interval(
            known.truth[done.rows], known.scores[done.rows], known.labels[has], weights=weights
        )
        found["mean AP"].append(outcome(mean.low or 0.0, mean.high or 0.0, float(targets[has].mean())))
    n_looked = n_replays * min(N_JUDGED, len(known.labels))
    print(
        f"    how often corrected 95 % intervals hold the truth, {n_replays} replays; of {n_looked:,} labels {unknown}",
        end="",
    )
    print(" had no message that was drawn at random, so nothing is said of them")
    for way, outcomes in found.items():
        print(line(way, outcomes, judged=False), flush=True)


def main() -> None:
    """Print the tables."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--replays", type=int, default=300)
    ask.add_argument("--seed", type=int, default=0)
    chosen = ask.parse_args()
    require_data()
    print(machine())
    for make in (nlupp_banking, clinc150):
        known = population(make(), chosen.seed)
        for n in REVIEWS:
            errors(known, n, chosen.replays, chosen.seed)
        coverage(known, max(REVIEWS), max(chosen.replays // 6, 1), chosen.seed)


if __name__ == "__main__":
    main()
