"""Reading files into message batches, away from the owner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.ingest import check, read
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import write_table


def load_file(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Check every row, then hand over batch after batch, each as an Arrow file in the spool folder.

    Nothing is handed over when a row is bad and the options say so. Returns the rows of the file, how many
    are bad, and the first thousand errors.
    """
    path, mapping, options = Path(payload["path"]), payload["mapping"], payload["options"]
    report.stage("checking rows", unit="rows")
    found = check(path, mapping, options, progress=report.progress, cancelled=report.cancelled)
    batches = read(
        path,
        mapping=mapping,
        options=options,
        batch_rows=payload["batch_rows"],
        cancelled=report.cancelled,
        report=found,
    )
    report.stage("loading", total=found.n_rows, unit="messages")
    target = Path(payload["spool"]) / "batch.arrow"
    for batch in batches:
        write_table(target, batch.table)
        report.item({"path": str(target), "rows": batch.rows})
    return {"n_rows": found.n_rows, "n_bad_rows": found.n_bad_rows, "errors": found.errors}
