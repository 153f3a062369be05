"""Label sentiment: how often the sentiment of a label is right, beside always saying the more frequent one.

    python benchmarks/label_sentiment.py [--seeds 5] [--examples 2 5 10 25] [--composites 0.4]

Reviews of the sample corpus with 1 or 2 stars are negative about what they speak of, with 4 or 5 positive; those with 3
are left out, and labels are those of ``truth.csv``, parents included. A part of the messages are composites of a negative
and a positive review on other labels, so that labels on one message differ. Per seed, half of the reviews are kept for
tests; from the other half the messages of a label are taken until it has the asked number of examples.

Four ways are compared: the pool of all labels with the departures of each (ours), the pool alone, each label from its own
examples alone, and the majority: always the sentiment that the label has more often among its training examples. Printed
are accuracy over all test examples with a 95 % Wilson interval, what ours gains over the simpler ways seed by seed (95 % t
interval), the mean over labels with 10 or more test examples, the
expected calibration error, and the seconds that training takes. Stars are the truth of a whole review, not of each label,
so no way can reach 1.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict

import numpy as np
from classify_data import vectors_of
from common import ROOT, machine
from few_shot import spread
from scipy.sparse import csr_matrix

from workbench.classify import LexicalFeatures, SentimentClassifier
from workbench.domain import ancestors, format_path, parse_path
from workbench.embed import message_text
from workbench.evaluate import sentiment_accuracy

ENOUGH = 10
OURS, POOL, ALONE, MAJORITY = "pool and departures", "pool alone", "each label alone", "majority"
WAYS = (OURS, POOL, ALONE, MAJORITY)
Results = dict[str, list[tuple[np.ndarray, np.ndarray, float, int]]]
"""Of each way and seed: signs and P(positive) of the test messages, seconds, messages to learn from."""


def reviews() -> tuple[list[str], np.ndarray, list[str]]:
    """Texts, signs int8 (n, n_labels), and the names of the labels."""
    carried: defaultdict[str, set[str]] = defaultdict(set)
    with (ROOT / "data/sample/truth.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["source"] == "reviews":
                path = parse_path(row["label"])
                carried[row["id"]] |= {format_path(step) for step in (*ancestors(path), path)}
    names = sorted({name for one in carried.values() for name in one})
    texts, rows = [], []
    with (ROOT / "data/sample/reviews.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            sign = np.sign(int(row["stars"]) - 3)
            if sign and carried[row["review_id"]]:
                texts.append(message_text(row["title"], row["review"]))
                rows.append([sign * (name in carried[row["review_id"]]) for name in names])
    return texts, np.array(rows, dtype=np.int8), names


def composed(
    texts: list[str], signs: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[list[str], np.ndarray]:
    """The messages, a ``share`` of them joined with one of the other sign that speaks of other labels."""
    made, felt = list(texts), signs.copy()
    negative, positive = (np.flatnonzero((signs == sign).any(axis=1)) for sign in (-1, 1))
    for row in rng.permutation(len(texts))[: int(share * len(texts))]:
        others = positive if (signs[row] < 0).any() else negative
        other = int(rng.choice(others))
        if (signs[row] != 0)[signs[other] != 0].any():
            continue
        pair = (texts[row], texts[other]) if rng.random() < 0.5 else (texts[other], texts[row])
        made[row] = "\n".join(pair)
        felt[row] = signs[row] + signs[other]
    return made, felt


def few(signs: np.ndarray, n_examples: int, rng: np.random.Generator) -> np.ndarray:
    """Rows such that labels have about the asked number of examples, fewer where there are none."""
    chosen: set[int] = set()
    for label in rng.permutation(signs.shape[1]):
        rows = [int(row) for row in rng.permutation(np.flatnonzero(signs[:, label]))]
        lacking = max(0, n_examples - sum(row in chosen for row in rows))
        chosen |= set([row for row in rows if row not in chosen][:lacking])
    return np.array(sorted(chosen))


def fitted(
    way: str,
    vectors: np.ndarray,
    lexical: csr_matrix,
    signs: np.ndarray,
    test: tuple[np.ndarray, csr_matrix],
) -> tuple[np.ndarray, float]:
    """P(positive) of the test messages, and seconds of training."""
    started = time.perf_counter()
    if way == MAJORITY:
        share = ((signs > 0).sum(axis=0) + 1) / ((signs != 0).sum(axis=0) + 2)
        return np.tile(share.astype(np.float32), (len(test[0]), 1)), time.perf_counter() - started
    if way == ALONE:
        found = np.empty((len(test[0]), signs.shape[1]), dtype=np.float32)
        for label in range(signs.shape[1]):
            one = SentimentClassifier().fit(vectors, lexical, signs[:, [label]])
            found[:, label] = one.predict_proba(*test)[:, 0]
        return found, time.perf_counter() - started
    near = {"spread": 1e-3, "level_spread": 1e-3} if way == POOL else {}
    model = SentimentClassifier(**near).fit(vectors, lexical, signs)
    took = time.perf_counter() - started
    return model.predict_proba(*test), took


def calibration_error(signs: np.ndarray, positive: np.ndarray) -> float:
    """Expected calibration error over ten equal bins."""
    known = signs != 0
    p, y = positive[known], signs[known] > 0
    bins = np.minimum((10 * p).astype(int), 9)
    return float(
        sum(abs(p[bins == b].mean() - y[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins))
    )


def main() -> None:
    """Print one line per number of examples and way."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--examples", type=int, nargs="+", default=[2, 5, 10, 25])
    asked.add_argument("--composites", type=float, default=0.4)
    options = asked.parse_args()
    print(machine())
    texts, signs, names = reviews()
    print(
        f"{len(texts)} reviews, {len(names)} labels, {(signs > 0).sum()} positive and {(signs < 0).sum()} negative examples"
    )
    results: dict[int, Results] = {n: defaultdict(list) for n in options.examples}
    for seed in range(options.seeds):
        rng = np.random.default_rng(seed)
        made, felt = composed(texts, signs, options.composites, rng)
        order = rng.permutation(len(made))
        test, rest = order[: len(order) // 2], order[len(order) // 2 :]
        vectors = vectors_of(made)
        lexical = LexicalFeatures().fit([made[row] for row in rest]).transform(made)
        for n_examples, found in results.items():
            train = rest[few(felt[rest], n_examples, np.random.default_rng(seed))]
            for way in WAYS:
                positive, took = fitted(
                    way, vectors[train], lexical[train], felt[train], (vectors[test], lexical[test])
                )
                found[way].append((felt[test], positive, took, len(train)))
    for n_examples, found in results.items():
        report(n_examples, found)


def report(n_examples: int, results: Results) -> None:
    """One line per way: pooled over the seeds; then what ours gains over the simpler ways, seed by seed."""
    for way, runs in results.items():
        truth, positive = np.concatenate([run[0] for run in runs]), np.concatenate([run[1] for run in runs])
        found = sentiment_accuracy(truth, positive)
        labels = [sentiment_accuracy(truth[:, label], positive[:, label]) for label in range(truth.shape[1])]
        enough = [one for one in labels if one.n >= ENOUGH * len(runs)]
        mean = np.mean([one.value for one in enough])
        print(
            f"{n_examples:3} a label ({np.mean([run[3] for run in runs]):.0f} messages), {way:20}: "
            f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}] of {found.n:,}; "
            f"mean of {len(enough)} labels {mean:.3f}; "
            f"ECE {np.mean([calibration_error(run[0], run[1]) for run in runs]):.3f}; "
            f"{np.mean([run[2] for run in runs]):.2f} s"
        )
    each = {
        way: np.array([sentiment_accuracy(run[0], run[1]).value for run in runs])
        for way, runs in results.items()
    }
    for way in (POOL, ALONE):
        gains = [(float(gain),) for gain in each[OURS] - each[way]]
        print(f"    {OURS} more than {way}, {len(gains)} seeds: {spread(gains)}")


if __name__ == "__main__":
    main()
