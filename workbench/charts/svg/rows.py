"""Horizontal bars and dumbbells: one category a row, names at the left, numbers at the right."""

from __future__ import annotations

from workbench.charts.drawings import Coordinate, Row, Rows
from workbench.charts.svg.canvas import Canvas, text_width
from workbench.charts.svg.scales import Scale, make_scale
from workbench.charts.words import plain

ROW = 26.0


def rows_height(drawing: Rows) -> float:
    """Pixels: a legend line for dumbbells, a line per row, ticks and axis title."""
    head = 26.0 if _legend(drawing) else 4.0
    return head + ROW * max(1, len(drawing.rows)) + 40


def draw_rows(canvas: Canvas, drawing: Rows, x0: float, y0: float, width: float) -> None:
    """Draw into the box; an empty drawing says so."""
    if not drawing.rows:
        canvas.text(x0, y0 + 24, "Nothing to show yet.", size=12, fill="muted")
        return
    top = y0 + (26.0 if _legend(drawing) else 4.0)
    bottom = top + ROW * len(drawing.rows)
    names = max(text_width(plain(row.name), 12) for row in drawing.rows)
    texts = max(text_width(row.text, 12) for row in drawing.rows)
    left = x0 + min(names, width * 0.36) + 12
    scale = make_scale(drawing.axis, _values(drawing), left, x0 + width - texts - 14, room=80)
    for value, text in scale.ticks:
        canvas.line(scale(value), top, scale(value), bottom, "axis" if value == 0 else "grid")
        canvas.text(scale(value), bottom + 15, text, size=11, anchor="middle", fill="muted")
    canvas.text(scale.end, bottom + 32, drawing.axis.title, size=11, anchor="end", fill="muted")
    if _legend(drawing):
        _draw_legend(canvas, drawing, x0, y0 + 12)
    for i, row in enumerate(drawing.rows):
        middle = top + ROW * (i + 0.5)
        canvas.text(left - 10, middle + 4, row.name, size=12, anchor="end", room=left - x0 - 10)
        (_draw_bar if drawing.style == "bars" else _draw_dumbbell)(canvas, row, scale, middle)
        canvas.text(x0 + width, middle + 4, row.text, size=12, anchor="end", fill="ink")


def _legend(drawing: Rows) -> bool:
    return drawing.style == "dumbbell" or bool(drawing.other_name)


def _values(drawing: Rows) -> list[Coordinate]:
    values: list[Coordinate] = [0.0]
    for row in drawing.rows:
        values += [v for v in (row.value, row.other, row.low, row.high) if v is not None]
    return values


def _draw_legend(canvas: Canvas, drawing: Rows, x: float, y: float) -> None:
    canvas.mark(x + 5, y - 4, "ring", "neutral", size=4.5)
    canvas.text(x + 15, y, drawing.other_name, size=11.5)
    x += 15 + text_width(drawing.other_name, 11.5) + 18
    canvas.mark(x + 5, y - 4, "circle", "accent", size=5)
    canvas.text(x + 15, y, drawing.value_name, size=11.5)
    if drawing.range_name:
        x += 15 + text_width(drawing.value_name, 11.5) + 18
        canvas.rect(x, y - 10, 18, 11, "grid", radius=3)
        canvas.text(x + 24, y, drawing.range_name, size=11.5)


def _draw_bar(canvas: Canvas, row: Row, scale: Scale, middle: float) -> None:
    start, end = sorted((scale(0.0), scale(row.value)))
    canvas.rect(
        start, middle - 7.5, max(end - start, 0.75), 15, row.colour, radius=2, tip=f"{row.name}: {row.text}"
    )
    if row.low is not None and row.high is not None:
        low, high = scale(row.low), scale(row.high)
        for inked, wide in (("background", 4.0), ("ink", 1.4)):
            canvas.line(low, middle, high, middle, inked, width=wide)
        canvas.line(low, middle - 4, low, middle + 4, "ink", width=1.4)
        canvas.line(high, middle - 4, high, middle + 4, "ink", width=1.4)


def _draw_dumbbell(canvas: Canvas, row: Row, scale: Scale, middle: float) -> None:
    if row.low is not None and row.high is not None:
        canvas.rect(
            scale(row.low), middle - 7, max(2.0, scale(row.high) - scale(row.low)), 14, "grid", radius=3
        )
    other = row.value if row.other is None else row.other
    canvas.line(scale(other), middle, scale(row.value), middle, row.colour, width=2.5)
    canvas.mark(scale(other), middle, "ring", "neutral", size=4.5)
    canvas.mark(scale(row.value), middle, "circle", row.colour, size=5.5, tip=f"{row.name}: {row.text}")
