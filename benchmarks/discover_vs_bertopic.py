"""Map + clusters + names beside BERTopic's default pipeline: same vectors, same run, same threads.

    python benchmarks/discover_vs_bertopic.py [--parts quality speed] [--messages 100000] [--repeats 3]
        [--peer-python /path/to/python]

BERTopic comes with the ``bench`` extra; ``--peer-python`` names another interpreter that has it. Both sides run in
processes of their own, in turn, after a warm-up on 3,000 messages (numba compiles then; not counted).

* ours: ``discover`` as the workspace calls it: near-duplicates, 2-d map, clusters, phrases, names re-ranked by the
  encoder, shown messages;
* peer: ``BERTopic().fit_transform(texts, vectors)``: 5-d reduction, clusters, words per topic; it makes no 2-d map.

quality: CLINC150 (22,500 in-scope) and BANKING77 (13,083), adjusted Rand index and V-measure against the true intents,
over all messages (those left out count as one group) and over assigned ones, one run per seed. speed: messages of
about 60 words built of CLINC150 and BANKING77 utterances; a message's vector is the vector of its first utterance plus
noise (cosine about 0.93), its text that utterance and four others of its intent.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

WARM_UP = 3_000
THREADS = "2"


def utterances(name: str) -> tuple[list[str], np.ndarray]:
    """Texts of a data set and the number of each one's intent."""
    from common import real_data

    if name == "clinc150":
        parts = json.loads(gzip.decompress((real_data() / name / "clinc150_full.json.gz").read_bytes()))
        pairs = [tuple(pair) for part in sorted(parts) if "oos" not in part for pair in parts[part]]
    else:
        pairs = []
        for part in ("train", "test"):
            raw = gzip.decompress((real_data() / name / f"banking77_{part}.csv.gz").read_bytes())
            pairs += [(row["text"], row["category"]) for row in csv.DictReader(io.StringIO(raw.decode()))]
    return [text for text, _ in pairs], np.unique([intent for _, intent in pairs], return_inverse=True)[1]


def vectors_of(name: str, texts: list[str], cache: Path) -> np.ndarray:
    """Vectors of the default encoder, kept in ``cache``."""
    from workbench.embed import load_encoder

    file = cache / f"{name}.npy"
    if not file.exists():
        np.save(file, load_encoder("minilm-l6-int8", cache_dir=cache).encode(texts))
    return np.asarray(np.load(file))


def write_case(folder: Path, texts: list[str], vectors: np.ndarray, truth: np.ndarray) -> Path:
    folder.mkdir()
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "truth.npy", truth)
    return folder


def large_case(folder: Path, n: int, cache: Path) -> Path:
    random = np.random.default_rng(0)
    texts: list[str] = []
    vectors, truth = [], []
    for name in ("clinc150", "banking77"):
        some, intents = utterances(name)
        texts += some
        vectors.append(vectors_of(name, some, cache))
        truth.append(intents + 1000 * len(truth))
    table, intents = np.concatenate(vectors), np.concatenate(truth)
    first = random.choice(len(texts), n)
    by_intent = {i: np.flatnonzero(intents == i) for i in np.unique(intents)}
    long = [". ".join(texts[row] for row in (at, *random.choice(by_intent[intents[at]], 4))) for at in first]
    noisy = table[first] + random.normal(0, 0.02, (n, table.shape[1])).astype(np.float32)
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    print(f"{n} messages, {np.mean([len(text.split()) for text in long]):.0f} words on average")
    return write_case(folder, long, noisy.astype(np.float32), intents[first])


def run_side(side: str, case: Path, seed: int, cache: Path) -> None:
    """Worker: one side on one case; prints a line of JSON."""
    import warnings

    warnings.simplefilter("ignore")
    texts = json.loads((case / "texts.json").read_text(encoding="utf-8"))
    vectors, truth = np.load(case / "vectors.npy"), np.load(case / "truth.npy")
    if side == "ours":
        from workbench.discover import discover
        from workbench.embed import load_encoder
        from workbench.language import phrases

        encoder = load_encoder("minilm-l6-int8", cache_dir=cache)

        def fit(some: list[str], rows: np.ndarray) -> np.ndarray:
            return discover(
                some, rows, find_phrases=phrases, encode_phrases=encoder.encode, random_state=seed
            ).labels
    else:
        from bertopic import BERTopic

        def fit(some: list[str], rows: np.ndarray) -> np.ndarray:
            return np.asarray(BERTopic().fit_transform(some, rows)[0])

    fit(texts[:WARM_UP], vectors[:WARM_UP])
    wall, cpu = time.perf_counter(), time.process_time()
    labels = fit(texts, vectors)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    from sklearn.metrics import adjusted_rand_score, v_measure_score

    kept = labels >= 0
    print(
        json.dumps(
            {
                "wall": wall,
                "cpu": cpu,
                "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "k": len(set(labels[kept].tolist())),
                "left_out": float(1 - kept.mean()),
                "ari": adjusted_rand_score(truth, labels),
                "v": v_measure_score(truth, labels),
                "ari_assigned": adjusted_rand_score(truth[kept], labels[kept]),
                "v_assigned": v_measure_score(truth[kept], labels[kept]),
            }
        )
    )


def measure(case: Path, repeats: int, peer_python: str, cache: Path) -> None:
    """Run both sides in turn and print the means, the ranges, and the ratios."""
    found: dict[str, list[dict[str, float]]] = {"ours": [], "peer": []}
    for seed in range(repeats):
        for side, python in (("ours", sys.executable), ("peer", peer_python)):
            done = subprocess.run(
                [python, __file__, "--side", side, "--case", case, "--seed", str(seed), "--cache", cache],
                env=os.environ
                | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), THREADS)
                | {"PYTHONPATH": str(Path(__file__).parent.parent), "TOKENIZERS_PARALLELISM": "false"},
                stdout=subprocess.PIPE,
                check=True,
                text=True,
            )
            found[side].append(json.loads(done.stdout.strip().splitlines()[-1]))
            print(f"  {side} seed {seed}: {found[side][-1]}", file=sys.stderr, flush=True)
    print(f"{case.name}, {repeats} runs each: mean (least - most)")
    for side, runs in found.items():
        shown = (
            f"{key} {np.mean(values):.3g} ({min(values):.3g} - {max(values):.3g})"
            for key in runs[0]
            for values in [[run[key] for run in runs]]
        )
        print(f"  {side}: {', '.join(shown)}")
    for key in ("wall", "cpu"):
        ratios = [peer[key] / own[key] for own, peer in zip(found["ours"], found["peer"], strict=True)]
        print(f"  peer / ours, {key}: {np.mean(ratios):.2f} ({min(ratios):.2f} - {max(ratios):.2f})")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", default=["quality", "speed"], choices=["quality", "speed"])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peer-python", default=sys.executable)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "workbench-benchmarks")
    parser.add_argument("--side", choices=["ours", "peer"], help=argparse.SUPPRESS)
    parser.add_argument("--case", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=0, help=argparse.SUPPRESS)
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    if given.side:
        run_side(given.side, given.case, given.seed, given.cache)
        return
    from common import machine

    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if "quality" in given.parts:
            for data in ("clinc150", "banking77"):
                texts, truth = utterances(data)
                case = write_case(folder / data, texts, vectors_of(data, texts, given.cache), truth)
                measure(case, given.repeats, given.peer_python, given.cache)
        if "speed" in given.parts:
            case = large_case(folder / "speed", given.messages, given.cache)
            measure(case, given.repeats, given.peer_python, given.cache)


if __name__ == "__main__":
    main()
