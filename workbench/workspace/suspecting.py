"""Reviewed messages whose labels may be wrong, over the whole taxonomy."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, Estimate, Label, LabelId, LabelSuspect, SuspectReport, Uid
from workbench.errors import InputError, UnknownNameError
from workbench.store import Session
from workbench.workspace.context import Caller
from workbench.workspace.matrices import held_out_file
from workbench.workspace.picks import HeldOut

MAX_SUSPECTS = 256


def label_suspects(
    caller: Caller, dataset_id: DatasetId, n: int = 20, label_id: LabelId | None = None
) -> SuspectReport:
    """Rank them."""
    from workbench.evaluate import KINDS, rank_suspects  # noqa: PLC0415

    if not 1 <= n <= MAX_SUSPECTS:
        raise InputError(f"{n} suspects cannot be had.", next_step=f"Ask for 1 to {MAX_SUSPECTS}.")
    with caller.store.read() as session:
        labels = session.labels.all(dataset_id, counted=False)
        names = {label.label_id: label.name for label in labels}
        if label_id is not None and label_id not in names:
            raise UnknownNameError("label", label_id, names)
        validated = session.models.validation(dataset_id, None)
        held_out = HeldOut.of(held_out_file(caller.workspace, dataset_id))
        n_looked_at, n_changed = session.reviews.looked_at(dataset_id)
        shared = [label for label in labels if held_out and label.label_id in held_out.label_ids]
        known = _current(session, dataset_id, held_out, shared) if held_out and shared else None
    version = None if validated is None else validated.version
    suspects: tuple[LabelSuspect, ...] = ()
    n_judged = n_suspects = 0
    asked = next((place for place, label in enumerate(shared) if label.label_id == label_id), None)
    if known is not None and (label_id is None or asked is not None):
        uids, truth, scores, settled = known
        n_judged = int(np.isfinite(scores).all(axis=1).sum())
        found = rank_suspects(truth, scores, _parents(shared), settled=settled, label=asked)
        n_suspects = len(found.rows)
        suspects = tuple(
            LabelSuspect(
                uid=uids[row],
                kind=KINDS[kind],
                said=shared[said].label_id if said >= 0 else None,
                expected=shared[expected].label_id if expected >= 0 else None,
                said_probability=float(scores[row, said]) if said >= 0 else None,
                expected_probability=float(scores[row, expected]) if expected >= 0 else None,
                score=float(score),
            )
            for row, kind, said, expected, score in zip(
                *(
                    column[:n].tolist()
                    for column in (found.rows, found.kinds, found.said, found.expected, found.scores)
                ),
                strict=True,
            )
        )
    return SuspectReport(
        dataset_id=dataset_id,
        version=version,
        n_judged=n_judged,
        n_suspects=n_suspects,
        suspects=suspects,
        n_looked_at=n_looked_at,
        n_changed=n_changed,
        found=_share(n_changed, n_looked_at),
    )


def _current(
    session: Session, dataset_id: DatasetId, held_out: HeldOut, shared: list[Label]
) -> tuple[list[Uid], np.ndarray, np.ndarray, np.ndarray]:
    """Uids, and what people say now, out-of-fold probabilities and settled labels, (k, n_shared) each."""
    reviewed = session.reviews.reviewed(dataset_id).column("uid").combine_chunks()
    places = pc.index_in(reviewed, value_set=held_out.uids)
    uids = reviewed.filter(places.is_valid())
    columns = [held_out.label_ids.index(label.label_id) for label in shared]
    scores = held_out.out_of_fold[np.ix_(places.drop_null().to_numpy(), columns)]
    label_ids = pa.array([label.label_id for label in shared], pa.string())
    truth = _marked(session.reviews.matrix(dataset_id), uids, label_ids)
    parents = _parents(shared)
    for column in sorted(range(len(shared)), key=lambda one: -len(shared[one].path)):
        if parents[column] >= 0:
            truth[:, parents[column]] |= truth[:, column]
    settled = _marked(session.verdicts.settled(dataset_id), uids, label_ids)
    return uids.to_pylist(), truth, scores, settled


def _marked(pairs: pa.Table, uids: pa.Array, label_ids: pa.Array) -> np.ndarray:
    """bool, (n_uids, n_labels): which pairs (columns uid, label_id) there are."""
    rows = pc.index_in(pairs.column("uid"), value_set=uids).fill_null(-1).to_numpy()
    columns = pc.index_in(pairs.column("label_id"), value_set=label_ids).fill_null(-1).to_numpy()
    known = (rows >= 0) & (columns >= 0)
    marked = np.zeros((len(uids), len(label_ids)), dtype=bool)
    marked[rows[known], columns[known]] = True
    return marked


def _parents(labels: list[Label]) -> np.ndarray:
    place = {label.path: column for column, label in enumerate(labels)}
    return np.array([place.get(label.path[:-1], -1) for label in labels], dtype=np.int64)


def _share(successes: int, trials: int) -> Estimate:
    from workbench.evaluate import wilson_interval  # noqa: PLC0415

    if not trials:
        return Estimate(value=None, low=None, high=None)
    low, high = wilson_interval(np.array([successes]), np.array([trials]))
    return Estimate(value=successes / trials, low=float(low[0]), high=float(high[0]))
