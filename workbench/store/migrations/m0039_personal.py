"""Sources whose messages are masked, what their messages were before, and the numbers of masks."""

from __future__ import annotations

import duckdb

_CHANGES = """
-- NULL means no.
ALTER TABLE source ADD COLUMN mask_personal BOOLEAN;
-- What a message of a masked source came with; ``message`` holds what anybody may see. FALSE in ``is_masked``: its
-- message shows nothing yet. ``files`` are the names of its attachments in order.
CREATE TABLE original (
    uid VARCHAR PRIMARY KEY,
    source_id VARCHAR NOT NULL,
    is_masked BOOLEAN NOT NULL,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    signature VARCHAR NOT NULL,
    full_text VARCHAR NOT NULL,
    sender VARCHAR,
    recipients VARCHAR[] NOT NULL,
    cc VARCHAR[],
    bcc VARCHAR[],
    parts JSON,
    properties JSON NOT NULL,
    text_hash VARCHAR NOT NULL,
    files VARCHAR[] NOT NULL
);
-- No key: rows are only added, under the one write lock. ``digest`` is of the value, which is not kept.
CREATE TABLE pseudonym (
    source_id VARCHAR NOT NULL,
    thread VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    digest VARCHAR NOT NULL,
    number INTEGER NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables and add the column."""
    cursor.execute(_CHANGES)
