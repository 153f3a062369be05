"""Categories from top to bottom, as plotly bars or dumbbells."""

from __future__ import annotations

from workbench.charts.drawings import Rows
from workbench.charts.plotly.layout import LEGEND, Spec, axis_spec, margin, safe
from workbench.charts.theme import Theme

_LETTER = 7
"""Pixels of a letter of the texts at the right, generously."""


def row_traces(drawing: Rows, look: Theme, layout: Spec) -> list[Spec]:
    """One trace of bars, or the segments and two kinds of points of dumbbells; ``layout`` gets its axes."""
    rows = drawing.rows
    places = list(range(len(rows)))
    layout["xaxis"] = axis_spec(drawing.axis, look, grid=True)
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
            _write_beside(bars, texts, look, layout)
        return [bars]
    others = [row.value if row.other is None else row.other for row in rows]
    segments: list[Spec] = []
    for place, row, other, colour in zip(places, rows, others, colours, strict=True):
        if row.low is not None and row.high is not None:
            segments.append(_segment(row.low, row.high, place, look.grid, 12))
        segments.append(_segment(other, row.value, place, colour, 2.5))
    layout["showlegend"] = True
    layout["margin"] = {**margin(layout), "b": 72}
    layout["legend"] = dict(LEGEND)
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


def _write_beside(bars: Spec, texts: list[str], look: Theme, layout: Spec) -> None:
    """Move the texts of bars into a column at the right: at their ends the whiskers would strike them out."""
    bars["textposition"] = "none"
    del bars["text"]
    layout["annotations"] = [
        {
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "y": place,
            "yref": "y",
            "text": f" {text}",
            "showarrow": False,
            "font": {"size": 12, "color": look.ink},
        }
        for place, text in enumerate(texts)
    ]
    widest = max((len(text) for text in texts), default=0)
    layout["margin"] = {**margin(layout), "r": 12 + _LETTER * widest}


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
