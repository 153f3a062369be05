"""How far each stream has been consumed, and the highest number that a message was ever given."""

from __future__ import annotations

import duckdb

_TABLES = """
-- One row. A number is never given twice: a stream that stands behind it would pass over the second message.
CREATE TABLE upload_mark (
    last_seq BIGINT NOT NULL
);
INSERT INTO upload_mark SELECT coalesce(max(upload_seq), 0) FROM message;
-- No key: rows are written under the one write lock.
CREATE TABLE stream_position (
    stream_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    resets INTEGER NOT NULL,
    moved_at TIMESTAMPTZ NOT NULL,
    moved_by VARCHAR NOT NULL
);
-- Streams that there are stand where they would stand had nobody consumed them since they were made.
INSERT INTO stream_position
SELECT s.stream_id, s.dataset_id,
    coalesce((SELECT max(m.upload_seq) FROM message m WHERE m.created_at <= s.created_at), 0),
    0, s.created_at, ''
FROM stream s;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables and fill them."""
    cursor.execute(_TABLES)
