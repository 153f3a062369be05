"""The bookmark of one IMAP folder: which of its UIDs have been read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import msgspec

from workbench.connect.wanted import reaches_back
from workbench.domain.connections import FetchOrder


@dataclass(frozen=True, kw_only=True)
class ImapCursor:
    """All wanted UIDs from ``low`` to ``high``, both included, have been read; ``low`` > ``high`` = none yet.

    Attributes
    ----------
    validity
        The folder's UIDVALIDITY; when it changes, UIDs mean other mails and reading begins again.
    start
        The start date it was read with, ISO 8601; empty = from the first mail on.
    """

    validity: int
    low: int
    high: int
    start: str = ""

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Decode; None for an empty or foreign text."""
        try:
            cursor = msgspec.json.decode(text.encode(), type=cls) if text else None
        except msgspec.DecodeError:
            return None
        return cursor if cursor is None or (cursor.low >= 1 and cursor.high >= 0) else None

    def write(self) -> str:
        """Encode as text."""
        return msgspec.json.encode(self).decode()

    @property
    def is_backfilled(self) -> bool:
        """Whether nothing older than ``low`` is left."""
        return self.low <= 1


def resume(
    text: str, *, validity: int, next_uid: int, start_at: datetime | None, order: FetchOrder
) -> ImapCursor:
    """Cursor to go on from, given what the folder says of itself now.

    Parameters
    ----------
    text
        The stored cursor.
    next_uid
        The folder's UIDNEXT.
    start_at
        The start date now. An earlier one than before sends the reader through the older mail again; what
        was stored is recognised by its Message-ID.
    """
    start = "" if start_at is None else start_at.isoformat()
    cursor = ImapCursor.read(text)
    if cursor is None or cursor.validity != validity:
        if order == "oldest":
            return ImapCursor(validity=validity, low=1, high=0, start=start)
        return ImapCursor(validity=validity, low=next_uid, high=next_uid - 1, start=start)
    if reaches_back(cursor.start, start_at):
        return replace(cursor, low=cursor.high + 1, start=start)
    return replace(cursor, start=start)
