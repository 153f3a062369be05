"""Raw mail of buckets, each once as received, and the threads it forms."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pyarrow as pa

from workbench.domain import BucketId
from workbench.domain.mail import RawMail, ThreadEntry
from workbench.store.cursor import EPOCH, Cursor
from workbench.store.repositories.attachments import BLOBS, Attachments
from workbench.store.repositories.threads import Threads

_TIME = pa.timestamp("us", tz="UTC")
_MAILS = pa.schema(
    [
        pa.field(name, pa.string())
        for name in ("mail_id", "bucket_id", "message_id", "blob_hash", "mailbox", "folder", "remote_id")
    ]
    + [pa.field(name, pa.string()) for name in ("properties", "problem")]
    + [pa.field(name, _TIME) for name in ("stored_at", "received_at")]
    + [pa.field(name, pa.int64()) for name in ("mail_seq", "n_bytes")]
)
_PLACES = pa.schema(
    [pa.field(name, pa.string()) for name in ("mail_id", "mailbox", "folder", "remote_id")]
    + [pa.field("found_at", _TIME)]
)
_THREADS = pa.schema(
    [
        pa.field(name, pa.string())
        for name in ("mail_id", "bucket_id", "message_id", "thread_id", "subject", "people")
    ]
    + [pa.field("sent_at", _TIME), pa.field("joins_by_subject", pa.bool_())]
)
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, kw_only=True)
class KeptMail:
    """A mail of a bucket: ``problem`` says why it is no message, empty where it is one."""

    mail_seq: int
    message_id: str
    stored_at: datetime
    problem: str
    raw: RawMail


class Mails:
    """The raw mail of the workspace."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    # ---- mail ------------------------------------------------------------------------------------

    def known(self, bucket_id: BucketId, message_ids: Collection[str]) -> dict[str, str]:
        """Which of these the bucket has, each with why it is no message (empty where it is one)."""
        with self._cursor.staged(_ids(bucket_id, message_ids)):
            return dict(self._cursor.rows("bucket.known_mails"))

    def add(self, bucket_id: BucketId, mails: Sequence[tuple[str, RawMail, str]], *, at: datetime) -> None:
        """Keep mails that the bucket does not have: (message id, mail, why it is no message)."""
        if not mails:
            return
        ((last,),) = self._cursor.rows("bucket.last_seq")
        rows, blobs = [], {}
        for number, (message_id, raw, problem) in enumerate(mails, last + 1):
            blob_hash = hashlib.sha256(raw.content).hexdigest()
            blobs[blob_hash] = raw.content
            rows.append(
                {
                    **_place(bucket_id, message_id, raw),
                    "bucket_id": bucket_id,
                    "message_id": message_id,
                    "blob_hash": blob_hash,
                    "properties": _encode(raw.properties).decode(),
                    "problem": problem,
                    "stored_at": at,
                    "received_at": raw.received_at,
                    "mail_seq": number,
                    "n_bytes": len(raw.content),
                }
            )
        contents = [{"blob_hash": key, "content": content} for key, content in blobs.items()]
        self._cursor.bulk("attachment.add_blobs", pa.Table.from_pylist(contents, schema=BLOBS))
        self._cursor.bulk("bucket.add_mails", pa.Table.from_pylist(rows, schema=_MAILS))

    def found(self, bucket_id: BucketId, mails: Iterable[tuple[str, RawMail]], *, at: datetime) -> None:
        """Remember where mails were found; a mail stands once in a folder, by the first number it had there."""
        rows: dict[tuple[str, ...], dict[str, Any]] = {}
        for message_id, raw in mails:
            place = _place(bucket_id, message_id, raw)
            where = (place["mail_id"], place["mailbox"], place["folder"])
            rows.setdefault(where, {**place, "found_at": at})
        if rows:
            self._cursor.bulk("bucket.add_places", pa.Table.from_pylist(list(rows.values()), schema=_PLACES))

    def places(self, bucket_id: BucketId, message_id: str) -> tuple[tuple[str, tuple[str, ...], str], ...]:
        """(mailbox, folder, remote id) wherever a mail was found, in the order it was."""
        return tuple(
            (mailbox, msgspec.json.decode(folder, type=tuple[str, ...]), remote_id)
            for mailbox, folder, remote_id, _ in self._cursor.rows(
                "bucket.places", mail_id=mail_id_of(bucket_id, message_id)
            )
        )

    def content(self, bucket_id: BucketId, message_id: str) -> bytes | None:
        """A mail as received, None when the bucket does not have it."""
        row = self._cursor.one("bucket.content", mail_id=mail_id_of(bucket_id, message_id))
        return None if row is None else bytes(row[0])

    def next(self, bucket_id: BucketId, after: int, *, n_most: int, n_bytes: int) -> tuple[KeptMail, ...]:
        """The next mails in order of arrival, at most ``n_most`` and about ``n_bytes``, but at least one."""
        n_mails = total = 0
        for _, size in self._cursor.rows("bucket.sizes", bucket_id=bucket_id, after=after, n_most=n_most):
            total += size
            if n_mails and total > n_bytes:
                break
            n_mails += 1
        found = self._cursor.rows("bucket.mails", bucket_id=bucket_id, after=after, n_most=n_mails)
        return tuple(kept_mail(row) for row in found)

    def chosen(self, bucket_id: BucketId, message_ids: Collection[str]) -> pa.Table:
        """Columns mail_id, message_id, blob_hash and n_bytes of those mails that the bucket has."""
        with self._cursor.staged(_ids(bucket_id, set(message_ids))):
            return self._cursor.table("bucket.chosen")

    def drop(self, bucket_id: BucketId, chosen: pa.Table) -> int:
        """Delete mails (``chosen``), what is known of them, and contents that nothing else uses; returns these."""
        if not chosen.num_rows:
            return 0
        with self._cursor.staged(chosen.select(["mail_id"])):
            self._cursor.execute("bucket.drop_chosen_places")
            self._cursor.execute("bucket.drop_chosen_emails")
            self._cursor.execute("bucket.drop_chosen")
            self._cursor.execute("bucket.drop_ended_threads", bucket_id=bucket_id)
            self._cursor.execute("bucket.forget_in_threads")
        with self._cursor.staged(chosen.select(["message_id"])):
            self._cursor.execute("bad_row.drop_mails", bucket_id=bucket_id)
        return Attachments(self._cursor).sweep(chosen["blob_hash"].to_pylist())

    # ---- threads ---------------------------------------------------------------------------------

    def threads(
        self,
        bucket_id: BucketId,
        message_ids: Collection[str],
        subjects: Mapping[str, tuple[datetime | None, datetime | None]],
        *,
        days: int,
    ) -> dict[str, ThreadEntry]:
        """What is known of these mails, and of those of these subjects near their first and last time.

        ``subjects`` gives the first and the last time at which the new mails of a subject were sent; ``days``
        more are looked at on both sides.
        """
        with self._cursor.staged(_ids(bucket_id, message_ids)):
            rows = self._cursor.rows("bucket.threads_by_id")
        if subjects:
            window = timedelta(days=days)
            near = [
                {"subject": subject, "since": _before(first, window), "until": _after(last, window)}
                for subject, (first, last) in subjects.items()
            ]
            schema = pa.schema(
                [pa.field("subject", pa.string()), pa.field("since", _TIME), pa.field("until", _TIME)]
            )
            with self._cursor.staged(pa.Table.from_pylist(near, schema=schema)):
                rows += self._cursor.rows("bucket.threads_by_subject", bucket_id=bucket_id)
        return {
            message_id: ThreadEntry(
                thread_id=thread_id,
                subject=subject,
                sent_at=sent_at,
                people=msgspec.json.decode(people, type=frozenset[str]),
                joins_by_subject=joins,
            )
            for message_id, thread_id, subject, sent_at, people, joins in rows
        }

    def put_threads(
        self,
        bucket_id: BucketId,
        entries: Mapping[str, ThreadEntry],
        merges: Mapping[str, str],
        *,
        at: datetime,
    ) -> int:
        """Write what is known of mails, and let replaced threads be what took their place.

        Returns how many messages, of the sources that read the bucket, moved to another thread.
        """
        replaced = pa.table({"old": list(merges), "new": list(merges.values())})
        if merges:
            self._cursor.bulk("bucket.merge_threads", replaced, bucket_id=bucket_id)
        rows = [
            {
                "mail_id": mail_id_of(bucket_id, message_id),
                "bucket_id": bucket_id,
                "message_id": message_id,
                "thread_id": entry.thread_id,
                "subject": entry.subject,
                "sent_at": entry.sent_at,
                "people": _encode(sorted(entry.people)).decode(),
                "joins_by_subject": entry.joins_by_subject,
            }
            for message_id, entry in entries.items()
        ]
        if rows:
            self._cursor.bulk("bucket.add_threads", pa.Table.from_pylist(rows, schema=_THREADS))
        if not merges:
            return 0
        with self._cursor.staged(replaced):
            moved = self._cursor.table("bucket.merged_messages", bucket_id=bucket_id)
        if moved.num_rows:
            threads = Threads(self._cursor)
            left = threads.keys(moved)
            self._cursor.bulk("bucket.move_messages", moved, at=at)
            threads.recount(pa.concat_tables([left, threads.keys(moved)]))
            self._cursor.bulk("bucket.move_properties", moved)
        return int(moved.num_rows)


