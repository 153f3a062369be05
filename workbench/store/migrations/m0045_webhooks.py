"""Where streams are sent to, and how far."""

from __future__ import annotations

import duckdb

_TABLE = """
-- No key: rows are written under the one write lock. At most one row a stream. ``batch_end`` is the number of the last
-- message of the batch that was begun to be sent and is not known to be taken, NULL = none; with it the batch stays the
-- same however often it is sent. Secrets lie elsewhere.
CREATE TABLE stream_webhook (
    stream_id VARCHAR NOT NULL,
    dataset_id VARCHAR NOT NULL,
    webhook_id VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    batch_size INTEGER NOT NULL,
    timeout_s DOUBLE NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    created_by VARCHAR NOT NULL,
    position BIGINT NOT NULL,
    batch_end BIGINT,
    paused VARCHAR NOT NULL,
    n_failures INTEGER NOT NULL,
    last_success TIMESTAMPTZ,
    last_failure TIMESTAMPTZ,
    last_error VARCHAR NOT NULL,
    next_try TIMESTAMPTZ
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the table; nothing was sent before."""
    cursor.execute(_TABLE)
