"""How good the classifier is with few examples per label, and what labels' names add.

    python benchmarks/few_shot.py [--seeds 5] [--encoders minilm-l6-int8,use-multilingual-v3] [--quick]

Two tables. *Few examples*: BANKING77 and CLINC150 at 5 and 10 examples per label, every test message; accuracy of
the likeliest leaf, macro average precision over leaves, expected calibration error (all pairs with p > 0.02, 15 bins
of equal count), each as mean and 95 % interval over seeds, for the product's classifier without and with names,
beside the best classifier of the design study (its figures are in ``BEST``). NLU++ banking: the set's own 20 folds in
its low-data way, trained on one fold and tested on the other 19 (macro F1 at 0.5).

*Names*: 0, 1, 2, 5 and 10 examples per label on the three sets: names alone, examples alone, both, the mean of the
two probabilities that is usual, and the nearest name by cosine. ``--quick`` is one seed and a third of the test.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from classify_data import TestSet, banking77, clinc150, nlupp_banking, require_data, vectors_of
from common import machine
from scipy.sparse import csr_matrix

from workbench.classify import LexicalFeatures, MultiLabelClassifier, ZeroShot, label_texts, make_consistent

BEST = {
    ("BANKING77", 5): "LR .802/.833, SVM .793/.829",
    ("BANKING77", 10): "LR .868/.886, SVM .857/.891",
    ("CLINC150", 5): "LR .873",
    ("CLINC150", 10): "LR .908",
}
"""Accuracy / macro AP of the one-vs-rest classifiers in the design study, default encoder, 2 seeds."""


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A test set with what the classifier reads of it."""

    data: TestSet
    vectors: npt.NDArray[np.float32]
    lexical: csr_matrix
    label_vectors: npt.NDArray[np.float32]
    names: ZeroShot
    leaf: npt.NDArray[np.bool_]


def prepare(data: TestSet, encoder: str) -> Prepared:
    """Vectors, lexical features and names; every message counts as seen but not reviewed."""
    vectors = vectors_of(data.texts, encoder)
    paths = [
        (name,) if parent < 0 else (data.label_names[parent], name)
        for name, parent in zip(data.label_names, data.parents, strict=True)
    ]
    labels = vectors_of(label_texts(paths, [""] * len(paths)), encoder)
    leaf = np.ones(len(paths), dtype=bool)
    leaf[data.parents[data.parents >= 0]] = False
    return Prepared(
        data=data,
        vectors=vectors,
        lexical=LexicalFeatures().fit(data.texts).transform(data.texts),
        label_vectors=labels,
        names=ZeroShot.from_names(labels, vectors),
        leaf=leaf,
    )


def draw(
    targets: npt.NDArray[np.bool_], pool: npt.NDArray[np.int64], n: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Rows of ``pool`` until every label has ``n`` examples (or all there are), rare labels first."""
    chosen: set[int] = set()
    have = np.zeros(targets.shape[1], dtype=int)
    order = rng.permutation(pool)
    for label in np.argsort(targets[pool].sum(axis=0), kind="stable"):
        for row in order[targets[order, label]]:
            if have[label] >= n:
                break
            if int(row) not in chosen:
                chosen.add(int(row))
                have += targets[row]
    return np.array(sorted(chosen), dtype=np.int64)


def judge(
    truth: npt.NDArray[np.bool_], p: npt.NDArray[np.float32], leaf: npt.NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Accuracy of the likeliest leaf, macro average precision over leaves, expected calibration error."""
    first = np.where(leaf, p, -1).argmax(axis=1)
    aps = []
    for label in np.flatnonzero(leaf & truth.any(axis=0)):
        hit = truth[np.argsort(-p[:, label], kind="stable"), label]
        aps.append(float((np.cumsum(hit)[hit] / (np.flatnonzero(hit) + 1)).mean()))
    return float(truth[np.arange(len(truth)), first].mean()), float(np.mean(aps)), calibration_error(truth, p)


def calibration_error(truth: npt.NDArray[np.bool_], p: npt.NDArray[np.float32]) -> float:
    """Expected calibration error as the docstring of this script says."""
    told = p > 0.02
    said, was = p[told], truth[told]
    bins = np.array_split(np.argsort(said, kind="stable"), 15)
    return float(
        sum(abs(said[b].mean() - was[b].mean()) * len(b) for b in bins if len(b)) / max(len(said), 1)
    )


def spread(values: Sequence[tuple[float, ...]]) -> str:
    """Mean and 95 % interval (t) of each figure over seeds."""
    found = np.array(values)
    wide = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78}.get(len(found), 2.1)
    half = wide * found.std(axis=0, ddof=1) / np.sqrt(len(found)) if len(found) > 1 else 0 * found[0]
    return "  ".join(f"{mean:.3f} ±{h:.3f}" for mean, h in zip(found.mean(axis=0), half, strict=True))


def fitted(
    known: Prepared, rows: npt.NDArray[np.int64], names: ZeroShot | None, seed: int
) -> MultiLabelClassifier:
    """The product's classifier on these rows."""
    model = MultiLabelClassifier(random_state=seed)
    data = known.data
    return model.fit(
        known.vectors[rows], known.lexical[rows], data.targets[rows], parents=data.parents, names=names
    )