def kept_mail(row: tuple[Any, ...]) -> KeptMail:
    """A row of ``bucket.mails``."""
    seq, message_id, stored_at, received_at, mailbox, folder, remote_id, properties, problem, content = row
    raw = RawMail(
        content=bytes(content),
        mailbox=mailbox,
        folder=msgspec.json.decode(folder, type=tuple[str, ...]),
        remote_id=remote_id,
        received_at=received_at,
        properties=msgspec.json.decode(properties, type=dict[str, str | float]),
    )
    return KeptMail(mail_seq=seq, message_id=message_id, stored_at=stored_at, problem=problem, raw=raw)


def mail_id_of(bucket_id: BucketId, message_id: str) -> str:
    """What a mail of a bucket is kept under."""
    return f"{bucket_id}.{message_id}"


def _ids(bucket_id: BucketId, message_ids: Collection[str]) -> pa.Table:
    ids = [mail_id_of(bucket_id, message_id) for message_id in sorted(message_ids)]
    return pa.table({"mail_id": pa.array(ids, pa.string())})


def _place(bucket_id: BucketId, message_id: str, raw: RawMail) -> dict[str, str]:
    return {
        "mail_id": mail_id_of(bucket_id, message_id),
        "mailbox": _valid(raw.mailbox),
        "folder": _encode([_valid(name) for name in raw.folder]).decode(),
        "remote_id": _valid(raw.remote_id),
    }


def _valid(name: str) -> str:
    """A file name in another encoding comes with lone surrogates, which cannot be stored."""
    return name.encode("utf-8", "replace").decode()


def _before(when: datetime | None, window: timedelta) -> datetime:
    when = when or EPOCH
    return when - window if when - datetime.min.replace(tzinfo=UTC) > window else when


def _after(when: datetime | None, window: timedelta) -> datetime:
    when = when or EPOCH
    return when + window if datetime.max.replace(tzinfo=UTC) - when > window else when
