"""Messages of one source, as they are in no dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from workbench.domain import (
    Message,
    MessageFilter,
    MessagePosition,
    SourceId,
    SourceMessages,
    Uid,
    read_parts,
    read_properties,
)
from workbench.store.cursor import Cursor
from workbench.store.filters import compile_filter
from workbench.store.repositories.attachments import Attachments


@dataclass(frozen=True, kw_only=True)
class Range:
    """Which messages of a source a page may have; bounds inclusive, None = open."""

    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False


class MessagesOfSources:
    """Reads messages by source."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def page(
        self, source_id: SourceId, after: MessagePosition | None, limit: int, within: Range
    ) -> SourceMessages:
        """The next messages by time and id, at most ``limit``."""
        found = self._cursor.rows(
            "source.next_older" if within.newest_first else "source.next",
            source_id=source_id,
            since=within.since,
            until=within.until,
            after_at=after.timestamp if after else None,
            after_id=after.message_id if after else "",
            limit=limit + 1,
        )
        shown = found[:limit]
        more = None
        if len(found) > limit:
            more = MessagePosition(timestamp=shown[-1][1], message_id=shown[-1][2])
        return self.some([uid for uid, _, _ in shown], more)

    def some(self, uids: Sequence[Uid], more: MessagePosition | None = None) -> SourceMessages:
        """These messages, in the order asked; unknown ones are left out."""
        if not uids:
            return SourceMessages(messages=())
        rows = {row[0]: row for row in self._cursor.rows("source.messages", uids=list(uids))}
        with_files = [uid for uid, row in rows.items() if row[-1]]
        files = Attachments(self._cursor).of(with_files) if with_files else {}
        annotated = (uid for (uid,) in self._cursor.rows("source.annotated", uids=list(rows)))
        return SourceMessages(
            messages=tuple(_message(rows[uid], files.get(uid, ())) for uid in uids if uid in rows),
            annotated=frozenset(annotated),
            next=more,
        )

    def count(self, source_id: SourceId, where: MessageFilter) -> int:
        """How many pass; ``where`` asks for nothing that a dataset knows."""
        ((n,),) = self._cursor.rows("source.count", where=compile_filter(where), source_id=source_id)
        return int(n)

    def threads(self, source_id: SourceId, n_most: int) -> pa.Table:
        """Columns thread_id and uids (oldest first), at most ``n_most`` threads."""
        return self._cursor.table("source.threads", source_id=source_id, n_most=n_most)


def _message(row: Sequence[Any], files: tuple[Any, ...]) -> Message:
    uid, source_id, message_id, timestamp, thread_id, *texts = row
    subject, body, signature, full_text, sender, recipients, language, properties, *more = texts
    cc, bcc, sent_at, parts, created_at, updated_at, _ = more
    return Message(
        uid=uid,
        source_id=source_id,
        message_id=message_id,
        timestamp=timestamp,
        thread_id=thread_id,
        subject=subject,
        body=body,
        signature=signature,
        full_text=full_text,
        sender=sender,
        recipients=tuple(recipients),
        language=language,
        declared_language=language,
        properties=read_properties(properties),
        cc=tuple(cc),
        bcc=tuple(bcc),
        sent_at=sent_at,
        parts=read_parts(parts) if parts else (),
        attachments=files,
        created_at=created_at,
        updated_at=updated_at,
    )
