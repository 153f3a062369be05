"""Files that belong to messages: contents that came before their message, and sounds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

import pyarrow as pa

from workbench.domain import SourceId, Uid
from workbench.store.cursor import Cursor
from workbench.store.repositories.attachments import ATTACHMENT_ROWS, BLOBS, Attachments

_SOUND = -1
"""Position of the sound of a message."""


class MessageFiles:
    """What waits for messages, and their sounds."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def put(self, uid: Uid, position: int | None, content: bytes, *, at: datetime) -> str:
        """Keep a content in the place of the one that was kept for this position (None = the sound); gives its SHA-256.

        An attachment of a message that is there and lacks its content gets it at once.
        """
        found = hashlib.sha256(content).hexdigest()
        place = _SOUND if position is None else position
        row: dict[str, object] = {"uid": uid, "position": place, "blob_hash": found}
        before = [blob for where, blob in self._kept((uid,)).get(uid, {}).items() if where == place]
        self._cursor.bulk(
            "attachment.add_blobs",
            pa.Table.from_pylist([{"blob_hash": found, "content": content}], schema=BLOBS),
        )
        self._cursor.execute("attachment.drop_file", uid=uid, place=place)
        there = {one.position: one for one in Attachments(self._cursor).of((uid,)).get(uid, ())}
        known = there.get(place)
        if known is None or known.content_hash not in (None, found):
            self._cursor.bulk("attachment.put_files", _table([row]), at=at)
        elif not known.stored:
            self._cursor.bulk("attachment.complete", _table([row]))
        Attachments(self._cursor).sweep(set(before) - {found})
        return found

    def kept(self, uid: Uid, position: int | None, content: bytes) -> str | None:
        """SHA-256 of a content where this very one is kept or stored for this position, else None."""
        found = hashlib.sha256(content).hexdigest()
        place = _SOUND if position is None else position
        waits = self._kept((uid,)).get(uid, {}).get(place)
        there = (one for one in Attachments(self._cursor).of((uid,)).get(uid, ()) if one.position == place)
        stored = next((one.content_hash for one in there if one.stored), None)
        return found if found in (waits, stored) else None

    def sound(self, uid: Uid) -> bytes | None:
        """The sound of a message, None when there is none."""
        row = self._cursor.one("attachment.file", uid=uid, place=_SOUND)
        return None if row is None else bytes(row[0])

    def hand_over(self, uids: pa.Array | pa.ChunkedArray) -> None:
        """Give messages that were just stored the contents that wait for them: by hash, else by position."""
        waiting = self._kept(uids.to_pylist())
        if not waiting:
            return
        lacking = Attachments(self._cursor).of(list(waiting))
        late: list[dict[str, object]] = []
        for uid, kept in waiting.items():
            by_hash = {blob: position for position, blob in kept.items() if position != _SOUND}
            for one in lacking.get(uid, ()):
                if one.stored:
                    continue
                place = one.position if one.content_hash is None else by_hash.get(one.content_hash)
                if place in kept:
                    late.append({"uid": uid, "position": one.position, "blob_hash": kept[place]})
                    self._cursor.execute("attachment.drop_file", uid=uid, place=place)
        if late:
            self._cursor.bulk("attachment.complete", _table(late))

    def forget_late(self, until: datetime) -> int:
        """Throw away what was put before a time and that no message has asked for; returns the contents gone."""
        found = self._cursor.rows("attachment.late_files", until=until)
        return self._forget({uid for uid, _ in found}, [blob for _, blob in found])

    def forget_of(self, uids: pa.Table) -> list[str]:
        """Let go of all that belongs to messages (column ``uid``); returns contents that may be of no use now."""
        with self._cursor.staged(uids.select(["uid"])):
            found = [blob for _, _, blob in self._cursor.rows("attachment.files_of")]
            if found:
                self._cursor.execute("attachment.drop_all_files_of")
        return found

    def forget_source(self, source_id: SourceId) -> int:
        """Throw away what waits for messages of a source; returns the contents gone."""
        found = self._cursor.rows("attachment.files_of_source", source_id=source_id)
        return self._forget({uid for uid, _ in found}, [blob for _, blob in found])

    def _forget(self, uids: Collection[str], blobs: list[str]) -> int:
        if not uids:
            return 0
        self._cursor.bulk("attachment.drop_all_files_of", _uids(uids))
        return Attachments(self._cursor).sweep(blobs)

    def _kept(self, uids: Collection[Uid]) -> dict[Uid, dict[int, str]]:
        found: dict[Uid, dict[int, str]] = {}
        with self._cursor.staged(_uids(uids)):
            for uid, position, blob_hash in self._cursor.rows("attachment.files_of"):
                found.setdefault(uid, {})[position] = blob_hash
        return found


def _table(rows: list[dict[str, object]]) -> pa.Table:
    names = ("uid", "position", "blob_hash")
    return pa.Table.from_pylist(rows, schema=pa.schema([ATTACHMENT_ROWS.field(name) for name in names]))


def _uids(uids: Collection[str]) -> pa.Table:
    return pa.table({"uid": pa.array(sorted(uids), pa.string())})
