"""What is measured and never charged: processor time, tokens of language models, storage."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import as_date, count, plain
from workbench.domain import MeasureKind

if TYPE_CHECKING:
    import pyarrow as pa

_WORDS: dict[MeasureKind, tuple[str, str, float]] = {
    "compute_seconds": ("Processor time of jobs", "minutes", 60.0),
    "language_model_tokens": ("Language model", "tokens", 1.0),
    "storage_bytes": ("Storage", "MB", 1e6),
}


def measures_taken(table: pa.Table) -> Numbers:
    """Each kind and subject with its sum over all days, of storage what was measured last; ``n`` counts measures."""
    sums: dict[tuple[MeasureKind, str], float] = {}
    counts: dict[tuple[MeasureKind, str], int] = {}
    newest: dict[tuple[MeasureKind, str], date] = {}
    for row in table.to_pylist():
        key = (row["kind"], plain(row["subject"]))
        day = as_date(row["day"])
        if key[0] == "storage_bytes":
            if day >= newest.get(key, day):
                sums[key] = row["amount"]
        else:
            sums[key] = sums.get(key, 0.0) + row["amount"]
        newest[key] = max(day, newest.get(key, day))
        counts[key] = counts.get(key, 0) + row["n_measures"]
    rows: list[dict[str, Value]] = [
        {
            "what": _WORDS[kind][0],
            "subject": subject,
            "amount": sums[kind, subject] / _WORDS[kind][2],
            "unit": _WORDS[kind][1],
            "newest": newest[kind, subject],
            "n": counts[kind, subject],
        }
        for kind, subject in sorted(sums, key=lambda key: (key[0], -sums[key], key[1]))
    ]
    return numbers(
        rows,
        schema(String=("what", "subject", "unit"), Float64=("amount",), Date=("newest",), Int64=("n",)),
        title="Measured, not charged",
        caption=f"n = {count(sum(counts.values()))} measures; storage as it was measured last.",
        line="charts.measures_taken(ws.operations.measures())",
    )
