"""Analysts' SQL: one SELECT, read-only, with limits."""

from __future__ import annotations

import threading

import duckdb
import pyarrow as pa

from workbench.errors import InputError, QueryLimitError
from workbench.store.selecting import check_names

_PIECE = 8192


def run_select(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    *,
    limit: int,
    limit_s: float,
    veiled: bool = False,
    closed: frozenset[str] = frozenset(),
) -> pa.Table:
    """Run ``query`` on a cursor inside a read-only transaction; at most ``limit`` rows come back.

    ``veiled`` = views stand before some tables, and no way may lead around them; ``closed`` are tables that may not be
    read.

    Raises
    ------
    InputError
        It is not exactly one SELECT (or WITH … SELECT), names what is not for analysts, or DuckDB refuses it.
    QueryLimitError
        It ran longer than ``limit_s`` seconds or needed more memory than allowed.
    """
    if limit < 1:
        raise InputError(f"a limit of {limit} rows cannot be used.", next_step="Ask for at least one row.")
    chosen = _only_select(connection, query, veiled=veiled, closed=closed)
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        connection.interrupt()

    alarm = threading.Timer(limit_s, stop)
    alarm.start()
    try:
        return _fetch(connection.execute(chosen).to_arrow_reader(_PIECE), limit)
    except duckdb.OutOfMemoryException as error:
        raise _over("needed more memory than the workspace allows", limit_s) from error
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if stopped.is_set():
            raise _over(f"ran longer than {limit_s:g} s", limit_s) from error
        raise InputError(
            f"the query failed: {str(error).splitlines()[0][:500]}",
            next_step="Correct the query; tables and columns are listed by: SELECT * FROM duckdb_columns().",
        ) from error
    finally:
        alarm.cancel()


def _only_select(
    connection: duckdb.DuckDBPyConnection, query: str, *, veiled: bool, closed: frozenset[str]
) -> duckdb.Statement:
    try:
        statements = connection.extract_statements(query)
    except duckdb.Error as error:
        raise InputError(
            f"the query cannot be read: {str(error).splitlines()[0][:500]}", next_step="Correct its syntax."
        ) from error
    kinds = [found.type for found in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        names = ", ".join(kind.name for kind in kinds) or "nothing"
        raise InputError(
            f"only one SELECT may be run, got {names}.",
            next_step="Write a single SELECT or WITH … SELECT; changes go through the operations.",
            details={"statements": [kind.name for kind in kinds]},
        )
    if statements[0].named_parameters:
        raise InputError("the query has open parameters.", next_step="Write the values into the query.")
    check_names(connection, query, veiled=veiled, closed=closed)
    return statements[0]


def _fetch(reader: pa.RecordBatchReader, limit: int) -> pa.Table:
    pieces: list[pa.RecordBatch] = []
    left = limit
    for piece in reader:
        pieces.append(piece.slice(0, left))
        left -= piece.num_rows
        if left <= 0:
            break
    table = pa.Table.from_batches(pieces, schema=reader.schema)
    reader.close()
    return table


def _over(what: str, limit_s: float) -> QueryLimitError:
    return QueryLimitError(
        f"the query {what} and was stopped.",
        next_step="Narrow it with WHERE, aggregate, or raise 'query_limit_s' or 'memory_limit'.",
        details={"limit_s": limit_s},
    )
