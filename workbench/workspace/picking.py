"""Running a query strategy on what the store knows."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.domain import DatasetId, LabelId, MessageFilter, ReviewBatch, ReviewMode, Uid, parse_text
from workbench.errors import InputError
from workbench.review import STRATEGIES, Pool
from workbench.store import Session
from workbench.workspace.context import Workspace
from workbench.workspace.matrices import held_out_file, newest_vectors
from workbench.workspace.picks import HeldOut, Key, PickIndex, PickShelf

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
    index: PickIndex | None = None,
) -> ReviewBatch:
    """Choose up to ``n`` messages by the strategy of ``mode`` among those that pass ``where``.

    ``index`` is what was read before; None = read it all now, which gives the same answer.

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
    index = index or read_index(workspace, session, dataset_id)
    index.follow(session)
    pool, label, rows = _pool(session, dataset_id, index, mode, n=n, label_id=label_id, where=where)
    picks = STRATEGIES[mode](pool, n, label=label, random_state=seed)
    chosen = picks.indices if rows is None else rows[picks.indices]
    return ReviewBatch(
        mode=mode,
        uids=tuple(Uid(index.uids[int(row)].as_py()) for row in chosen),
        probabilities=tuple(float(p) for p in picks.probabilities),
        strategy=mode,
        seed=seed,
        n_population=picks.n_population,
    )


def needs(mode: ReviewMode, label_id: LabelId | None) -> tuple[Key, ...]:
    """The parts of an index that a mode ranks by."""
    if mode in ("label", "teach"):
        return (("label", str(label_id)),)
    if mode in ("check", "missed"):
        return (("held_out", str(label_id)),)
    by_mode: dict[str, tuple[Key, ...]] = {
        "low_confidence": (("sureness", ""),),
        "rebalance": (("clusters", ""),),
        "cluster": (("clusters", ""), ("typicality", "")),
    }
    return by_mode.get(mode, ())


def read_index(
    workspace: Workspace,
    session: Session,
    dataset_id: DatasetId,
    before: PickIndex | None = None,
    wanted: list[Key] | None = None,
) -> PickIndex:
    """The index of what is stored now; see ``PickIndex``."""
    index = PickIndex(
        session,
        dataset_id,
        held_out=HeldOut.of(held_out_file(workspace, dataset_id)),
        vectors=lambda n_rows: newest_vectors(workspace, dataset_id, n_rows=n_rows),
        before=before,
    )
    index.prepare(session, wanted or [])
    return index


def start_picks(workspace: Workspace) -> None:
    """Keep the indexes of a workspace that was just opened."""

    def read(dataset_id: DatasetId, before: PickIndex | None, wanted: list[Key]) -> PickIndex:
        with workspace.store.read() as session:
            return read_index(workspace, session, dataset_id, before, wanted)

    workspace.start_picks(PickShelf(read, max_bytes=workspace.settings.pick_memory_max_bytes))


def _pool(
    session: Session,
    dataset_id: DatasetId,
    index: PickIndex,
    mode: ReviewMode,
    *,
    n: int,
    label_id: LabelId | None,
    where: MessageFilter | None,
) -> tuple[Pool, int | None, np.ndarray | None]:
    """What the strategy sees, the column of the label in it, and the row of each of its messages (None = all rows).

    Of one label there is one column, 0. Only messages with an out-of-fold probability can be doubted, so a strategy
    that ranks by it sees no others.
    """
    columns: dict[str, np.ndarray] = {}
    label, rows = None, None
    parts = {key[0]: index.part(session, key) for key in needs(mode, label_id) if index.offers(key)}
    if "label" in parts:
        label = 0
        columns["probabilities"] = parts["label"][0][:, None]
    elif mode in ("label", "teach") and index.has_predictions:
        columns["probabilities"] = np.zeros((len(index.uids), 0), dtype=np.float32)
    if "sureness" in parts:
        (columns["sure"],) = parts["sureness"]
    if "held_out" in parts:
        label, rows = 0, parts["held_out"][0]
        columns["out_of_fold"] = parts["held_out"][1][:, None]
        asked, uids = LabelId(str(label_id)), index.uids.take(pa.array(rows))
        columns["assigned"] = _among(uids, session.reviews.carriers(dataset_id, asked))[:, None]
        columns["settled"] = _among(uids, session.verdicts.settled(dataset_id, asked))
    if mode in _NEEDS_CLUSTERS:
        columns["clusters"], columns["by_cluster"] = parts["clusters"]
    if "typicality" in parts:
        columns["typicality"], columns["by_cluster"] = parts["typicality"]
    allowed = _passing(session, dataset_id, index, where)
    pool = Pool(
        reviewed=_of(rows, index.reviewed),
        times=_of(rows, index.times),
        allowed=None if allowed is None else _of(rows, allowed),
        matches=_matches(session, dataset_id, index, where, n) if mode == "search" else None,
        vectors=index.vectors if rows is None else None,
        even=2 / 3 if mode == "teach" and session.catalog.has_sentiment(dataset_id) else 1 / 2,
        **columns,
    )
    return pool, label, rows


def _of(rows: np.ndarray | None, values: np.ndarray) -> np.ndarray:
    return values if rows is None else values[rows]


def _among(uids: pa.Array, found: pa.Table) -> np.ndarray:
    """bool, (k,): which of ``uids`` were found (column uid)."""
    inside: np.ndarray = pc.is_in(uids, value_set=found.column("uid").combine_chunks()).to_numpy(
        zero_copy_only=False
    )
    return inside


def _passing(
    session: Session, dataset_id: DatasetId, index: PickIndex, where: MessageFilter | None
) -> np.ndarray | None:
    """bool, (n,): which messages pass; None = all."""
    if where is None or where == MessageFilter():
        return None
    inside = np.zeros(len(index.uids), dtype=bool)
    rows = index.places.of(session.messages.passing(dataset_id, where).column("uid").combine_chunks())
    inside[rows[rows >= 0]] = True
    return inside


def _matches(
    session: Session, dataset_id: DatasetId, index: PickIndex, where: MessageFilter | None, n: int
) -> np.ndarray | None:
    """How well messages fit the searched words: the best ``n`` by rank, the others alike; None without words."""
    if where is None or not parse_text(where.text):
        return None
    found = session.messages.best(dataset_id, where, n)
    # Who does not pass is not allowed either, so a small value for all is enough.
    fits = np.full(len(index.uids), 0.5)
    rows = index.places.of(pa.array(found, pa.string()))
    fits[rows[rows >= 0]] = np.arange(len(found), 0, -1)[rows >= 0]
    return fits
