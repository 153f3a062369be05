"""Numbers that stand for ids where single rows are looked up among millions.

Comparing a million numbers takes a tenth of the time of as many texts, and an index on each of these tables would
cost every import and training more than it saves.
"""

from __future__ import annotations

import duckdb

_CHANGES = """
ALTER TABLE message ADD COLUMN thread_key UBIGINT;
UPDATE message SET thread_key = (md5_number(thread_id) >> 64)::UBIGINT;
ALTER TABLE prediction ADD COLUMN uid_key UBIGINT;
UPDATE prediction SET uid_key = (md5_number(uid) >> 64)::UBIGINT;
ALTER TABLE cluster_member ADD COLUMN uid_key UBIGINT;
UPDATE cluster_member SET uid_key = (md5_number(uid) >> 64)::UBIGINT;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Add the columns and fill them."""
    cursor.execute(_CHANGES)
