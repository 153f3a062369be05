"""Lines, bands, points, stacked bars and rules as plotly traces."""

from __future__ import annotations

from datetime import date, timedelta

from workbench.charts.drawings import Axis, Coordinate, Line, Plot, Points
from workbench.charts.plotly.layout import LEGEND, Spec, axis_spec, margin, safe
from workbench.charts.svg.plot import spread
from workbench.charts.svg.scales import whole_step
from workbench.charts.theme import Theme

_SYMBOLS = {
    "circle": "circle",
    "ring": "circle-open",
    "diamond": "diamond",
    "triangle": "triangle-down",
    "square": "square",
    "cross": "x-thin-open",
}

_CHARACTER_PX = 7

_MOST_TICKS = 12

_DAY_MS = 86_400_000

_ROOM = 0.6
"""Part of the axis beyond which a label would run out of a narrow chart."""
_LINE_SHARE = 0.085
"""Height of a line of text as a share of the plot's, in the lowest chart of the apps."""


def _beside(points: Points, axis: Axis) -> str | list[str]:
    """Where labels stand: right of their points, but left of those in the last part of an axis whose ends are fixed."""
    if not isinstance(axis.low, float) or not isinstance(axis.high, float) or not points.labels:
        return "middle right"
    last = axis.low + _ROOM * (axis.high - axis.low)
    sides = ["bottom left" if isinstance(x, float) and x > last else "middle right" for x in points.x]
    return sides if "bottom left" in sides else "middle right"


def plot_traces(plot: Plot, look: Theme, layout: Spec) -> list[Spec]:
    """The marks of a plot, back to front; ``layout`` gets axes, end labels and rules."""
    layout["xaxis"] = axis_spec(plot.x, look, grid=False)
    layout["yaxis"] = axis_spec(plot.y, look, grid=True)
    layout["barmode"] = "stack"
    layout["hovermode"] = "closest"
    if plot.legend:
        layout["showlegend"] = True
        layout["margin"] = {**margin(layout), "b": 72}
        layout["legend"] = dict(LEGEND)
    data: list[Spec] = [
        {
            "type": "bar",
            "name": safe(bars.name),
            "x": coordinates(bars.x),
            "y": coordinates(bars.y),
            "marker": {"color": look.colour(bars.colour)},
        }
        for bars in plot.bars
    ]
    _widen_one_day(plot, layout["xaxis"], data)
    _number_whole(plot, layout["xaxis"])
    for line in plot.lines:
        data += _line(line, look)
    for points in plot.points:
        shown = bool(points.labels)
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text" if shown else "markers",
                "name": safe(points.name),
                "x": coordinates(points.x),
                "y": coordinates(points.y),
                "text": [safe(t) for t in points.labels],
                "textposition": _beside(points, plot.x),
                "cliponaxis": False,
                "hovertext": [safe(t) for t in points.texts],
                "hoverinfo": "text",
                "marker": {
                    "color": look.colour(points.colour),
                    "symbol": _SYMBOLS[points.shape],
                    "size": 10,
                    "line": {
                        "width": 2 if points.shape == "cross" else 1,
                        "color": look.colour(points.colour),
                    },
                },
            }
        )
    layout["annotations"] = _end_labels(plot, look, layout)
    layout["shapes"] = [
        {
            "type": "line",
            "xref": "paper" if rule.axis == "y" else "x",
            "yref": "y" if rule.axis == "y" else "paper",
            "x0": 0 if rule.axis == "y" else rule.value,
            "x1": 1 if rule.axis == "y" else rule.value,
            "y0": rule.value if rule.axis == "y" else 0,
            "y1": rule.value if rule.axis == "y" else 1,
            "line": {"color": look.colour(rule.colour), "width": 1.4, "dash": "dash"},
            "label": {
                "text": safe(rule.text),
                "textposition": "start" if rule.axis == "y" else "end",
                "xanchor": "left",
                "yanchor": "bottom" if rule.axis == "y" else "top",
                "textangle": 0,
                "font": {"color": look.colour(rule.colour), "size": 11},
            },
        }
        for rule in plot.rules
    ]
    return data


def coordinates(values: tuple[Coordinate, ...]) -> list[float | str]:
    """Dates as ISO text, everything else as numbers."""
    return [v.isoformat() if isinstance(v, date) else float(v) for v in values]


def _faded(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def _widen_one_day(plot: Plot, axis: object, bars: list[Spec]) -> None:
    """A bar of a single day gets the width of a day and a week around it; plotly would show a millisecond."""
    days = {value for one in plot.bars for value in one.x if isinstance(value, date)}
    if plot.x.kind != "time" or len(days) != 1 or not isinstance(axis, dict):
        return
    (day,) = days
    axis["range"] = [f"{day + timedelta(-4)} 12:00", f"{day + timedelta(3)} 12:00"]
    axis["dtick"], axis["tickformat"] = _DAY_MS, "%-d %b"
    for one in bars:
        one["width"] = 0.6 * _DAY_MS


def _number_whole(plot: Plot, axis: object) -> None:
    """An axis of whole numbers is numbered at those only, wherever it is zoomed to."""
    drawn = [one.x for one in plot.lines] + [one.x for one in plot.points] + [one.x for one in plot.bars]
    values = [float(v) for xs in drawn for v in xs if not isinstance(v, date)]
    if plot.x.whole and values and isinstance(axis, dict):
        axis["tick0"], axis["dtick"] = 0, whole_step(max(values) - min(values), _MOST_TICKS)


def _line(line: Line, look: Theme) -> list[Spec]:
    colour = look.colour(line.colour)
    common: Spec = {"type": "scatter", "mode": "lines", "x": coordinates(line.x)}
    edge: Spec = {"line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    data: list[Spec] = []
    if line.low and line.high:
        data.append({**common, **edge, "y": list(line.low)})
        fill: Spec = {"fill": "tonexty", "fillcolor": _faded(colour, 0.16)}
        data.append({**common, **edge, **fill, "y": list(line.high)})
    drawn: Spec = {
        "name": safe(line.name),
        "y": list(line.y),
        "mode": "lines+markers" if line.markers or len(line.x) == 1 else "lines",
        "line": {"color": colour, "width": 2, "dash": "dash" if line.dashed else "solid"},
    }
    data.append({**common, **drawn})
    return data


def _end_labels(plot: Plot, look: Theme, layout: Spec) -> list[Spec]:
    named = [line for line in plot.lines if line.label and line.x]
    if not named:
        return []
    longest = max(len(line.label) for line in named)
    layout["margin"] = {**margin(layout), "r": 16 + _CHARACTER_PX * min(longest, 26)}
    heights = [
        *(max(line.y) for line in plot.lines),
        *(rule.value for rule in plot.rules if rule.axis == "y"),
    ]
    top = (plot.y.high if plot.y.high is not None else max(heights)) or 1.0
    places = spread([line.y[-1] for line in named], top * _LINE_SHARE)
    return [
        {
            "text": safe(line.label, 26),
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": 6,
            "y": place,
            "showarrow": False,
            "font": {"color": look.colour(line.colour), "size": 12},
        }
        for line, place in zip(named, places, strict=True)
    ]
