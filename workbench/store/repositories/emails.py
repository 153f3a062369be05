"""Mails of buckets under the names that programs gave them when they handed them in, and bookmarks of such programs."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
import pyarrow as pa

from workbench.domain import BucketId, BucketSyncState, Email, EmailPage
from workbench.primitives import hex_digest
from workbench.store.cursor import Cursor
from workbench.store.repositories.mails import KeptMail, Mails, kept_mail, mail_id_of

_PAGE_BYTES = 32 << 20
_PATH = tuple[str, ...]
_NAMES = ("email_key", "bucket_id", "email_id", "mail_id", "content_hash", "mailbox", "folder", "told")
_ROWS = pa.schema(
    [pa.field(name, pa.string()) for name in _NAMES] + [pa.field("received_at", pa.timestamp("us", tz="UTC"))]
)


class Emails:
    """What programs call the mails of buckets."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def known(self, bucket_id: BucketId, email_ids: Collection[str]) -> dict[str, str]:
        """SHA-256 of what came under each of these names; unknown ones are left out."""
        keys = pa.table({"email_key": pa.array([_key(bucket_id, one) for one in email_ids], pa.string())})
        with self._cursor.staged(keys):
            return {email_id: blob for email_id, _, blob in self._cursor.rows("bucket.known_emails")}

    def put(self, bucket_id: BucketId, emails: Iterable[tuple[str, Email]]) -> None:
        """Write names (message id of the mail, email) and what was told of them."""
        rows: dict[str, dict[str, Any]] = {}
        for message_id, one in emails:
            key = _key(bucket_id, one.email_id)
            rows[key] = {
                "email_key": key,
                "bucket_id": bucket_id,
                "email_id": one.email_id,
                "mail_id": mail_id_of(bucket_id, message_id),
                "content_hash": hashlib.sha256(one.content).hexdigest(),
                "mailbox": one.mailbox,
                "received_at": one.received_at,
                "folder": msgspec.json.encode(one.folder).decode(),
                "told": one.told,
            }
        if rows:
            self._cursor.bulk("bucket.put_emails", pa.Table.from_pylist(list(rows.values()), schema=_ROWS))

    def page(self, bucket_id: BucketId, after: int, limit: int) -> EmailPage:
        """The next mails in order of arrival, about ``limit`` and 32 MiB, but at least one."""
        found = Mails(self._cursor).next(bucket_id, after, n_most=limit, n_bytes=_PAGE_BYTES)
        emails = self._named(bucket_id, found)
        return EmailPage(emails=emails, next=found[-1].mail_seq if found else None)

    def some(self, bucket_id: BucketId, email_ids: Collection[str]) -> EmailPage:
        """The mails of these names; unknown ones are left out."""
        keys = pa.table({"email_key": pa.array([_key(bucket_id, one) for one in email_ids], pa.string())})
        with self._cursor.staged(keys):
            named = [mail_id for _, mail_id, _ in self._cursor.rows("bucket.known_emails")]
        unnamed = [mail_id_of(bucket_id, one.strip("<>").encode().hex()) for one in email_ids]
        with self._cursor.staged(_mail_ids({*named, *unnamed})):
            rows = self._cursor.rows("bucket.some_mails")
        found = self._named(bucket_id, [kept_mail(row) for row in rows])
        return EmailPage(emails=tuple(one for one in found if one.email_id in email_ids))

    def sync_state(self, bucket_id: BucketId) -> BucketSyncState | None:
        """The bookmark of the program that fills a bucket."""
        row = self._cursor.one("bucket.sync_state", bucket_id=bucket_id)
        if row is None:
            return None
        return BucketSyncState(sync_state=row[0], progress_at=row[1], last_synced_at=row[2])

    def put_sync_state(self, bucket_id: BucketId, state: BucketSyncState) -> None:
        """Write that bookmark."""
        self._cursor.execute(
            "bucket.put_sync_state",
            bucket_id=bucket_id,
            sync_state=state.sync_state,
            progress_at=state.progress_at,
            last_synced_at=state.last_synced_at,
        )

    def _named(self, bucket_id: BucketId, mails: Collection[KeptMail]) -> tuple[Email, ...]:
        told: dict[str, list[Mapping[str, Any]]] = {}
        with self._cursor.staged(_mail_ids({mail_id_of(bucket_id, one.message_id) for one in mails})):
            for mail_id, email_id, mailbox, received_at, folder, text in self._cursor.rows(
                "bucket.emails_of"
            ):
                named = {"email_id": email_id, "mailbox": mailbox, "received_at": received_at, "told": text}
                told.setdefault(mail_id, []).append(
                    named | {"folder": msgspec.json.decode(folder, type=_PATH)}
                )
        return tuple(
            Email(content=one.raw.content, stored_at=one.stored_at, **named)
            for one in mails
            for named in told.get(mail_id_of(bucket_id, one.message_id)) or (_unnamed(one),)
        )


def _unnamed(mail: KeptMail) -> dict[str, Any]:
    """What is said of mail that no program named."""
    return {
        "email_id": f"<{_name_of(mail.message_id)}>",
        "mailbox": mail.raw.mailbox,
        "received_at": mail.raw.received_at or mail.stored_at,
        "folder": mail.raw.folder,
    }


def _name_of(message_id: str) -> str:
    try:
        return bytes.fromhex(message_id).decode()
    except ValueError:
        return message_id


def _mail_ids(mail_ids: Collection[str]) -> pa.Table:
    return pa.table({"mail_id": pa.array(sorted(mail_ids), pa.string())})


def _key(bucket_id: BucketId, email_id: str) -> str:
    return hex_digest(bucket_id, email_id, n_digits=32)
