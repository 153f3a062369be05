"""Files that came with messages; equal contents are stored once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from workbench.domain import LIMITS, Attachment, Uid
from workbench.errors import InputError
from workbench.store.cursor import Cursor

ATTACHMENT_ROWS = pa.schema(
    [
        pa.field("uid", pa.string()),
        pa.field("position", pa.int32()),
        pa.field("name", pa.string()),
        pa.field("size", pa.int64()),
        pa.field("content_type", pa.string()),
        pa.field("content_hash", pa.string()),
        pa.field("inline", pa.bool_()),
        pa.field("blob_hash", pa.string()),
    ]
)
BLOBS = pa.schema([pa.field("blob_hash", pa.string()), pa.field("content", pa.binary())])


def read_attachments(
    uid: str, found: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Rows of one message's attachments, and their contents by SHA-256.

    Raises
    ------
    LimitError
        There are too many, or a name or content type is too long.
    InputError
        A size is negative, or is not that of the content.
    """
    where = f"message {uid.partition('.')[2][:200]!r}"
    LIMITS["attachments_per_message"].check(len(found), where)
    rows, contents = [], {}
    for position, one in enumerate(found):
        LIMITS["attachment_name_characters"].check(len(one["name"]), where)
        LIMITS["attachment_type_characters"].check(len(one["content_type"]), where)
        content = one["content"]
        if one["size"] < 0 or (content is not None and len(content) != one["size"]):
            there = "" if content is None else f" but a content of {len(content):,}"
            raise InputError(
                f"{where} has an attachment {one['name'][:100]!r} of {one['size']:,} bytes{there}.",
                next_step="Give the size of the content in bytes, 0 or more.",
                details={"uid": uid[:1100], "attachment": one["name"][:256]},
            )
        blob_hash = None
        if content is not None:
            blob_hash = hashlib.sha256(content).hexdigest()
            contents[blob_hash] = content
        rows.append(
            {
                "uid": uid,
                "position": position,
                **{name: one[name] for name in ("name", "size", "content_type", "inline")},
                "content_hash": one["content_hash"] or blob_hash,
                "blob_hash": blob_hash,
            }
        )
    return rows, contents


class Attachments:
    """The attachments of the workspace."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def replace(self, uids: pa.ChunkedArray, rows: list[dict[str, Any]], contents: dict[str, bytes]) -> None:
        """Put ``rows`` in the place of what the messages ``uids`` have now.

        An attachment that came without its content keeps the one stored for this message under the same hash.
        """
        had = self._of(uids.to_pylist())
        kept = [(uid, content_hash, blob) for uid, content_hash, blob in had if blob is not None]
        stored = {(uid, key): blob for uid, content_hash, blob in kept for key in (content_hash, blob)}
        rows = [
            row | {"blob_hash": row["blob_hash"] or stored.get((row["uid"], row["content_hash"]))}
            for row in rows
        ]
        if had:
            self._cursor.bulk("attachment.drop_of", pa.table({"uid": uids}))
        self.add(rows, contents)
        self.sweep(stored.values())

    def add(self, rows: list[dict[str, Any]], contents: dict[str, bytes]) -> None:
        """Store attachments of messages that have none."""
        if contents:
            blobs = [{"blob_hash": key, "content": content} for key, content in contents.items()]
            self._cursor.bulk("attachment.add_blobs", pa.Table.from_pylist(blobs, schema=BLOBS))
        if rows:
            self._cursor.bulk("attachment.add", pa.Table.from_pylist(rows, schema=ATTACHMENT_ROWS))

    def altered(self, rows: list[dict[str, Any]]) -> set[str]:
        """Messages that have another content, or none, for one of ``rows``, whose hash is not that of its content."""
        named = [row for row in rows if row["blob_hash"] not in (None, row["content_hash"])]
        if not named:
            return set()
        stored: dict[tuple[str, str | None], set[str | None]] = {}
        for uid, content_hash, blob in self._of(sorted({row["uid"] for row in named})):
            stored.setdefault((uid, content_hash), set()).add(blob)
        return {
            row["uid"]
            for row in named
            if row["blob_hash"] not in stored.get((row["uid"], row["content_hash"]), {row["blob_hash"]})
        }

    def complete(self, rows: list[dict[str, Any]], contents: dict[str, bytes]) -> None:
        """Store contents of attachments of which only a description was known; nothing else changes."""
        if not contents:
            return
        uids = pa.table({"uid": pa.array(sorted({row["uid"] for row in rows}), pa.string())})
        with self._cursor.staged(uids):
            lacking = {(uid, position) for uid, position in self._cursor.rows("attachment.lacking")}
        late = [row for row in rows if row["blob_hash"] and (row["uid"], row["position"]) in lacking]
        if late:
            self.add([], {row["blob_hash"]: contents[row["blob_hash"]] for row in late})
            self._cursor.bulk(
                "attachment.complete",
                pa.Table.from_pylist(late, schema=ATTACHMENT_ROWS).select(["uid", "position", "blob_hash"]),
            )

    def sweep(self, blob_hashes: Iterable[str]) -> int:
        """Remove those contents that no attachment has any more; returns how many."""
        keys = pa.table({"blob_hash": pa.array(sorted(set(blob_hashes)), pa.string())})
        if not keys.num_rows:
            return 0
        with self._cursor.staged(keys):
            ((n_orphans,),) = self._cursor.rows("attachment.count_orphans")
            self._cursor.execute("attachment.drop_orphans")
        return int(n_orphans)

    def of(self, uids: Sequence[Uid]) -> dict[Uid, tuple[Attachment, ...]]:
        """Attachments of messages, in their order; messages without any are left out."""
        found: dict[Uid, list[Attachment]] = {}
        for uid, *values in self._cursor.rows("attachment.of", uids=list(uids)):
            names = ("position", "name", "size", "content_type", "content_hash", "inline", "stored")
            found.setdefault(uid, []).append(Attachment(**dict(zip(names, values, strict=True))))
        return {uid: tuple(sorted(ones, key=lambda one: one.position)) for uid, ones in found.items()}

    def content(self, uid: Uid, position: int) -> bytes:
        """The bytes of an attachment.

        Raises
        ------
        InputError
            The message has no such attachment, or its content is not stored.
        """
        known = self.of((uid,)).get(uid, ())
        for one in known:
            if one.position == position:
                row = self._cursor.one("attachment.content", uid=uid, position=position)
                if row is not None:
                    return bytes(row[0])
                raise InputError(
                    f"the content of attachment {one.name[:100]!r} is not stored.",
                    next_step="Bring the message in again with its contents.",
                    details={"uid": uid[:1100], "position": position},
                )
        raise InputError(
            f"the message has no attachment {position}.",
            next_step=f"It has {len(known)}, counted from 0.",
            details={"uid": uid[:1100], "position": position, "n_attachments": len(known)},
        )

    def _of(self, uids: list[str]) -> list[tuple[str, str | None, str | None]]:
        with self._cursor.staged(pa.table({"uid": pa.array(uids, pa.string())})):
            return [(uid, hashed, blob) for uid, hashed, blob in self._cursor.rows("attachment.stored")]
