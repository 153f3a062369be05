"""Messages at full fidelity: parts, copies, attachments with their contents."""

from __future__ import annotations

import duckdb

_CHANGES = """
-- NULL means none: DuckDB 1.5 cannot add a list column with a default to a table with many rows.
ALTER TABLE message ADD COLUMN cc VARCHAR[];
ALTER TABLE message ADD COLUMN bcc VARCHAR[];
ALTER TABLE message ADD COLUMN sent_at TIMESTAMPTZ;
ALTER TABLE message ADD COLUMN n_attachments INTEGER DEFAULT 0;
-- No keys: rows go and come with their message, under the one write lock.
CREATE TABLE attachment (
    uid VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    name VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    content_type VARCHAR NOT NULL,
    content_hash VARCHAR,
    inline BOOLEAN NOT NULL,
    blob_hash VARCHAR
);
CREATE TABLE blob (
    blob_hash VARCHAR NOT NULL,
    content BLOB NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns and create the tables."""
    cursor.execute(_CHANGES)
