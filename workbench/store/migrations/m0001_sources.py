"""Projects, sources, messages, and which batches of messages were stored."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE project (
    name VARCHAR PRIMARY KEY,
    title VARCHAR NOT NULL,
    description VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE TABLE source (
    source_id VARCHAR PRIMARY KEY,
    project VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    language VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    UNIQUE (project, name)
);
CREATE TABLE message (
    uid VARCHAR PRIMARY KEY,
    source_id VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    upload_seq BIGINT NOT NULL,
    timestamp TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    thread_id VARCHAR,
    subject VARCHAR NOT NULL,
    body VARCHAR NOT NULL,
    signature VARCHAR NOT NULL,
    full_text VARCHAR NOT NULL,
    sender VARCHAR,
    recipients VARCHAR[] NOT NULL,
    language VARCHAR,
    text_hash VARCHAR NOT NULL,
    content_hash VARCHAR NOT NULL,
    parts JSON,
    properties JSON NOT NULL
);
-- No key: rows are replaced together with their message, under the one write lock.
CREATE TABLE message_property (
    uid VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    string_value VARCHAR,
    number_value DOUBLE
);
CREATE TABLE upload_batch (
    batch_id VARCHAR PRIMARY KEY,
    stored_at TIMESTAMPTZ NOT NULL,
    n_new BIGINT NOT NULL,
    n_updated BIGINT NOT NULL,
    n_unchanged BIGINT NOT NULL,
    n_text_modified BIGINT NOT NULL,
    units BIGINT NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
