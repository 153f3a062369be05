"""How fast and in how much memory a message file is checked and read.

Input: 100,000 made-up messages of 60 words (a third with a quoted reply and a signature) as CSV and JSONL,
and a CSV of 128 MiB, the largest allowed. Prints n, the machine, median CPU seconds of each pass, the ratio to
the standard library's parser alone on the same file (a limit nothing built on it can beat), and the peak
resident memory of the process that did the pass.
"""

from __future__ import annotations

import csv
import json
import multiprocessing
import os
import platform
import random
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from workbench.domain import ColumnMapping, ImportOptions, UploadId
from workbench.ingest import check, look, read

N = 100_000
REPEATS = 3
LIMIT = 128 * 1024 * 1024
MAPPING = ColumnMapping(
    id="id", timestamp="date", body="text", properties={"stars": "number", "country": "string"}
)
WORDS = [
    "the",
    "of",
    "parcel",
    "late",
    "refund",
    "please",
    "where",
    "order",
    "number",
    "damaged",
    "claim",
    "policy",
    "hello",
    "thanks",
    "account",
    "delivery",
    "never",
    "arrived",
    "today",
    "yesterday",
    "again",
    "because",
    "driver",
    "left",
    "card",
    "neighbour",
    "street",
]


def messages(n: int) -> Iterator[tuple[str, str, str, int, str]]:
    draw = random.Random(7)
    for i in range(n):
        words = draw.choices(WORDS, k=60)
        text = " ".join(words)
        if i % 3 == 0:
            text = f"{' '.join(words[:20])}.\n\n{' '.join(words[20:])}.\n\nBest regards,\nJane Doe\n\nOn 3 March Kim wrote:\n> where is it\n> please"
        yield f"m-{i}", f"2026-{i % 12 + 1:02}-{i % 28 + 1:02}T10:00:00Z", text, i % 5, "DE"


def write_csv(path: Path, n: int, n_bytes: int | None = None) -> int:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "date", "text", "stars", "country"])
        for count, row in enumerate(messages(n), 1):
            writer.writerow(row)
            if n_bytes is not None and count % 1_000 == 0 and file.tell() > n_bytes - 1_000_000:
                return count
    return n


def write_jsonl(path: Path, n: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for i, date, text, stars, country in messages(n):
            record = {"id": i, "date": date, "text": text, "stars": stars, "country": country}
            file.write(json.dumps(record) + "\n")


def run_look(path: Path) -> None:
    look(path, name=path.name, upload_id=UploadId("u"), max_bytes=LIMIT)


def run_check(path: Path) -> None:
    assert check(path, MAPPING, ImportOptions()).n_errors == 0


def run_read(path: Path) -> None:
    for _ in read(path, mapping=MAPPING, options=ImportOptions(), batch_rows=5_000):
        pass


def run_parser_alone(path: Path) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        for _ in csv.reader(file) if path.suffix == ".csv" else map(json.loads, file):
            pass


def measure(work: Callable[[Path], None], path: Path, repeats: int) -> tuple[float, float]:
    """Median CPU seconds and peak memory (MB) of ``work`` in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (work, path, repeats))


def _measure(work: Callable[[Path], None], path: Path, repeats: int) -> tuple[float, float]:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work(path)
        times.append(time.process_time() - start)
    return statistics.median(times), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    print(f"machine: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        small, lines, large = (Path(folder) / name for name in ("m.csv", "m.jsonl", "large.csv"))
        write_csv(small, N)
        write_jsonl(lines, N)
        n_large = write_csv(large, 10_000_000, LIMIT)
        for path, n, repeats in ((small, N, REPEATS), (lines, N, REPEATS), (large, n_large, 1)):
            print(f"{path.name}: n={n:,} messages, {path.stat().st_size / 2**20:.1f} MiB")
            limit, _ = measure(run_parser_alone, path, repeats)
            print(f"  parser alone          {limit:6.2f} s")
            for name, work in (("look", run_look), ("check", run_check), ("check + read", run_read)):
                seconds, peak = measure(work, path, repeats)
                print(
                    f"  {name:<20}  {seconds:6.2f} s  {seconds / limit:5.1f} x the parser  peak {peak:.0f} MB"
                )


if __name__ == "__main__":
    main()
