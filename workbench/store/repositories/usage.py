"""What was used: sums of the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from workbench.domain import CONSUMPTION_GROUPINGS, Grouping, MeasureKind, Resolution
from workbench.store.cursor import Cursor

_BLOCK_BYTES = 262_144
"""DuckDB's usual block; the workspace never asks for another."""
_FAMILIES = {
    table: family
    for family, tables in {
        "messages": "message message_property attachment blob message_file thread_letter translation upload_batch",
        "mail": "bucket raw_mail mail_place mail_thread email",
        "judgements": "review_event review_state assigned_label dismissed_label review_batch",
        "vectors": "embedding",
        "models": "model_version model_weights validation training_row",
        "predictions": "prediction label_total",
        "maps": "projection cluster_run cluster cluster_member",
        "ledger": "ledger measure",
        "audit": "audit_event",
    }.items()
    for table in tables.split()
}


class Usage:
    """Reads the ledger; writes nothing to it."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def consumption(
        self,
        by: tuple[Grouping, ...],
        resolution: Resolution | None,
        since: datetime | None,
        until: datetime | None,
        projects: tuple[str, ...] | None = None,
    ) -> pa.Table:
        """Units by period and ``by``, as ``usage.consumption`` describes it; ``until`` is exclusive.

        ``projects`` None = of all.
        """
        asked: dict[str, Any] = {f"by_{name}": name in by for name in CONSUMPTION_GROUPINGS}
        return self._cursor.table(
            "usage.consumption",
            resolution=resolution,
            since=since,
            until=until,
            projects=_listed(projects),
            **asked,
        )

    def units_by_day(self, until: datetime, projects: tuple[str, ...] | None = None) -> dict[int, int]:
        """Charged units by day, counted from 1970, of the UTC days that have any entry before ``until``."""
        return dict(self._cursor.rows("usage.units_by_day", until=until, projects=_listed(projects)))

    def invoice_lines(
        self, since: datetime, until: datetime, projects: tuple[str, ...] | None = None
    ) -> list[tuple[Any, ...]]:
        """kind, project, source, channel, units, platform_units, n_entries: charges, corrections, then what was not charged."""
        return self._cursor.rows("usage.invoice_lines", since=since, until=until, projects=_listed(projects))

    def charged_before(self, until: datetime, projects: tuple[str, ...] | None = None) -> tuple[int, float]:
        """Units charged before a time, and the platform units that they were."""
        ((units, platform),) = self._cursor.rows(
            "usage.charged_before", until=until, projects=_listed(projects)
        )
        return int(units), float(platform)

    def ends(
        self, since: datetime, until: datetime, projects: tuple[str, ...] | None = None
    ) -> tuple[int, str, str]:
        """Number of entries in a period, the id of the first and of the last of them; empty without any."""
        ((n, first, last),) = self._cursor.rows(
            "usage.ends", since=since, until=until, projects=_listed(projects)
        )
        return int(n), first or "", last or ""

    def add_measure(
        self,
        measure_id: str,
        *,
        at: datetime,
        kind: MeasureKind,
        subject: str,
        amount: float,
        job_id: str | None = None,
        project: str | None = None,
        dataset: str | None = None,
    ) -> None:
        """Write down a measure; the same id counts once."""
        self._cursor.execute(
            "usage.add_measure",
            measure_id=measure_id,
            at=at,
            kind=kind,
            subject=subject,
            amount=amount,
            job_id=job_id,
            project=project,
            dataset=dataset,
        )

    def measures(
        self, since: datetime | None, until: datetime | None, projects: tuple[str, ...] | None = None
    ) -> pa.Table:
        """Measures by day, the newest first; those of no project only where ``projects`` is None."""
        return self._cursor.table("usage.measures", since=since, until=until, projects=_listed(projects))

    def last_storage(self) -> datetime | None:
        """When storage was measured last."""
        ((at,),) = self._cursor.rows("usage.last_storage")
        return at  # type: ignore[no-any-return]

    def storage(self) -> dict[str, int]:
        """Bytes that each family of tables takes in the file, whole blocks, as of the last checkpoint."""
        found: dict[str, int] = {}
        for (table,) in self._cursor.rows("usage.tables"):
            ((n_blocks,),) = self._cursor.rows("usage.table_blocks", table_name=table)
            family = _FAMILIES.get(table, "others")
            found[family] = found.get(family, 0) + n_blocks * _BLOCK_BYTES
        return found

    def projects(self) -> tuple[str, ...]:
        """Projects that the ledger knows, also those that are gone."""
        return tuple(project for (project,) in self._cursor.rows("usage.projects"))


def _listed(projects: tuple[str, ...] | None) -> list[str] | None:
    return None if projects is None else list(projects)
