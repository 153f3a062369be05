"""One label for many messages."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from workbench.domain import DatasetId, Judgement, LabelId, Operations, ReviewMode, Uid

_AT_ONCE = 500


def add_label(
    operations: Operations, dataset_id: DatasetId, uids: Sequence[Uid], label_id: LabelId, mode: ReviewMode
) -> None:
    """Add a label to messages, keeping what they have."""
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
            )
            for one in seen
        )
        if judgements:
            operations.judge(dataset_id, judgements)
