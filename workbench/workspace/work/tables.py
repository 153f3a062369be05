"""Reading files into message batches, away from the owner."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import SourceId
from workbench.ingest import Batch, Labelling, bad_rows, check, read, read_labellings
from workbench.language import language_code
from workbench.store import ATTACHMENT_ROWS, PreparedBatch, prepare
from workbench.workspace.jobs.worker import Report
from workbench.workspace.work.ahead import ahead

READ_ROWS = 20_000
"""Rows that are cells at one time; a transaction may take several such batches."""
ANNOTATED_ROWS = 5_000
FILES_AT_ONCE = 2
"""The batch being stored, and the one being written."""


def load_file(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Check every row, then hand over batch after batch, each as Arrow files in the spool folder.

    They are ready to be stored (``prepare``), and while one is, the next is read. Nothing is handed over when
    a row is bad and the options say so; no error shows the value of a property named ``hidden``. All errors are handed
    over first. Returns the rows of the file, how many are bad, and the first thousand errors.
    """
    path, mapping, options = Path(payload["path"]), payload["mapping"], payload["options"]
    report.stage("checking rows", unit="rows")
    found = check(
        path,
        mapping,
        options,
        progress=report.progress,
        cancelled=report.cancelled,
        hidden=frozenset(payload["hidden"]),
    )
    hidden = frozenset(payload["hidden"])
    for errors in bad_rows(path, mapping, found, hidden=hidden, cancelled=report.cancelled):
        report.item({"bad_rows": errors, "rows": 0})
    annotated = options.annotate is not None and not options.dry_run
    if annotated:
        said = read_labellings(path, has_sentiment=payload["has_sentiment"])
        names = {name for one in said for name in (*one.assigned, *one.dismissed)}
        report.item({"labels": sorted(names), "rows": 0})
    batch_rows = payload["batch_rows"]
    batches = read(
        path, mapping=mapping, options=options, batch_rows=min(batch_rows, READ_ROWS), report=found
    )
    items = spooled(batches, SourceId(payload["source_id"]), Path(payload["spool"]), batch_rows)
    report.stage("comparing" if options.dry_run else "loading", total=found.n_rows, unit="messages")
    for item in ahead(items):
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


def spooled(
    batches: Iterator[Batch], source_id: SourceId, spool: Path, most_rows: int
) -> Iterator[dict[str, Any]]:
    """Prepare batches and write them to files, of at most ``most_rows`` rows or one batch that has more.

    Yields the paths of ``messages``, ``properties`` and, where there are any, ``attachments``, and the ``rows`` of
    the file they stand for, good and bad.
    Names alternate, so that one set is read while the next is written; no batch is held once it is written.
    """
    load: _Load | None = None
    number = 0
    for batch in batches:
        if load is not None and load.n_rows + batch.rows > most_rows:
            yield load.close()
            load = None
        prepared = prepare(source_id, batch.table if batch.as_is else in_codes(batch.table))
        if load is None:
            load = _Load(spool, number % FILES_AT_ONCE, prepared)
            number += 1
        load.add(prepared, batch.rows)
    if load is not None:
        yield load.close()


def in_codes(batch: pa.Table) -> pa.Table:
    """Languages as files write them ("English (UK)", "de-AT") in ISO 639-1 codes; what is none is left out.

    Messages of parts keep what their parts say.
    """
    place = batch.schema.get_field_index("language")
    coded = batch.column(place).combine_chunks().dictionary_encode()
    codes = [language_code(written) for written in coded.dictionary.to_pylist()]
    found = pa.array(codes, pa.string()).take(coded.indices)
    if "parts" in batch.column_names:
        found = pc.if_else(pc.is_valid(batch.column("parts")), batch.column(place), found)
    return batch.set_column(place, batch.schema.field(place), found)


class _Load:
    """Arrow files that grow batch by batch; rows are numbered through."""

    def __init__(self, spool: Path, number: int, first: PreparedBatch) -> None:
        self.n_rows = 0
        self._n_messages = 0
        self._spool, self._number = spool, number
        self._paths: dict[str, str] = {}
        self._files: list[pa.OSFile] = []
        self._messages = self._open("messages", first.messages.schema)
        self._properties = self._open("properties", first.properties.schema)
        self._attachments: Any = None

    def _open(self, kind: str, schema: pa.Schema) -> Any:
        self._paths[kind] = str(self._spool / f"{kind}-{self._number}.arrow")
        file = pa.OSFile(self._paths[kind], "wb")
        writer = pa.ipc.new_file(file, schema)
        self._files += [writer, file]
        return writer

    def add(self, prepared: PreparedBatch, n_rows: int) -> None:
        """Write one batch that stands for ``n_rows`` rows of the file."""
        n = prepared.messages.num_rows
        numbers = pa.array(np.arange(self._n_messages, self._n_messages + n, dtype=np.int64))
        place = prepared.messages.schema.get_field_index("row")
        self._messages.write_table(prepared.messages.set_column(place, "row", numbers))
        self._properties.write_table(prepared.properties)
        if prepared.attachments:
            if self._attachments is None:
                self._attachments = self._open("attachments", ATTACHMENT_ROWS)
            self._attachments.write_table(pa.Table.from_pylist(prepared.attachments, schema=ATTACHMENT_ROWS))
        self._n_messages += n
        self.n_rows += n_rows

    def close(self) -> dict[str, Any]:
        """Finish the files."""
        for opened in self._files:
            opened.close()
        return {**self._paths, "rows": self.n_rows}
