"""Figures for plotly: what its own defaults would get wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.unit.charts import make_results as make
from workbench import charts
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


def test_versions_are_numbered_whole() -> None:
    few = charts.version_history(make.versions()).spec()["layout"]["xaxis"]  # type: ignore[index]
    assert (few["tick0"], few["dtick"]) == (0, 1)
    (first, *_) = make.versions()
    many = [replace(first, version=number) for number in range(1, 41)]
    assert charts.version_history(many).spec()["layout"]["xaxis"]["dtick"] == 5  # type: ignore[index]


def test_a_label_near_the_end_of_a_fixed_axis_stands_left_of_its_point():
    report = make.validation()
    label = report.labels[1]
    sides = {}
    for at in label.thresholds:
        spec = charts.precision_recall(report, label.name, threshold=at).spec()
        marker = next(one for one in spec["data"] if one.get("mode") == "markers+text")
        sides[marker["x"][0]] = marker["textposition"]
    assert {value == ["bottom left"] for recall, value in sides.items() if recall > 0.6} == {True}
    assert {value == "middle right" for recall, value in sides.items() if recall <= 0.6} == {True}
