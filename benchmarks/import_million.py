"""How fast and in how much memory a million messages are imported from split CSV files, through the owner.

Input: N made-up messages (default 1,000,000, about 630 MB; a third with a signature and a quoted reply) in CSV
files of 200,000, each below the default limit of 128 MiB. They are imported in one run: every file is sent
piece by piece, looked at, checked, cleaned, stored and charged. Prints messages per second, the peak memory of
the owner and of its worker (limit together: 2 GB), and the ratio to two floors on the same files and machine:

- bare: DuckDB's ``read_csv`` inserting the columns of the file into a table keyed by id (limit: 6 times);
- same table: the same into the message table of this product, text twice, without hashes, ledger and cleaning.
"""

from __future__ import annotations

import csv
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import common

N = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
SETTINGS = {"import_batch_rows": int(sys.argv[2])} if len(sys.argv) > 2 else {}
PER_FILE = 200_000
HEADER = ["id", "date", "subject", "text", "from", "thread", "stars", "country"]
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
BARE = """
CREATE TABLE m (id VARCHAR PRIMARY KEY, date TIMESTAMPTZ, subject VARCHAR, text VARCHAR, sender VARCHAR,
    thread VARCHAR, stars DOUBLE, country VARCHAR);
"""
BARE_INSERT = "INSERT INTO m SELECT * FROM read_csv($file)"
SAME_INSERT = """
INSERT INTO message SELECT '00aa11bb22cc33dd.' || id, '00aa11bb22cc33dd', id, row_number() OVER (), date, now(), now(),
    thread, subject, text, '', text, "from", [], NULL, '', '', NULL,
    json_object('number:stars', stars, 'string:country', country)
FROM read_csv($file)
"""
FLOOR = """
import sys, time, duckdb
from workbench.store.migrations import m0001_sources
kind, target, create, insert, *files = sys.argv[1:]
with duckdb.connect(target, config={"threads": 2, "memory_limit": "2GB"}) as connection:
    connection.execute("SET TimeZone = 'UTC'")
    start = time.perf_counter()
    m0001_sources.apply(connection) if kind == "same" else connection.execute(create)
    for file in files:
        connection.execute(insert, {"file": file})
    connection.execute("CHECKPOINT")
    print(time.perf_counter() - start, time.process_time())
"""


def messages(first: int, n: int) -> Iterator[tuple[object, ...]]:
    draw = random.Random(first)
    for i in range(first, first + n):
        words = draw.choices(WORDS, k=80)
        text = " ".join(words)
        if i % 3 == 0:
            text = (
                f"{' '.join(words[:30])}.\n\n{' '.join(words[30:70])}.\n\nBest regards,\nJane Doe\n\n"
                "On 3 March Kim wrote:\n> where is it\n> please"
            )
        when = f"2026-{i % 12 + 1:02}-{i % 28 + 1:02}T10:{i % 60:02}:00Z"
        yield f"m-{i}", when, " ".join(words[:5]), text, f"c{i % 5000}@x.org", f"t-{i // 4}", i % 5, "DE"


def write_files(folder: Path) -> list[Path]:
    paths = []
    for first in range(0, N, PER_FILE):
        path = folder / f"part-{first // PER_FILE}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(HEADER)
            writer.writerows(messages(first, min(PER_FILE, N - first)))
        paths.append(path)
    return paths


def floor(kind: str, insert: str, folder: Path, files: list[Path]) -> tuple[float, float]:
    target = folder / f"{kind}.duckdb"
    command = [sys.executable, "-c", FLOOR, kind, str(target), BARE, insert, *map(str, files)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=common.ROOT)
    target.unlink()
    seconds, cpu = done.stdout.split()[-2:]
    return float(seconds), float(cpu)


class Watch(threading.Thread):
    """Highest resident memory of a process and its children, summed, sampled five times a second."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.peak_mib, self.done = pid, 0.0, threading.Event()
        self.cpu: dict[int, float] = {}

    def run(self) -> None:  # noqa: D102
        while not self.done.wait(0.2):
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
            tasks = Path(f"/proc/{self.pid}/task")
            pids = (
                {self.pid}
                | {int(pid) for task in tasks.glob("*/children") for pid in task.read_text().split()}
                if children.exists()
                else {self.pid}
            )
            self.peak_mib = max(self.peak_mib, sum(resident_mib(pid) for pid in pids))
            self.cpu |= {pid: spent for pid in pids if (spent := cpu_seconds(pid)) is not None}


def resident_mib(pid: int) -> float:
    """Anonymous memory: pages of mapped files can be dropped at any time and belong to nobody."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next(
        (int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("RssAnon")), 0.0
    )


def cpu_seconds(pid: int) -> float | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def owner_pid(file: Path) -> int:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if b"workbench.workspace.owner" in line and str(file).encode() in line:
            return int(process.name)
    raise SystemExit("the owner process was not found")


def log_bytes(file: Path) -> int:
    """Length of what is not yet written into the file itself."""
    log = file.with_name(file.name + ".wal")
    return log.stat().st_size if log.exists() else 0


def main() -> None:
    import workbench as wb

    print(f"machine: {common.machine()}")
    folder = Path(tempfile.mkdtemp(prefix="million-"))
    try:
        files = write_files(folder)
        size = sum(path.stat().st_size for path in files) / 1e6
        print(f"n = {N:,} messages, {size:.0f} MB in {len(files)} files")
        floors = {
            "bare": floor("bare", BARE_INSERT, folder, files),
            "same table": floor("same", SAME_INSERT, folder, files),
        }
        workspace = wb.open(folder / "million.duckdb", **SETTINGS)
        workspace.health()
        watch = Watch(owner_pid(folder / "million.duckdb"))
        watch.start()
        start, new, units = time.perf_counter(), 0, 0
        for path in files:
            begun = time.perf_counter()
            report = workspace.import_(path, source="demo/mail", progress=False)
            new, units = new + report.counts.new, units + report.counts.units
            print(f"  {path.name}: {report.counts.new:,} new in {time.perf_counter() - begun:.1f} s")
        while log_bytes(folder / "million.duckdb") > 1 << 20:  # the floors end with a checkpoint too
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        watch.done.set()
        assert new == units == N
        print(f"import: {seconds:.1f} s, {N / seconds:,.0f} messages per second")
        print(f"peak memory of owner and worker: {watch.peak_mib:.0f} MiB (limit 2,000)")
        cpu = sum(watch.cpu.values())
        print(f"processor time of owner and worker: {cpu:.1f} s")
        for name, (floor_s, floor_cpu) in floors.items():
            print(
                f"{name} floor: {floor_s:.1f} s, {floor_cpu:.1f} s of processor; the import takes "
                f"{seconds / floor_s:.1f} times as long, {cpu / floor_cpu:.1f} times the processor"
            )
        print(f"load at the end: {os.getloadavg()[0]:.1f}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
