"""Drawings as plotly figures made of plain dicts; plotly itself is not needed to write them."""

from __future__ import annotations

from workbench.charts.drawings import Dial, Drawing, Plot, Rows, Table
from workbench.charts.plotly.figures import dial_traces, table_traces, treemap_traces
from workbench.charts.plotly.layout import Spec, base_layout, safe
from workbench.charts.plotly.plot import plot_traces
from workbench.charts.plotly.rows import row_traces
from workbench.charts.theme import theme

__all__ = ["Spec", "safe", "to_spec"]


def to_spec(drawing: Drawing, title: str, caption: str, *, dark: bool = False) -> Spec:
    """``{"data": [...], "layout": {...}}`` with everything JSON can hold and nothing else."""
    look = theme(dark=dark)
    layout = base_layout(look, title, caption)
    if isinstance(drawing, Plot):
        data = plot_traces(drawing, look, layout)
    elif isinstance(drawing, Rows):
        data = row_traces(drawing, look, layout)
    elif isinstance(drawing, Dial):
        data = dial_traces(drawing, look, layout)
    elif isinstance(drawing, Table):
        data = table_traces(drawing, look)
    else:
        data = treemap_traces(drawing, look)
    return {"data": data, "layout": layout}
