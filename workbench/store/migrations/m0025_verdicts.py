"""What people said of doubts about their own judgements: a label that was questioned stays as it is."""

from __future__ import annotations

import duckdb

_TABLE = """
-- Append-only; the newest row of a message and label counts. "definition" and "assigned" are what the label meant and
-- what the message carried at that time: when either is another one, the doubt is shown again.
CREATE TABLE verdict (
    event_id VARCHAR PRIMARY KEY,
    seq BIGINT NOT NULL,
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    label_id VARCHAR NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    actor VARCHAR NOT NULL,
    kept BOOLEAN NOT NULL,
    definition VARCHAR NOT NULL,
    assigned VARCHAR[] NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the table."""
    cursor.execute(_TABLE)
