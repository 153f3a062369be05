"""What was used: sums of the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa

from workbench.domain import CONSUMPTION_GROUPINGS, Grouping, Resolution
from workbench.store.cursor import Cursor


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

    def projects(self) -> tuple[str, ...]:
        """Projects that the ledger knows, also those that are gone."""
        return tuple(project for (project,) in self._cursor.rows("usage.projects"))


def _listed(projects: tuple[str, ...] | None) -> list[str] | None:
    return None if projects is None else list(projects)
