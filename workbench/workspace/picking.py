"""Running a query strategy on what the store knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, LabelId, MessageFilter, ReviewBatch, ReviewMode, Uid, parse_text
from workbench.errors import InputError
from workbench.review import STRATEGIES, Pool
from workbench.store import Session
from workbench.workspace.context import Workspace
from workbench.workspace.matrices import held_out_file, newest_vectors

_NEEDS_PREDICTIONS = frozenset({"label", "teach", "low_confidence"})
_NEEDS_HELD_OUT = frozenset({"check", "missed"})
_NEEDS_CLUSTERS = frozenset({"cluster", "rebalance"})


def pick(
    workspace: Workspace,
    session: Session,
    dataset_id: DatasetId,
    mode: ReviewMode,
    *,
    n: int,
    label_id: LabelId | None,
    seed: int,
    where: MessageFilter | None = None,
) -> ReviewBatch:
    """Choose up to ``n`` messages by the strategy of ``mode`` among those that pass ``where``.

    Raises
    ------
    InputError
        The mode has no strategy, or needs what does not exist yet (predictions, clusters).
    """
    if mode not in STRATEGIES:
        raise InputError(
            f"nothing chooses messages in mode {mode!r}.",
            next_step=f"Use one of {', '.join(sorted(STRATEGIES))}.",
            details={"mode": mode},
        )
    rows = _Rows.read(session, dataset_id)
    columns: list[str] = []
    probabilities = out_of_fold = assigned = clusters = None
    if mode in _NEEDS_PREDICTIONS:
        probabilities, columns = _predictions(session, dataset_id, rows)
    if mode in _NEEDS_HELD_OUT:
        out_of_fold, assigned, columns = _held_out(workspace, session, dataset_id, rows)
    if mode in _NEEDS_CLUSTERS:
        members, cluster_ids = session.discovery.members(dataset_id)
        clusters = rows.aligned(pa.array(members, pa.string()), cluster_ids, missing=-1)
    allowed = rows.passing(session, dataset_id, where)
    pool = Pool(
        reviewed=rows.reviewed,
        times=rows.times,
        probabilities=probabilities,
        out_of_fold=out_of_fold,
        assigned=assigned,
        clusters=clusters,
        allowed=allowed,
        matches=rows.matches(session, dataset_id, where, n) if mode == "search" else None,
        vectors=newest_vectors(workspace, dataset_id, n_rows=len(rows.uids)),
        even=2 / 3 if mode == "teach" and session.catalog.has_sentiment(dataset_id) else 1 / 2,
    )
    label = columns.index(label_id) if label_id in columns else None
    picks = STRATEGIES[mode](pool, n, label=label, random_state=seed)
    return ReviewBatch(
        mode=mode,
        uids=tuple(Uid(rows.uids[int(row)].as_py()) for row in picks.indices),
        probabilities=tuple(float(p) for p in picks.probabilities),
        strategy=mode,
        seed=seed,
        n_population=picks.n_population,
    )


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Messages of the dataset in the fixed row order; all of it in arrays, a dataset may have a million."""

    uids: pa.Array
    times: np.ndarray
    reviewed: np.ndarray

    @classmethod
    def read(cls, session: Session, dataset_id: DatasetId) -> _Rows:
        table = session.messages.keys(dataset_id)
        uids = _whole(table.column("uid"))
        judged = _whole(session.reviews.reviewed(dataset_id).column("uid"))
        times = table.column("timestamp").to_numpy().astype("datetime64[us]").astype(np.int64)
        reviewed = pc.is_in(uids, value_set=judged).to_numpy(zero_copy_only=False)
        return cls(uids=uids, times=times, reviewed=reviewed)

    def passing(
        self, session: Session, dataset_id: DatasetId, where: MessageFilter | None
    ) -> np.ndarray | None:
        """bool, (n,): which messages pass; None = all."""
        if where is None or where == MessageFilter():
            return None
        found = _whole(session.messages.passing(dataset_id, where).column("uid"))
        inside: np.ndarray = pc.is_in(self.uids, value_set=found).to_numpy(zero_copy_only=False)
        return inside

    def matches(
        self, session: Session, dataset_id: DatasetId, where: MessageFilter | None, n: int
    ) -> np.ndarray | None:
        """How well messages fit the searched words: the best ``n`` by rank, the others alike; None without words."""
        if where is None or not parse_text(where.text):
            return None
        found = session.messages.best(dataset_id, where, n)
        # Who does not pass is not allowed either, so a small value for all is enough.
        fits = np.full(len(self.uids), 0.5)
        fits[_places(pa.array(found, pa.string()), self.uids)] = np.arange(len(found), 0, -1)
        return fits

    def aligned(self, uids: pa.Array, values: np.ndarray, *, missing: float) -> np.ndarray:
        """Values brought into row order; ``missing`` for messages that have none."""
        dtype = np.int64 if np.issubdtype(values.dtype, np.integer) else values.dtype
        made = np.full((len(self.uids), *values.shape[1:]), missing, dtype=dtype)
        origin = _places(self.uids, uids)
        made[origin >= 0] = values[origin[origin >= 0]]
        return made


def _places(uids: pa.Array, among: pa.Array) -> np.ndarray:
    """Where each of ``uids`` stands in ``among``, -1 = nowhere."""
    found: np.ndarray = pc.index_in(uids, value_set=among).fill_null(-1).to_numpy(zero_copy_only=False)
    return found


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _predictions(session: Session, dataset_id: DatasetId, rows: _Rows) -> tuple[np.ndarray | None, list[str]]:
    versions = session.models.versions(dataset_id)
    if not versions:
        return None, []
    version = versions[0].version
    uids, matrix = session.models.matrix(dataset_id, version)
    return rows.aligned(uids, matrix, missing=0.0), list(session.models.label_ids(dataset_id, version))


def _held_out(
    workspace: Workspace, session: Session, dataset_id: DatasetId, rows: _Rows
) -> tuple[np.ndarray | None, np.ndarray | None, list[str]]:
    file: Path = held_out_file(workspace, dataset_id)
    if not file.exists():
        return None, None, []
    with np.load(file, allow_pickle=False) as saved:
        columns = [str(label_id) for label_id in saved["label_ids"]]
        saved_uids = pa.array(saved["uids"].tolist(), pa.string())
        scores = rows.aligned(saved_uids, saved["out_of_fold"], missing=np.nan)
    assigned = np.zeros((len(rows.uids), len(columns)), dtype=bool)
    place = {label_id: column for column, label_id in enumerate(columns)}
    table = session.reviews.matrix(dataset_id)
    row = _places(_whole(table.column("uid")), rows.uids)
    column = np.array(
        [place.get(label_id, -1) for label_id in table.column("label_id").to_pylist()], np.int64
    )
    known = (row >= 0) & (column >= 0)
    assigned[row[known], column[known]] = True
    return scores, assigned, columns
