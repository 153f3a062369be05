"""Policies of retention that are carried out unattended, and how it goes with them."""

from __future__ import annotations

import duckdb

_TABLE = """
-- No key: rows are replaced under the one write lock. A policy that has a row is carried out unattended. ``user_id`` is
-- who set it, empty for the person whose file it is; ``token_id`` the API token that it was set with, empty = none.
-- ``job_id`` is the run that was started last, empty = none.
CREATE TABLE retention_timer (
    scope VARCHAR NOT NULL,
    target VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    token_id VARCHAR NOT NULL,
    tried_at TIMESTAMPTZ,
    outcome VARCHAR NOT NULL,
    job_id VARCHAR NOT NULL,
    error VARCHAR NOT NULL,
    n_failures INTEGER NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the table; no policy is carried out unattended."""
    cursor.execute(_TABLE)
