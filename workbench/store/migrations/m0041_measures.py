"""Names of sources that are gone, for the ledger still speaks of them; and measures of what is not charged."""

from __future__ import annotations

import duckdb

_CHANGES = """
CREATE TABLE former_source (
    source_id VARCHAR PRIMARY KEY,
    full_name VARCHAR NOT NULL
);
-- Sources that were deleted before names were kept: the audit log tells what they were called.
INSERT INTO former_source
SELECT gone, max(object) FROM (
    SELECT json_extract_string(details, '$.source_id') AS gone, object FROM audit_event
    WHERE action IN ('create_source', 'delete_source')
)
WHERE gone IS NOT NULL AND gone NOT IN (SELECT source_id FROM source)
GROUP BY gone;
CREATE TABLE measure (
    measure_id VARCHAR PRIMARY KEY,
    "at" TIMESTAMPTZ NOT NULL,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    amount DOUBLE NOT NULL,
    job_id VARCHAR,
    project VARCHAR,
    dataset VARCHAR
);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables. ``dataset`` is a full name: a measure outlives what it was taken of."""
    cursor.execute(_CHANGES)
