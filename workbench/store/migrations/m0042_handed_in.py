"""What programs hand in beside messages: files before their messages, mails under names of their own, bookmarks."""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE source ADD COLUMN transform_tag VARCHAR DEFAULT '';
-- Contents of attachments by position from 0 until their message comes; -1 is its sound, which stays.
-- No key: rows go and come under the one write lock.
CREATE TABLE message_file (
    uid VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    blob_hash VARCHAR NOT NULL,
    put_at TIMESTAMPTZ NOT NULL
);
-- What a program calls a mail of a bucket, and what it told of it. A bucket keeps a mail as it came first; content_hash
-- is that of what came under this name.
CREATE TABLE email (
    email_key VARCHAR PRIMARY KEY,
    bucket_id VARCHAR NOT NULL,
    email_id VARCHAR NOT NULL,
    mail_id VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    mailbox VARCHAR NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    folder JSON NOT NULL,
    told VARCHAR NOT NULL
);
CREATE TABLE bucket_sync_state (
    bucket_id VARCHAR PRIMARY KEY,
    sync_state VARCHAR NOT NULL,
    progress_at TIMESTAMPTZ,
    last_synced_at TIMESTAMPTZ NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the column and create the tables."""
    cursor.execute(_CHANGES)
