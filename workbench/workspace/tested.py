"""What versions said of test messages, beside what people say of them now."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, Label
from workbench.store import Session
from workbench.workspace.reviewed import ReviewedSet, reviewed_set, thread_groups


@dataclass(frozen=True, kw_only=True)
class Tested:
    """Test messages of one or more versions: those in all of them that are still reviewed.

    Attributes
    ----------
    uids
        n messages.
    labels
        n_labels, those that all the versions know and that still exist.
    truth
        bool, (n, n_labels): what people say now, ancestors set.
    scores
        float32, (n, n_labels), one array per version: probabilities by models that had not seen the messages.
    groups
        int64, (n,): thread-mates under one number.
    n_tested
        How many test messages each version has.
    """

    uids: list[str]
    labels: list[Label]
    truth: np.ndarray
    scores: list[np.ndarray]
    groups: np.ndarray
    n_tested: list[int]


def read_tested(session: Session, dataset_id: DatasetId, versions: tuple[int, ...]) -> Tested:
    """Read them in one snapshot.

    Raises
    ------
    UnknownNameError
        No such version.
    """
    labels = session.labels.all(dataset_id, counted=False)
    orders = [session.models.label_ids(dataset_id, one) for one in versions]
    tables = [session.models.test_scores(dataset_id, one) for one in versions]
    shared = [label for label in labels if all(label.label_id in order for order in orders)]
    threads = session.reviews.reviewed(dataset_id)
    known = reviewed_set(session, dataset_id, labels)
    sides = [set(table.column("uid").to_pylist()) for table in tables]
    uids = [uid for uid in known.uids if all(uid in side for side in sides)]
    truth, groups = _truth(known, threads, uids, labels, shared)
    return Tested(
        uids=uids,
        labels=shared,
        truth=truth,
        scores=[
            _columns(table, uids, [order.index(label.label_id) for label in shared], len(order))
            for table, order in zip(tables, orders, strict=True)
        ],
        groups=groups,
        n_tested=[table.num_rows for table in tables],
    )


def _columns(table: pa.Table, uids: list[str], columns: list[int], n_columns: int) -> np.ndarray:
    chosen = table.take(pc.index_in(pa.array(uids, pa.string()), table.column("uid")))
    flat = np.asarray(pc.list_flatten(chosen.column("scores")), dtype=np.float32)
    return flat.reshape(len(uids), n_columns)[:, columns]


def _truth(
    known: ReviewedSet, threads: pa.Table, uids: list[str], labels: tuple[Label, ...], shared: list[Label]
) -> tuple[np.ndarray, np.ndarray]:
    """bool, (n, n_shared), ancestors set; int64, (n,), thread-mates under one number."""
    carried = np.zeros((len(known.uids), len(labels)), dtype=bool)
    carried[known.pairs[:, 0], known.pairs[:, 1]] = True
    column_of = {label.path: column for column, label in enumerate(labels)}
    for label in sorted(labels, key=lambda one: -len(one.path)):
        parent = column_of.get(label.path[:-1])
        if parent is not None:
            carried[:, parent] |= carried[:, column_of[label.path]]
    row_of = {uid: row for row, uid in enumerate(known.uids)}
    rows = np.array([row_of[uid] for uid in uids], dtype=np.int64)
    groups = thread_groups(threads)[rows]
    columns = np.array([column_of[label.path] for label in shared], dtype=np.int64)
    return carried[np.ix_(rows, columns)], groups
