"""How many messages a reviewed one was picked among: with the inclusion probability it allows unbiased estimates."""

from __future__ import annotations

import duckdb


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the column; of earlier reviews it is not known."""
    cursor.execute("ALTER TABLE review_event ADD COLUMN n_population BIGINT")
