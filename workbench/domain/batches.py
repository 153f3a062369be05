"""Messages as objects, turned into the batch that ``put_messages`` takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from workbench.domain.ids import MessageId
from workbench.domain.messages import MESSAGE_EXTRAS, MESSAGE_SCHEMA, PropertyValue
from workbench.domain.parts import MessagePart, PartText, plain_columns, write_parts

_SCHEMA = pa.schema([*MESSAGE_SCHEMA, *MESSAGE_EXTRAS])


@dataclass(frozen=True, kw_only=True)
class NewAttachment:
    """A file that comes with a message.

    Attributes
    ----------
    content
        The bytes, None = only its description is known.
    size
        In bytes; None = that of the content.
    """

    name: str
    content: bytes | None = None
    size: int | None = None
    content_type: str = ""
    content_hash: str | None = None
    inline: bool = False


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to be stored; ``parts`` has 1 or more, property keys begin ``string:`` or ``number:``."""

    message_id: MessageId
    timestamp: datetime
    parts: tuple[MessagePart, ...]
    thread_id: str | None = None
    properties: dict[str, PropertyValue] = field(default_factory=dict)
    attachments: tuple[NewAttachment, ...] = ()


def message_batch(messages: Sequence[NewMessage]) -> pa.Table:
    """One row per message: ``MESSAGE_SCHEMA`` and all of ``MESSAGE_EXTRAS``.

    A message of one part that the plain columns say wholly gets no ``parts``, so that it equals the same
    message from a file.
    """
    return pa.Table.from_pylist([_row(message) for message in messages], schema=_SCHEMA)


def _row(message: NewMessage) -> dict[str, Any]:
    plain = plain_columns(message.parts)
    return {
        "message_id": message.message_id,
        "timestamp": message.timestamp,
        "thread_id": message.thread_id,
        "subject": plain.subject,
        "body": plain.body,
        "signature": plain.signature,
        "full_text": plain.full_text,
        "sender": plain.sender,
        "recipients": plain.recipients,
        "language": plain.language,
        "properties": msgspec.json.encode(message.properties).decode(),
        "parts": None if _is_plain(message.parts) else write_parts(message.parts),
        "cc": plain.cc,
        "bcc": plain.bcc,
        "sent_at": plain.sent_at,
        "attachments": [_attachment(one) for one in message.attachments],
    }


def _is_plain(parts: Sequence[MessagePart]) -> bool:
    """Whether the columns give the only part back: not an empty subject, not an address twice in a list."""
    if len(parts) != 1:
        return False
    (part,) = parts
    return (
        all(text == PartText(text=text.text) for text in part.texts)
        and all(text.text for text in (part.subject, part.signature) if text is not None)
        and all(len(set(listed)) == len(listed) for listed in (part.to, part.cc, part.bcc))
    )


def _attachment(one: NewAttachment) -> dict[str, Any]:
    size = one.size if one.size is not None else len(one.content or b"")
    return {
        "name": one.name,
        "size": size,
        "content_type": one.content_type,
        "content_hash": one.content_hash,
        "inline": one.inline,
        "content": one.content,
    }
