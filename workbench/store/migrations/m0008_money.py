"""The ledger: append-only, one row per idempotency key."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE ledger (
    entry_id VARCHAR NOT NULL,
    "at" TIMESTAMPTZ NOT NULL,
    project VARCHAR NOT NULL,
    source VARCHAR NOT NULL,
    channel VARCHAR NOT NULL,
    operation VARCHAR NOT NULL,
    uid VARCHAR,
    units BIGINT NOT NULL,
    charged BOOLEAN NOT NULL,
    idempotency_key VARCHAR PRIMARY KEY,
    actor VARCHAR NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
