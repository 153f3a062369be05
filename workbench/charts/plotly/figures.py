"""Dials, tables and treemaps as plotly traces."""

from __future__ import annotations

from workbench.charts.drawings import Dial, Table, Treemap
from workbench.charts.plotly.layout import Spec, safe
from workbench.charts.theme import Theme
from workbench.charts.words import spark_text


def dial_traces(dial: Dial, look: Theme, layout: Spec) -> list[Spec]:
    """An arc with the score, and a bar for each part; ``layout`` gets their axes."""
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


def table_traces(table: Table, look: Theme) -> list[Spec]:
    """Cells with the alignment of their columns; sparklines as block characters."""
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


def treemap_traces(drawing: Treemap, look: Theme) -> list[Spec]:
    """Tiles whose areas add up."""
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
