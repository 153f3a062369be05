"""Units charged, by day and channel."""

from __future__ import annotations

from datetime import date

from workbench.charts.display import Chart
from workbench.charts.drawings import Axis, Bars, Plot
from workbench.charts.totals import periods_between
from workbench.charts.words import count, plain
from workbench.domain import UsageReport
from workbench.primitives.colour import PALETTE


def usage_by_day(report: UsageReport) -> Chart:
    """Units per day, stacked by the channel they came through."""
    cells: dict[tuple[date, str], tuple[int, int]] = {}
    for total in report.totals:
        key = (total.day, total.channel)
        units, entries = cells.get(key, (0, 0))
        cells[key] = (units + total.units, entries + total.n_entries)
    days = sorted({d for d, _ in cells})
    shown = periods_between(days[0], days[-1], "day") if days else ()
    sums: dict[str, int] = {}
    for (_, channel), (units, _n) in cells.items():
        sums[channel] = sums.get(channel, 0) + units
    channels = sorted(sums, key=lambda c: (-sums[c], c))
    bars = tuple(
        Bars(
            name=plain(channel),
            x=shown,
            y=tuple(float(cells.get((d, channel), (0, 0))[0]) for d in shown),
            colour=PALETTE[i % len(PALETTE)],
        )
        for i, channel in enumerate(channels)
    )
    keys = sorted(cells)
    entries = sum(n for _, n in cells.values())
    platform = report.units * report.platform_units_per_unit
    return Chart(
        title="Units by day and channel",
        caption=(
            f"{count(report.units)} units = {platform:,.1f} platform units "
            f"({report.platform_units_per_unit:g} each); n = {count(entries)} ledger entries, all counted."
        ),
        columns={
            "day": [d for d, _ in keys],
            "channel": [channel for _, channel in keys],
            "units": [cells[key][0] for key in keys],
            "n": [cells[key][1] for key in keys],
        },
        types={"day": "Date", "channel": "String", "units": "Int64", "n": "Int64"},
        line="charts.usage_by_day(ws.operations.usage())",
        drawing=Plot(
            x=Axis(title="", kind="time"), y=Axis(title="Units per day", low=0.0), bars=bars, legend=True
        ),
    )
