"""Figures on a screen: what draws, lists and says them from one source, and the calls that give them again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import ipywidgets as ipw

from workbench.charts import Display, Figure
from workbench.charts.words import plain
from workbench.widgets.elements import Chart, ClusterGrid, DataTable, TaxonomyTree
from workbench.widgets.state import PanelState

Row = dict[str, Any]
"""One row of a figure's frame, by column."""


class Said(ipw.HTML):
    """A text on the screen, and the figures that its numbers come from.

    Attributes
    ----------
    figures
        Those of the words shown now; none for words that were set without.
    """

    def __init__(self, on_say: Callable[[], None] = lambda: None) -> None:
        self.figures: tuple[Figure, ...] = ()
        self._on_say = on_say
        super().__init__()
        self.observe(lambda _change: self._keep(()), "value")

    def say(self, words: str, *figures: Figure) -> None:
        """Show HTML whose numbers all stand in the frames of ``figures``."""
        self.value = words
        self._keep(figures)

    def _keep(self, figures: tuple[Figure, ...]) -> None:
        self.figures = figures
        self._on_say()


def rows_of(figure: Figure) -> list[Row]:
    """The rows of a figure's frame."""
    rows: list[Row] = figure.frame().to_dicts()
    return rows


def chart_of(display: Display, *, height: int = 320) -> Chart:
    """An element that draws a display and can show its numbers."""
    element = Chart(height=height)
    draw(element, display)
    return element


def draw(element: Chart, display: Display | None) -> None:
    """Show another display in an element; None empties it."""
    element.figure = display
    if display is None:
        element.spec, element.dark_spec, element.rows, element.code = "", "", [], ""
        return
    with element.hold_sync():
        element.spec = json.dumps(display.spec(), default=str)
        element.dark_spec = json.dumps(display.spec(dark=True), default=str)
        element.rows = [_sendable(row) for row in rows_of(display)]
        element.code = code_of(display)
        element.aria_label = f"{display.title}. {display.caption}"


def fill(
    table: DataTable, figure: Figure | None, *, words: Callable[[Row], Mapping[str, Any]] | None = None
) -> None:
    """Show the rows of a figure in a table; None empties it.

    A column whose key is one of the frame shows the frame's value. ``words`` makes the other columns from a row.
    """
    table.figure = figure
    table.code = "" if figure is None else code_of(figure)
    found = [] if figure is None else rows_of(figure)
    keys = [column["key"] for column in table.columns]
    shown = [{**row, **(words(row) if words else {})} for row in found]
    table.set_rows([_sendable({key: row[key] for key in keys}) for row in shown])


def figures_in(widget: ipw.Widget) -> Iterator[tuple[ipw.Widget, Figure]]:
    """Each figure that stands on the screen below a widget, with what shows it, from top to bottom."""
    if getattr(widget, "layout", None) is not None and widget.layout.display == "none":
        return
    if isinstance(widget, Said):
        for one in widget.figures:
            yield widget, one
    elif isinstance(widget, (Chart, ClusterGrid, DataTable, TaxonomyTree)) and widget.figure is not None:
        yield widget, widget.figure
    for child in getattr(widget, "children", ()):
        yield from figures_in(child)


def code_of(figure: Figure) -> str:
    """The Python lines, ready to run, that give a figure and its frame."""
    return PanelState().code(f"figure = {figure.query()}\nfigure.frame()", dataset=False)


def calls_of(figures: Sequence[Figure]) -> str:
    """The Python lines, ready to run, that give the frames of several figures; empty without any."""
    titles = {figure.query(): plain(figure.title) for figure in figures}
    calls = "\n".join(f"# {title}\n{query}.frame()" for query, title in titles.items())
    return PanelState().code(calls, dataset=False) if calls else ""


def _sendable(row: Row) -> Row:
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in row.items()}
