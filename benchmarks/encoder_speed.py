"""Texts per second of each encoder on messages of about 60 words, beside 32 bit in the same run.

Texts are composites: short real messages joined, and windows of long real messages, so that their number of
tokens is that of ordinary mail. Rounds go through the encoders in turn and the median is printed, because
other work on the machine moves single timings.

Run: python benchmarks/encoder_speed.py [--n 400] [--rounds 3] [--threads 2]
Real data is looked up in WORKBENCH_REAL_DATA (default ../shared/data), else in data/sample.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import platform
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime

from workbench.embed import Encoder, encoder_names, load_encoder, message_text
from workbench.errors import MissingExtraError

ROOT = Path(__file__).resolve().parent.parent
N_WORDS = 60
REFERENCE = "minilm-l6-fp32"


def real_messages() -> tuple[str, list[str]]:
    """Return where the messages come from, and the messages."""
    folder = Path(os.environ.get("WORKBENCH_REAL_DATA", ROOT.parent / "shared" / "data"))
    files = {
        folder / "banking77" / "banking77_train.csv.gz": "text",
        folder / "cfpb-complaints" / "narratives.csv.gz": "narrative",
    }
    texts: list[str] = []
    for path, column in files.items():
        if path.is_file():
            with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
            found = column if column in rows[0] else max(rows[0], key=lambda key: len(rows[0][key]))
            texts += [row[found] for row in rows]
    if texts:
        return "BANKING77 and consumer complaints", texts
    for path in sorted((ROOT / "data" / "sample").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        if rows:
            longest = max(rows[0], key=lambda key: len(str(rows[0][key])))
            texts += [row[longest] for row in rows]
    if not texts:
        raise SystemExit("no messages: set WORKBENCH_REAL_DATA, or build data/sample first")
    return "data/sample (real data absent)", texts


def composites(texts: list[str], n: int, seed: int) -> list[str]:
    """Return ``n`` different texts of about 60 words."""
    chance = random.Random(seed)
    made: dict[str, None] = {}
    while len(made) < n:
        words = chance.choice(texts).split()
        while len(words) < N_WORDS:
            words += chance.choice(texts).split()
        start = chance.randrange(len(words) - N_WORDS + 1)
        length = chance.randint(N_WORDS * 2 // 3, N_WORDS)
        made[message_text("", " ".join(words[start : start + max(length, N_WORDS - 10)]))] = None
    return list(made)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    name = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    flags = next((set(line.split()) for line in lines if line.startswith("flags")), set())
    known = [flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx_vnni", "amx_int8") if flag in flags]
    return f"{name}, {os.cpu_count()} cores, {' '.join(known)}"


def interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    """95 % bootstrap interval of the mean (percentiles of 1,000 resamples)."""
    chance = np.random.default_rng(seed)
    means = values[chance.integers(0, len(values), (1_000, len(values)))].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=400, help="texts per round for the networks")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()

    origin, messages = real_messages()
    texts = composites(messages, options.n * 20, seed=7)
    print(f"machine: {processor()}; onnxruntime {onnxruntime.__version__}; load {os.getloadavg()[0]:.1f}")
    print(
        f"texts: {origin}; mean {statistics.mean(len(t.split()) for t in texts):.0f} words; "
        f"{options.threads} threads; median of {options.rounds} rounds"
    )
    encoders: dict[str, Encoder] = {}
    samples: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in encoder_names():
            try:
                first = seconds(lambda n=name: load_encoder(n, cache_dir=Path(folder)))
            except MissingExtraError as error:
                print(f"load {name:16} left out: {error}")
                continue
            start = time.perf_counter()
            encoders[name] = load_encoder(name, cache_dir=Path(folder), n_threads=options.threads)
            again = time.perf_counter() - start
            samples[name] = texts[: options.n] if name.startswith(("minilm", "use")) else texts
            encoders[name].encode(samples[name][:16])
            print(f"load {name:16} first {first:5.2f} s, again {again:5.2f} s")

    taken: dict[str, list[float]] = {name: [] for name in encoders}
    vectors: dict[str, np.ndarray] = {}
    for _ in range(options.rounds):
        for name, encoder in encoders.items():
            start = time.perf_counter()
            vectors[name] = encoder.encode(samples[name])
            taken[name].append(time.perf_counter() - start)

    rates = {name: len(samples[name]) / statistics.median(times) for name, times in taken.items()}
    print(f"\n{'encoder':18}{'n':>8}{'texts/s':>10}{'to fp32':>9}{'100,000 texts':>16}")
    for name, rate in rates.items():
        print(
            f"{name:18}{len(samples[name]):>8,}{rate:>10,.0f}{rate / rates[REFERENCE]:>9.2f}"
            f"{100_000 / rate:>14,.0f} s"
        )
    cosines = (vectors["minilm-l6-int8"] * vectors[REFERENCE]).sum(axis=1)
    low, high = interval(cosines, seed=1)
    print(
        f"\ncosine of int8 to fp32: mean {cosines.mean():.4f} [{low:.4f}, {high:.4f}], "
        f"smallest {cosines.min():.4f}, n = {len(cosines)}"
    )
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
