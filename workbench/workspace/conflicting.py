"""What is said when messages are in the way of others."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import ConflictError


def changed_messages(charged: pa.Table) -> ConflictError:
    """The refusal of messages that would be written over; ``charged`` says what became of each."""
    are = pc.is_in(charged.column("reason"), pa.array(["text_modified", "metadata_modified"]))
    ids = charged.column("message_id").filter(are).to_pylist()
    return ConflictError(
        f"{len(ids):,} of the messages are there already with another content, first {ids[0][:100]!r}.",
        next_step="Upload them to be written over (sync), or under other ids.",
        details={"n_changed": len(ids), "message_id": ids[0]},
    )