def parts(
    known: Prepared, seed: int, share: float
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], np.random.Generator]:
    """Pool to draw from, test messages, and the dice."""
    rng = np.random.default_rng(seed)
    part = known.data.part
    if part.max() > 1:
        test, pool = np.flatnonzero(part % 3 == seed % 3), np.flatnonzero(part % 3 != seed % 3)
    else:
        test, pool = np.flatnonzero(part == 1), np.flatnonzero(part == 0)
    return pool, np.sort(rng.choice(test, int(len(test) * share), replace=False)), rng


def few_examples(known: Prepared, encoder: str, seeds: int, share: float) -> None:
    """The first table, single-label sets."""
    for n in (5, 10):
        found: dict[str, list[tuple[float, ...]]] = {"examples": [], "and names": []}
        for seed in range(seeds):
            pool, test, rng = parts(known, seed, share)
            rows = draw(known.data.targets & known.leaf, pool, n, rng)
            for way, names in (("examples", None), ("and names", known.names)):
                model = fitted(known, rows, names, seed)
                p = model.predict_proba(known.vectors[test], known.lexical[test])
                found[way].append(judge(known.data.targets[test], p, known.leaf))
        for way, values in found.items():
            best = BEST.get((known.data.name, n), "") if encoder == "minilm-l6-int8" else ""
            print(
                f"{known.data.name:14s} {encoder:20s} n={n:2d} {way:10s} {spread(values)}   {best}",
                flush=True,
            )


def folds_of_nlupp(known: Prepared, encoder: str, n_folds: int) -> None:
    """Trained on one fold, tested on the others: macro F1 at 0.5 over labels of the test part."""
    found: dict[str, list[tuple[float, ...]]] = {"examples": [], "and names": []}
    data = known.data
    for fold in range(n_folds):
        rows, test = np.flatnonzero(data.part == fold), np.flatnonzero(data.part != fold)
        for way, names in (("examples", None), ("and names", known.names)):
            p = fitted(known, rows, names, 0).predict_proba(known.vectors[test], known.lexical[test])
            truth, said = data.targets[test], p > 0.5
            both = (truth & said).sum(axis=0)
            f1 = 2 * both / np.maximum(truth.sum(axis=0) + said.sum(axis=0), 1)
            micro = 2 * both.sum() / (truth.sum() + said.sum())
            found[way].append((float(f1[truth.any(axis=0)].mean()), float(micro)))
    for way, values in found.items():
        print(
            f"{data.name} {encoder} {n_folds} folds {way:10s} macro F1, micro F1: {spread(values)}",
            flush=True,
        )


def names_table(known: Prepared, seeds: int, share: float) -> None:
    """The second table."""
    data = known.data
    cosine = known.vectors @ known.label_vectors.T
    for n in (0, 1, 2, 5, 10):
        found: dict[str, list[tuple[float, ...]]] = {}
        for seed in range(seeds):
            pool, test, rng = parts(known, seed, share)
            rows = draw(data.targets & known.leaf, pool, n, rng)
            truth = data.targets[test]
            x = (known.vectors[test], known.lexical[test])
            nearest = judge(truth, cosine[test], known.leaf)
            found.setdefault("nearest name", []).append((*nearest[:2], float("nan")))
            said = {"both": fitted(known, rows, known.names, seed).predict_proba(*x)}
            silent = known.names
            alone = MultiLabelClassifier().fit(
                known.vectors[:0], known.lexical[:0], data.targets[:0], parents=data.parents, names=silent
            )
            said["names alone"] = alone.predict_proba(*x)
            if n > 1:
                said["examples"] = fitted(known, rows, None, seed).predict_proba(*x)
                weight = data.targets[rows].sum(axis=0) / (data.targets[rows].sum(axis=0) + 10.0)
                mean = weight * said["examples"] + (1 - weight) * said["names alone"]
                said["mean of both"] = make_consistent(mean.astype(np.float32), data.parents)
            for way, p in said.items():
                found.setdefault(way, []).append(judge(truth, p, known.leaf))
        for way, values in found.items():
            print(f"{data.name:14s} n={n:2d} {way:12s} {spread(values)}", flush=True)


def main() -> None:
    """Print both tables."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--encoders", default="minilm-l6-int8,use-multilingual-v3")
    ask.add_argument("--quick", action="store_true")
    chosen = ask.parse_args()
    require_data()
    seeds, share = (1, 1 / 3) if chosen.quick else (chosen.seeds, 1.0)
    print(machine())
    print(f"accuracy, macro AP, calibration error: mean and 95 % interval over {seeds} seeds")
    for encoder in chosen.encoders.split(","):
        sets = [prepare(make(), encoder) for make in (banking77, clinc150, nlupp_banking)]
        for known in sets[:2]:
            few_examples(known, encoder, seeds, share)
        folds_of_nlupp(sets[2], encoder, 3 if chosen.quick else 20)
        if encoder == chosen.encoders.split(",")[0]:
            for known in sets:
                names_table(known, seeds, share)


if __name__ == "__main__":
    main()
