"""Who did what: every event carries a hash over itself and the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from workbench.domain import AuditEvent, AuditHead, AuditOutcome, AuditQuery
from workbench.store.cursor import Cursor, to_rows

FIRST_HASH = "0" * 64
CHAIN = 2
"""How events are hashed now. Those of the first way have NULL in every column from ``chain`` on."""
_ABOUT = (
    "chain",
    "event_id",
    "channel",
    "outcome",
    "project",
    "dataset_id",
    "source_id",
    "stream_id",
    "user_id",
)
_PLAIN = 6
"""Columns that the first way hashes: seq, at, actor, action, object, details."""


class AuditLog:
    """A hash chain: an event cannot be changed or removed without breaking what follows."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self.written: AuditHead | None = None
        """The newest event of this session; None = it wrote none."""

    def append(
        self,
        actor: str,
        action: str,
        object: str,  # noqa: A002
        details: str,
        at: datetime,
        *,
        channel: str = "",
        outcome: AuditOutcome = "done",
        **affected: str,
    ) -> int:
        """Append an event and return its number, from 1.

        Parameters
        ----------
        details
            JSON; neither the text of a message nor a secret may be in it.
        affected
            ``project``, ``dataset_id``, ``source_id``, ``stream_id``, ``user_id``, where they are known.
        """
        head = self.head()
        seq = head.seq + 1
        typed: dict[str, Any] = dict.fromkeys(_ABOUT, "") | affected
        typed |= {"chain": CHAIN, "channel": channel, "outcome": outcome}
        typed["event_id"] = hashlib.sha256(f"{seq} {head.hash}".encode()).hexdigest()[:16]
        row = (seq, at.astimezone(UTC), actor, action, object, details, *typed.values())
        found = chained(head.hash, row)
        self._cursor.execute(
            "audit.append",
            seq=seq,
            at=at,
            actor=actor,
            action=action,
            object=object,
            details=details,
            previous_hash=head.hash,
            hash=found,
            **typed,
        )
        self.written = AuditHead(seq=seq, hash=found)
        return seq

    def head(self) -> AuditHead:
        """The newest event; number 0 and zeros when there is none."""
        seq, found = self._cursor.one("audit.last") or (0, FIRST_HASH)
        return AuditHead(seq=int(seq), hash=str(found))

    def hash_at(self, seq: int) -> str | None:
        """Hash of an event, None when there is none of this number."""
        row = self._cursor.one("audit.hash_at", seq=seq)
        return None if row is None else str(row[0])

    def of_call(self, action: str, call_id: str) -> str | None:
        """The details (JSON) of the event that says ``"call":"<call_id>"``, None without one."""
        row = self._cursor.one("audit.of_call", action=action, needle=f'"call":"{call_id}"')
        return None if row is None else str(row[0])

    def table(self) -> pa.Table:
        """Every event in order: seq, at, actor, action, object, details, previous_hash, hash, typed columns."""
        return self._cursor.table("audit.table")

    def page(self, query: AuditQuery, before: int | None, n_most: int) -> tuple[AuditEvent, ...]:
        """The newest events that fit and are older than number ``before``; None = from the newest."""
        rows = self._cursor.rows(
            "audit.page",
            before_seq=before,
            since=query.since,
            until=query.until,
            actors=list(query.actors) or None,
            types=list(query.types) or None,
            outcome=query.outcome,
            object=query.object or None,
            projects=list(query.projects) or None,
            dataset_ids=list(query.dataset_ids) or None,
            source_ids=list(query.source_ids) or None,
            user_ids=list(query.user_ids) or None,
            limit=n_most,
        )
        names = AuditEvent.__dataclass_fields__
        return tuple(AuditEvent(**dict(zip(names, row, strict=True))) for row in rows)

    def names(self, events: tuple[AuditEvent, ...]) -> dict[str, dict[str, str]]:
        """By kind (dataset, source, user) and id, what the things that events are about are or were called."""
        found: dict[str, dict[str, str]] = {"dataset": {}, "source": {}, "user": {}}
        asked: dict[str, Any] = {
            f"{kind}_ids": sorted({getattr(one, f"{kind}_id") for one in events} - {""}) for kind in found
        }
        for kind, named_id, name, _ in self._cursor.rows("audit.names", **asked):
            found[kind][named_id] = name  # what there is now comes last and wins
        return found

    def placed(self, subject: str) -> dict[str, tuple[str, str]]:
        """By kind (dataset, source), id and project of what has this id or full name."""
        rows = self._cursor.rows("audit.placed", subject=subject)
        return {kind: (found_id, project) for kind, found_id, project in rows}

    def verify(self) -> int | None:
        """Number of the first event that does not fit the chain, None when all do.

        Events cut off at the end cannot be seen from the chain itself: compare the last hash with one kept
        elsewhere.
        """
        previous, newest_way = FIRST_HASH, 1
        for number, row in enumerate(self._rows(), start=1):
            plain, claimed, found, typed = row[:_PLAIN], row[_PLAIN], row[_PLAIN + 1], row[_PLAIN + 2 :]
            way = 1 if typed[0] is None else typed[0]
            hashed = plain if way == 1 else plain + typed
            fits = (
                way in (1, CHAIN) and way >= newest_way and (way > 1 or not any(v is not None for v in typed))
            )
            if not fits or row[0] != number or claimed != previous or chained(previous, hashed) != found:
                return number
            previous, newest_way = found, way
        return None

    def _rows(self) -> Iterator[tuple[Any, ...]]:
        for piece in self._cursor.pieces("audit.table"):
            yield from to_rows(piece)


def chained(previous: str, row: tuple[Any, ...]) -> str:
    """SHA-256 over the previous hash and the row as canonical JSON, 64 hex digits."""
    canonical = json.dumps(
        [previous, *(one.isoformat() if isinstance(one, datetime) else one for one in row)], ensure_ascii=True
    )
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()
