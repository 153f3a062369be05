"""How long messages are kept, and when it was said what would go."""

from __future__ import annotations

import duckdb

_TABLES = """
-- No keys: rows are replaced under the one write lock. ``target`` is a project's name or a source's id, empty for
-- the workspace.
CREATE TABLE retention_policy (
    scope VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    keep_days INTEGER NOT NULL,
    notice_days INTEGER NOT NULL,
    annotated VARCHAR NOT NULL,
    folder VARCHAR NOT NULL,
    set_by VARCHAR NOT NULL,
    set_at TIMESTAMPTZ NOT NULL
);
-- What was announced of a source, and on which terms: messages stored before ``before_at``.
CREATE TABLE retention_notice (
    source_id VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    keep_days INTEGER NOT NULL,
    annotated VARCHAR NOT NULL,
    before_at TIMESTAMPTZ NOT NULL,
    noticed_at TIMESTAMPTZ NOT NULL,
    noticed_by VARCHAR NOT NULL,
    n_messages BIGINT NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables; no policy is set."""
    cursor.execute(_TABLES)
