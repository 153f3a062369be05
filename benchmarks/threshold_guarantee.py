"""Whether promised thresholds keep their promise on later messages.

    python benchmarks/threshold_guarantee.py [--runs 250] [--quick]

A run is a seeded order of a set's messages, taken as their time: the first part trains the product's classifier, the
next is held out and gives the promise, the rest comes later and shows the realised risk. *CLINC150*: the 10 domains,
10 % of the messages train, 20 % are held out, 70 % come later. *NLU++ banking*: 40 %, 30 %, 30 %; labels with 100
messages or more. Both risks (wrong: share of what is handed off; missed: share of what should be) at limits of 2, 5 and 10 %,
each promised with 95 %. Each run of each set looks at one label drawn by the seed; its other labels are counted below. A
run that promises nothing breaks no promise; it is counted in the whole and shown beside.

Realised risk is itself a share of a sample: with few later hand-offs it passes the limit by chance where the risk does
not. *long run* promises the risk, *next* the share among as many messages as come later. *next, cross-val.* adds the
training messages' out-of-fold probabilities to the held-out ones, as the operation's second way does. *naive* is what the
promises are measured against: the lowest threshold whose held-out precision keeps the limit (highest, recall, for missed).
Printed as well: the share of runs whose later mistakes are too many to be chance at the limit (exact test at 5 %). The
bound: *next* kept in at least 95 % of the runs of both sets together, at every risk and limit; the share of those in
which something is promised stands beside it, and no method bounds that one. ``--quick`` is 10 runs.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from classify_data import TestSet, clinc150, nlupp_banking, require_data, vectors_of
from common import machine
from scipy.sparse import csr_matrix
from scipy.stats import binom

from workbench.classify import LexicalFeatures, MultiLabelClassifier
from workbench.domain import Risk
from workbench.evaluate import GRID, precision_recall_curve, promise, reaches, wilson_interval

Bools = npt.NDArray[np.bool_]
Floats32 = npt.NDArray[np.float32]
LIMITS = (0.02, 0.05, 0.10)
RISKS: tuple[Risk, ...] = ("wrong", "missed")
SURE, BOUND = 0.95, 0.95
LONG_RUN, NEXT, CROSS, NAIVE = "long run", "next", "next, cross-val.", "naive"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A set with what the classifier reads of it; ``shares`` of the messages train and are held out."""

    name: str
    targets: Bools
    vectors: Floats32
    lexical: csr_matrix
    shares: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One promise on later messages: how many make up the risk, and how many of them are bad; None = no promise."""

    n: int | None
    n_bad: int = 0

    def within(self, limit: float) -> bool:
        """Whether the realised risk is within the limit."""
        return self.n is None or self.n_bad <= limit * self.n

    def plausible(self, limit: float) -> bool:
        """Whether the later mistakes could be chance at a risk of the limit."""
        return not self.n or float(binom.sf(self.n_bad - 1, self.n, limit)) > 1 - SURE


def prepared(data: TestSet, columns: npt.NDArray[np.int64], shares: tuple[float, float]) -> Prepared:
    """Vectors and lexical features; every message counts as seen but not reviewed."""
    return Prepared(
        name=data.name,
        targets=data.targets[:, columns],
        vectors=vectors_of(data.texts),
        lexical=LexicalFeatures().fit(data.texts).transform(data.texts),
        shares=shares,
    )


def naive(truth: Bools, scores: Floats32, risk: Risk, limit: float) -> float | None:
    """The threshold that just keeps the limit on the held-out messages."""
    curve = precision_recall_curve(truth, scores)
    bad = 1 - (curve.precisions if risk == "wrong" else curve.recalls)
    fits = np.flatnonzero(bad <= limit)
    if not len(fits):
        return None
    return float(curve.thresholds[fits[0] if risk == "wrong" else fits[-1]])


def realised(truth: Bools, scores: Floats32, threshold: float | None, risk: Risk) -> Kept:
    """What a threshold leads to."""
    if threshold is None:
        return Kept(n=None)
    above = reaches(scores, threshold)
    if risk == "wrong":
        return Kept(n=int(above.sum()), n_bad=int((above & ~truth).sum()))
    return Kept(n=int(truth.sum()), n_bad=int((truth & ~above).sum()))


Cell = tuple[str, Risk, float]


def one_run(known: Prepared, seed: int) -> dict[Cell, list[Kept]]:
    """Promises of every label; the first in each list is that of the label drawn."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(known.targets))
    n_train, n_held = (round(share * len(order)) for share in known.shares)
    train, held, later = np.split(order, [n_train, n_train + n_held])
    n_later = len(later)
    model = MultiLabelClassifier(random_state=seed)
    model.fit(known.vectors[train], known.lexical[train], known.targets[train])
    assert model.out_of_fold_ is not None
    said = {
        name: model.predict_proba(known.vectors[rows], known.lexical[rows])
        for name, rows in (("held", held), ("later", later))
    }
    both = np.concatenate([model.out_of_fold_, said["held"]])
    rows_of_both = np.concatenate([train, held])
    usable = np.isfinite(both).all(axis=1)
    found: dict[Cell, list[Kept]] = defaultdict(list)
    for label in rng.permutation(known.targets.shape[1]):
        truth, scores = known.targets[held, label], said["held"][:, label]
        wide = known.targets[rows_of_both, label][usable], both[usable, label]
        for risk in RISKS:
            for limit in LIMITS:
                thresholds = {
                    LONG_RUN: promise(truth, scores, risk=risk, at_most=limit).threshold,
                    NEXT: promise(truth, scores, risk=risk, at_most=limit, over_next=n_later).threshold,
                    CROSS: promise(*wide, risk=risk, at_most=limit, over_next=n_later).threshold,
                    NAIVE: naive(truth, scores, risk, limit),
                }
                for way, threshold in thresholds.items():
                    seen = realised(known.targets[later, label], said["later"][:, label], threshold, risk)
                    found[way, risk, limit].append(seen)
    return found


