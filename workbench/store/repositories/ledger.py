"""What was charged."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from workbench.domain import LedgerEntry, LedgerTotal
from workbench.errors import InputError
from workbench.store.cursor import Cursor

LEDGER_COLUMNS = (
    "entry_id",
    "at",
    "project",
    "source",
    "channel",
    "operation",
    "uid",
    "units",
    "charged",
    "idempotency_key",
    "actor",
    "rate",
    "corrects",
    "note",
)
_ENTRY = tuple(name for name in LEDGER_COLUMNS if name != "idempotency_key")


class Ledger:
    """Append-only; an entry counts once per idempotency key."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def append(self, entries: pa.Table) -> int:
        """Append entries whose ``idempotency_key`` is new; returns how many those were.

        Columns: entry_id, at, project, source, channel, operation, uid, units (integer), charged (bool),
        idempotency_key, actor, rate (platform units per unit), corrects, note.

        Raises
        ------
        InputError
            A column is missing.
        """
        missing = [name for name in LEDGER_COLUMNS if name not in entries.column_names]
        if missing:
            raise InputError(
                f"ledger entries lack the column {missing[0]!r}.",
                next_step=f"Hand in: {', '.join(LEDGER_COLUMNS)}.",
                details={"missing": missing},
            )
        if not entries.num_rows:
            return 0
        if entries.num_rows == 1:
            return self._append_one(entries)
        ((before,),) = self._cursor.rows("ledger.count")
        self._cursor.bulk("ledger.append", entries.select(list(LEDGER_COLUMNS)))
        ((after,),) = self._cursor.rows("ledger.count")
        return int(after - before)

    def holds(self, idempotency_key: str) -> bool:
        """Whether there is an entry of that key."""
        return self._cursor.one("ledger.holds", idempotency_key=idempotency_key) is not None

    def totals(self, since: datetime | None = None, until: datetime | None = None) -> tuple[LedgerTotal, ...]:
        """Charged units by UTC day, project, source, channel and operation; ``until`` is exclusive."""
        return tuple(
            LedgerTotal(
                day=day,
                project=project,
                source=source,
                channel=channel,
                operation=operation,
                units=units,
                n_entries=n_entries,
            )
            for day, project, source, channel, operation, units, n_entries in self._cursor.rows(
                "ledger.totals", since=since, until=until
            )
        )

    def entry(self, entry_id: str) -> LedgerEntry | None:
        """One entry, None when there is none of that id."""
        row = self._cursor.one("ledger.entry", entry_id=entry_id)
        return None if row is None else LedgerEntry(**dict(zip(_ENTRY, row, strict=True)))

    def correction(self, entry_id: str) -> LedgerEntry | None:
        """The entry that corrects another, None while there is none."""
        row = self._cursor.one("ledger.correction", entry_id=entry_id)
        return None if row is None else self.entry(str(row[0]))

    def table(self, since: datetime | None = None) -> pa.Table:
        """All columns but the idempotency key; by time."""
        return self._cursor.table("ledger.table", since=since)

    def _append_one(self, entries: pa.Table) -> int:
        """What one prediction costs is written by itself; that takes half the time of an append."""
        (row,) = entries.select(list(LEDGER_COLUMNS)).to_pylist()
        if self.holds(row["idempotency_key"]):
            return 0
        self._cursor.execute("ledger.add", written_at=row.pop("at"), **row)
        return 1
