"""Reading files into message batches, away from the owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.domain import SourceId
from workbench.ingest import Batch, Labelling, check, read, read_labellings
from workbench.store import PreparedBatch, prepare
from workbench.workspace.jobs.worker import Report
from workbench.workspace.matrices import write_table
from workbench.workspace.work.ahead import ahead

READ_ROWS = 20_000
"""Rows that are cells at one time; a transaction may take several such batches."""
ANNOTATED_ROWS = 5_000
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
    annotated = options.annotate is not None and not options.dry_run
    if annotated:
        names = {name for one in read_labellings(path) for name in (*one.assigned, *one.dismissed)}
        report.item({"labels": sorted(names), "rows": 0})
    batch_rows = payload["batch_rows"]
    batches = read(
        path, mapping=mapping, options=options, batch_rows=min(batch_rows, READ_ROWS), report=found
    )
    loads = gathered(batches, SourceId(payload["source_id"]), batch_rows)
    report.stage("comparing" if options.dry_run else "loading", total=found.n_rows, unit="messages")
    for item in ahead(_written(loads, Path(payload["spool"]))):
        report.item(item)
    if annotated:
        report.stage("annotating", unit="messages")
        for some in chunked(read_labellings(path), ANNOTATED_ROWS):
            report.item({"labellings": [asdict(one) for one in some], "rows": len(some)})
    return {"n_rows": found.n_rows, "n_bad_rows": found.n_bad_rows, "errors": found.errors}


def chunked(labellings: Iterator[Labelling], size: int) -> Iterator[list[Labelling]]:
    """Lists of at most ``size``, none empty."""
    while some := list(islice(labellings, size)):
        yield some


@dataclass(frozen=True, kw_only=True)
class Load:
    """What one transaction stores: ``n_rows`` rows of the file, good and bad, the good ones prepared."""

    messages: pa.Table
    properties: pa.Table
    n_rows: int


def gathered(batches: Iterator[Batch], source_id: SourceId, most_rows: int) -> Iterator[Load]:
    """Prepare batches and put them together to at most ``most_rows`` rows, or one batch when it is larger."""
    waiting: list[tuple[PreparedBatch, int]] = []
    n_waiting = 0
    for batch in batches:
        if waiting and n_waiting + batch.rows > most_rows:
            yield _together(waiting)
            waiting, n_waiting = [], 0
        waiting.append((prepare(source_id, batch.table), batch.rows))
        n_waiting += batch.rows
    if waiting:
        yield _together(waiting)


def _together(parts: list[tuple[PreparedBatch, int]]) -> Load:
    messages = pa.concat_tables([part.messages for part, _ in parts])
    numbers = pa.array(np.arange(messages.num_rows, dtype=np.int64))
    return Load(
        messages=messages.set_column(messages.schema.get_field_index("row"), "row", numbers),
        properties=pa.concat_tables([part.properties for part, _ in parts]),
        n_rows=sum(n_rows for _, n_rows in parts),
    )


def _written(loads: Iterator[Load], spool: Path) -> Iterator[dict[str, Any]]:
    """Each load as files; their names alternate, so that one set is read while the next is written."""
    for number, load in enumerate(loads):
        names = {
            kind: str(spool / f"{kind}-{number % FILES_AT_ONCE}.arrow") for kind in ("messages", "properties")
        }
        write_table(Path(names["messages"]), load.messages)
        write_table(Path(names["properties"]), load.properties)
        yield {**names, "rows": load.n_rows}
