"""Parsed mails to the table that the store takes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import pyarrow as pa

from workbench.domain.mail import MailMessage
from workbench.domain.messages import MESSAGE_SCHEMA, PropertyValue
from workbench.errors import InputError
from workbench.ingest.mailbox.threads import Threads

_ENCODER = msgspec.json.Encoder()
_RECIPIENTS = 2_048
_SHOWN = 10


def to_batch(
    mails: Sequence[MailMessage], threads: Threads, *, undated_at: datetime | None = None
) -> pa.Table:
    """One row of ``MESSAGE_SCHEMA`` for each mail; the same mail from several mailboxes becomes one row.

    Parameters
    ----------
    mails
        In the order of the rows. Of several with one message id the first is kept.
    threads
        From ``assign_threads`` over these mails; the thread id also becomes ``string:Thread``.
    undated_at
        The time of mails that have none; such mails are refused where it is None.

    Raises
    ------
    InputError
        A mail has no time and ``undated_at`` is None, or it was not given to ``assign_threads``.
    """
    once = {mail.message_id: mail for mail in reversed(mails)}
    kept = list(dict.fromkeys(mail.message_id for mail in mails))
    rows = [once[message_id] for message_id in kept]
    undated = [mail.message_id for mail in rows if mail.sent_at is None]
    if undated and undated_at is None:
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
    return pa.Table.from_pylist([_row(mail, threads, undated_at) for mail in rows], schema=MESSAGE_SCHEMA)


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
        "recipients": list(dict.fromkeys((*mail.to, *mail.cc, *mail.bcc)))[:_RECIPIENTS],
        "language": None,
        "properties": _ENCODER.encode(properties).decode(),
    }
