"""A piece as flat columns: one per field, per user property, per label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.primitives import ACTIVE_CELL, neutral_cell
from workbench.reports.export.pieces import Layout, Piece

if TYPE_CHECKING:
    import polars as pl

FIELDS = (
    "Date",
    "uid",
    "message_id",
    "source",
    "thread_id",
    "subject",
    "body",
    "signature",
    "full_text",
    "sender",
    "recipients",
    "cc",
    "bcc",
    "sent_at",
    "language",
    "attachments",
    "annotated",
    "assigned",
    "dismissed",
    "predicted",
    "thread_messages",
    "thread_position",
    "thread_duration_s",
    "thread_response_s",
    "thread_first_sender",
)
ADDRESSES = ("recipients", "cc", "bcc")
LISTS = ("assigned", "dismissed", "predicted")
SAID = {"assigned_positive": "positive", "assigned_negative": "negative"}
"""Columns that only datasets with label sentiment have: the assigned labels of which that was said."""
_AMBIGUOUS = r'[;,"]|<[^>\n]*(?:\n|$)'
"""Addresses that a reader could not tell apart by the marks between them."""


def flat_frame(piece: Piece, layout: Layout, *, at_least: float) -> pl.DataFrame:
    """All columns of a piece: ``FIELDS``, then user properties, then labels by their full names.

    Where the dataset has label sentiment, ``SAID`` stand behind ``FIELDS``, and behind the probabilities the predicted
    sentiment of each label, in [-1, 1], empty where it is hardly likely.

    ``predicted`` lists labels with a probability of at least ``at_least``, most probable first. A label named
    like another column gets " (label)" behind its name.
    """
    import polars as pl  # noqa: PLC0415  loaded when a table is written

    has_sentiment = piece.sentiments is not None
    frame = pl.DataFrame(piece.table.drop_columns(["attachments"]))
    counts = [len(files or ()) for files in piece.table.column("attachments").to_pylist()]
    kinds = {name: pl.Float64 if name.startswith("number:") else pl.String for name in layout.properties}
    properties = [
        pl.col("properties").str.json_decode(dtype=pl.Struct(kinds)).struct.field(name).alias(name)
        for name in layout.properties
    ]
    named = {"Date": "timestamp", "annotated": "reviewed"}
    predicted = pl.Series("predicted", _predicted(piece, layout, at_least), dtype=pl.List(pl.String))
    made = {"predicted": predicted, "attachments": pl.Series("attachments", counts, dtype=pl.Int32)}
    fields = [made.get(name, pl.col(named.get(name, name)).alias(name)) for name in FIELDS]
    said = _said(piece) if has_sentiment else []
    taken = {*FIELDS, *layout.properties, *(column.name for column in said)}
    labels = [
        pl.Series(f"{name} (label)" if name in taken else name, piece.probabilities[:, place])
        for place, name in enumerate(layout.labels)
    ]
    if piece.sentiments is not None:
        labels += _expected(piece.sentiments, layout, {*taken, *(column.name for column in labels)})
    return frame.select(*fields, *said, *properties, *labels)


def _said(piece: Piece) -> list[pl.Series]:
    import polars as pl  # noqa: PLC0415  as above

    pairs = list(
        zip(
            piece.table.column("assigned").to_pylist(),
            piece.table.column("sentiments").to_pylist(),
            strict=True,
        )
    )
    return [
        pl.Series(
            column,
            [[name for name, one in zip(names, said, strict=True) if one == word] for names, said in pairs],
            dtype=pl.List(pl.String),
        )
        for column, word in SAID.items()
    ]


def _expected(sentiments: np.ndarray, layout: Layout, taken: set[str]) -> list[pl.Series]:
    """Predicted sentiments, one column per label, NaN shown as empty; no column is named like another."""
    import polars as pl  # noqa: PLC0415  as above

    columns = []
    for place, label in enumerate(layout.labels):
        name = f"{label} (sentiment)"
        while name in taken:
            name += " (label)"
        taken.add(name)
        columns.append(pl.Series(name, sentiments[:, place], nan_to_null=True))
    return columns


def as_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns a spreadsheet can show: times RFC 3339, lists joined by "; ", no text that could run as a formula."""
    import polars as pl  # noqa: PLC0415  as above

    plain = frame.with_columns(
        pl.col("Date", "sent_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ"),
        pl.col(*LISTS, *(name for name in SAID if name in frame.columns)).list.join("; "),
        *(_listed(name) for name in ADDRESSES),
    )
    texts = pl.col(pl.String)
    safe = plain.with_columns(
        pl.when(texts.str.contains(ACTIVE_CELL)).then(pl.lit("'") + texts).otherwise(texts).name.keep()
    )
    return safe.rename({name: neutral_cell(name) for name in safe.columns})


def _listed(name: str) -> pl.Expr:
    """Addresses joined by "; "; one a line, and a line end behind the last, where marks could mislead."""
    import polars as pl  # noqa: PLC0415  as above

    addresses = pl.col(name)
    lines = addresses.list.join("\n")
    return (
        pl.when(lines.str.contains(_AMBIGUOUS))
        .then(lines + "\n")
        .otherwise(addresses.list.join("; "))
        .alias(name)
    )


def _predicted(piece: Piece, layout: Layout, at_least: float) -> list[list[str]]:
    rows, places = np.nonzero(piece.probabilities >= at_least)
    order = np.lexsort((-piece.probabilities[rows, places], rows))
    found: list[list[str]] = [[] for _ in range(len(piece.probabilities))]
    for row, place in zip(rows[order].tolist(), places[order].tolist(), strict=True):
        found[row].append(layout.labels[place])
    return found
