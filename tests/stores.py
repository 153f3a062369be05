"""Small workspaces for tests of the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.domain import (
    MESSAGE_SCHEMA,
    Cluster,
    ClusterRun,
    Dataset,
    DatasetId,
    Label,
    LabelId,
    ModelVersion,
    Project,
    RunId,
    Source,
    SourceId,
    Uid,
)
from workbench.store import Session, Store

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
SOURCE = SourceId("5" * 16)
OTHER_SOURCE = SourceId("6" * 16)
DATASET = DatasetId("d" * 16)
PATHS = {"l0": ("Claims",), "l1": ("Claims", "Motor"), "l2": ("Praise",), "l3": ("Claims", "Home")}


def message(message_id: str, **values: Any) -> dict[str, Any]:
    """One row of a batch."""
    row = {
        "message_id": message_id,
        "timestamp": AT,
        "thread_id": None,
        "subject": "",
        "body": f"body of {message_id}",
        "signature": "",
        "full_text": "",
        "sender": None,
        "recipients": [],
        "language": "en",
        "properties": "{}",
    }
    return row | values


def batch(*rows: dict[str, Any]) -> pa.Table:
    """Rows as a batch of messages."""
    return pa.Table.from_pylist(list(rows), schema=MESSAGE_SCHEMA)


def uid(message_id: str, source_id: str = SOURCE) -> Uid:
    """The uid of a message of the sample."""
    return Uid(f"{source_id}.{message_id}")


def lay_out(session: Session) -> None:
    """One project, two sources, one dataset over the first, four labels."""
    session.catalog.add_project(Project(name="acme", title="Acme", created_at=AT))
    for source_id, name in ((SOURCE, "mail"), (OTHER_SOURCE, "chat")):
        session.catalog.add_source(
            Source(
                source_id=source_id,
                project="acme",
                name=name,
                title=name.title(),
                kind="email",
                language="en",
                created_at=AT,
            )
        )
    session.catalog.add_dataset(
        Dataset(
            dataset_id=DATASET,
            project="acme",
            name="support",
            title="Support",
            description="",
            source_ids=(SOURCE,),
            encoder="tiny",
            created_at=AT,
        )
    )
    for label_id, path in PATHS.items():
        session.labels.add(Label(label_id=LabelId(label_id), dataset_id=DATASET, path=path))


def fill(store: Store, *rows: dict[str, Any]) -> None:
    """Lay out and store messages."""
    with store.write() as session:
        lay_out(session)
        session.messages.put(SOURCE, batch(*rows), at=AT)


def model_version(version: int, **values: Any) -> ModelVersion:
    """A version of the sample dataset."""
    fixed: dict[str, Any] = {
        "dataset_id": DATASET,
        "version": version,
        "created_at": AT + timedelta(hours=version),
        "n_reviewed": 3,
        "n_labels": 3,
        "encoder": "tiny",
        "lineage": {"annotations": "abc"},
    }
    return ModelVersion(**(fixed | values))


def add_model(
    session: Session, version: int, probabilities: dict[str, Sequence[float]], **values: Any
) -> None:
    """Add a version over labels l0, l1, l2 with its predictions by message id."""
    session.models.add_version(
        model_version(version, **values), weights=b"\x00w", parameters="{}", label_ids=("l0", "l1", "l2")
    )
    matrix = np.array(list(probabilities.values()), dtype=np.float32).reshape(-1, 3)
    session.models.put_predictions(DATASET, version, [uid(name) for name in probabilities], matrix)


def add_run(session: Session, run_id: str, clusters: dict[str, int]) -> None:
    """Add a cluster run over messages by id."""
    uids = [uid(name) for name in clusters]
    run = ClusterRun(
        run_id=RunId(run_id),
        dataset_id=DATASET,
        method="fast_hdbscan",
        encoder="tiny",
        seed=7,
        n_messages=len(uids),
        share_unclustered=0.25,
        created_at=AT,
        clusters=(
            Cluster(
                cluster_id=0,
                name="late / lost",
                phrases=("late", "lost"),
                n_messages=len(uids),
                share=0.75,
                n_reviewed=0,
                medoid=uids[0],
                shown=tuple(uids[:2]),
                x=1.5,
                y=-2.0,
            ),
        ),
    )
    xy = np.arange(2 * len(uids), dtype=np.float32).reshape(-1, 2)
    session.discovery.add_run(run, uids, xy, np.array(list(clusters.values()), dtype=np.int32))
