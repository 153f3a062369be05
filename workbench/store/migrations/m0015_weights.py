"""Weights of model versions in a table of their own, in pieces.

DuckDB never gives back the room of long values: each training made the file longer by twice its weights. Lists
of numbers are freed with their rows.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

_TABLE = """
CREATE TABLE model_weights (
    dataset_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    part INTEGER NOT NULL,
    n_bytes BIGINT NOT NULL,
    content UBIGINT[] NOT NULL
);
"""
_PART_WORDS = 65_536


def apply(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the table and move what there is into it."""
    cursor.execute(_TABLE)
    for dataset_id, version in cursor.execute("SELECT dataset_id, version FROM model_version").fetchall():
        ((weights,),) = cursor.execute(
            "SELECT weights FROM model_version WHERE dataset_id = $1 AND version = $2", [dataset_id, version]
        ).fetchall()
        words = np.frombuffer(weights.ljust(-(-len(weights) // 8) * 8, b"\0"), dtype=np.uint64)
        pieces = [words[begin : begin + _PART_WORDS] for begin in range(0, len(words), _PART_WORDS)]
        staged = pa.table(
            {
                "part": pa.array(range(len(pieces)), pa.int32()),
                "content": pa.array(pieces, pa.list_(pa.uint64())),
            }
        )
        cursor.register("staged_weights", staged)
        cursor.execute(
            "INSERT INTO model_weights SELECT $1, $2, part, $3, content FROM staged_weights",
            [dataset_id, version, len(weights)],
        )
        cursor.unregister("staged_weights")
    cursor.execute("ALTER TABLE model_version DROP COLUMN weights")
