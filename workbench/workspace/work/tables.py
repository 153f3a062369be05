"""Reading files into message batches, away from the owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.ingest import check, read
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import write_table


def check_file(payload: dict[str, Any], report: Report) -> tuple[int, int, tuple[object, ...]]:
    """Check every row; rows, bad rows, and the first thousand of those."""
    found = check(
        Path(payload["path"]),
        mapping=payload["mapping"],
        options=payload["options"],
        progress=report.progress,
        cancelled=report.cancelled,
    )
    return found.n_rows, found.n_errors, found.errors


def read_file(payload: dict[str, Any], report: Report) -> int:
    """Hand over batch after batch, each as an Arrow file in the spool folder."""
    n_rows = 0
    target = Path(payload["spool"]) / "batch.arrow"
    for batch in read(
        Path(payload["path"]),
        mapping=payload["mapping"],
        options=payload["options"],
        batch_rows=payload["batch_rows"],
        cancelled=report.cancelled,
    ):
        write_table(target, batch.table)
        report.item({"path": str(target), "rows": batch.rows})
        n_rows += batch.rows
    return n_rows
