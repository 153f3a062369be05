"""A small workspace in this process, for panels without a browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.door import Dataset
from workbench.settings import Settings
from workbench.workspace.opening import open_workspace

TEXTS = (
    "my parcel has not arrived and the tracking page shows nothing",
    "the parcel arrived broken, I want a refund for the vase",
    "refund please, you charged me twice for one parcel",
    "thank you, the driver was very kind",
)


def mail_csv(path: Path, n: int, *, bad: tuple[int, ...] = ()) -> Path:
    """A file of ``n`` messages; data rows in ``bad`` (from 1) have no time."""
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["id", "date", "subject", "text", "from", "to", "tier"])
        for row in range(1, n + 1):
            when = "someday" if row in bad else f"2026-03-{1 + row % 28:02} 09:00"
            text = f"{TEXTS[row % len(TEXTS)]}, case number {row}"
            rows.writerow(
                [f"m{row}", when, f"Case {row}", text, f"c{row}@mail.example", "help@x.example", "gold"]
            )
    return path


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    """An empty dataset of one source."""
    yield from new_dataset(tmp_path)


def new_dataset(folder: Path) -> Iterator[Dataset]:
    """An empty dataset of one source, in a workspace of its own."""
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(folder / "panels.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        source = operations.create_source("demo", "mail")
        made = operations.create_dataset("demo", "support", (source.source_id,), title="Support")
        yield Dataset(operations, made.dataset_id)
