"""Parsed mails to the table that the store takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

from workbench.domain.mail import MailAttachment, MailMessage
from workbench.domain.messages import MESSAGE_EXTRAS, MESSAGE_SCHEMA, PropertyValue
from workbench.errors import InputError
from workbench.ingest.mailbox.threads import Threads

_ENCODER = msgspec.json.Encoder()
_SCHEMA = pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])
_SHOWN = 10


def to_batch(
    mails: Sequence[MailMessage],
    threads: Threads,
    *,
    undated_at: datetime | Mapping[str, datetime] | None = None,
) -> pa.Table:
    """One row of ``MESSAGE_SCHEMA`` and ``MESSAGE_EXTRAS`` for each mail; the same mail from several mailboxes becomes one row.

    Parameters
    ----------
    mails
        In the order of the rows. Of several with one message id the first is kept.
    threads
        From ``assign_threads`` over these mails; the thread id also becomes ``string:Thread``.
    undated_at
        The time of mails that have none, one for all or by message id; such mails are refused where it is None.

    Raises
    ------
    InputError
        A mail has no time and ``undated_at`` is None, or it was not given to ``assign_threads``.
    """
    once = {mail.message_id: mail for mail in reversed(mails)}
    kept = list(dict.fromkeys(mail.message_id for mail in mails))
    rows = [once[message_id] for message_id in kept]
    times = undated_at if isinstance(undated_at, Mapping) else dict.fromkeys(kept, undated_at)
    undated = [mail.message_id for mail in rows if (mail.sent_at or times.get(mail.message_id)) is None]
    if undated:
        raise InputError(
            f"{len(undated):,} mails have neither a date nor a time of receipt, the first is {undated[0]!r}.",
            next_step="Say at what time they are to be filed (undated_at), or leave them out.",
            details={"n_undated": len(undated), "message_ids": undated[:_SHOWN]},
        )
    unplaced = [message_id for message_id in kept if message_id not in threads.entries]
    if unplaced:
        raise InputError(
            f"{len(unplaced):,} mails have no thread, the first is {unplaced[0]!r}.",
            next_step="Call assign_threads with these mails.",
            details={"message_ids": unplaced[:_SHOWN]},
        )
    return pa.Table.from_pylist(
        [_row(mail, threads, times.get(mail.message_id)) for mail in rows], schema=_SCHEMA
    )


def _row(mail: MailMessage, threads: Threads, undated_at: datetime | None) -> dict[str, object]:
    thread_id = threads.thread_of(mail.message_id)
    properties: dict[str, PropertyValue] = {**mail.properties, "string:Thread": thread_id}
    return {
        "message_id": mail.message_id,
        "timestamp": mail.sent_at or undated_at,
        "thread_id": thread_id,
        "subject": mail.subject,
        "body": mail.body,
        "signature": mail.signature,
        "full_text": mail.full_text,
        "sender": mail.sender,
        "recipients": list(dict.fromkeys(mail.to)),
        "language": None,
        "properties": _ENCODER.encode(properties).decode(),
        "parts": None,
        "cc": list(dict.fromkeys(mail.cc)),
        "bcc": list(dict.fromkeys(mail.bcc)),
        "sent_at": mail.sent_at,
        "attachments": [_attachment(one) for one in mail.attachments],
    }


def _attachment(one: MailAttachment) -> dict[str, object]:
    return {
        "name": one.name,
        "size": len(one.content or b"") if one.size is None else one.size,
        "content_type": one.content_type,
        "content_hash": one.content_hash,
        "inline": one.inline,
        "content": one.content,
    }
