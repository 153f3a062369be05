"""Usage in a notebook: what was charged, by whom and where. What ``Workspace`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, get_args

from workbench.domain import CONSUMPTION_GROUPINGS, Grouping, Operations, Resolution
from workbench.door.names import chosen

if TYPE_CHECKING:
    import polars as pl


class Using:
    """What the ledger says."""

    operations: Operations

    def consumption(
        self,
        *by: str,
        every: str | None = "day",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> pl.DataFrame:
        """Units by period and by whatever is named: ``ws.consumption("project", "user", every="month")``.

        Parameters
        ----------
        *by
            ``project``, ``source``, ``channel``, ``user``, ``operation``; any of them together.
        every
            ``day``, ``week`` (from Monday), ``month``, or None for one sum of the whole time. UTC.
        since, until
            Aware times, ``until`` exclusive; None = no bound.

        Raises
        ------
        InputError
            A name is none of these.
        """
        import polars as pl  # noqa: PLC0415

        frame = pl.DataFrame(self.operations.consumption(_groupings(by), _resolution(every), since, until))
        dropped = [name for name in CONSUMPTION_GROUPINGS if name not in by]
        return frame.drop(*dropped, *(() if every else ("period",)))


def _groupings(by: Sequence[str]) -> tuple[Grouping, ...]:
    return tuple(chosen(name, Grouping, "by", CONSUMPTION_GROUPINGS) for name in by)


def _resolution(every: str | None) -> Resolution | None:
    return None if every is None else chosen(every, Resolution, "every", get_args(Resolution))
