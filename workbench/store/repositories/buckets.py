"""Buckets, and which source reads which."""

from __future__ import annotations

from datetime import datetime

from workbench.domain import Bucket, BucketId, SourceId
from workbench.errors import UnknownNameError
from workbench.store.cursor import Cursor
from workbench.store.repositories.attachments import Attachments


class Buckets:
    """What buckets there are."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def all(self, project: str | None = None) -> tuple[Bucket, ...]:
        """Buckets with their mails counted, by full name; None = of all projects."""
        readers: dict[str, list[SourceId]] = {}
        for bucket_id, source_id in self._cursor.rows("bucket.readers"):
            readers.setdefault(bucket_id, []).append(source_id)
        found = (
            Bucket(
                bucket_id=bucket_id,
                project=home,
                name=name,
                title=title,
                created_at=created_at,
                updated_at=updated_at,
                n_mails=n_mails,
                n_bytes=n_bytes,
                source_ids=tuple(readers.get(bucket_id, ())),
            )
            for bucket_id, home, name, title, created_at, updated_at, n_mails, n_bytes in self._cursor.rows(
                "bucket.all"
            )
        )
        return tuple(bucket for bucket in found if project in (None, bucket.project))

    def get(self, bucket_id: BucketId) -> Bucket:
        """One bucket by id; ``UnknownNameError`` when there is none."""
        known = {bucket.bucket_id: bucket for bucket in self.all()}
        if bucket_id not in known:
            raise UnknownNameError("bucket", bucket_id, known)
        return known[bucket_id]

    def find(self, name_or_id: str) -> Bucket:
        """A bucket by ``project/name`` or id, its mail not counted; ``UnknownNameError`` with the known names."""
        row = self._cursor.one("bucket.find", wanted=name_or_id)
        if row is None:
            raise UnknownNameError("bucket", name_or_id, (one.full_name for one in self.all()))
        bucket_id, project, name, title, created_at, updated_at, *_ = row
        return Bucket(
            bucket_id=bucket_id,
            project=project,
            name=name,
            title=title,
            created_at=created_at,
            updated_at=updated_at,
            source_ids=tuple(
                source_id for one, source_id in self._cursor.rows("bucket.readers") if one == bucket_id
            ),
        )

    def bare(self, bucket_id: BucketId) -> Bucket:
        """A bucket by id alone, its mail not counted; ``UnknownNameError`` when there is none."""
        found = self.find(bucket_id)
        if found.bucket_id != bucket_id:
            raise UnknownNameError("bucket", bucket_id, (one.bucket_id for one in self.all()))
        return found

    def add(self, bucket: Bucket) -> None:
        """Insert a bucket whose name is free."""
        self._cursor.execute(
            "bucket.add",
            bucket_id=bucket.bucket_id,
            project=bucket.project,
            name=bucket.name,
            title=bucket.title,
            created_at=bucket.created_at,
        )

    def amend(self, bucket_id: BucketId, title: str, at: datetime) -> None:
        """Write the title of a bucket."""
        self._cursor.execute("bucket.amend", bucket_id=bucket_id, title=title, updated_at=at)

    def attach(self, source_id: SourceId, bucket_id: BucketId | None) -> None:
        """Make a source read a bucket; None = none."""
        self._cursor.execute("bucket.attach", source_id=source_id, bucket_id=bucket_id)

    def drop(self, bucket_id: BucketId) -> int:
        """Delete a bucket with its mail and threads; sources keep their messages. Returns the contents gone."""
        blobs = [blob for (blob,) in self._cursor.rows("bucket.blobs_of", bucket_id=bucket_id)]
        self._cursor.execute("bucket.detach_all", bucket_id=bucket_id)
        self._cursor.execute("bad_row.drop_source", source_id=bucket_id)
        for name in ("places", "emails", "sync_state", "mails", "threads", "bucket"):
            self._cursor.execute(f"bucket.drop_{name}", bucket_id=bucket_id)
        return Attachments(self._cursor).sweep(blobs)
