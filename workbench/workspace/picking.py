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
from workbench.workspace.picks import HeldOut, Key, PickIndex, PickShelf, places

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
    pool, label = _pool(session, dataset_id, index, mode, n=n, label_id=label_id, where=where)
    picks = STRATEGIES[mode](pool, n, label=label, random_state=seed)
    return ReviewBatch(
        mode=mode,
        uids=tuple(Uid(index.uids[int(row)].as_py()) for row in picks.indices),
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
) -> tuple[Pool, int | None]:
    """What the strategy sees, and the column of the label in it: of one label there is one column, 0."""
    columns: dict[str, np.ndarray] = {}
    label = None
    parts = {key[0]: index.part(session, key) for key in needs(mode, label_id) if index.offers(key)}
    if "label" in parts or ("held_out" in parts and label_id is not None):
        label = 0
    if "label" in parts:
        columns["probabilities"] = parts["label"][0][:, None]
    elif mode in ("label", "teach") and index.has_predictions:
        columns["probabilities"] = np.zeros((len(index.uids), 0), dtype=np.float32)
    if "sureness" in parts:
        (columns["sure"],) = parts["sureness"]
    if "held_out" in parts:
        columns["out_of_fold"] = parts["held_out"][0][:, None]
        asked = LabelId(str(label_id))
        columns["assigned"] = _among(index, session.reviews.carriers(dataset_id, asked))[:, None]
        columns["settled"] = _among(index, session.verdicts.settled(dataset_id, asked))
    if mode in _NEEDS_CLUSTERS:
        columns["clusters"] = parts["clusters"][0]
    if "typicality" in parts:
        (columns["typicality"],) = parts["typicality"]
    reviewed = index.reviewed
    pool = Pool(
        reviewed=reviewed,
        times=index.times,
        allowed=_passing(session, dataset_id, index, where),
        matches=_matches(session, dataset_id, index, where, n) if mode == "search" else None,
        vectors=index.vectors,
        even=2 / 3 if mode == "teach" and session.catalog.has_sentiment(dataset_id) else 1 / 2,
        **columns,
    )
    return pool, label


def _among(index: PickIndex, found: pa.Table) -> np.ndarray:
    """bool, (n,): the messages found (column uid)."""
    inside = np.zeros(len(index.uids), dtype=bool)
    rows = places(found.column("uid").combine_chunks(), index.uids)
    inside[rows[rows >= 0]] = True
    return inside


def _passing(
    session: Session, dataset_id: DatasetId, index: PickIndex, where: MessageFilter | None
) -> np.ndarray | None:
    """bool, (n,): which messages pass; None = all."""
    if where is None or where == MessageFilter():
        return None
    found = session.messages.passing(dataset_id, where).column("uid").combine_chunks()
    inside: np.ndarray = pc.is_in(index.uids, value_set=found).to_numpy(zero_copy_only=False)
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
    rows = places(pa.array(found, pa.string()), index.uids)
    fits[rows[rows >= 0]] = np.arange(len(found), 0, -1)[rows >= 0]
    return fits
