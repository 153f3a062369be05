"""The reviewed messages of a dataset as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from workbench.domain import DatasetId, Label, LabelId, Uid, whole_marks
from workbench.store import Session

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Picked:
    """How reviewed messages were picked.

    Attributes
    ----------
    probabilities, n_populations
        Inclusion probability of each, and the number of messages that it was picked among; None = not known.
    places
        int64, (n,): numbers that rise in the order in which they were first reviewed.
    """

    probabilities: list[float | None]
    n_populations: list[int | None]
    places: np.ndarray


@dataclass(frozen=True, kw_only=True)
class ReviewedSet:
    """What people said, as of ``read_at``.

    Attributes
    ----------
    uids
        Reviewed messages.
    pairs
        int32, (n_pairs, 2): row in ``uids``, column in the label order: assigned labels.
    signs
        int8, (n_pairs,): 1 = positive, -1 = negative, 0 = not said; None = the dataset has no label sentiment.
    modes
        Review mode of each, when it was first reviewed.
    picked
        How each was picked then; None where that does not matter.
    read_at
        Time of the newest judgement among them: reviews after it are not in. The start of 1970 with none.
    """

    uids: list[str]
    pairs: np.ndarray
    modes: list[str]
    read_at: datetime
    signs: np.ndarray | None = None
    picked: Picked | None = None


def reviewed_set(session: Session, dataset_id: DatasetId, labels: tuple[Label, ...]) -> ReviewedSet:
    """Read it in one snapshot."""
    table = session.reviews.reviewed(dataset_id)
    uids: list[str] = table.column("uid").to_pylist()
    row_of = {uid: row for row, uid in enumerate(uids)}
    column_of = {label.label_id: column for column, label in enumerate(labels)}
    assigned = session.reviews.matrix(dataset_id)
    listed = list(
        zip(assigned.column("uid").to_pylist(), assigned.column("label_id").to_pylist(), strict=True)
    )
    known = [(uid, label_id) for uid, label_id in listed if uid in row_of and label_id in column_of]
    pairs = [(row_of[uid], column_of[label_id]) for uid, label_id in known]
    has_sentiment = session.catalog.has_sentiment(dataset_id)
    return ReviewedSet(
        uids=uids,
        pairs=np.asarray(pairs, dtype=np.int32).reshape(-1, 2),
        modes=table.column("mode").to_pylist(),
        read_at=max(table.column("reviewed_at").to_pylist(), default=_NEVER),
        signs=_signs(known, session.reviews.marks(table.select(["uid"]), dataset_id), labels)
        if has_sentiment
        else None,
        picked=Picked(
            probabilities=table.column("probability").to_pylist(),
            n_populations=table.column("n_population").to_pylist(),
            places=table.column("first_seq").to_numpy().astype(np.int64),
        ),
    )


def _signs(
    known: list[tuple[str, str]], marks: dict[Uid, dict[LabelId, int]], labels: tuple[Label, ...]
) -> np.ndarray:
    """The sentiments that count, those of parents that follow from the labels below them included."""
    paths = {label.label_id: label.path for label in labels}
    carried: dict[Uid, list[LabelId]] = {}
    for uid, label_id in known:
        carried.setdefault(Uid(uid), []).append(LabelId(label_id))
    whole = {uid: whole_marks(paths, carried[uid], marks[uid]) for uid in carried if uid in marks}
    return np.array(
        [np.sign(whole.get(Uid(uid), {}).get(LabelId(label_id), 0)) for uid, label_id in known], dtype=np.int8
    )


def thread_groups(reviewed: pa.Table) -> np.ndarray:
    """int64, (n,): thread-mates under one number, a message without a thread under its own.

    ``reviewed`` has uid and thread_id, as ``session.reviews.reviewed`` reads them.
    """
    uids, threads = reviewed.column("uid").to_pylist(), reviewed.column("thread_id").to_pylist()
    number: dict[str, int] = {}
    return np.array(
        [
            number.setdefault(f"{uid.partition('.')[0]}.{thread}" if thread else uid, len(number))
            for uid, thread in zip(uids, threads, strict=True)
        ],
        dtype=np.int64,
    )
