"""Drawings as plotly figures made of plain dicts; plotly itself is not needed to write them."""

from __future__ import annotations

import textwrap
from datetime import date, timedelta

from workbench.charts.drawings import Axis, Coordinate, Dial, Drawing, Line, Plot, Rows, Table, Treemap
from workbench.charts.svg.plot import spread
from workbench.charts.theme import FONT, Theme, theme
from workbench.charts.words import plain, spark_text

Spec = dict[str, object]
_SYMBOLS = {
    "circle": "circle",
    "ring": "circle-open",
    "diamond": "diamond",
    "triangle": "triangle-down",
    "square": "square",
    "cross": "x-thin-open",
}

_CAPTION_WIDTH = 84
"""Characters of a caption's line where nobody knows the width; the chart element wraps to its own, from ``meta``."""
_LEGEND: Spec = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}
_CHARACTER_PX = 7
_DAY_MS = 86_400_000
_LINE_SHARE = 0.085
"""Height of a line of text as a share of the plot's, in the lowest chart of the apps."""
_DATES: list[Spec] = [
    {"dtickrange": [None, "M1"], "value": "%-d %b\n%Y"},
    {"dtickrange": ["M1", "M12"], "value": "%b %Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


def safe(text: str, limit: int = 120) -> str:
    """Text for plotly, which reads ``<b>`` and ``<a>`` in names: signs become entities."""
    return plain(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def to_spec(drawing: Drawing, title: str, caption: str, *, dark: bool = False) -> Spec:
    """``{"data": [...], "layout": {...}}`` with everything JSON can hold and nothing else."""
    look = theme(dark=dark)
    layout = _layout(look, title, caption)
    if isinstance(drawing, Plot):
        data = _plot(drawing, look, layout)
    elif isinstance(drawing, Rows):
        data = _rows(drawing, look, layout)
    elif isinstance(drawing, Dial):
        data = _dial(drawing, look, layout)
    elif isinstance(drawing, Table):
        data = _table(drawing, look)
    else:
        data = _treemap(drawing, look)
    return {"data": data, "layout": layout}


def _layout(look: Theme, title: str, caption: str) -> Spec:
    lines = textwrap.wrap(plain(caption, 400), _CAPTION_WIDTH)
    return {
        "title": {
            "text": safe(title),
            "font": {"size": 15, "color": look.ink},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 10, "l": 12},
            "subtitle": {"text": "<br>".join(map(safe, lines)), "font": {"size": 11, "color": look.muted}},
        },
        "meta": {"caption": safe(caption, 400)},
        "font": {"family": FONT, "size": 12, "color": look.ink},
        "paper_bgcolor": look.background,
        "plot_bgcolor": look.background,
        "margin": {"l": 56, "r": 24, "t": 52 + 15 * len(lines), "b": 48},
        "showlegend": False,
        "hoverlabel": {"font": {"family": FONT}},
    }


def _margin(layout: Spec) -> Spec:
    margin = layout["margin"]
    return margin if isinstance(margin, dict) else {}


def _axis(axis: Axis, look: Theme, *, grid: bool) -> Spec:
    spec: Spec = {
        "title": {"text": safe(axis.title), "font": {"size": 11, "color": look.muted}},
        "showgrid": grid,
        "gridcolor": look.grid,
        "linecolor": look.axis,
        "zeroline": False,
        "tickfont": {"size": 11, "color": look.muted},
        "automargin": True,
    }
    if axis.kind == "percent":
        spec["tickformat"] = ".0%"
    if axis.kind in ("time", "log"):
        spec["type"] = "date" if axis.kind == "time" else "log"
    if axis.kind == "time":
        spec["tickformatstops"] = _DATES
    if axis.low is not None and axis.high is not None:
        spec["range"] = [axis.low, axis.high]
    elif axis.low == 0:
        spec["rangemode"] = "tozero"
    return spec


def _values(values: tuple[Coordinate, ...]) -> list[float | str]:
    return [v.isoformat() if isinstance(v, date) else float(v) for v in values]


def _faded(colour: str, alpha: float) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def _plot(plot: Plot, look: Theme, layout: Spec) -> list[Spec]:
    layout["xaxis"] = _axis(plot.x, look, grid=False)
    layout["yaxis"] = _axis(plot.y, look, grid=True)
    layout["barmode"] = "stack"
    layout["hovermode"] = "closest"
    if plot.legend:
        layout["showlegend"] = True
        layout["margin"] = {**_margin(layout), "b": 72}
        layout["legend"] = dict(_LEGEND)
    data: list[Spec] = [
        {
            "type": "bar",
            "name": safe(bars.name),
            "x": _values(bars.x),
            "y": _values(bars.y),
            "marker": {"color": look.colour(bars.colour)},
        }
        for bars in plot.bars
    ]
    _widen_one_day(plot, layout["xaxis"], data)
    for line in plot.lines:
        data += _line(line, look)
    for points in plot.points:
        shown = bool(points.labels)
        data.append(
            {
                "type": "scatter",
                "mode": "markers+text" if shown else "markers",
                "name": safe(points.name),
                "x": _values(points.x),
                "y": _values(points.y),
                "text": [safe(t) for t in points.labels],
                "textposition": "middle right",
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


def _line(line: Line, look: Theme) -> list[Spec]:
    colour = look.colour(line.colour)
    common: Spec = {"type": "scatter", "mode": "lines", "x": _values(line.x)}
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
    layout["margin"] = {**_margin(layout), "r": 16 + _CHARACTER_PX * min(longest, 26)}
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


def _rows(drawing: Rows, look: Theme, layout: Spec) -> list[Spec]:
    rows = drawing.rows
    places = list(range(len(rows)))
    layout["xaxis"] = _axis(drawing.axis, look, grid=True)
    layout["yaxis"] = {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [safe(row.name, 48) for row in rows],
        "autorange": "reversed",
        "automargin": True,
        "showgrid": False,
        "zeroline": False,
    }
    colours = [look.colour(row.colour) for row in rows]
    texts = [safe(row.text) for row in rows]
    hover: Spec = {"hovertext": [safe(f"{row.name}: {row.text}", 200) for row in rows], "hoverinfo": "text"}
    if drawing.style == "bars":
        bars: Spec = {
            "type": "bar",
            "orientation": "h",
            "name": safe(drawing.value_name),
            "x": [row.value for row in rows],
            "y": places,
            "text": texts,
            "textposition": "outside",
            "cliponaxis": False,
            "marker": {"color": colours},
            **hover,
        }
        if any(row.high is not None for row in rows):
            bars["error_x"] = {
                "type": "data",
                "symmetric": False,
                "array": [None if r.high is None else r.high - r.value for r in rows],
                "arrayminus": [None if r.low is None else r.value - r.low for r in rows],
                "color": look.ink,
                "thickness": 1.4,
            }
        return [bars]
    others = [row.value if row.other is None else row.other for row in rows]
    segments: list[Spec] = []
    for place, row, other, colour in zip(places, rows, others, colours, strict=True):
        if row.low is not None and row.high is not None:
            segments.append(_segment(row.low, row.high, place, look.grid, 12))
        segments.append(_segment(other, row.value, place, colour, 2.5))
    layout["showlegend"] = True
    layout["margin"] = {**_margin(layout), "b": 72}
    layout["legend"] = dict(_LEGEND)
    before: Spec = {
        "type": "scatter",
        "mode": "markers",
        "name": safe(drawing.other_name),
        "x": others,
        "y": places,
        "marker": {"symbol": "circle-open", "size": 9, "color": look.neutral, "line": {"width": 2}},
        **hover,
    }
    now: Spec = {
        **before,
        "name": safe(drawing.value_name),
        "x": [row.value for row in rows],
        "marker": {"size": 10, "color": colours},
    }
    return [*segments, before, now]


def _segment(start: float, end: float, place: int, colour: str, width: float) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [start, end],
        "y": [place, place],
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _dial(dial: Dial, look: Theme, layout: Spec) -> list[Spec]:
    gauge: Spec = {
        "type": "indicator",
        "mode": "gauge" if dial.score is None else "gauge+number",
        "value": dial.score,
        "title": {"text": safe(dial.band), "font": {"color": look.colour(dial.colour), "size": 15}},
        "domain": {"x": [0, 0.36], "y": [0, 0.82]},
        "gauge": {
            "axis": {"range": [0, 100], "tickvals": list(dial.limits)},
            "bar": {"color": look.colour(dial.colour), "thickness": 0.9},
            "bgcolor": look.grid,
            "borderwidth": 0,
        },
    }
    parts = dial.parts
    bars: Spec = {
        "type": "bar",
        "orientation": "h",
        "x": [part.score or 0 for part in parts],
        "y": [safe(part.name).replace(" (", "<br>(") for part in parts],
        "textposition": "auto",
        "text": ["not known" if p.score is None else f"{p.score:.0f} · {p.band}" for p in parts],
        "hovertext": [safe(part.text, 300) for part in parts],
        "hoverinfo": "text",
        "marker": {"color": [look.colour(part.colour) for part in parts]},
    }
    layout["xaxis"] = {"domain": [0.62, 1], "range": [0, 118], "tickvals": [0, 50, 70, 90], "showgrid": False}
    layout["yaxis"] = {"autorange": "reversed", "tickfont": {"size": 11, "color": look.muted}}
    return [gauge, bars]


def _table(table: Table, look: Theme) -> list[Spec]:
    cells = [
        [spark_text(cell) if isinstance(cell, tuple) else safe(cell) for cell in column]
        for column in zip(*table.rows, strict=True)
    ] or [[] for _ in table.columns]
    aligns = [column.align for column in table.columns]
    return [
        {
            "type": "table",
            "columnwidth": [column.weight for column in table.columns],
            "header": {
                "values": [safe(column.title) for column in table.columns],
                "align": aligns,
                "fill": {"color": look.background},
                "line": {"color": look.axis},
                "font": {"color": look.muted, "size": 11},
            },
            "cells": {
                "values": cells,
                "align": aligns,
                "fill": {"color": look.background},
                "line": {"color": look.grid},
                "font": {"color": look.ink},
                "height": 26,
            },
        }
    ]


def _treemap(drawing: Treemap, look: Theme) -> list[Spec]:
    tiles = drawing.tiles
    return [
        {
            "type": "treemap",
            "ids": [str(i) for i in range(len(tiles))],
            "labels": [safe(tile.name) for tile in tiles],
            "parents": [""] * len(tiles),
            "values": [tile.value for tile in tiles],
            "text": [safe(tile.text) for tile in tiles],
            "textinfo": "label+text",
            "hoverinfo": "label+text",
            "marker": {"colors": [look.colour(tile.colour) for tile in tiles]},
        }
    ]
