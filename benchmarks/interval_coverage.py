"""How often 95 % intervals hold the truth, with 5 to 50 test examples of a label.

    python benchmarks/interval_coverage.py [--resamples 1000] [--seed 0]

The product's classifier learns from few messages of NLU++ banking (300 at random) and CLINC150 (5 of each intent). All
other messages are the population, and the figures on all of them the truth. A resample draws so many positives of one
label, and negatives in proportion, with replacement; labels take turns, those with fewer than 50 positives in the
population are left out. Printed for average precision: how often the interval holds the truth (with its own 95 % interval),
how often the truth lies below and above, and the mean width, beside three peers on the same draws: percentiles of 200
bootstrap resamples, the logit interval of Boyd, Eng and Page (2013), and Wilson's with each positive as one trial. Then
precision and recall at 0.5, and the mean average precision over labels on messages drawn as they come.

The constants of the score interval were set on BANKING77 and simulated scores, not on these two sets.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from classify_data import TestSet, clinc150, nlupp_banking, require_data
from common import machine
from few_shot import draw
from replay import Source

from workbench.classify import MultiLabelClassifier
from workbench.evaluate import (
    ap_interval,
    average_precision,
    mean_interval,
    measure_points,
    wilson_interval,
)

LOW, HIGH = 0.93, 0.97
POSITIVES = (5, 10, 20, 50)
MESSAGES = (200, 500, 1_000)
THRESHOLD = 0.5
OURS = "score (ours)"
Outcome = tuple[bool, bool, float]
"""Whether the truth lies below the interval, whether above, and its width."""


@dataclass(frozen=True, kw_only=True)
class Population:
    """Messages that a model did not learn from: truth and scores, (n, n_labels) each."""

    name: str
    truth: npt.NDArray[np.bool_]
    scores: npt.NDArray[np.float64]

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """Labels with at least 50 positives."""
        return np.flatnonzero(self.truth.sum(axis=0) >= max(POSITIVES))


def few_rows(data: TestSet, seed: int) -> npt.NDArray[np.int64]:
    """The few messages that the classifier learns from."""
    random = np.random.default_rng(seed)
    if data.part.max() > 1:
        return np.sort(random.permutation(len(data.texts))[:300])
    leaf = ~np.isin(np.arange(len(data.parents)), data.parents)
    return draw(data.targets & leaf, np.flatnonzero(data.part == 0), 5, random)


def population(data: TestSet, seed: int) -> Population:
    """What a classifier that learned from few messages says of all others."""
    source, rows = Source.load(data), few_rows(data, seed)
    rest = np.setdiff1d(np.arange(len(data.texts)), rows)
    model = MultiLabelClassifier(random_state=seed, n_threads=1)
    model.fit(source.vectors[rows], source.lexical[rows], data.targets[rows], parents=data.parents)
    scores = model.predict_proba(source.vectors[rest], source.lexical[rest]).astype(np.float64)
    return Population(name=data.name, truth=data.targets[rest], scores=scores)


def outcome(low: float, high: float, truth: float) -> Outcome:
    """Where the truth lies."""
    return truth < low - 1e-12, truth > high + 1e-12, high - low


def line(way: str, found: list[Outcome], *, judged: bool, peer: list[Outcome] | None = None) -> str:
    """Coverage with its interval, misses and width, that as a share of a peer's too."""
    values = np.array(found, dtype=np.float64)
    n = len(values)
    hit = n - int(values[:, :2].sum())
    low, high = wilson_interval(np.array([hit]), np.array([n]))
    verdict = ("kept" if LOW <= hit / n <= HIGH else "MISSED") if judged else ""
    beside = f" ({values[:, 2].mean() / np.mean([one[2] for one in peer]):.2f} of logit)" if peer else ""
    return (
        f"    {way:16s} {hit / n:.3f} [{low[0]:.3f}, {high[0]:.3f}]  truth below {values[:, 0].mean():.3f}, "
        f"above {values[:, 1].mean():.3f}; width {values[:, 2].mean():.3f}{beside}  {verdict}"
    )


def one_label(known: Population, n_resamples: int, seed: int) -> None:
    """Average precision, and precision and recall at 0.5, of a label at a time."""
    labels = known.labels
    for n_positive in POSITIVES:
        random = np.random.default_rng([seed, n_positive])
        found: defaultdict[str, list[Outcome]] = defaultdict(list)
        for turn in range(n_resamples):
            label = int(labels[turn % len(labels)])
            every, scores = known.truth[:, label], known.scores[:, label]
            with_it, without = np.flatnonzero(every), np.flatnonzero(~every)
            n_negative = round(n_positive * len(without) / len(with_it))
            rows = np.concatenate([random.choice(with_it, n_positive), random.choice(without, n_negative)])
            target = float(average_precision(every, scores) or 0.0)
            truth, said = every[rows], scores[rows]
            for way, method in ((OURS, "score"), ("bootstrap", "bootstrap"), ("logit", "logit")):
                one = ap_interval(truth, said, method=method, random_state=turn)  # type: ignore[arg-type]
                found[way].append(outcome(one.low or 0.0, one.high or 0.0, target))
            value = float(average_precision(truth, said) or 0.0)
            low, high = wilson_interval(np.array([value * n_positive]), np.array([float(n_positive)]))
            found["Wilson, n alone"].append(outcome(float(low[0]), float(high[0]), target))
            at, whole = (
                measure_points(of, by, np.array([THRESHOLD])) for of, by in ((truth, said), (every, scores))
            )
            found["recall"].append(outcome(at.recall_low[0], at.recall_high[0], whole.recalls[0]))
            if at.n_predicted[0] and whole.n_predicted[0]:
                found["precision"].append(
                    outcome(at.precision_low[0], at.precision_high[0], whole.precisions[0])
                )
        print(
            f"{known.name}, {n_positive} positives: {n_resamples:,} resamples of {len(labels)} labels",
            flush=True,
        )
        for way, outcomes in found.items():
            peer = found["logit"] if way == OURS else None
            print(line(way, outcomes, judged=way == OURS, peer=peer), flush=True)


def mean_of_labels(known: Population, n_resamples: int, seed: int) -> None:
    """Mean average precision over the labels that a draw of messages holds."""
    targets = np.array(
        [average_precision(known.truth[:, one], known.scores[:, one]) or 0.0 for one in known.labels]
    )
    truth, scores = known.truth[:, known.labels], known.scores[:, known.labels]
    for n in MESSAGES:
        random = np.random.default_rng([seed, n])
        found = []
        for _ in range(n_resamples // 5):
            rows = random.integers(0, len(truth), n)
            held = np.flatnonzero(truth[rows].any(axis=0))
            one = mean_interval(truth[rows], scores[rows], held)
            found.append(outcome(one.low or 0.0, one.high or 0.0, float(targets[held].mean())))
        print(f"{known.name}, mean over labels of {n:,} messages: {len(found):,} resamples")
        print(line(OURS, found, judged=False), flush=True)


def main() -> None:
    """Print the tables."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--resamples", type=int, default=1_000)
    ask.add_argument("--seed", type=int, default=0)
    chosen = ask.parse_args()
    require_data()
    print(machine())
    print(f"95 % intervals; bound: the truth is inside in {LOW:.0%} to {HIGH:.0%}")
    for make in (nlupp_banking, clinc150):
        known = population(make(), chosen.seed)
        one_label(known, chosen.resamples, chosen.seed)
        mean_of_labels(known, chosen.resamples, chosen.seed)


if __name__ == "__main__":
    main()
