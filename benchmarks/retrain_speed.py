"""A new model version from 5,000 reviewed messages and 200 labels, and predictions of 1,000,000 messages.

    python benchmarks/retrain_speed.py [--reviewed 5000] [--labels 200] [--messages 1000000]

Real vectors and words: CLINC150 messages, its 160 labels and 40 more that are random halves of intents; about two
labels a message. Timed on two threads: a full training (folds and calibration), the same with names, a refresh after
20 more reviews, scikit-learn's LinearSVC one label after the other on the same matrix and without folds, and the
probabilities of all messages: copies of the real vectors with a little noise, in a float32 file mapped into memory.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from classify_data import clinc150, require_data, vectors_of
from common import machine, peak_mib
from scipy.sparse import csr_matrix, hstack

from workbench.classify import LexicalFeatures, MultiLabelClassifier, ZeroShot

RETRAIN_S, PREDICT_S, MEMORY_MIB = 2.0, 20.0, 3 * 1024
"""The bounds."""


def timed(name: str, work: Callable[[], object], bound: float | None = None) -> object:
    """Run once, print wall and processor seconds."""
    wall, used = time.perf_counter(), time.process_time()
    result = work()
    wall, used = time.perf_counter() - wall, time.process_time() - used
    verdict = "" if bound is None else f"   bound {bound:g} s: {'kept' if wall <= bound else 'MISSED'}"
    print(f"{name:46s} {wall:7.2f} s wall {used:7.2f} s processor{verdict}", flush=True)
    return result


def with_halves(targets: np.ndarray, n_labels: int, rng: np.random.Generator) -> np.ndarray:
    """More labels: a random half of one intent's messages each."""
    halved = targets[:, rng.integers(0, targets.shape[1], max(n_labels - targets.shape[1], 0))]
    return np.hstack([targets[:, :n_labels], halved & (rng.random(halved.shape) < 0.5)])


def main() -> None:
    """Print the figures."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--reviewed", type=int, default=5_000)
    ask.add_argument("--labels", type=int, default=200)
    ask.add_argument("--messages", type=int, default=1_000_000)
    chosen = ask.parse_args()
    require_data()
    data, rng = clinc150(), np.random.default_rng(0)
    vectors = vectors_of(data.texts)
    lexical = LexicalFeatures().fit(data.texts).transform(data.texts)
    targets = with_halves(data.targets, chosen.labels, rng)
    order = rng.permutation(len(vectors))
    rows, more = order[: chosen.reviewed], order[: chosen.reviewed + 20]
    label_vectors = np.stack(
        [vectors[np.flatnonzero(column)[:3]].mean(axis=0) for column in targets.T]
    )  # as good as names here: the time is the same
    label_vectors /= np.linalg.norm(label_vectors, axis=1, keepdims=True)
    print(machine())
    print(
        f"{chosen.reviewed:,} reviewed, {targets.shape[1]} labels, {targets[rows].sum(axis=1).mean():.1f} a message, "
        f"{vectors.shape[1]} dimensions, {lexical.shape[1]:,} lexical columns"
    )
    known = (vectors[rows], lexical[rows], targets[rows])
    MultiLabelClassifier().fit(known[0][:200], known[1][:200], known[2][:200])  # libraries are loaded
    model = timed(
        "full training, folds and calibration", lambda: MultiLabelClassifier().fit(*known), RETRAIN_S
    )
    names = ZeroShot.from_names(label_vectors, vectors)
    named = timed("the same with names", lambda: MultiLabelClassifier().fit(*known, names=names), RETRAIN_S)
    grown = (vectors[more], lexical[more], targets[more])
    timed("refresh after 20 more reviews", lambda: MultiLabelClassifier().refresh(named, *grown), RETRAIN_S)
    timed("LinearSVC, label after label, no folds", lambda: one_by_one(*known))
    print(f"memory so far {peak_mib():,.0f} MiB")
    with tempfile.TemporaryDirectory() as folder:
        many, words = population(Path(folder), vectors, lexical, chosen.messages, rng)
        for name, one in (("", model), (", with names", named)):
            timed(
                f"probabilities of {chosen.messages:,} messages{name}",
                lambda one=one: one.predict_proba(many, words),
                PREDICT_S,
            )
            verdict = "kept" if peak_mib() <= MEMORY_MIB else "MISSED"
            print(f"memory {peak_mib():,.0f} MiB   bound {MEMORY_MIB:,} MiB: {verdict}", flush=True)


def one_by_one(vectors: np.ndarray, lexical: csr_matrix, targets: np.ndarray) -> None:
    """What a loop over labels costs."""
    from sklearn.svm import LinearSVC

    rows = hstack([csr_matrix(vectors - vectors.mean(axis=0)), 0.4 * lexical], format="csr")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for column in targets.T:
            LinearSVC(C=1.0).fit(rows, column)


def population(
    folder: Path, vectors: np.ndarray, lexical: csr_matrix, n: int, rng: np.random.Generator
) -> tuple[np.ndarray, csr_matrix]:
    """``n`` messages: vectors in a mapped file, lexical rows repeated."""
    path = folder / "vectors.npy"
    many = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, vectors.shape[1]))
    for begin in range(0, n, 50_000):
        piece = vectors[np.arange(begin, min(begin + 50_000, n)) % len(vectors)]
        piece = piece + rng.normal(0, 0.01, piece.shape).astype(np.float32)
        many[begin : begin + len(piece)] = piece / np.linalg.norm(piece, axis=1, keepdims=True)
    many.flush()
    del many
    at = np.arange(n) % lexical.shape[0]
    return np.load(path, mmap_mode="r"), lexical[at]


if __name__ == "__main__":
    main()
