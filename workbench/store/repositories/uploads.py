"""Which batches of messages were stored already."""

from __future__ import annotations

from datetime import datetime

from workbench.domain import SourceId, SyncCounts
from workbench.store.cursor import Cursor


class UploadBatches:
    """Batch ids and what they changed, written in the transaction of their messages."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def seen(self, source_id: SourceId, batch_id: str) -> SyncCounts | None:
        """What the batch changed when it was stored in this source, None when it was not."""
        row = self._cursor.one("upload.seen", batch_id=f"{source_id}.{batch_id}")
        if row is None:
            return None
        new, updated, unchanged, text_modified, units = row
        return SyncCounts(
            new=new, updated=updated, unchanged=unchanged, text_modified=text_modified, units=units
        )

    def remember(self, source_id: SourceId, batch_id: str, counts: SyncCounts, at: datetime) -> None:
        """Record that the batch is stored in this source."""
        self._cursor.execute(
            "upload.remember",
            batch_id=f"{source_id}.{batch_id}",
            stored_at=at,
            n_new=counts.new,
            n_updated=counts.updated,
            n_unchanged=counts.unchanged,
            n_text_modified=counts.text_modified,
            units=counts.units,
        )

    def forget(self, source_id: SourceId) -> None:
        """Forget the batches of a source that lost messages, so that the same batch may bring them again."""
        self._cursor.execute("upload.forget", source_id=source_id)
