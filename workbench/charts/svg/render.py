"""One door for all drawings: frame, title, caption, and the body that the drawing's own module draws."""

from __future__ import annotations

from workbench.charts.drawings import Dial, Drawing, Plot, Rows, Table, Treemap
from workbench.charts.svg.canvas import Canvas, number, wrapped
from workbench.charts.svg.dial import dial_height, draw_dial
from workbench.charts.svg.plot import draw_plot
from workbench.charts.svg.rows import draw_rows, rows_height
from workbench.charts.svg.table import draw_table, spark_path, table_height
from workbench.charts.svg.treemap import draw_treemap
from workbench.charts.theme import theme

MARGIN = 16.0


def body_height(drawing: Drawing, width: float) -> float:
    """What a drawing needs at this width, in pixels."""
    if isinstance(drawing, Rows):
        return rows_height(drawing)
    if isinstance(drawing, Table):
        return table_height(drawing)
    if isinstance(drawing, Dial):
        return dial_height(drawing, width)
    return 300.0 if isinstance(drawing, Plot) else 320.0


def render(  # one door: what is drawn, its words, its size
    drawing: Drawing,
    title: str,
    caption: str,
    *,
    width: int = 720,
    height: int = 0,
    dark: bool = False,
    heading: bool = True,
) -> str:
    """Draw; see ``Chart.svg``. A given height is kept to by plots and treemaps, the others need theirs."""
    margin = MARGIN if heading else 2.0
    lines = wrapped(caption, width - 2 * margin, 11) if heading and caption else []
    top = margin + (26.0 if heading else 0.0)
    below = 16.0 * len(lines) + margin
    inner = width - 2 * margin
    need = body_height(drawing, inner)
    if height and isinstance(drawing, Plot | Treemap):
        need = max(120.0, height - top - below)
    canvas = Canvas(width, top + need + below, title, caption, theme(dark=dark))
    if heading:
        canvas.text(margin, margin + 11, title, size=15, bold=True, room=inner)
    if isinstance(drawing, Plot):
        draw_plot(canvas, drawing, margin, top, inner, need)
    elif isinstance(drawing, Rows):
        draw_rows(canvas, drawing, margin, top, inner)
    elif isinstance(drawing, Dial):
        draw_dial(canvas, drawing, margin, top, inner)
    elif isinstance(drawing, Table):
        draw_table(canvas, drawing, margin, top, inner)
    else:
        draw_treemap(canvas, drawing, margin, top, inner, need)
    for i, line in enumerate(lines):
        canvas.text(margin, top + need + 14 + 16 * i, line, size=11, fill="muted")
    return canvas.render(background=heading)


def sparkline(values: tuple[float, ...], *, width: int = 96, height: int = 22, colour: str = "accent") -> str:
    """A small line from 0 to the largest value, with its last point marked, for table cells."""
    look = theme()
    path, end = spark_path(values, 2, 3, width - 6, height - 6)
    if not path:
        return ""
    stroke = look.colour(colour)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" aria-hidden="true">'
        f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="1.6" stroke-linejoin="round"/>'
        f'<circle cx="{number(end[0])}" cy="{number(end[1])}" r="2.4" fill="{stroke}"/></svg>'
    )
