"""Figures for plotly: what its own defaults would get wrong."""

from __future__ import annotations

from datetime import date

from workbench.charts.drawings import Axis, Bars, Plot
from workbench.charts.plotly import to_spec


def test_a_single_day_is_a_bar_a_day_wide() -> None:
    day = date(2026, 3, 2)
    plot = Plot(
        x=Axis(title="Day", kind="time"), y=Axis(title="Units"), bars=(Bars(name="b", x=(day,), y=(3.0,)),)
    )
    spec = to_spec(plot, "t", "c")
    assert spec["data"][0]["width"] < 86_400_000
    assert spec["layout"]["xaxis"]["range"] == ["2026-02-26 12:00", "2026-03-05 12:00"]
