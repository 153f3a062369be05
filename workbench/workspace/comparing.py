"""Two model versions on the same test messages."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, Label, LabelComparison, LabelId, ValidationReport, VersionComparison
from workbench.errors import TooFewAnnotationsError
from workbench.workspace.context import Caller, Workspace
from workbench.workspace.reviewed import ReviewedSet, reviewed_set

LEAST_COMPARED = 10
_LEAST_TRAINED = 20
"""Training examples of a label in both versions from which it is part of the mean, as in a validation."""


def compare_versions(caller: Caller, dataset_id: DatasetId, first: int, second: int) -> VersionComparison:
    """Judge what both said of their common test messages by what people say now."""
    return compared(caller.workspace, dataset_id, first, second)


def compared(workspace: Workspace, dataset_id: DatasetId, first: int, second: int) -> VersionComparison:
    """As :func:`compare_versions`, in nobody's name."""
    from workbench.evaluate import compare  # noqa: PLC0415

    with workspace.store.read() as session:
        labels = session.labels.all(dataset_id, counted=False)
        orders = [session.models.label_ids(dataset_id, one) for one in (first, second)]
        tested = [session.models.test_scores(dataset_id, one) for one in (first, second)]
        reports = [session.models.validation(dataset_id, one) for one in (first, second)]
        threads = session.reviews.reviewed(dataset_id)
        any_common = threads.num_rows and all(one.num_rows for one in tested)
        known = reviewed_set(session, dataset_id, labels) if any_common else None
    common = _common(tested, known)
    if known is None or len(common) < LEAST_COMPARED:
        raise TooFewAnnotationsError(
            f"versions {first} and {second} have {len(common)} reviewed test messages in common; "
            f"at least {LEAST_COMPARED} are needed.",
            next_step="Review more messages and train, then compare with the new version.",
            details={"first": first, "second": second, "n": len(common), "least": LEAST_COMPARED},
        )
    shared = [label for label in labels if all(label.label_id in order for order in orders)]
    scores = [_columns(table, common, order, shared) for table, order in zip(tested, orders, strict=True)]
    truth, groups = _truth(known, threads, common, labels, shared)
    trained = [_trained(report) for report in reports]
    counts = np.array(
        [all(one.get(label.label_id, 0) >= _LEAST_TRAINED for one in trained) for label in shared], dtype=bool
    )
    overall, pairs = compare(truth, *scores, counts=counts, groups=groups)
    return VersionComparison(
        dataset_id=dataset_id,
        first=first,
        second=second,
        n=len(common),
        n_first=tested[0].num_rows,
        n_second=tested[1].num_rows,
        overall=overall,
        labels=tuple(
            LabelComparison(label_id=label.label_id, name=label.name, counts=bool(count), precision=pair)
            for label, count, pair in zip(shared, counts, pairs, strict=True)
        ),
        only_first=_only(labels, orders[0], orders[1]),
        only_second=_only(labels, orders[1], orders[0]),
        seed=workspace.settings.random_seed,
    )


def _common(tested: list[pa.Table], known: ReviewedSet | None) -> list[str]:
    if known is None:
        return []
    sides = [set(table.column("uid").to_pylist()) for table in tested]
    return [uid for uid in known.uids if uid in sides[0] and uid in sides[1]]


def _columns(table: pa.Table, uids: list[str], order: tuple[LabelId, ...], shared: list[Label]) -> np.ndarray:
    chosen = table.take(pc.index_in(pa.array(uids, pa.string()), table.column("uid")))
    whole = np.array(chosen.column("scores").to_pylist(), dtype=np.float32).reshape(len(uids), len(order))
    return whole[:, [order.index(label.label_id) for label in shared]]


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
    rows = [row_of[uid] for uid in uids]
    thread_of = dict(
        zip(threads.column("uid").to_pylist(), threads.column("thread_id").to_pylist(), strict=True)
    )
    names = [f"{uid.partition('.')[0]}.{thread_of[uid]}" if thread_of.get(uid) else uid for uid in uids]
    number: dict[str, int] = {}
    groups = np.array([number.setdefault(name, len(number)) for name in names], dtype=np.int64)
    return carried[np.ix_(rows, [column_of[label.path] for label in shared])], groups


def _trained(report: ValidationReport | None) -> dict[LabelId, int]:
    return {} if report is None else {label.label_id: label.n_train for label in report.labels}


def _only(labels: tuple[Label, ...], has: tuple[LabelId, ...], lacks: tuple[LabelId, ...]) -> tuple[str, ...]:
    return tuple(one.name for one in labels if one.label_id in has and one.label_id not in lacks)
