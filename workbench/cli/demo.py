"""``workbench demo``: the whole main job on the sample corpus, then the server."""

from __future__ import annotations

import csv
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

import workbench as wb
from workbench.cli.opening import opened
from workbench.cli.serving import run_server
from workbench.domain import ColumnMapping, Judgement, MessageFilter, ReviewMode, SourceKind, Uid
from workbench.door import Dataset
from workbench.errors import InputError
from workbench.settings import load_settings, without_key

DATASET = "demo/support"
SEED = 7
MAPPINGS = {
    "mailbox": ColumnMapping(
        id="id",
        timestamp="timestamp",
        body="body",
        subject="subject",
        thread_id="thread_id",
        sender="from",
        recipients="to",
        properties={
            "folder": "string",
            "customer_tier": "string",
            "country": "string",
            "parcels_sent": "number",
        },
    ),
    "reviews": ColumnMapping(
        id="review_id",
        timestamp="posted_at",
        body="review",
        subject="title",
        properties={"stars": "number", "app_version": "string", "platform": "string", "country": "string"},
    ),
    "chats": ColumnMapping(
        id="id",
        timestamp="timestamp",
        body="text",
        thread_id="thread_id",
        sender="from",
        properties={"agent": "string", "queue": "string", "wait_seconds": "number"},
    ),
}
FILES = {"mailbox": "mailbox.csv", "reviews": "reviews.csv", "chats": "chats.jsonl"}
KINDS: dict[str, SourceKind] = {"mailbox": "email", "reviews": "review", "chats": "chat"}
PLAN: tuple[tuple[ReviewMode, int], ...] = (
    ("cluster", 200),
    ("shuffle", 500),
    ("low_confidence", 200),
    ("rebalance", 100),
    ("shuffle", 400),
)
"""What the stand-in reviewer annotates, in turn: it answers from the corpus's truth."""


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command("demo")(demo)


