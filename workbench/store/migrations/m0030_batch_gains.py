"""What was promised of a batch of reviews when it began, and what it then changed, with intervals."""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE review_batch ADD COLUMN promised JSON;
ALTER TABLE review_batch ADD COLUMN gained JSON;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns; of earlier batches neither is known."""
    cursor.execute(_CHANGES)
