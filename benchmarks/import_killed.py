"""A million-row import killed at ten random moments ends in the exact same store and ledger as one left alone.

    python benchmarks/import_killed.py [n_messages] [n_kills] [seed]

Input: the files of ``import_million.py`` (default 1,000,000 messages in five files), imported twice through the
owner: once undisturbed, once with ``kill -9`` of the owner at moments drawn evenly over the time the first one
took; the time until it is at work again is left out. After a kill the job is resumed or, every other time and where
the file was still on its way, the same file is imported again from its beginning. Compares every message with all
its columns and its place of arrival, every property, and every ledger entry; then imports all files once more, which must find nothing new. Exits with 1 when
anything differs.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import common
import import_million
from import_million import owner_pid, write_files

import workbench as wb
from workbench.domain import JobId
from workbench.door import Job
from workbench.errors import WorkbenchError

N, N_KILLS, SEED = (
    int(sys.argv[place]) if len(sys.argv) > place else default
    for place, default in ((1, 1_000_000), (2, 10), (3, 7))
)
COLUMNS = (
    "upload_seq, substr(uid, 17), message_id, timestamp, thread_id, subject, body, signature, full_text, sender,"
    " recipients, language, text_hash, content_hash, properties::VARCHAR, parts::VARCHAR, cc, bcc, sent_at"
)
PRINTS = {
    "messages": f"SELECT count(*) AS n, bit_xor(hash({COLUMNS})) AS print FROM message",
    "properties": "SELECT count(*) AS n, bit_xor(hash(substr(uid, 17), name, string_value, number_value)) AS print"
    " FROM message_property",
    "ledger": "SELECT count(*) AS n, bit_xor(hash(project, channel, operation, substr(uid, 17), units, charged,"
    " actor)) AS print FROM ledger",
    "units": "SELECT sum(units) FILTER (charged)::BIGINT AS n, count(DISTINCT idempotency_key) AS print FROM ledger",
}
"""What must be equal: the id of a source is drawn anew in each workspace, so it is cut off."""


class Killer(threading.Thread):
    """Kills the owner at the given moments, in seconds of work: the time until a job loads again does not count."""

    def __init__(self, file: Path, moments: list[float]) -> None:
        super().__init__(daemon=True)
        self._file, self._moments, self.n_kills = file, moments, 0
        self.done = threading.Event()

    def run(self) -> None:  # noqa: D102
        before = 0.0
        for moment in self._moments:
            if self.done.wait(moment - before):
                return
            before = moment
            while not self._killed():
                time.sleep(0.05)
            self.n_kills += 1
            workspace = wb.open(self._file)
            stored = workspace.sql("SELECT count(*) FROM message").item()
            print(f"  kill {self.n_kills}: the next owner finds {stored:,} messages")
            while not self.done.is_set() and not self._loads(workspace):
                time.sleep(0.05)

    def _killed(self) -> bool:
        try:
            os.kill(owner_pid(self._file), signal.SIGKILL)
        except (SystemExit, ProcessLookupError):  # the next one is just starting
            return False
        return True

    @staticmethod
    def _loads(workspace: wb.Workspace) -> bool:
        return any(job.status == "running" and job.stage == "loading" for job in workspace.operations.jobs())


def prints(workspace: wb.Workspace) -> dict[str, tuple[int, int]]:
    """Numbers that are equal when all rows of a table are."""
    found = {}
    for what, query in PRINTS.items():
        row = workspace.sql(query).row(0)
        found[what] = (int(row[0]), int(row[1]))
    return found


def interrupted(workspace: wb.Workspace) -> JobId | None:
    """The import that the last kill stopped; None when the file was still on its way, or on disk already."""
    newest = next(iter(workspace.operations.jobs()), None)
    return newest.job_id if newest is not None and newest.status == "interrupted" else None


def persistently(workspace: wb.Workspace, file: Path, draw: random.Random) -> None:
    """Import a file, whatever happens to the owner."""
    stopped: JobId | None = None
    while True:
        try:
            if stopped is None:
                workspace.import_(file, source="demo/mail", progress=False)
            else:
                Job(workspace.operations, stopped).resume().wait(progress=False)
        except WorkbenchError as error:
            stopped = interrupted(workspace)
            stopped = stopped if draw.random() < 0.5 else None
            stored = workspace.sql("SELECT count(*) FROM message").item()
            print(
                f"  {file.name}: {error.code} with {stored:,} stored; {'resumed' if stopped else 'begun again'}"
            )
        else:
            return


def main() -> None:
    print(f"machine: {common.machine()}")
    draw = random.Random(SEED)
    folder = Path(tempfile.mkdtemp(prefix="killed-"))
    import_million.N = N
    try:
        files = write_files(folder)
        print(f"n = {N:,} messages in {len(files)} files, {N_KILLS} kills, seed {SEED}")
        alone = wb.open(folder / "alone.duckdb")
        begun = time.perf_counter()
        for file in files:
            alone.import_(file, source="demo/mail", progress=False)
        seconds = time.perf_counter() - begun
        print(f"undisturbed: {seconds:.0f} s")
        workspace = wb.open(folder / "killed.duckdb")
        workspace.health()
        moments = sorted(draw.uniform(0.5, seconds) for _ in range(N_KILLS))
        killer = Killer(folder / "killed.duckdb", moments)
        killer.start()
        for file in files:
            persistently(workspace, file, draw)
        killer.done.set()
        killer.join()
        expected, found = prints(alone), prints(workspace)
        same = expected == found
        for what, (n, _) in expected.items():
            verdict = "the same" if expected[what] == found[what] else f"NOT the same: {found[what][0]:,}"
            print(f"{what}: {n:,}, {verdict}")
        again = [workspace.import_(file, source="demo/mail", progress=False).counts for file in files]
        n_new, n_changed = sum(one.new for one in again), sum(one.updated for one in again)
        print(f"imported once more: new={n_new} updated={n_changed} units={sum(one.units for one in again)}")
        print(f"{killer.n_kills} kills of {N_KILLS}")
        if not same or n_new or n_changed or killer.n_kills < N_KILLS or found != prints(workspace):
            raise SystemExit(1)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
