"""Which language a message was found to be in, and translations beside the originals."""

from __future__ import annotations

import duckdb

_CHANGES = """
-- NULL = nobody has looked yet, '' = looked at and not known; what the message declares goes before it.
ALTER TABLE message ADD COLUMN detected_language VARCHAR;
-- No key: rows go with their message or its text, under the one write lock.
CREATE TABLE translation (
    uid VARCHAR NOT NULL,
    text_hash VARCHAR NOT NULL,
    translated_from VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    translator VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the column and the table."""
    cursor.execute(_CHANGES)
