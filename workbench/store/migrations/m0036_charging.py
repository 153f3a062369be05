"""Charge rules, budgets and reservations as data; what a ledger entry cost by, and what it corrects."""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE ledger ADD COLUMN rate DECIMAL(12, 6) DEFAULT 0.2;
-- Of a correction: the entry that it takes back, and why. NULL = an ordinary entry.
ALTER TABLE ledger ADD COLUMN corrects VARCHAR;
ALTER TABLE ledger ADD COLUMN note VARCHAR;
CREATE TABLE charge_rule (
    operation VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    units BIGINT NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    set_by VARCHAR NOT NULL
);
CREATE TABLE unit_rate (
    rate DECIMAL(12, 6) NOT NULL,
    valid_from TIMESTAMPTZ NOT NULL,
    set_at TIMESTAMPTZ NOT NULL,
    set_by VARCHAR NOT NULL
);
INSERT INTO charge_rule
SELECT operation, reason, 1, TIMESTAMPTZ '1970-01-01 00:00:00Z', TIMESTAMPTZ '1970-01-01 00:00:00Z', 'workbench'
FROM (VALUES
    ('import', 'created'), ('import', 'text_modified'),
    ('sync', 'created'), ('sync', 'text_modified'),
    ('sync_raw_mails', 'created'), ('sync_raw_mails', 'text_modified'),
    ('predict', 'predicted'), ('predict_raw_mails', 'predicted')
) AS rules(operation, reason);
INSERT INTO unit_rate
VALUES (0.2, TIMESTAMPTZ '1970-01-01 00:00:00Z', TIMESTAMPTZ '1970-01-01 00:00:00Z', 'workbench');
-- project '' = the whole workspace; NULL = no such limit.
CREATE TABLE budget (
    project VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    soft BIGINT,
    hard BIGINT,
    set_at TIMESTAMPTZ NOT NULL,
    set_by VARCHAR NOT NULL,
    PRIMARY KEY (project, period)
);
-- No key: rows live as long as their job, under the one write lock.
CREATE TABLE reservation (
    job_id VARCHAR NOT NULL,
    project VARCHAR NOT NULL,
    units BIGINT NOT NULL,
    reserved_at TIMESTAMPTZ NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns, create the tables, write down the rules that were in force until now."""
    cursor.execute(_CHANGES)
