"""Messages of one source, as they are in no dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from workbench.store.filters import Condition, compile_filter
from workbench.store.repositories.attachments import Attachments


@dataclass(frozen=True, kw_only=True)
class Range:
    """Which messages of a source a page may have; bounds inclusive, None = open."""

    since: datetime | None = None
    until: datetime | None = None
    newest_first: bool = False


_IN_TIME = {False: "m.timestamp", True: "m.timestamp DESC"}
_IN_ORDER = {False: "m.timestamp, m.message_id", True: "m.timestamp DESC, m.message_id DESC"}
"""ORDER BY lists; the key is ``newest_first``."""


@dataclass(frozen=True, kw_only=True)
class _Reach:
    """Times between which a page lies, both inclusive; None = open."""

    since: datetime | None
    until: datetime | None

    @classmethod
    def of(cls, within: Range, after: MessagePosition | None) -> _Reach:
        """What is asked for, from the place on that the page before reached."""
        since, until = within.since, within.until
        if after and within.newest_first:
            until = after.timestamp if until is None else min(until, after.timestamp)
        elif after:
            since = after.timestamp if since is None else max(since, after.timestamp)
        return cls(since=since, until=until)

    def up_to(self, last: datetime, *, newest_first: bool) -> _Reach:
        """No further than a time."""
        return replace(self, since=last) if newest_first else replace(self, until=last)

    def beyond(self, after: MessagePosition | None) -> Condition:
        """Other times than the one reached: as many as a page holds, and the page ends among them or before."""
        return (
            self._condition("m.timestamp <> $after_at", after_at=after.timestamp)
            if after
            else self._condition()
        )

    def behind(self, after: MessagePosition | None, *, newest_first: bool) -> Condition:
        """What follows the place reached."""
        if after is None:
            return self._condition()
        follows = f"(m.timestamp <> $after_at OR m.message_id {'<' if newest_first else '>'} $after_id)"
        return self._condition(follows, after_at=after.timestamp, after_id=after.message_id)

    def _condition(self, *more: str, **values: object) -> Condition:
        bounds = {"since": self.since, "until": self.until}
        parts = [
            f"m.timestamp {sign} ${name}"
            for name, sign in (("since", ">="), ("until", "<="))
            if bounds[name] is not None
        ]
        told = {name: at for name, at in bounds.items() if at is not None}
        return Condition(sql=" AND ".join((*parts, *more)) or "TRUE", parameters={**told, **values})


class MessagesOfSources:
    """Reads messages by source."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def page(
        self, source_id: SourceId, after: MessagePosition | None, limit: int, within: Range
    ) -> SourceMessages:
        """The next messages by time and id, at most ``limit``.

        First the times alone tell how far the page reaches: ids are then read of what lies within, not of all.
        """
        reach = _Reach.of(within, after)
        times = self._cursor.rows(
            "source.times",
            where=reach.beyond(after),
            order=_IN_TIME[within.newest_first],
            source_id=source_id,
            limit=limit + 1,
        )
        if len(times) > limit:
            reach = reach.up_to(times[-1][0], newest_first=within.newest_first)
        found = self._cursor.rows(
            "source.next",
            where=reach.behind(after, newest_first=within.newest_first),
            order=_IN_ORDER[within.newest_first],
            source_id=source_id,
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
        annotated = (uid for (uid,) in self._cursor.rows("source.annotated", lines="\n".join(rows)))
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