def demo(
    folder: Annotated[Path, typer.Option(help="Where the demo workspace lies.")] = Path("demo"),
    serve: Annotated[bool, typer.Option(help="Start the server at the end.")] = True,
    port: Annotated[int | None, typer.Option(help="Port of the apps.")] = None,
) -> None:
    """Build the sample corpus, run the whole main job with visible progress, start the server."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "support.duckdb").absolute()
    done = folder / "demo.done"
    if done.exists() and file.exists():
        print(f"The demo workspace {file.name} is ready from an earlier run.")
    else:
        started = time.monotonic()
        _run_main_job(file, folder)
        done.write_text("done\n", "ascii")
        print(f"The main job took {time.monotonic() - started:.0f} s.")
    if serve:
        settings = load_settings(file) if port is None else load_settings(file, serve_port=port)
        run_server(file, settings=settings)


def _run_main_job(file: Path, folder: Path) -> None:
    corpus = folder / "corpus"
    with _step("1/8 sample corpus"):
        _make_corpus(corpus)
    ws = opened(file)
    with _step("2/8 import"):
        for name, mapping in MAPPINGS.items():
            found = ws.import_(
                corpus / FILES[name],
                source=f"demo/{name}",
                mapping=mapping,
                kind=KINDS[name],
                on_bad_row="skip",
            )
            counts = found.counts
            print(
                f"  {name}: {counts.new:,} new, {counts.unchanged:,} unchanged, {counts.units:,} units charged, "
                f"{found.n_bad_rows} rows without text left out"
            )
    if DATASET not in {d.full_name for d in ws.operations.datasets()}:
        ws.create_dataset(DATASET, sources=[f"demo/{name}" for name in MAPPINGS], title="Parcel support")
    ds = ws.dataset(DATASET)
    with _step("3/8 discover"):
        run = ds.discover()
        print(f"  {len(run.clusters)} clusters, {run.share_unclustered:.0%} of messages unclustered")
        for cluster in run.clusters[:8]:
            print(f"    {cluster.n_messages:5,}  {cluster.name}")
    with _step("4/8 taxonomy"):
        print(f"  {_import_taxonomy(ds, corpus / 'taxonomy.csv')} labels")
    truth = _read_truth(ws, corpus / "truth.csv")
    with _step("5/8 annotate and train"):
        _annotate(ds, truth)
    with _step("6/8 validate"):
        report = ds.validation()
        quality = report.mean_average_precision
        rating = (
            "none" if report.rating.score is None else f"{report.rating.score:.0f} ({report.rating.band})"
        )
        interval = "" if quality.low is None else f" [{quality.low:.3f}, {quality.high:.3f}]"
        value = "none" if quality.value is None else f"{quality.value:.3f}{interval}"
        print(f"  rating {rating}; mean average precision {value} on {report.n_test} test messages")
    with _step("7/8 monitor"):
        ds.monitor()
        print(f"  {ds.drift().summary}")
    with _step("8/8 report"):
        for path in ds.report(folder / "report"):
            print(f"  {path}")
    usage = ws.operations.usage()
    print(
        f"{usage.units:,} units charged = {usage.units * usage.platform_units_per_unit:,.1f} platform units"
    )


@contextmanager
def _step(name: str) -> Iterator[None]:
    print(name, flush=True)
    started = time.monotonic()
    yield
    print(f"  ({time.monotonic() - started:.1f} s)", flush=True)


def _make_corpus(folder: Path) -> None:
    root = Path(__file__).resolve().parent.parent.parent
    if not (root / "data" / "generator").is_dir():
        raise InputError(
            "the generator of the sample corpus is not here.",
            next_step="Run the demo from a checkout of the project ('make demo').",
        )
    if not (folder / "truth.csv").exists():
        subprocess.run(
            [sys.executable, "-m", "data.generator", "--seed", str(SEED), "--out", str(folder.absolute())],
            cwd=root,
            check=True,
            env={**without_key(os.environ), "PYTHONPATH": str(root)},
        )


def _import_taxonomy(ds: Dataset, file: Path) -> int:
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            ds.create_label(row["label"], instructions=row["description"], external_id=row["external_id"])
    return ds.labels().height


def _read_truth(ws: wb.Workspace, file: Path) -> dict[str, tuple[str, ...]]:
    """Uid to label names; messages without a label are absent."""
    source_ids = {source.name: source.source_id for source in ws.operations.sources("demo")}
    truth: dict[str, tuple[str, ...]] = {}
    with file.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            uid = f"{source_ids[row['source']]}.{row['id']}"
            truth[uid] = (*truth.get(uid, ()), row["label"])
    return truth


def _annotate(ds: Dataset, truth: dict[str, tuple[str, ...]]) -> None:
    """Review batch after batch as a person would, answering from the truth; train after each mode."""
    ids = {label.name: label.label_id for label in ds.operations.labels(ds.dataset_id)}
    for mode, wanted in PLAN:
        left = wanted
        while left > 0:
            batch = ds.operations.next_batch(ds.dataset_id, mode, min(left, 100), seed=SEED)
            if not batch.uids:
                break
            seen = {m.uid: m for m in ds.operations.get_messages(ds.dataset_id, batch.uids)}
            judgements = tuple(
                Judgement(
                    event_id=secrets.token_hex(8),
                    uid=Uid(uid),
                    assigned=tuple(ids[name] for name in truth.get(uid, ())),
                    mode=mode,
                    revision=seen[uid].revision,
                    probability=probability,
                    n_population=batch.n_population,
                )
                for uid, probability in zip(batch.uids, batch.probabilities, strict=True)
            )
            ds.operations.judge(ds.dataset_id, judgements)
            left -= len(judgements)
        n_reviewed = ds.operations.count_messages(ds.dataset_id, MessageFilter(reviewed=True))
        print(f"  {n_reviewed:,} reviewed after mode {mode!r}")
        ds.train()
