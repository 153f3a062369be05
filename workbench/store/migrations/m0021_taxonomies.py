"""Changes of taxonomies, each a recorded step; titles of labels, and their order among siblings."""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE label ADD COLUMN title VARCHAR DEFAULT '';
ALTER TABLE label ADD COLUMN position INTEGER DEFAULT 0;
ALTER TABLE review_event ADD COLUMN step_id VARCHAR;
CREATE TABLE taxonomy_step (
    step_id VARCHAR PRIMARY KEY,
    dataset_id VARCHAR NOT NULL,
    seq BIGINT NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    actor VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    summary VARCHAR NOT NULL,
    n_messages INTEGER NOT NULL,
    retrains BOOLEAN NOT NULL,
    undoes VARCHAR,
    nodes JSON NOT NULL,
    report JSON NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns and the table."""
    cursor.execute(_CHANGES)
