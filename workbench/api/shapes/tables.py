"""Comments as CSV text: a row each, with the probability of every label."""

from __future__ import annotations

import csv
import io
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from workbench.api.shapes.filters import message_filter
from workbench.api.shapes.queries import Query
from workbench.domain import Dataset, Operations
from workbench.errors import UnsupportedError
from workbench.primitives import neutral_cell

CSV = "text/csv"
_COLUMNS = ["upload_seq", "uid", "timestamp", "reviewed", "assigned", "probabilities"]


def comments_csv(there: Operations, dataset: Dataset, asked: Query) -> bytes:
    """All comments that pass, newest first: date, uid, and a column for each label.

    Of a reviewed comment a label is 1 or 0, as people said. There are no pages: ``limit`` is not looked at.

    Raises
    ------
    UnsupportedError
        Another order is asked for, or a page.
    """
    if asked.order.kind != "recent" or asked.continuation:
        raise UnsupportedError(
            "as CSV comments come newest first, and all at once.",
            next_step="Order by 'recent' and send no 'continuation', or take JSON.",
        )
    where = message_filter(asked.filter, there, dataset, asked.attribute_filters or ())
    pieces: list[pa.Table] = []
    names: list[str] = []
    after = 0
    while True:
        piece = there.export_piece(dataset.dataset_id, where, after)
        names = msgspec.json.decode((piece.schema.metadata or {})[b"labels"])
        if not piece.num_rows:
            break
        pieces.append(piece.select(_COLUMNS))
        after = piece.column("upload_seq")[-1].as_py()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["Date", "Comment UID", *map(neutral_cell, names)])
    for row in _newest_first(pieces):
        numbers = (
            [float(name in row["assigned"]) for name in names] if row["reviewed"] else row["probabilities"]
        )
        told = (f"{number:.4g}" for number in numbers)
        writer.writerow([row["timestamp"].isoformat(), neutral_cell(row["uid"]), *told])
    return out.getvalue().encode()


def _newest_first(pieces: list[pa.Table]) -> list[dict[str, Any]]:
    if not pieces:
        return []
    whole = pa.concat_tables([piece.replace_schema_metadata(None) for piece in pieces])
    order = pc.sort_indices(whole, [("timestamp", "descending"), ("upload_seq", "descending")])
    rows: list[dict[str, Any]] = whole.take(order).to_pylist()
    return rows
