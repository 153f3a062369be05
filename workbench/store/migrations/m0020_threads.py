"""Threads: what conditions on them ask, told once per source and thread instead of over all messages each time.

The rows follow from those of ``message`` and change in the same transaction (``repositories/threads.py``). Times are
microseconds since 1970. ``spoke`` is who wrote the first message that names a sender, at ``spoke_at``; ``other_at``
is when somebody else first did: so threads that several sources share can be put together from their rows.
"""

from __future__ import annotations

import duckdb

_TABLE = """
-- No key: rows are replaced together, under the one write lock.
CREATE TABLE thread (
    source_id VARCHAR NOT NULL,
    thread_key UBIGINT NOT NULL,
    n_messages BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    sender VARCHAR,
    spoke VARCHAR,
    spoke_at BIGINT,
    other_at BIGINT,
    is_shared BOOLEAN NOT NULL
);
INSERT INTO thread
SELECT source_id, thread_key, count(*), min(us), arg_min(upload_seq, (us, upload_seq)), max(us),
    arg_min_null(sender, (us, upload_seq)), any_value(spoke), min(us) FILTER (WHERE sender IS NOT NULL),
    min(us) FILTER (WHERE sender <> spoke), count(*) OVER (PARTITION BY thread_key) > 1
FROM (
    SELECT source_id, thread_key, epoch_us(timestamp) AS us, upload_seq, sender,
        first_value(sender IGNORE NULLS) OVER (
            PARTITION BY source_id, thread_key ORDER BY timestamp, upload_seq
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS spoke
    FROM message WHERE thread_key IS NOT NULL
)
GROUP BY source_id, thread_key;
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the table and fill it."""
    cursor.execute(_TABLE)
