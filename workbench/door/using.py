"""Usage in a notebook: what was charged, by whom and where. What ``Workspace`` offers beside its other verbs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

from workbench.domain import CONSUMPTION_GROUPINGS, Grouping, Operations, Resolution
from workbench.door.names import chosen
from workbench.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from workbench.reports import InvoiceDocument


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

    def forecast(self) -> pl.DataFrame:
        """Units that are likely to be charged in the next 1, 2, … 90 days together, with 80 and 95 % prediction intervals.

        Empty while there are fewer than seven days of history. Days that were left out, such as the import of an
        archive, are in ``ws.operations.usage_forecast().set_aside``.
        """
        import polars as pl  # noqa: PLC0415

        names = ("n_days", "expected", "low", "high", "low80", "high80")
        rows = [[getattr(one, name) for name in names] for one in self.operations.usage_forecast().sums]
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")

    def invoice(
        self, month: str = "", *, since: datetime | None = None, until: datetime | None = None
    ) -> InvoiceDocument:
        """The account of a month, such as ``"2026-10"``, or of any period: ``.save(folder)``, ``.frame()``, ``.pdf(path)``.

        Parameters
        ----------
        since, until
            Aware times in the place of a month, ``until`` exclusive.

        Raises
        ------
        InputError
            It is no month, or no period.

        Examples
        --------
        >>> ws.invoice("2026-10").save("accounts")  # doctest: +SKIP
        """
        from workbench.reports import InvoiceDocument  # noqa: PLC0415 - loads charts and templates

        if month or since is None or until is None:
            since, until = month_of(month)
        return InvoiceDocument(invoice=self.operations.invoice(since, until))

    def measures(self, since: datetime | None = None, until: datetime | None = None) -> pl.DataFrame:
        """What is measured and never charged, by day: processor seconds of jobs, tokens of language models, storage."""
        import polars as pl  # noqa: PLC0415

        return pl.DataFrame(self.operations.measures(since, until))


def month_of(month: str) -> tuple[datetime, datetime]:
    """The first moment of a month written as ``2026-10``, and of the one after; UTC.

    Raises
    ------
    InputError
        It is not written so.
    """
    try:
        since = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise InputError(
            f"{month!r} is no month.", next_step="Write it as 2026-10, or give 'since' and 'until'."
        ) from None
    return since, (since + timedelta(days=31)).replace(day=1)


def _groupings(by: Sequence[str]) -> tuple[Grouping, ...]:
    return tuple(chosen(name, Grouping, "by", CONSUMPTION_GROUPINGS) for name in by)


def _resolution(every: str | None) -> Resolution | None:
    return None if every is None else chosen(every, Resolution, "every", get_args(Resolution))
