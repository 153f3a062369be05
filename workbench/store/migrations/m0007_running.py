"""Jobs and monitoring reports."""

from __future__ import annotations

import duckdb

_TABLES = """
CREATE TABLE job (
    job_id VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    dataset_id VARCHAR,
    stage VARCHAR NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    unit VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    finished_at TIMESTAMPTZ,
    eta_s DOUBLE,
    error_code VARCHAR NOT NULL,
    error VARCHAR NOT NULL,
    next_step VARCHAR NOT NULL,
    result JSON NOT NULL,
    parameters JSON NOT NULL
);
CREATE TABLE monitor_report (
    dataset_id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    report JSON NOT NULL
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables."""
    cursor.execute(_TABLES)
