"""Sentiments of labels: what people said of an assigned label, and what a version expects of a predicted one.

A mark is the revision at which a sentiment was said, negative for a negative one; NULL where none was said of the
label itself. The lists of ``review_event`` run beside its lists of assigned labels.
"""

from __future__ import annotations

import duckdb

_COLUMNS = """
ALTER TABLE assigned_label ADD COLUMN sentiment INTEGER;
ALTER TABLE review_event ADD COLUMN before_sentiments INTEGER[];
ALTER TABLE review_event ADD COLUMN sentiments INTEGER[];
ALTER TABLE prediction ADD COLUMN sentiments FLOAT[];
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns; what was said before has no sentiment."""
    cursor.execute(_COLUMNS)
