"""How much of a model version's predictions comes from what labels are called."""

from __future__ import annotations

import duckdb

_CHANGES = "ALTER TABLE model_version ADD COLUMN zero_shot FLOAT[];"


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the column; earlier versions learned from examples alone."""
    cursor.execute(_CHANGES)
