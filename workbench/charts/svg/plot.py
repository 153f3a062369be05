"""Lines, bands, points, stacked bars and rules over two axes."""

# ruff: noqa: PLR2004  pixels and calendar steps, each used once

from __future__ import annotations

from workbench.charts.drawings import Axis, Bars, Coordinate, Line, Plot, Points
from workbench.charts.svg.canvas import Canvas, number, text_width
from workbench.charts.svg.scales import Scale, as_number, make_scale
from workbench.charts.words import count, day, percent


def draw_plot(canvas: Canvas, plot: Plot, x0: float, y0: float, width: float, height: float) -> None:
    """Draw into the box."""
    legend, n_lines = _legend_places(plot, width - 40) if plot.legend else ([], 0)
    top = y0 + 22 + 19 * n_lines
    bottom = y0 + height - 38
    y_scale = make_scale(plot.y, _y_values(plot), bottom, top, room=44)
    left = x0 + max(text_width(text, 11) for _, text in y_scale.ticks) + 10
    ends = max((text_width(line.label, 12) + 12 for line in plot.lines if line.label), default=0)
    right = x0 + width - max(20.0, min(ends, width * 0.3))
    x_scale = make_scale(plot.x, _x_values(plot), left, right, room=78)
    if plot.bars and plot.x.kind == "time":
        x_scale = _with_bar_room(x_scale, plot)
    _draw_axes(canvas, plot, x_scale, y_scale)
    canvas.text(x0, y0 + 11, plot.y.title, size=11, fill="muted")
    _draw_legend(canvas, legend, left, y0 + 29)
    _draw_bars(canvas, plot, x_scale, y_scale)
    for line in plot.lines:
        _draw_line(canvas, line, x_scale, y_scale)
    _draw_rules(canvas, plot, x_scale, y_scale)
    for points in plot.points:
        _draw_points(canvas, points, x_scale, y_scale)
    _draw_end_labels(canvas, plot.lines, x_scale, y_scale, x0 + width)


