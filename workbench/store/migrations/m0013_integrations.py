"""Integrations, their mailboxes and how far each folder was read. Secrets are in no table (decision 009)."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE integration (
    integration_id VARCHAR PRIMARY KEY,
    project VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    connection JSON NOT NULL,
    enabled BOOLEAN NOT NULL,
    disabled_reason VARCHAR,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ,
    UNIQUE (project, name)
);
CREATE TABLE integration_mailbox (
    integration_id VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    configuration JSON NOT NULL,
    enabled BOOLEAN NOT NULL,
    disabled_reason VARCHAR,
    n_failures INTEGER NOT NULL,
    n_throttled INTEGER NOT NULL,
    error_code VARCHAR NOT NULL,
    error VARCHAR NOT NULL,
    next_step VARCHAR NOT NULL,
    tried_at TIMESTAMPTZ,
    next_try_at TIMESTAMPTZ,
    n_problems INTEGER NOT NULL,
    problems JSON NOT NULL,
    PRIMARY KEY (integration_id, address)
);
-- ``folder`` is the path as a JSON list.
CREATE TABLE sync_state (
    integration_id VARCHAR NOT NULL,
    address VARCHAR NOT NULL,
    folder VARCHAR NOT NULL,
    cursor VARCHAR NOT NULL,
    up_to_date BOOLEAN NOT NULL,
    synced_until TIMESTAMPTZ,
    last_synced_at TIMESTAMPTZ,
    error VARCHAR NOT NULL,
    PRIMARY KEY (integration_id, address, folder)
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
