"""Reading files into message batches, away from the owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from workbench.domain import SourceId
from workbench.ingest import Batch, check, read
from workbench.store import prepare
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import write_table
from workbench.workspace.work.ahead import ahead

FILES_AT_ONCE = 2
"""The batch being stored, and the one being written."""


def load_file(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Check every row, then hand over batch after batch, each as two Arrow files in the spool folder.

    They are ready to be stored (``prepare``), and while one is, the next is read. Nothing is handed over when
    a row is bad and the options say so. Returns the rows of the file, how many are bad, and the first
    thousand errors.
    """
    path, mapping, options = Path(payload["path"]), payload["mapping"], payload["options"]
    report.stage("checking rows", unit="rows")
    found = check(path, mapping, options, progress=report.progress, cancelled=report.cancelled)
    batches = read(path, mapping=mapping, options=options, batch_rows=payload["batch_rows"], report=found)
    report.stage("comparing" if options.dry_run else "loading", total=found.n_rows, unit="messages")
    for item in ahead(_written(batches, SourceId(payload["source_id"]), Path(payload["spool"]))):
        report.item(item)
    return {"n_rows": found.n_rows, "n_bad_rows": found.n_bad_rows, "errors": found.errors}


def _written(batches: Iterator[Batch], source_id: SourceId, spool: Path) -> Iterator[dict[str, Any]]:
    """Each batch as files; their names alternate, so that one set is read while the next is written."""
    for number, batch in enumerate(batches):
        prepared = prepare(source_id, batch.table)
        names = {
            kind: str(spool / f"{kind}-{number % FILES_AT_ONCE}.arrow") for kind in ("messages", "properties")
        }
        write_table(Path(names["messages"]), prepared.messages)
        write_table(Path(names["properties"]), prepared.properties)
        yield {**names, "rows": batch.rows}
