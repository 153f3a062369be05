"""Import real raw mails through the owner: mails per second, memory of the owner, and the same import again.

Input: the raw list mails of the real data folder (WORKBENCH_REAL_DATA, default ``../shared/data``), as gzipped mbox
files; then a Maildir of 20,000 small mails made here, whose size shows whether the owner's memory grows with it.
Checked: the dry run counts what the import then charges, and the second import stores and charges nothing.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

from common import machine, peak_mib, real_data

import workbench as wb
from workbench.wire import companion_folder

N_SMALL = int(os.environ.get("WORKBENCH_MAILS", "20000"))


def owner(file: Path) -> int:
    return int((companion_folder(file) / "owner.pid").read_text("ascii"))


def timed(ws: wb.Workspace, file: Path, what: str, *paths: Path, source: str) -> None:
    start = time.perf_counter()
    foreseen = ws.import_mail(*paths, source=source, dry_run=True, progress=False)
    middle = time.perf_counter()
    done = ws.import_mail(*paths, source=source, progress=False)
    end = time.perf_counter()
    again = ws.import_mail(*paths, source=source, progress=False)
    assert foreseen.counts.units == done.counts.units
    assert (again.n_stored, again.counts.new, again.counts.units) == (0, 0, 0)
    print(
        f"{what}: {done.n_mails:,} mails, {done.n_stored:,} stored, {done.counts.new:,} messages, "
        f"{done.n_problems:,} without message; dry run {middle - start:.1f} s, import {end - middle:.1f} s "
        f"({done.n_mails / (end - middle):,.0f} mails/s), again {time.perf_counter() - end:.1f} s; "
        f"owner peak {peak_mib(owner(file)):.0f} MiB"
    )


def small_mails(folder: Path) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number in range(N_SMALL):
        (folder / "cur" / f"1709629200.{number:06d}:2,S").write_text(
            f"From: kim{number % 500}@shop.example\nTo: help@carrier.example\nSubject: Parcel {number}\n"
            f"Date: Tue, 5 Mar 2024 10:00:00 +0000\nMessage-ID: <{number}@shop.example>\n\n"
            f"Parcel {number} is late, where is it?\n{'It was sent to the shop. ' * 20}\n",
            "utf-8",
        )
    return folder


def main() -> None:
    print(machine())
    paths = sorted((real_data() / "emails-apache-lists").glob("*.mbox.gz"))
    with tempfile.TemporaryDirectory() as spare:
        file = Path(spare) / "mail.duckdb"
        ws = wb.open(file, predict_after_s=-1.0)
        try:
            timed(ws, file, "real list mails", *paths, source="demo/lists")
            timed(ws, file, "small mails", small_mails(Path(spare) / "box"), source="demo/small")
        finally:
            os.kill(owner(file), signal.SIGTERM)
            time.sleep(1)


if __name__ == "__main__":
    main()
