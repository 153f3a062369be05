"""What was charged."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pyarrow as pa

from workbench.domain import ForecastSum, Grouping, Resolution, UnitsOfDay, UsageForecast, UsageReport
from workbench.metering import Forecast, forecast_units
from workbench.store import Session
from workbench.workspace.context import Caller

_HISTORY_SHOWN = 365
_FIRST_DAY = date(1970, 1, 1)


def usage(caller: Caller, since: datetime | None = None, until: datetime | None = None) -> UsageReport:
    """The ledger, summed."""
    with caller.store.read() as session:
        found = session.ledger.totals(since, until)
        (rate,) = session.charge_rules.rates(caller.workspace.clock())
    totals = tuple(total for total in found if caller.may("usage.read", total.project))
    return UsageReport(
        totals=totals,
        units=sum(total.units for total in totals),
        platform_units_per_unit=float(rate.platform_units),
    )


def ledger_table(caller: Caller, since: datetime | None = None) -> pa.Table:
    """Every entry."""
    with caller.store.read() as session:
        return session.ledger.table(since)


def consumption(
    caller: Caller,
    by: tuple[Grouping, ...] = (),
    resolution: Resolution | None = "day",
    since: datetime | None = None,
    until: datetime | None = None,
) -> pa.Table:
    """The ledger, summed by period and by what is named."""
    with caller.store.read() as session:
        return session.usage.consumption(by, resolution, since, until, visible_projects(caller, session))


def visible_projects(caller: Caller, session: Session) -> tuple[str, ...] | None:
    """The projects whose usage the caller may see; None = all."""
    if caller.may("usage.read"):
        return None
    return tuple(project for project in session.usage.projects() if caller.may("usage.read", project))


def usage_forecast(caller: Caller) -> UsageForecast:
    """What is likely to be charged, from the days before today."""
    today = caller.workspace.clock().replace(hour=0, minute=0, second=0, microsecond=0)
    with caller.store.read() as session:
        units = session.usage.units_by_day(today, visible_projects(caller, session))
        (rate,) = session.charge_rules.rates(caller.workspace.clock())
    end = (today.date() - _FIRST_DAY).days
    days = range(min(units, default=end), end)
    history = [UnitsOfDay(day=_FIRST_DAY + timedelta(days=day), units=units.get(day, 0)) for day in days]
    found = forecast_units([one.units for one in history])
    return UsageForecast(
        from_day=today.date(),
        history=tuple(history[-_HISTORY_SHOWN:]),
        n_days=len(history),
        sums=_sums(found) if found else (),
        set_aside=tuple(history[place] for place in found.set_aside) if found else (),
        platform_units_per_unit=float(rate.platform_units),
    )


def _sums(found: Forecast) -> tuple[ForecastSum, ...]:
    columns = (found.expected, found.low, found.high, found.low80, found.high80)
    rows = zip(*(column.round().astype(int).tolist() for column in columns), strict=True)
    return tuple(
        ForecastSum(n_days=place + 1, expected=middle, low=low, high=high, low80=low80, high80=high80)
        for place, (middle, low, high, low80, high80) in enumerate(rows)
    )
