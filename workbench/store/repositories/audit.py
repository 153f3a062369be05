"""Who did what: every event carries a hash over itself and the one before."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pyarrow as pa

from workbench.store.cursor import Cursor, to_rows

FIRST_HASH = "0" * 64


class AuditLog:
    """A hash chain: an event cannot be changed or removed without breaking what follows."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def append(self, actor: str, action: str, object: str, details: str, at: datetime) -> int:  # noqa: A002
        """Append an event and return its number, from 1. ``details`` is JSON."""
        last, previous = self._cursor.one("audit.last") or (0, FIRST_HASH)
        row = (last + 1, at.astimezone(UTC), actor, action, object, details)
        self._cursor.execute(
            "audit.append",
            seq=last + 1,
            at=at,
            actor=actor,
            action=action,
            object=object,
            details=details,
            previous_hash=previous,
            hash=chained(previous, row),
        )
        return int(last) + 1

    def of_call(self, action: str, call_id: str) -> str | None:
        """The details (JSON) of the event that says ``"call":"<call_id>"``, None without one."""
        row = self._cursor.one("audit.of_call", action=action, needle=f'"call":"{call_id}"')
        return None if row is None else str(row[0])

    def table(self) -> pa.Table:
        """seq, at, actor, action, object, details, previous_hash, hash; in order."""
        return self._cursor.table("audit.table")

    def verify(self) -> int | None:
        """Number of the first event that does not fit the chain, None when all do.

        Events cut off at the end cannot be seen from the chain itself: compare the last hash with one kept
        elsewhere.
        """
        previous = FIRST_HASH
        for number, (*row, claimed, found) in enumerate(to_rows(self.table()), start=1):
            if row[0] != number or claimed != previous or chained(previous, tuple(row)) != found:
                return number
            previous = found
        return None


def chained(previous: str, row: tuple[int, datetime, str, str, str, str]) -> str:
    """SHA-256 over the previous hash and the row as canonical JSON, 64 hex digits."""
    seq, at, actor, action, subject, details = row
    canonical = json.dumps(
        [previous, seq, at.isoformat(), actor, action, subject, details], ensure_ascii=True
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
