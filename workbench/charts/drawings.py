"""What a chart shows, apart from how it is drawn: five drawings that the SVG and plotly renderers share.

Colours are roles (``accent``, ``muted``, ``good`` …), ``label:<id>``, or ``#rrggbb``; see ``theme``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

AxisKind = Literal["number", "percent", "time", "log"]
Shape = Literal["circle", "ring", "diamond", "triangle", "square", "cross"]
Coordinate = float | date


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis with its unit in the title. ``percent`` values are shares in [0, 1]; None bounds fit the data.

    ``whole`` numbers it at whole numbers only: there is no version 1.5.
    """

    title: str
    kind: AxisKind = "number"
    low: float | None = None
    high: float | None = None
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line; ``low`` and ``high`` (same length, or empty) draw a band. ``label`` is written at its end."""

    name: str
    x: tuple[Coordinate, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    colour: str = "accent"
    label: str = ""
    dashed: bool = False
    markers: bool = False


@dataclass(frozen=True, kw_only=True)
class Points:
    """Marks with hover texts; ``labels`` (same length) are written beside those where not empty."""

    name: str
    x: tuple[Coordinate, ...]
    y: tuple[float, ...]
    texts: tuple[str, ...]
    labels: tuple[str, ...] = ()
    shape: Shape = "circle"
    colour: str = "accent"


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Vertical bars; several are stacked in the order given."""

    name: str
    x: tuple[Coordinate, ...]
    y: tuple[float, ...]
    colour: str = "accent"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A reference line at ``value`` of the named axis, with its meaning written on it."""

    value: float
    text: str
    axis: Literal["x", "y"] = "y"
    colour: str = "bad"


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Lines, points, bars and rules over two axes. ``bar_days`` is the width of a bar on a time axis.

    ``legend`` is for what cannot be labelled directly: stacked bars and kinds of points.
    """

    x: Axis
    y: Axis
    lines: tuple[Line, ...] = ()
    points: tuple[Points, ...] = ()
    bars: tuple[Bars, ...] = ()
    rules: tuple[Rule, ...] = ()
    bar_days: float = 1.0
    legend: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One category of ``Rows``. ``other`` is the value to compare with, ``text`` is written at the right."""

    name: str
    value: float
    other: float | None = None
    low: float | None = None
    high: float | None = None
    colour: str = "accent"
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Categories from top to bottom: bars from 0, or dumbbells from ``other`` to ``value``.

    ``low``/``high`` draw a whisker on bars, and a range behind the points of a dumbbell.
    """

    axis: Axis
    rows: tuple[Row, ...]
    style: Literal["bars", "dumbbell"] = "bars"
    value_name: str = ""
    other_name: str = ""
    range_name: str = ""


@dataclass(frozen=True, kw_only=True)
class DialPart:
    """One factor below a dial: ``score`` 0-100 or None."""

    name: str
    score: float | None
    band: str
    colour: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Dial:
    """A score from 0 to 100 on an arc with its bands, and the parts it is made of."""

    score: float | None
    band: str
    colour: str
    parts: tuple[DialPart, ...]
    limits: tuple[float, ...] = (50.0, 70.0, 90.0)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A table column; ``weight`` shares out the width, numbers stand right."""

    title: str
    align: Literal["left", "right"] = "left"
    weight: float = 1.0


Cell = str | tuple[float, ...]
"""Text, or the values of a sparkline."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells; ``marks`` (one per row) give the shape and colour drawn before the first cell."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    marks: tuple[tuple[Shape, str], ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A rectangle of a treemap; ``value`` >= 0 is its area."""

    name: str
    value: float
    text: str
    colour: str


@dataclass(frozen=True, kw_only=True)
class Treemap:
    """Tiles whose areas add up."""

    tiles: tuple[Tile, ...]


Drawing = Plot | Rows | Dial | Table | Treemap
