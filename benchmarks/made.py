"""The dataset that the benchmarks of the store and of picking lay out: one source, one dataset, a taxonomy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from workbench.domain import Dataset, DatasetId, Label, LabelId, Project, Source, SourceId
from workbench.store import Session

SOURCE, DATASET = SourceId("5" * 16), DatasetId("d" * 16)


def lay_out(session: Session, paths: Iterable[tuple[str, ...]], at: datetime) -> None:
    """Make them, created ``at``; the labels are ``l0``, ``l1``, … in the order of ``paths``."""
    session.catalog.add_project(Project(name="p", title="", created_at=at))
    session.catalog.add_source(
        Source(source_id=SOURCE, project="p", name="s", title="", kind="email", language="en", created_at=at)
    )
    session.catalog.add_dataset(
        Dataset(
            dataset_id=DATASET,
            project="p",
            name="d",
            title="",
            description="",
            source_ids=(SOURCE,),
            encoder="e",
            created_at=at,
        )
    )
    for i, path in enumerate(paths):
        session.labels.add(Label(label_id=LabelId(f"l{i}"), dataset_id=DATASET, path=path))
