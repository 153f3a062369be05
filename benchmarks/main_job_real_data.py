"""The main job on real input: complaints with long texts, and BANKING77, from CSV to report.

Prints counts, rating, mean average precision with its interval, and the ledger's total, which is compared
with a count made here from the input alone.
"""

from __future__ import annotations

import csv
import gzip
import random
import secrets
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from common import machine, real_data

import workbench as wb
from workbench.domain import ColumnMapping, DiscoverOptions, Judgement, MessageFilter, Uid

SEED = 7
N_REVIEWED = 1_200


@dataclass(frozen=True, kw_only=True)
class Job:
    """A CSV file and the true label of each row."""

    name: str
    rows: list[dict[str, str]]
    labels: dict[str, tuple[str, ...]]


def complaints() -> Job:
    """CFPB narratives: product and issue as a two-level taxonomy."""
    with gzip.open(
        real_data() / "cfpb-complaints/narratives.csv.gz", "rt", encoding="utf-8", newline=""
    ) as file:
        found = list(csv.DictReader(file))
    rows, labels = [], {}
    for row in found:
        rows.append(
            {
                "id": row["Complaint ID"],
                "when": row["Date received"],
                "text": row["Consumer complaint narrative"],
                "company": row["Company"],
                "state": row["State"],
            }
        )
        labels[row["Complaint ID"]] = (_label(row["Product"], row["Issue"]),)
    return Job(name="complaints", rows=rows, labels=labels)


def banking() -> Job:
    """BANKING77: 77 intents; the set has no dates, so each message gets its own minute."""
    rows, labels = [], {}
    for part in ("train", "test"):
        with gzip.open(
            real_data() / f"banking77/banking77_{part}.csv.gz", "rt", encoding="utf-8", newline=""
        ) as file:
            for number, row in enumerate(csv.DictReader(file)):
                name = f"{part}-{number}"
                day, minute = divmod(len(rows), 300)
                rows.append(
                    {
                        "id": name,
                        "when": f"2026-{1 + day // 28:02d}-{1 + day % 28:02d}T{8 + minute // 60:02d}:{minute % 60:02d}:00Z",
                        "text": row["text"],
                        "company": "bank",
                        "state": part,
                    }
                )
                labels[name] = (row["category"].replace("_", " ")[:60],)
    return Job(name="banking77", rows=rows, labels=labels)


def _label(parent: str, child: str) -> str:
    parent = parent.split(",", maxsplit=1)[0].split("(", maxsplit=1)[0].strip()[:28]
    return f"{parent} > {child.replace('>', ' ').strip()[: 60 - len(parent)].strip()}"


def run(job: Job, folder: Path) -> None:
    """CSV, import, clusters, annotation by the true labels, training, validation, report."""
    file = folder / f"{job.name}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(job.rows[0]))
        writer.writeheader()
        writer.writerows(job.rows)
    print(f"\n== {job.name}: n = {len(job.rows):,} rows")
    ws = wb.open(folder / f"{job.name}.duckdb", retrain_after_reviews=0, owner_idle_s=5.0)
    mapping = ColumnMapping(
        id="id", timestamp="when", body="text", properties={"company": "string", "state": "string"}
    )
    started = time.monotonic()
    first = ws.import_(file, source="real/mail", mapping=mapping, on_bad_row="skip", progress=False)
    second = ws.import_(file, source="real/mail", mapping=mapping, on_bad_row="skip", progress=False)
    print(
        f"import {time.monotonic() - started:.1f} s: {first.counts}; again: {second.counts}; {first.n_bad_rows} bad rows"
    )

    ds = ws.create_dataset(f"real/{job.name}", sources=["real/mail"])
    started = time.monotonic()
    found = ds.discover(DiscoverOptions(first_map=False), progress=False)
    print(
        f"discover {time.monotonic() - started:.1f} s: {len(found.clusters)} clusters, {found.share_unclustered:.1%} in none; largest:"
    )
    for cluster in found.clusters[:5]:
        print(f"  {cluster.n_messages:5,}  {cluster.name}")

    common = sorted(
        {name for names in job.labels.values() for name in names},
        key=lambda name: (-sum(name in names for names in job.labels.values()), name),
    )[:100]
    ids = {name: ds.create_label(name).label_id for name in common}
    table = ds.messages(MessageFilter())
    uids = list(zip(table["uid"].to_list(), table["message_id"].to_list(), strict=True))
    chosen = random.Random(SEED).sample(
        uids, min(N_REVIEWED * (4 if job.name == "banking77" else 1), len(uids) * 4 // 5)
    )
    ds.operations.judge(
        ds.dataset_id,
        tuple(
            Judgement(
                event_id=secrets.token_hex(8),
                uid=Uid(uid),
                assigned=tuple(ids[name] for name in job.labels[message_id] if name in ids),
                mode="shuffle",
                probability=len(chosen) / len(uids),
            )
            for uid, message_id in chosen
        ),
    )
    started = time.monotonic()
    version = ds.train(progress=False)
    report = ds.validation()
    quality = report.mean_average_precision
    print(
        f"train and validate {time.monotonic() - started:.1f} s: version {version.version}, {report.n_labels} labels, {report.n_train:,} train, {report.n_test:,} test"
    )
    score = "none" if report.rating.score is None else f"{report.rating.score:.0f} ({report.rating.band})"
    print(
        f"rating {score} {report.rating.reason}; mean average precision {quality.value or 0:.3f} [{quality.low or 0:.3f}, {quality.high or 0:.3f}], n = {quality.n} test messages, {quality.n_positive} positives"
    )
    started = time.monotonic()
    ds.monitor(progress=False)
    paths = ds.report(folder / f"report-{job.name}")
    print(
        f"monitor and report {time.monotonic() - started:.1f} s: {paths[0].stat().st_size:,} bytes HTML, {len(paths)} files"
    )

    by_rule = len({row["id"] for row in job.rows if row["text"].strip()}) - (
        first.n_bad_rows - sum(not row["text"].strip() for row in job.rows)
    )
    units = ws.operations.usage().units
    print(
        f"ledger {units:,} units; the rule applied to the input gives {by_rule:,}: {'equal' if units == by_rule else 'DIFFERENT'}"
    )
    if units != by_rule:
        sys.exit(1)


if __name__ == "__main__":
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        for job in (complaints(), banking()):
            run(job, Path(name))