def spread(positions: list[float], gap: float) -> list[float]:
    """Move positions as little as a forward pass can so that neighbours are ``gap`` apart; order kept."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    placed = list(positions)
    groups: list[tuple[float, list[int]]] = []
    for i in order:
        centre, members = positions[i], [i]
        while groups:
            last_centre, last = groups[-1]
            reach = gap * (len(last) + len(members)) / 2
            if centre - last_centre >= reach:
                break
            groups.pop()
            total = len(last) + len(members)
            centre = (last_centre * len(last) + centre * len(members)) / total
            members = last + members
        groups.append((centre, members))
    for centre, members in groups:
        for rank, i in enumerate(members):
            placed[i] = centre + (rank - (len(members) - 1) / 2) * gap
    return placed


def _y_values(plot: Plot) -> list[Coordinate]:
    values: list[Coordinate] = [0.0] if plot.bars else []
    for line in plot.lines:
        values += [*line.y, *line.low, *line.high]
    for points in plot.points:
        values += points.y
    stacked: dict[Coordinate, float] = {}
    for bars in plot.bars:
        for x, y in zip(bars.x, bars.y, strict=True):
            stacked[x] = stacked.get(x, 0.0) + y
    values += stacked.values()
    return values + [rule.value for rule in plot.rules if rule.axis == "y"]


def _x_values(plot: Plot) -> list[Coordinate]:
    marks: list[Line | Points | Bars] = [*plot.lines, *plot.points, *plot.bars]
    values: list[Coordinate] = [x for mark in marks for x in mark.x]
    return values + [rule.value for rule in plot.rules if rule.axis == "x"]


def _with_bar_room(scale: Scale, plot: Plot) -> Scale:
    return Scale(
        low=scale.low - plot.bar_days * 0.6,
        high=scale.high + plot.bar_days * 0.6,
        start=scale.start,
        end=scale.end,
        ticks=scale.ticks,
    )


def _draw_axes(canvas: Canvas, plot: Plot, x: Scale, y: Scale) -> None:
    for value, text in y.ticks:
        base = value == y.low
        canvas.line(x.start, y(value), x.end, y(value), "axis" if base else "grid")
        canvas.text(x.start - 8, y(value) + 4, text, size=11, anchor="end", fill="muted")
    last = -1e9
    for value, text in x.ticks:
        place = x(value)
        half = text_width(text, 11) / 2
        if place - half < last + 8:
            continue
        last = place + half
        canvas.line(place, y.start, place, y.start + 4, "axis")
        canvas.text(place, y.start + 17, text, size=11, anchor="middle", fill="muted")
    canvas.text(x.end, y.start + 33, plot.x.title, size=11, anchor="end", fill="muted")


Entry = tuple[Points | Bars, float, int]


def _legend_places(plot: Plot, width: float) -> tuple[list[Entry], int]:
    """Each mark with its left edge and line, and the number of lines."""
    found: list[Entry] = []
    x, line = 0.0, 0
    marks: list[Points | Bars] = [*plot.points, *plot.bars]
    for mark in marks:
        wide = 31 + text_width(mark.name, 11.5)
        if x and x + wide > width:
            x, line = 0.0, line + 1
        found.append((mark, x, line))
        x += wide
    return found, line + 1 if found else 0


def _draw_legend(canvas: Canvas, entries: list[Entry], left: float, top: float) -> None:
    for mark, offset, line in entries:
        x, y = left + offset, top + 19 * line
        if isinstance(mark, Points):
            canvas.mark(x + 5, y - 4, mark.shape, mark.colour, size=4.5)
        else:
            canvas.rect(x, y - 9, 10, 10, mark.colour, radius=2)
        canvas.text(x + 15, y, mark.name, size=11.5)


def _draw_bars(canvas: Canvas, plot: Plot, x: Scale, y: Scale) -> None:
    base: dict[Coordinate, float] = {}
    per_day = (x.end - x.start) / max(1e-9, x.high - x.low)
    wide = max(1.0, min(56.0, per_day * plot.bar_days * 0.82))
    for bars in plot.bars:
        for at, value in zip(bars.x, bars.y, strict=True):
            low = base.get(at, 0.0)
            base[at] = low + value
            tip = f"{said(at, plot.x)}: {bars.name} {said(value, plot.y)}"
            upper = y(low + value)
            canvas.rect(
                x(at) - wide / 2, upper, wide, y(low) - upper, bars.colour, radius=min(2, wide / 4), tip=tip
            )


def _draw_line(canvas: Canvas, line: Line, x: Scale, y: Scale) -> None:
    if line.low and line.high:
        upper = [f"{number(x(a))} {number(y(b))}" for a, b in zip(line.x, line.high, strict=True)]
        lower = [f"{number(x(a))} {number(y(b))}" for a, b in zip(line.x, line.low, strict=True)]
        canvas.path("M" + "L".join(upper + lower[::-1]) + "Z", fill=line.colour, opacity=0.16)
    if not line.x:
        return
    steps = [f"{number(x(a))} {number(y(b))}" for a, b in zip(line.x, line.y, strict=True)]
    canvas.path(
        "M" + "L".join(steps), stroke=line.colour, width=2, dash="5 4" if line.dashed else "", tip=line.name
    )
    marked = range(len(line.x)) if line.markers or len(line.x) == 1 else range(0)
    for i in marked:
        canvas.mark(x(line.x[i]), y(line.y[i]), "circle", line.colour, size=3.5)


def _draw_rules(canvas: Canvas, plot: Plot, x: Scale, y: Scale) -> None:
    for rule in plot.rules:
        if rule.axis == "y":
            canvas.line(x.start, y(rule.value), x.end, y(rule.value), rule.colour, width=1.4, dash="6 4")
            canvas.text(x.start + 6, y(rule.value) - 6, rule.text, size=11.5, fill=rule.colour)
        else:
            place = x(rule.value)
            flip = place > (x.start + x.end) / 2
            canvas.line(place, y.start, place, y.end, rule.colour, width=1.4, dash="6 4")
            canvas.text(
                place + (-6 if flip else 6),
                y.end + 11,
                rule.text,
                size=11.5,
                fill=rule.colour,
                anchor="end" if flip else "start",
            )


def _draw_points(canvas: Canvas, points: Points, x: Scale, y: Scale) -> None:
    labels = points.labels or ("",) * len(points.x)
    for at, value, text, label in zip(points.x, points.y, points.texts, labels, strict=True):
        px, py = x(at), y(value)
        canvas.mark(px, py, points.shape, points.colour, tip=text)
        if label:
            flip = px + text_width(label, 11.5) + 12 > x.end
            canvas.text(
                px + (-9 if flip else 9),
                py + (18 if flip else 4),
                label,
                size=11.5,
                anchor="end" if flip else "start",
            )


def _draw_end_labels(canvas: Canvas, lines: tuple[Line, ...], x: Scale, y: Scale, edge: float) -> None:
    named = [line for line in lines if line.label and line.x]
    places = spread([y(line.y[-1]) for line in named], 15)
    for line, place in zip(named, places, strict=True):
        end = x(line.x[-1])
        canvas.mark(end, y(line.y[-1]), "circle", line.colour, size=3.5)
        canvas.text(end + 9, place + 4, line.label, size=12, fill="ink", room=edge - end - 9)
        if abs(place - y(line.y[-1])) > 5:
            canvas.line(end + 3, y(line.y[-1]), end + 8, place, line.colour)


def said(value: Coordinate, axis: Axis) -> str:
    """A coordinate in words of its axis."""
    if axis.kind == "percent":
        return percent(as_number(value))
    return count(value) if isinstance(value, float | int) else day(value)
