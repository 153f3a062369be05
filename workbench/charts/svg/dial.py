"""The rating dial: an arc with its bands, the score in words, the factors as bars."""

from __future__ import annotations

import math

from workbench.charts.drawings import Dial
from workbench.charts.svg.canvas import Canvas, number

WIDE = 520.0
FACTOR = 40.0


def dial_height(dial: Dial, width: float) -> float:
    """Factors stand beside the dial when there is room, below it otherwise."""
    factors = FACTOR * len(dial.parts) + 8
    return max(176.0, factors) if width >= WIDE else 176.0 + factors


def draw_dial(canvas: Canvas, dial: Dial, x0: float, y0: float, width: float) -> None:
    """Draw into the box."""
    beside = width >= WIDE
    radius = 92.0
    cx = x0 + (radius + 14 if beside else width / 2)
    cy = y0 + 122
    canvas.path(_arc(cx, cy, radius, 0, 100), stroke="grid", width=18, blunt=True)
    if dial.score is not None and dial.score > 0:
        canvas.path(_arc(cx, cy, radius, 0, max(dial.score, 1.5)), stroke=dial.colour, width=18, blunt=True)
    for limit in dial.limits:
        inner, outer = _at(cx, cy, radius - 12, limit), _at(cx, cy, radius + 12, limit)
        canvas.line(*inner, *outer, "background", width=3)
        place = _at(cx, cy, radius + 21, limit)
        canvas.text(place[0], place[1] + 4, f"{limit:.0f}", size=10.5, anchor="middle", fill="muted")
    score = "–" if dial.score is None else f"{dial.score:.0f}"
    canvas.text(cx, cy - 8, score, size=44, anchor="middle", bold=True)
    canvas.text(cx, cy + 16, dial.band, size=14, anchor="middle", fill=dial.colour, bold=True)
    canvas.text(cx, cy + 35, "of 100", size=11, anchor="middle", fill="muted")
    left = x0 + (2 * radius + 72 if beside else 0)
    top = y0 + (4 if beside else 178)
    for i, part in enumerate(dial.parts):
        y = top + FACTOR * i
        room = x0 + width - left
        value = "not known" if part.score is None else f"{part.score:.0f}"
        canvas.text(left, y + 13, part.name, size=12.5, room=room * 0.62)
        canvas.text(
            left + room,
            y + 13,
            f"{value} · {part.band}" if part.score is not None else value,
            size=12.5,
            anchor="end",
            fill=part.colour if part.score is not None else "muted",
            bold=True,
        )
        canvas.rect(left, y + 20, room, 7, "grid", radius=3.5)
        if part.score is not None:
            canvas.rect(left, y + 20, room * part.score / 100, 7, part.colour, radius=3.5, tip=part.text)


def _at(cx: float, cy: float, radius: float, score: float) -> tuple[float, float]:
    angle = math.pi * (1 - score / 100)
    return cx + radius * math.cos(angle), cy - radius * math.sin(angle)


def _arc(cx: float, cy: float, radius: float, low: float, high: float) -> str:
    (x1, y1), (x2, y2) = _at(cx, cy, radius, low), _at(cx, cy, radius, high)
    return f"M{number(x1)} {number(y1)}A{number(radius)} {number(radius)} 0 0 1 {number(x2)} {number(y2)}"
