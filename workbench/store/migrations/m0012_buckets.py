"""Buckets of raw mail, where each mail was found, and its place in a thread."""

from __future__ import annotations

import duckdb

_CHANGES = """
CREATE TABLE bucket (
    bucket_id VARCHAR PRIMARY KEY,
    project VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ,
    UNIQUE (project, name)
);
-- One row per mail and bucket; ``mail_id`` is <bucket id>.<message id>. ``problem`` says why it is no message.
CREATE TABLE raw_mail (
    mail_id VARCHAR PRIMARY KEY,
    bucket_id VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    mail_seq BIGINT NOT NULL,
    stored_at TIMESTAMPTZ NOT NULL,
    received_at TIMESTAMPTZ,
    blob_hash VARCHAR NOT NULL,
    n_bytes BIGINT NOT NULL,
    mailbox VARCHAR NOT NULL,
    folder JSON NOT NULL,
    remote_id VARCHAR NOT NULL,
    properties JSON NOT NULL,
    problem VARCHAR NOT NULL
);
-- No key: places are only added, under the one write lock. The first one stands in raw_mail too.
CREATE TABLE mail_place (
    mail_id VARCHAR NOT NULL,
    mailbox VARCHAR NOT NULL,
    folder JSON NOT NULL,
    remote_id VARCHAR NOT NULL,
    found_at TIMESTAMPTZ NOT NULL
);
-- Mails of a bucket and those that they name, whether or not these ever arrive.
CREATE TABLE mail_thread (
    mail_id VARCHAR PRIMARY KEY,
    bucket_id VARCHAR NOT NULL,
    message_id VARCHAR NOT NULL,
    thread_id VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    sent_at TIMESTAMPTZ,
    people JSON NOT NULL,
    joins_by_subject BOOLEAN NOT NULL
);
-- NULL means that the source reads no bucket.
ALTER TABLE source ADD COLUMN bucket_id VARCHAR;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables and add the column."""
    cursor.execute(_CHANGES)
