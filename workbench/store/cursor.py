"""Running named statements on one DuckDB cursor."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from workbench.store.binding import binding
from workbench.store.filters import Condition
from workbench.store.statements import statement

_FEW = 64
"""A page of messages, and some more."""
_FEW_OF_INDEX = 256
"""The same where an index finds them; the largest page."""
_KEYS = re.compile(r"\(SELECT unnest\(\$(\w+)::(VARCHAR|UBIGINT)\[\]\)\)( /\*by index\*/)?")
_BETWEEN = "\x1f"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor:
    """A cursor inside a transaction: named statements in, Arrow tables or plain rows out."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.changed: set[str] = set()
        """Tables that were written to."""

    def execute(self, name: str, /, **parameters: Any) -> None:
        """Run a statement for its effect."""
        wanted = statement(name)
        self.changed |= wanted.changes
        self._run(wanted.sql, parameters)

    def table(
        self, name: str, /, *, where: Condition | None = None, order: str | None = None, **parameters: Any
    ) -> pa.Table:
        """Run a statement and return what it selects, times as ``timestamp[us, UTC]``."""
        sql = statement(name).filled(where.sql if where else "TRUE", order)
        bound = {**parameters, **(where.parameters if where else {})}
        return self._run(sql, bound).to_arrow_table()

    def pieces(self, name: str, /, n_rows: int = 16_384, **parameters: Any) -> Iterator[pa.Table]:
        """As ``table``, ``n_rows`` at a time; until the last one is taken the cursor runs nothing else."""
        reader = self._run(statement(name).sql, parameters).to_arrow_reader(n_rows)
        for piece in reader:
            yield pa.Table.from_batches([piece])

    def rows(
        self,
        name: str,
        /,
        *,
        where: Condition | None = None,
        order: str | None = None,
        within: Condition | None = None,
        **parameters: Any,
    ) -> list[tuple[Any, ...]]:
        """As ``table``, as Python tuples; times are aware ``datetime`` in UTC."""
        sql = statement(name).filled(where.sql if where else "TRUE", order, within.sql if within else "TRUE")
        bound = {**parameters, **(where.parameters if where else {}), **(within.parameters if within else {})}
        sql, bound = _many_keys_as_text(*_few_keys_as_constants(sql, bound))
        found = self._run(sql, bound)
        # DuckDB needs a package of its own for times with a zone, Arrow does not; without times its own
        # rows are the quicker way.
        if any(column[1] == "TIMESTAMP WITH TIME ZONE" for column in found.description or ()):
            return to_rows(found.to_arrow_table())
        return found.fetchall()

    def _run(self, sql: str, bound: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        if not bound:
            return self._connection.execute(sql)
        with binding():
            return self._connection.execute(sql, bound)

    def one(self, name: str, /, **parameters: Any) -> tuple[Any, ...] | None:
        """The first row, None without one."""
        rows = self.rows(name, **parameters)
        return rows[0] if rows else None

    def bulk(self, name: str, staged: pa.Table, /, **parameters: Any) -> None:
        """Run a statement that reads ``staged``."""
        with self.staged(staged):
            self.execute(name, **parameters)

    @contextmanager
    def staged(self, table: pa.Table, name: str = "staged") -> Iterator[None]:
        """Offer an Arrow table to statements under a name."""
        self._connection.register(name, table)
        try:
            yield
        finally:
            self._connection.unregister(name)


def _few_keys_as_constants(sql: str, bound: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Lists of a few keys, written out one by one.

    DuckDB looks constants up in its index; the rows of a subquery it joins with the whole table. Of a million
    messages a page of twenty is found in 20 ms instead of 480.
    """
    few = {name for name in _names(sql) if 0 < len(bound[name]) <= _most(sql, name)}
    if not few:
        return sql, bound

    def constants(match: re.Match[str]) -> str:
        name = match[1]
        if name not in few:
            return match[0]
        return f"({', '.join(f'${name}_{i}::{match[2]}' for i in range(len(bound[name])))})"

    written = _KEYS.sub(constants, sql)
    spread = {f"{name}_{i}": key for name in few for i, key in enumerate(bound[name])}
    kept = {name: value for name, value in bound.items() if name not in few}
    return written, kept | spread


def _names(sql: str) -> set[str]:
    return {name for name, _, _ in _KEYS.findall(sql)}


def _most(sql: str, name: str) -> int:
    """How many keys are few: where each use of them is marked as one of an index, more of them."""
    marked = (by_index for found, _, by_index in _KEYS.findall(sql) if found == name)
    return _FEW_OF_INDEX if all(marked) else _FEW


def _many_keys_as_text(sql: str, bound: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Lists of many keys, bound as one text that the database takes apart: handing over a hundred one by one takes 7 ms."""
    many = {
        name
        for name in _names(sql)
        if len(bound[name]) > _most(sql, name) and not any(_BETWEEN in str(key) for key in bound[name])
    }
    if not many:
        return sql, bound

    def text(match: re.Match[str]) -> str:
        name = match[1]
        if name not in many:
            return match[0]
        return f"(SELECT unnest(string_split(${name}, chr({ord(_BETWEEN)}))::{match[2]}[]))"

    joined = {name: _BETWEEN.join(map(str, bound[name])) for name in many}
    return _KEYS.sub(text, sql), bound | joined


def to_rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Rows of a table as Python values."""
    return list(zip(*(_values(column) for column in table.columns), strict=True))


def _values(column: pa.ChunkedArray) -> Sequence[Any]:
    # Arrow would build zone objects of the system's tz database; UTC needs none.
    if pa.types.is_timestamp(column.type):
        return [
            None if value is None else EPOCH + timedelta(microseconds=value)
            for value in column.cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_pylist()
        ]
    values: Sequence[Any] = column.to_pylist()
    return values
