"""What people said: the append-only history and the current state."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE review_event (
    event_id VARCHAR PRIMARY KEY,
    seq BIGINT NOT NULL,
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    actor VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    probability DOUBLE,
    model_version INTEGER,
    seen_revision INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    merged BOOLEAN NOT NULL,
    before_assigned VARCHAR[] NOT NULL,
    before_dismissed VARCHAR[] NOT NULL,
    before_reviewed BOOLEAN NOT NULL,
    assigned VARCHAR[] NOT NULL,
    dismissed VARCHAR[] NOT NULL,
    reviewed BOOLEAN NOT NULL
);
CREATE TABLE review_state (
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    revision INTEGER NOT NULL,
    reviewed BOOLEAN NOT NULL,
    reviewed_by VARCHAR NOT NULL,
    reviewed_at TIMESTAMPTZ NOT NULL,
    mode VARCHAR NOT NULL,
    probability DOUBLE,
    PRIMARY KEY (dataset_id, uid)
);
CREATE TABLE assigned_label (
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    label_id VARCHAR NOT NULL,
    PRIMARY KEY (dataset_id, uid, label_id)
);
CREATE TABLE dismissed_label (
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    label_id VARCHAR NOT NULL,
    PRIMARY KEY (dataset_id, uid, label_id)
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
