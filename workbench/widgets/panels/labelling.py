"""One label for many messages."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from workbench.domain import DatasetId, Judgement, LabelId, Operations, ReviewMode, Sentiment, Uid

_AT_ONCE = 500


def add_label(
    operations: Operations,
    dataset_id: DatasetId,
    uids: Sequence[Uid],
    label_id: LabelId,
    mode: ReviewMode,
    sentiment: Sentiment | None = None,
) -> None:
    """Add a label to messages, keeping what they have; with a sentiment where the dataset has label sentiment."""
    for start in range(0, len(uids), _AT_ONCE):
        seen = operations.get_messages(dataset_id, tuple(uids[start : start + _AT_ONCE]))
        judgements = tuple(
            Judgement(
                event_id=secrets.token_hex(8),
                uid=one.uid,
                assigned=tuple(dict.fromkeys((*one.assigned, label_id))),
                dismissed=tuple(other for other in one.dismissed if other != label_id),
                mode=mode,
                revision=one.revision,
                sentiments={} if sentiment is None else {label_id: sentiment},
            )
            for one in seen
        )
        if judgements:
            operations.judge(dataset_id, judgements)
