"""What a workspace holds, in numbers: its sources, its datasets, their labels."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.words import count
from workbench.domain import Dataset, Label, Source

_BOTH = "ws.operations.datasets(), ws.operations.sources()"


def workspace_counts(datasets: Sequence[Dataset], sources: Sequence[Source]) -> Numbers:
    """How many datasets, sources and messages there are: one row."""
    n = sum(one.n_messages for one in sources)
    row: dict[str, Value] = {"n_datasets": len(datasets), "n_sources": len(sources), "n": n}
    return numbers(
        [row],
        schema(Int64=tuple(row)),
        title="What the workspace holds",
        caption=f"n = {count(n)} messages in {count(len(sources))} sources, all counted.",
        line=f"charts.workspace_counts({_BOTH})",
    )


def datasets_held(datasets: Sequence[Dataset]) -> Numbers:
    """Each dataset with its counts and rating; ``n`` counts its messages."""
    rows: list[dict[str, Value]] = [
        {
            "dataset": one.full_name,
            "n_reviewed": one.n_reviewed,
            "n_labels": one.n_labels,
            "n_sources": len(one.source_ids),
            "model_version": one.model_version,
            "rating": one.rating,
            "n": one.n_messages,
        }
        for one in datasets
    ]
    return numbers(
        rows,
        {
            "dataset": "String",
            **schema(Int64=("n_reviewed", "n_labels", "n_sources", "model_version"), Float64=("rating",)),
            "n": "Int64",
        },
        title="Datasets",
        caption=f"n = messages of each of {count(len(rows))} datasets, all counted.",
        line="charts.datasets_held(ws.operations.datasets())",
    )


def sources_held(sources: Sequence[Source]) -> Numbers:
    """Each source with how many messages it has, which ``n`` counts."""
    rows: list[dict[str, Value]] = [
        {"source": one.full_name, "language": one.language, "n": one.n_messages} for one in sources
    ]
    return numbers(
        rows,
        schema(String=("source", "language"), Int64=("n",)),
        title="Sources",
        caption=f"n = messages of each of {count(len(rows))} sources, all counted.",
        line="charts.sources_held(ws.operations.sources())",
    )


def label_counts(labels: Sequence[Label], *, dataset_id: str) -> Numbers:
    """Each label with how many reviewed messages carry it, which ``n`` counts, and of how many others it is predicted."""
    rows: list[dict[str, Value]] = [
        {"label": one.name, "n_predicted": one.n_predicted, "n": one.n_assigned} for one in labels
    ]
    return numbers(
        rows,
        schema(String=("label",), Float64=("n_predicted",), Int64=("n",)),
        title="Labels of the taxonomy",
        caption=f"n = reviewed messages that carry each of {count(len(rows))} labels, all counted.",
        line=f"charts.label_counts(ws.operations.labels({str(dataset_id)!r}), dataset_id={str(dataset_id)!r})",
    )
