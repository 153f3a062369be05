"""Treemaps by squarified layout (Bruls, Huizing & van Wijk, "Squarified Treemaps", 2000)."""

# ruff: noqa: PLR2004  pixels and calendar steps, each used once

from __future__ import annotations

from workbench.charts.drawings import Treemap
from workbench.charts.svg.canvas import Canvas

Box = tuple[float, float, float, float]


def squarify(values: list[float], x: float, y: float, width: float, height: float) -> list[Box]:
    """Boxes (x, y, width, height) for positive values in descending order; areas are proportional."""
    total = sum(values)
    if total <= 0:
        return []
    areas = [v * width * height / total for v in values]
    boxes: list[Box] = []
    while areas:
        side = max(1e-9, min(width, height))
        n = 1
        while n < len(areas) and _worst(areas[: n + 1], side) <= _worst(areas[:n], side):
            n += 1
        row, areas = areas[:n], areas[n:]
        thick = sum(row) / side
        place = y if width >= height else x
        for area in row:
            long = area / max(1e-9, thick)
            boxes.append((x, place, thick, long) if width >= height else (place, y, long, thick))
            place += long
        if width >= height:
            x, width = x + thick, width - thick
        else:
            y, height = y + thick, height - thick
    return boxes


def _worst(row: list[float], side: float) -> float:
    total = sum(row)
    return max(max(side**2 * a / total**2, total**2 / max(1e-12, side**2 * a)) for a in row)


def draw_treemap(canvas: Canvas, drawing: Treemap, x0: float, y0: float, width: float, height: float) -> None:
    """Draw into the box: tinted tiles with a coloured edge, so that the text keeps its contrast."""
    tiles = sorted((t for t in drawing.tiles if t.value > 0), key=lambda t: -t.value)
    if not tiles:
        canvas.text(x0, y0 + 24, "Nothing to show yet.", size=12, fill="muted")
        return
    boxes = squarify([t.value for t in tiles], x0, y0, width, height - 8)
    for tile, (x, y, wide, high) in zip(tiles, boxes, strict=True):
        canvas.rect(x + 1, y + 1, wide - 2, high - 2, "grid", radius=4, tip=f"{tile.name}: {tile.text}")
        canvas.rect(x + 1, y + 1, min(5, wide - 2), high - 2, tile.colour, radius=2)
        if wide > 64 and high > 22:
            canvas.text(x + 13, y + 18, tile.name, size=12, bold=True, room=wide - 20)
        if wide > 64 and high > 40:
            canvas.text(x + 13, y + 34, tile.text, size=11.5, room=wide - 20, fill="muted")
