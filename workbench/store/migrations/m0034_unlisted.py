"""What a stream does with labels that it lists no threshold for."""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE stream ADD COLUMN unlisted VARCHAR;
-- What acts on a stream that there is goes on as it did: without thresholds every label came.
UPDATE stream SET unlisted = 'every'
WHERE version IS NOT NULL AND stream_id NOT IN (SELECT stream_id FROM stream_threshold);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the column; NULL = the default of the settings."""
    cursor.execute(_CHANGES)
