"""Tables with sparklines and state marks."""

from __future__ import annotations

from workbench.charts.drawings import Table
from workbench.charts.svg.canvas import Canvas, number

ROW = 28.0


def table_height(table: Table) -> float:
    """Pixels: the head and a line per row."""
    return 30.0 + ROW * max(1, len(table.rows)) + 6


def draw_table(canvas: Canvas, table: Table, x0: float, y0: float, width: float) -> None:
    """Draw into the box; an empty table says so."""
    total = sum(column.weight for column in table.columns)
    edges = [x0]
    for column in table.columns:
        edges.append(edges[-1] + width * column.weight / total)
    for i, column in enumerate(table.columns):
        right = column.align == "right"
        canvas.text(
            edges[i + 1] - 6 if right else edges[i],
            y0 + 16,
            column.title,
            size=11,
            fill="muted",
            anchor="end" if right else "start",
            room=edges[i + 1] - edges[i] - 6,
        )
    canvas.line(x0, y0 + 25, x0 + width, y0 + 25, "axis")
    if not table.rows:
        canvas.text(x0, y0 + 48, "Nothing to show yet.", size=12, fill="muted")
    for r, row in enumerate(table.rows):
        y = y0 + 30 + ROW * r
        for i, cell in enumerate(row):
            room = edges[i + 1] - edges[i] - 8
            indent = 18.0 if i == 0 and table.marks else 0.0
            if indent:
                shape, colour = table.marks[r]
                canvas.mark(x0 + 6, y + 12, shape, colour, size=4.8)
            if isinstance(cell, tuple):
                path, end = spark_path(cell, edges[i], y + 4, room - 8, 17)
                if path:
                    canvas.path(path, stroke="accent", width=1.6)
                    canvas.mark(*end, "circle", "accent", size=2.8)
                continue
            right = table.columns[i].align == "right"
            canvas.text(
                edges[i + 1] - 6 if right else edges[i] + indent,
                y + 16,
                cell,
                size=12.5,
                anchor="end" if right else "start",
                room=room - indent,
            )
        canvas.line(x0, y + ROW - 3, x0 + width, y + ROW - 3, "grid")


def spark_path(
    values: tuple[float, ...], x: float, y: float, width: float, height: float
) -> tuple[str, tuple[float, float]]:
    """A line from 0 to the largest value in the box, and where it ends; empty without values."""
    if not values:
        return "", (0.0, 0.0)
    top = max(1e-12, *values)
    step = width / max(1, len(values) - 1)
    at = [(x + i * step, y + height - max(0.0, v) / top * height) for i, v in enumerate(values)]
    return "M" + "L".join(f"{number(a)} {number(b)}" for a, b in at), at[-1]