def line(kept: list[Kept], limit: float) -> str:
    """How many kept it, promised nothing, or broke it beyond chance."""
    n = len(kept)
    within = sum(one.within(limit) for one in kept)
    low, high = wilson_interval(np.array([within]), np.array([n]))
    none = sum(one.n is None for one in kept)
    beyond = sum(not one.plausible(limit) for one in kept)
    among = (
        ""
        if none == n
        else f", {sum(one.within(limit) for one in kept if one.n is not None) / (n - none):6.1%} of those"
    )
    return (
        f"kept in {within / n:6.1%} ({low[0]:.1%} to {high[0]:.1%}) of {n:5,}, beyond chance {beyond / n:5.1%}, "
        f"nothing promised in {none:5,}{among}"
    )


def print_table(found: dict[Cell, list[list[Kept]]], title: str) -> None:
    """A line for each way, risk and limit: the label drawn in each run, and all labels."""
    print(title)
    for (way, risk, limit), runs in found.items():
        first = line([run[0] for run in runs], limit)
        print(f"    {risk:6s} {limit:4.0%} {way:16s} {first}")
    print("  all labels of every run")
    for (way, risk, limit), runs in found.items():
        every = line([one for run in runs for one in run], limit)
        print(f"    {risk:6s} {limit:4.0%} {way:16s} {every}", flush=True)


def main() -> None:
    """Print the tables and the bound."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--runs", type=int, default=250)
    ask.add_argument("--quick", action="store_true")
    chosen = ask.parse_args()
    require_data()
    n_runs = 10 if chosen.quick else chosen.runs
    print(machine())
    clinc, nlupp = clinc150(), nlupp_banking()
    sets = (
        prepared(clinc, np.unique(clinc.parents[clinc.parents >= 0]), (0.1, 0.2)),
        prepared(nlupp, np.flatnonzero(nlupp.targets.sum(axis=0) >= 100), (0.4, 0.3)),
    )
    together: defaultdict[Cell, list[list[Kept]]] = defaultdict(list)
    for known in sets:
        found: defaultdict[Cell, list[list[Kept]]] = defaultdict(list)
        for seed in range(n_runs):
            for cell, kept in one_run(known, seed).items():
                found[cell].append(kept)
                together[cell].append(kept)
        n, n_labels = known.targets.shape
        shares = ", ".join(f"{round(share * n):,}" for share in known.shares)
        print_table(
            found, f"{known.name}: n = {n:,}, {n_labels} labels, train and held out {shares}, {n_runs} runs"
        )
    print(
        f"both sets, one label a run, bound {BOUND:.0%} of {2 * n_runs} runs; thresholds looked at: {len(GRID)}"
    )
    for (way, risk, limit), runs in together.items():
        kept = [run[0] for run in runs]
        share = sum(one.within(limit) for one in kept) / len(kept)
        verdict = f"   {'kept' if share >= BOUND else 'MISSED'}" if way == NEXT else ""
        print(f"    {risk:6s} {limit:4.0%} {way:16s} {line(kept, limit)}{verdict}")


if __name__ == "__main__":
    main()
