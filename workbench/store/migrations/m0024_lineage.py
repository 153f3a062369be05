"""What model versions were trained on, so that each can be trained again; and how sure their precision is."""

from __future__ import annotations

import duckdb

_TABLES = """
-- No keys: rows are written once per training, under the one write lock.
CREATE TABLE training_set (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    trained_from INTEGER,
    labels VARCHAR NOT NULL,
    parameters VARCHAR NOT NULL,
    n_rows INTEGER NOT NULL
);
-- "sentiments" stand beside the labels, 1, -1 or 0 = not said; NULL where labels have none.
-- A row is in every training set from "since" to "until", both included; NULL = it is in the last one.
CREATE TABLE training_row (
    dataset_id VARCHAR NOT NULL,
    uid VARCHAR NOT NULL,
    text_hash VARCHAR NOT NULL,
    thread VARCHAR NOT NULL,
    labels VARCHAR[] NOT NULL,
    sentiments TINYINT[],
    since INTEGER NOT NULL,
    until INTEGER
);
ALTER TABLE validation ADD COLUMN mean_low DOUBLE;
ALTER TABLE validation ADD COLUMN mean_high DOUBLE;
UPDATE validation SET
    mean_low = TRY_CAST(json_extract_string(report, '$.mean_average_precision.low') AS DOUBLE),
    mean_high = TRY_CAST(json_extract_string(report, '$.mean_average_precision.high') AS DOUBLE);
"""


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create tables and columns; versions trained before cannot be trained again."""
    cursor.execute(_TABLES)
