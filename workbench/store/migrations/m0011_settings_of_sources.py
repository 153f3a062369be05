"""What may be said of projects, sources and datasets beyond their names."""

from __future__ import annotations

import duckdb

_CHANGES = """
-- NULL means no or none: a boolean or list default cannot be added by DuckDB 1.5 to a table with rows, or
-- under a locked configuration.
ALTER TABLE project ADD COLUMN updated_at TIMESTAMPTZ;
ALTER TABLE source ADD COLUMN description VARCHAR DEFAULT '';
ALTER TABLE source ADD COLUMN should_translate BOOLEAN;
ALTER TABLE source ADD COLUMN sensitive_properties VARCHAR[];
ALTER TABLE source ADD COLUMN updated_at TIMESTAMPTZ;
ALTER TABLE dataset ADD COLUMN has_sentiment BOOLEAN;
ALTER TABLE dataset ADD COLUMN language VARCHAR;
ALTER TABLE dataset ADD COLUMN updated_at TIMESTAMPTZ;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns."""
    cursor.execute(_CHANGES)
