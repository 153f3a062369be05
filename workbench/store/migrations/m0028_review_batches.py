"""Batches that people review in one go, with what the model was worth before and after each."""

from __future__ import annotations

import duckdb

_TABLES = """
-- No keys: rows are written under the one write lock.
CREATE TABLE review_batch (
    batch_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    actor VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    label_id VARCHAR,
    n_population BIGINT NOT NULL,
    begun_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ,
    score_before JSON,
    score_after JSON
);
CREATE TABLE review_batch_message (
    batch_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    uid VARCHAR NOT NULL,
    probability DOUBLE NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables; reviews made before belong to no batch."""
    cursor.execute(_TABLES)
