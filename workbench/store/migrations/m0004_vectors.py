"""Vectors: one row per encoder and text, ever."""

from __future__ import annotations

import duckdb

_TABLES = """
-- Encoders differ in length, so the vector is a list; the repository checks the length per encoder.
CREATE TABLE embedding (
    encoder_id VARCHAR NOT NULL,
    text_hash VARCHAR NOT NULL,
    vector FLOAT[] NOT NULL,
    PRIMARY KEY (encoder_id, text_hash)
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
