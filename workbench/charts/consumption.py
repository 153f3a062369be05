"""Consumption: units by period and by whoever used them, as a picture and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Bars, Plot
from workbench.charts.figure import Numbers, Value, numbers, schema
from workbench.charts.totals import periods_between
from workbench.charts.words import as_date, count, plain
from workbench.domain import CONSUMPTION_GROUPINGS, Grouping, Resolution
from workbench.primitives.colour import PALETTE

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 7
"""Groups with a colour of their own; the rest are one bar."""
_BAR_DAYS: dict[Resolution, float] = {"day": 1.0, "week": 7.0, "month": 28.0}
_REST = "all others"


def consumption(
    table: pa.Table,
    by: Sequence[Grouping] = (),
    resolution: Resolution = "day",
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Chart:
    """Units per period, stacked by group; the seven largest groups have a colour of their own.

    Parameters
    ----------
    table, by, resolution, since, until
        The answer of ``Operations.consumption``, and what it was asked.
    """
    rows = table.to_pylist()
    cells: dict[tuple[date, str], tuple[int, int]] = {}
    sums: dict[str, int] = {}
    for row in rows:
        name = _group(row, by)
        sums[name] = sums.get(name, 0) + row["units"]
    order = sorted(sums, key=lambda name: (-sums[name], name))
    shown = order if len(order) <= _SHOWN + 1 else [*order[:_SHOWN], _REST]
    for row in rows:
        name = _group(row, by)
        key = (as_date(row["period"]), name if name in shown else _REST)
        units, n = cells.get(key, (0, 0))
        cells[key] = (units + row["units"], n + row["n_entries"])
    days = [day for day, _ in cells]
    periods = periods_between(min(days), max(days), resolution) if days else ()
    bars = tuple(
        Bars(
            name=name,
            x=periods,
            y=tuple(float(cells.get((period, name), (0, 0))[0]) for period in periods),
            colour="muted" if name == _REST else PALETTE[place % len(PALETTE)],
        )
        for place, name in enumerate(shown)
    )
    keys = sorted(cells)
    grouped = f" and {' and '.join(by)}" if by else ""
    return Chart(
        title=f"Units by {resolution}{grouped}",
        caption=_caption(table, by),
        columns={
            "period": [period for period, _ in keys],
            "group": [name for _, name in keys],
            "units": [cells[key][0] for key in keys],
            "n": [cells[key][1] for key in keys],
        },
        types={"period": "Date", "group": "String", "units": "Int64", "n": "Int64"},
        line=_line("consumption", by, resolution, since, until),
        drawing=Plot(
            x=Axis(title="", kind="time"),
            y=Axis(title=f"Units per {resolution}", low=None if _negative(cells) else 0.0),
            bars=bars,
            bar_days=_BAR_DAYS[resolution],
            legend=bool(by),
        ),
    )


def consumption_rows(
    table: pa.Table,
    by: Sequence[Grouping] = (),
    resolution: Resolution = "day",
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Numbers:
    """Every sum of the answer, the newest period first; ``n`` counts ledger entries. Arguments as ``consumption``."""
    found = sorted(table.to_pylist(), key=lambda row: (row["period"], row["units"]), reverse=True)
    rows: list[dict[str, Value]] = [
        {
            "period": as_date(row["period"]),
            **{name: plain(row[name]) if name in by else "" for name in CONSUMPTION_GROUPINGS},
            "units": row["units"],
            "platform_units": row["platform_units"],
            "uncharged_units": row["uncharged_units"],
            "n": row["n_entries"],
        }
        for row in found
    ]
    return numbers(
        rows,
        schema(Date=("period",), String=CONSUMPTION_GROUPINGS, Int64=("units",))
        | schema(Float64=("platform_units",), Int64=("uncharged_units", "n")),
        title=f"Consumption by {' and '.join((resolution, *by))}",
        caption=_caption(table, by),
        line=_line("consumption_rows", by, resolution, since, until),
    )


def time_code(when: datetime | None) -> str:
    """A time in UTC as Python writes it."""
    if when is None:
        return "None"
    clock = f", {when.hour}, {when.minute}" if (when.hour, when.minute) != (0, 0) else ""
    return f"datetime({when.year}, {when.month}, {when.day}{clock}, tzinfo=UTC)"


def _group(row: dict[str, str], by: Sequence[Grouping]) -> str:
    return plain(" · ".join(row[name] for name in by)) if by else "units"


def _negative(cells: dict[tuple[date, str], tuple[int, int]]) -> bool:
    return any(units < 0 for units, _ in cells.values())


def _caption(table: pa.Table, by: Sequence[Grouping]) -> str:
    units, platform, uncharged, n = (
        sum(table[name].to_pylist()) for name in ("units", "platform_units", "uncharged_units", "n_entries")
    )
    free = f"; {count(uncharged)} more units were recorded without charge" if uncharged else ""
    gone = " What was deleted since is counted under its name." if "source" in by else ""
    return f"{count(units)} units = {platform:,.1f} platform units{free}; n = {count(n)} ledger entries, all counted.{gone}"


def _line(
    function: str,
    by: Sequence[Grouping],
    resolution: Resolution,
    since: datetime | None,
    until: datetime | None,
) -> str:
    asked = f"{tuple(by)!r}, {resolution!r}"
    times = [f"since={time_code(since)}"] if since else []
    times += [f"until={time_code(until)}"] if until else []
    ends = "".join(f", {one}" for one in times)
    return f"charts.{function}(ws.operations.consumption({asked}{ends}), {asked}{ends})"
