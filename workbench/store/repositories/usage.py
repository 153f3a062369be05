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
    ) -> pa.Table:
        """Units by period and ``by``, as ``usage.consumption`` describes it; ``until`` is exclusive."""
        asked: dict[str, Any] = {f"by_{name}": name in by for name in CONSUMPTION_GROUPINGS}
        return self._cursor.table(
            "usage.consumption", resolution=resolution, since=since, until=until, **asked
        )

    def units_by_day(self, until: datetime) -> dict[int, int]:
        """Charged units by day, counted from 1970, of the UTC days that have any entry before ``until``."""
        return dict(self._cursor.rows("usage.units_by_day", until=until))
