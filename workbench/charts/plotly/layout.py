"""What all plotly figures share: safe text, the layout around a chart, axes."""

from __future__ import annotations

import textwrap

from workbench.charts.drawings import Axis
from workbench.charts.theme import FONT, Theme
from workbench.charts.words import plain

Spec = dict[str, object]

_CAPTION_WIDTH = 84
"""Characters of a caption's line where nobody knows the width; the chart element wraps to its own, from ``meta``."""

LEGEND: Spec = {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"}

_DATES: list[Spec] = [
    {"dtickrange": [None, "M1"], "value": "%-d %b\n%Y"},
    {"dtickrange": ["M1", "M12"], "value": "%b %Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


def safe(text: str, limit: int = 120) -> str:
    """Text for plotly, which reads ``<b>`` and ``<a>`` in names: signs become entities."""
    return plain(text, limit).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def base_layout(look: Theme, title: str, caption: str) -> Spec:
    """Title, caption, fonts, colours and margins; the drawing adds its axes."""
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


def margin(layout: Spec) -> Spec:
    """The margins of a layout, to be extended."""
    margin = layout["margin"]
    return margin if isinstance(margin, dict) else {}


def axis_spec(axis: Axis, look: Theme, *, grid: bool) -> Spec:
    """An axis with its title, tick format and range."""
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
