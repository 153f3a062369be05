"""Messages of one source without a dataset, and the files that belong to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pyarrow as pa

from workbench.domain import (
    LIMITS,
    MessageFilter,
    MessageId,
    MessagePosition,
    SourceId,
    SourceMessages,
    is_message_id,
    make_uid,
)
from workbench.errors import InputError, LimitError, UnknownMessageError, UnknownNameError, UnsupportedError
from workbench.store import Range
from workbench.workspace.auditing import record_read
from workbench.workspace.context import Caller
from workbench.workspace.reading import MAX_PAGE
from workbench.workspace.sensitive import check_source_conditions, hidden_from, without_hidden
from workbench.workspace.unmasking import check_unmasked

MOST_THREADS = 100_000
KEPT_DAYS = 7
"""Days that a file waits for its message."""


def source_page(
    caller: Caller,
    source_id: SourceId,
    after: MessagePosition | None = None,
    limit: int = 64,
    since: datetime | None = None,
    until: datetime | None = None,
    newest_first: bool = False,  # noqa: FBT001, FBT002 - as the operation says
) -> SourceMessages:
    """The next messages by time and id."""
    if not 1 <= limit <= MAX_PAGE:
        raise InputError(f"a page of {limit} cannot be had.", next_step=f"Use a limit of 1-{MAX_PAGE}.")
    within = Range(since=since, until=until, newest_first=newest_first)
    with caller.store.read() as session:
        session.catalog.bare_source(source_id)
        found = session.by_source.page(source_id, after, limit, within)
        return replace(found, messages=without_hidden(found.messages, hidden_from(caller, session)))


def source_messages(
    caller: Caller, source_id: SourceId, message_ids: tuple[MessageId, ...]
) -> SourceMessages:
    """These messages of a source."""
    LIMITS["batch_messages"].check(max(len(message_ids), 1), "the call")
    with caller.store.read() as session:
        session.catalog.bare_source(source_id)
        found = session.by_source.some([make_uid(source_id, one) for one in message_ids])
        return replace(found, messages=without_hidden(found.messages, hidden_from(caller, session)))


def count_in_source(caller: Caller, source_id: SourceId, where: MessageFilter) -> int:
    """How many pass."""
    asks = {
        "reviewed": where.reviewed is not None,
        "labels": bool(where.labels),
        "clusters": bool(where.clusters),
        "thread": where.thread is not None,
        "exceptions": where.exceptions is not None,
    }
    for name, is_asked in asks.items():
        if is_asked:
            raise UnsupportedError(
                f"messages of a source cannot be counted by {name!r}: only a dataset knows it.",
                next_step="Count in a dataset over the source.",
            )
    with caller.store.read() as session:
        session.catalog.bare_source(source_id)
        check_source_conditions(caller, session, source_id, where)
        return session.by_source.count(source_id, where)


def source_threads(caller: Caller, source_id: SourceId) -> pa.Table:
    """Threads with their messages."""
    with caller.store.read() as session:
        session.catalog.bare_source(source_id)
        found = session.by_source.threads(source_id, MOST_THREADS + 1)
    if found.num_rows > MOST_THREADS:
        raise LimitError(
            f"the source has more than {MOST_THREADS:,} threads.",
            next_step="Export its messages: each says its thread.",
            details={"most": MOST_THREADS},
        )
    return found


def put_message_file(
    caller: Caller, source_id: SourceId, message_id: MessageId, content: bytes, position: int | None = None
) -> str:
    """Keep a content for a message that is there or will come."""
    where = f"message {message_id[:200]!r}"
    if not is_message_id(message_id):
        raise InputError(
            f"{message_id[:200]!r} cannot be the id of a message.",
            next_step="Use 1 to 1,024 printable ASCII characters, no space and no '/'.",
            details={"message_id": message_id[:1024]},
        )
    LIMITS["attachments_per_message"].check((position or 0) + 1, where)
    LIMITS["attachment_bytes"].check(len(content), where, most=caller.settings.attachment_max_bytes)
    at = caller.workspace.clock()
    with caller.store.write() as session:
        source = session.catalog.bare_source(source_id)
        session.files.forget_late(at - timedelta(days=KEPT_DAYS))
        uid = make_uid(source_id, message_id)
        if (found := session.files.kept(uid, position, content)) is not None:
            return found
        found = session.files.put(uid, position, content, at=at)
        told = {"message_id": message_id, "position": position, "n_bytes": len(content)}
        caller.audit(session, "put_message_file", source.full_name, source_id=source_id, **told)
    return found


def message_file(
    caller: Caller, source_id: SourceId, message_id: MessageId, position: int | None = None
) -> bytes:
    """The content of an attachment, or the sound."""
    uid = make_uid(source_id, message_id)
    with caller.store.read() as session:
        source = session.catalog.bare_source(source_id)
        found = session.by_source.some([uid]).messages
        if not found:
            raise UnknownMessageError(uid)
        check_unmasked(caller, session, source_id, "read what came with its messages")
        if position is not None:
            stored = [one.position for one in found[0].attachments if one.stored]
            content = session.attachments.content(uid, position) if position in stored else None
        else:
            content = session.files.sound(uid)
    if content is None:
        what = "sound" if position is None else "stored attachment"
        raise UnknownNameError(what, f"{uid[:200]}" if position is None else f"{position} of {uid[:200]}", ())
    record_read(caller, "download_file", source.full_name, source_id=source_id, uid=uid, position=position)
    return content
