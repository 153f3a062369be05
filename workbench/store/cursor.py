"""Running named statements on one DuckDB cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from workbench.store.filters import Condition
from workbench.store.statements import statement

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Cursor:
    """A cursor inside a transaction: named statements in, Arrow tables or plain rows out."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def execute(self, name: str, /, **parameters: Any) -> None:
        """Run a statement for its effect."""
        self._connection.execute(statement(name).sql, parameters or None)

    def table(
        self, name: str, /, *, where: Condition | None = None, order: str | None = None, **parameters: Any
    ) -> pa.Table:
        """Run a statement and return what it selects, times as ``timestamp[us, UTC]``."""
        sql = statement(name).filled(where.sql if where else "TRUE", order)
        bound = {**parameters, **(where.parameters if where else {})}
        return self._connection.execute(sql, bound or None).to_arrow_table()

    def rows(
        self, name: str, /, *, where: Condition | None = None, order: str | None = None, **parameters: Any
    ) -> list[tuple[Any, ...]]:
        """As ``table``, as Python tuples; times are aware ``datetime`` in UTC."""
        sql = statement(name).filled(where.sql if where else "TRUE", order)
        bound = {**parameters, **(where.parameters if where else {})}
        found = self._connection.execute(sql, bound or None)
        # DuckDB needs a package of its own for times with a zone, Arrow does not; without times its own
        # rows are the quicker way.
        if any(column[1] == "TIMESTAMP WITH TIME ZONE" for column in found.description or ()):
            return to_rows(found.to_arrow_table())
        return found.fetchall()

    def one(self, name: str, /, **parameters: Any) -> tuple[Any, ...] | None:
        """The first row, None without one."""
        rows = self.rows(name, **parameters)
        return rows[0] if rows else None

    def bulk(self, name: str, staged: pa.Table, /, **parameters: Any) -> None:
        """Run a statement that reads ``staged``."""
        with self.staged(staged):
            self.execute(name, **parameters)

    @contextmanager
    def staged(self, table: pa.Table) -> Iterator[None]:
        """Offer an Arrow table to statements under the name ``staged``."""
        self._connection.register("staged", table)
        try:
            yield
        finally:
            self._connection.unregister("staged")


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
