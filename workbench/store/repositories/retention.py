"""How long messages are stored."""

from __future__ import annotations

from datetime import datetime

from workbench.domain import PastRetention
from workbench.store.cursor import Cursor


class Retention:
    """What is stored longer than it is to be kept."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor

    def past(self, until: datetime) -> tuple[PastRetention, ...]:
        """Messages stored before a moment, by source, most first."""
        names = PastRetention.__dataclass_fields__
        rows = self._cursor.rows("retention.past", until=until)
        return tuple(PastRetention(**dict(zip(names, row, strict=True))) for row in rows)
