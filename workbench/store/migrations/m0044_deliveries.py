"""How many messages each stream handed on, hour by hour."""

from __future__ import annotations

import duckdb

_TABLE = """
-- No key: rows are written under the one write lock. One row an hour in which something was handed on; ``way`` is pull
-- (a consumer advanced) or push (the target of a webhook took it).
CREATE TABLE stream_delivery (
    stream_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    way VARCHAR NOT NULL,
    hour TIMESTAMPTZ NOT NULL,
    n BIGINT NOT NULL,
    last_at TIMESTAMPTZ NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the table; what was handed on before was not counted."""
    cursor.execute(_TABLE)
