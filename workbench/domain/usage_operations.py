"""Operations on usage: what was charged, what is likely to be, and what is measured without being charged."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, Protocol, get_args

import pyarrow as pa

from workbench.domain.results import Invoice, UsageForecast
from workbench.domain.times import Resolution

Grouping = Literal["project", "source", "channel", "user", "operation"]
MeasureKind = Literal["compute_seconds", "language_model_tokens", "storage_bytes"]
CONSUMPTION_GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


class UsageOperations(Protocol):
    """Usage. Times are aware, ``until`` is exclusive, days are UTC."""

    def consumption(
        self,
        by: tuple[Grouping, ...] = (),
        resolution: Resolution | None = "day",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> pa.Table:
        """The ledger summed by period (None = in one sum) and by what is named.

        Columns period, project, source, channel, user, operation (null where not asked for), units, uncharged_units,
        platform_units, n_entries. A source that was deleted keeps its name; "Unknown" is what has none.
        """
        ...

    def usage_forecast(self) -> UsageForecast:
        """What is likely to be charged in the next 90 days, summed day by day, with 80 and 95 % prediction intervals."""
        ...

    def invoice(self, since: datetime, until: datetime) -> Invoice:
        """What a period cost by project, source and channel, with the totals and entries that the ledger confirms."""
        ...

    def measures(self, since: datetime | None = None, until: datetime | None = None) -> pa.Table:
        """What is measured and never charged, by day: day, kind, subject, project, dataset, amount, n_measures.

        Of ``compute_seconds`` (processor time of workers) the subject is the kind of job, of ``language_model_tokens``
        the model, of ``storage_bytes`` the family of tables; of storage a day's amount is the last one taken.
        """
        ...

    def measure_storage(self) -> int:
        """Measure now how much each family of tables takes; returns the bytes of all. Done daily by itself."""
        ...
