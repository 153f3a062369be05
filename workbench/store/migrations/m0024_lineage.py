"""What model versions were trained on, so that each can be trained again."""

from __future__ import annotations

import duckdb

_TABLES = """
-- No keys: rows are written once per training, under the one write lock.
CREATE TABLE training_set (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    trained_from INTEGER,
    labels VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL,
    n_rows INTEGER NOT NULL
);
-- A row is in every training set from "since" to "until", both included; NULL = it is in the last one.
CREATE TABLE training_row (
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    text_hash VARCHAR NOT NULL,
    thread VARCHAR NOT NULL,
    labels VARCHAR[] NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables; versions trained before cannot be trained again."""
    cursor.execute(_TABLES)
