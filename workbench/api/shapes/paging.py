"""Where a page ended, as text that clients hand back without looking into it."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import msgspec

from workbench.domain import MessageId, MessagePosition
from workbench.errors import InputError


class _Position(msgspec.Struct, array_like=True):
    at: datetime
    message_id: str


def continuation_of(position: MessagePosition | None) -> str | None:
    """A position as text, None = the end."""
    if position is None:
        return None
    told = _Position(at=position.timestamp, message_id=position.message_id)
    return base64.urlsafe_b64encode(msgspec.json.encode(told)).decode()


def position_of(continuation: str) -> MessagePosition:
    """The position that a text stands for; ``InputError`` when it is none of ours."""
    try:
        told = msgspec.json.decode(
            base64.b64decode(continuation, altchars=b"-_", validate=True), type=_Position
        )
    except (binascii.Error, ValueError):
        told = None
    if told is None or told.at.tzinfo is None:
        raise InputError(
            f"the continuation {continuation[:100]!r} is none that was given here.",
            next_step="Hand in the one of the last page as it is, or none to begin anew.",
        )
    return MessagePosition(timestamp=told.at, message_id=MessageId(told.message_id))
