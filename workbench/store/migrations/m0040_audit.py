"""What an event of the audit log is about, in columns; events from here on hash these too."""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE audit_event ADD COLUMN chain INTEGER;
ALTER TABLE audit_event ADD COLUMN event_id VARCHAR;
ALTER TABLE audit_event ADD COLUMN channel VARCHAR;
ALTER TABLE audit_event ADD COLUMN outcome VARCHAR;
ALTER TABLE audit_event ADD COLUMN project VARCHAR;
ALTER TABLE audit_event ADD COLUMN dataset_id VARCHAR;
ALTER TABLE audit_event ADD COLUMN source_id VARCHAR;
ALTER TABLE audit_event ADD COLUMN stream_id VARCHAR;
ALTER TABLE audit_event ADD COLUMN user_id VARCHAR;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns; all NULL = an event of before, hashed without them."""
    cursor.execute(_CHANGES)
