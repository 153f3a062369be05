"""What any version that is kept says of stored messages, also where its predictions were not stored."""

from __future__ import annotations

import numpy as np

from workbench.domain import (
    LIMITS,
    DatasetId,
    LabelsFrom,
    MessageFilter,
    StoredPrediction,
    StoredPredictions,
    Uid,
    VersionChoice,
    WantedLabel,
)
from workbench.embed import message_text
from workbench.errors import UnknownMessageError
from workbench.workspace.context import Caller
from workbench.workspace.warm import predict_texts


def predict_stored(
    caller: Caller,
    dataset_id: DatasetId,
    uids: tuple[Uid, ...],
    version: VersionChoice = None,
    threshold: LabelsFrom = 0.05,
    wanted: tuple[WantedLabel, ...] = (),
) -> StoredPredictions:
    """Read what is stored, predict the rest now."""
    LIMITS["stored_predictions"].check(len(uids), "the call")
    asked = tuple(dict.fromkeys(uids))
    with caller.store.read() as session:
        known = caller.workspace.lookups.get(session, dataset_id, version, threshold, wanted)
        dataset, chosen, answering = known.dataset, known.version, known.answering
        said = session.streams.said(dataset.dataset_id, chosen.version, asked, MessageFilter())
        for uid in asked:
            if uid not in said:
                raise UnknownMessageError(uid)
        missing = tuple(uid for uid in asked if said[uid][0] is None)
        texts = {
            one.uid: message_text(one.subject, one.body)
            for one in (session.messages.get(dataset.dataset_id, missing) if missing else ())
        }
    n_labels = len(answering.label_ids)
    now = predict_texts(caller.workspace, dataset, chosen, list(texts.values()), n_labels)
    labels = dict(zip(texts, answering.labels(now.probabilities, now.sentiments), strict=True))
    stored = [uid for uid in asked if uid not in texts]
    probabilities = _matrix([said[uid][0] for uid in stored], n_labels)
    assert probabilities is not None  # those without are predicted now
    sentiments = _matrix([said[uid][1] for uid in stored], n_labels)
    labels |= zip(stored, answering.labels(probabilities, sentiments), strict=True)
    return StoredPredictions(
        version=chosen.version,
        created_at=chosen.created_at,
        predictions=tuple(StoredPrediction(uid=uid, labels=labels[uid]) for uid in uids),
    )


def _matrix(rows: list[list[float] | None], n_labels: int) -> np.ndarray | None:
    """float32 (n, n_labels); None when a row is missing."""
    if any(row is None for row in rows):
        return None
    return np.array(rows, np.float32).reshape(len(rows), n_labels)
