"""What stands on a screen, and the checks that each of its numbers can be got again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import ipywidgets as ipw
import polars as pl
from polars.testing import assert_frame_equal

from workbench import charts
from workbench.domain import ActionCosts, LabelFilter, MessageFilter
from workbench.door import Workspace
from workbench.widgets.elements import CatalogCards, Chart, ClusterGrid, DataTable, TaxonomyTree
from workbench.widgets.panels import Page
from workbench.widgets.panels.figures import Said, figures_in
from workbench.widgets.panels.rating_words import BANDS, FORMULAS

LISTS = {
    "Users": "people with accounts, not figures",
    "Groups": "groups of people, not figures",
    "Roles": "bundles of permissions, not figures",
    "Tokens and sessions": "what stands for people, each with its state",
    "Entitlement requests": "wishes and the answers to them",
    "Plans: open one to change what it gives": "the table of plans: what each says of each entitlement",
    "Audit log": "events, not figures: each is in the log by its number",
    "Jobs": "jobs, each with its state",
    "Policies": "what is to happen to what is stored for long",
    "Messages judged differently": "messages, not figures: each has its text and who said what",
    "Mailboxes": "mailboxes, not figures: each has its state",
    "Folders": "folders of a mailbox to choose from",
    "Mails without message": "mails of a file with what is wrong with them",
    "Rows left out": "rows of a file with what is wrong with them",
}
"""Tables that list things, by title, and why they are no figures."""
SHELVES = {
    "Buckets": "places that mail is kept in, not figures",
    "Integrations": "connections to other people's servers, not figures",
    "Projects": "folders of sources and datasets, not figures",
}
"""Cards that list things, by title, and why their counts are no figures."""
RULES = {
    r"\b95 % (\w+ )?intervals?\b": "the level of every interval",
    r"\b25 or more examples\b": "what a label needs before it is judged",
    r"\b1 unit for each\b": "what a unit is charged for",
    r"\bthe last \d+ stay\b": "how many versions are kept, a setting",
    r"\b1 File\b|\b2 (Columns|Mail)\b|\b3 Check\b|\b4 Done\b": "the steps of an import",
}
"""Numbers of the product that stand in words without a frame, and what they are."""

RULES |= {re.escape(text): "how a factor is made" for _, text in FORMULAS} | {
    re.escape(BANDS): "bands and caps"
}
RULES[r"\bOver all labels at 50 %"] = "the threshold of figures over all labels"

_TAGS = re.compile(r"<style.*?</style>|<blockquote.*?</blockquote>|<code.*?</code>|<[^>]*>", re.DOTALL)
_ASKED = re.compile(r"(?<=[ (=])\d+(?=[,)])")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def on_screen(widget: ipw.Widget) -> Iterator[ipw.Widget]:
    """Every widget that is shown."""
    if getattr(widget, "layout", None) is not None and widget.layout.display == "none":
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from on_screen(child)


def check_screen(panel: Page, ws: Workspace, *, plain: tuple[ipw.Widget, ...] = ()) -> set[str]:
    """Check everything that is on a screen now; returns the functions that its figures came from.

    ``plain`` are texts of the screen with numbers that are no findings.
    """
    assert [id(one) for one in panel.figures()] == [id(one) for _, one in figures_in(panel.widget)]
    check_calls(panel, plain)
    check_controls(panel)
    for place, figure in figures_in(panel.widget):
        frame = figure.frame()
        check_again(figure, frame, ws)
        if isinstance(place, DataTable):
            check_table(place, frame)
        if isinstance(place, Chart):
            assert len(place.rows) == frame.height
        if isinstance(place, ClusterGrid):
            rows = frame.rows()
            assert all(
                any({card["size"], card["share"]} <= {*row} for row in rows) for card in place.clusters
            )
        if isinstance(place, TaxonomyTree):
            shown = [(one["path"], one["predicted"], one["count"]) for one in place.labels]
            assert shown == [(label, round(predicted), n) for label, predicted, n in frame.rows()]
        if isinstance(place, (Chart, DataTable)):
            assert_frame_equal(run(place.code, ws)["figure"].frame(), frame)
    panel.code._opened({}, [])
    found = figures_in(panel.widget)
    said = {one.query() for place, one in found if not isinstance(place, (Chart, DataTable))}
    assert bool(said) == bool(panel.code.figures)
    assert all(f"{query}.frame()" in panel.code.figures for query in said)
    assert panel.code.figures.count(".frame()") == len(said)
    run(panel.code.figures, ws)
    return {re.match(r"charts\.(\w+)\(", one.query())[1] for one in panel.figures()}  # type: ignore[index]


def check_calls(panel: Page, plain: tuple[ipw.Widget, ...]) -> None:
    """Whatever shows numbers has a figure: pictures, tables, groups on cards, and words."""
    for widget in on_screen(panel.widget):
        if isinstance(widget, Chart):
            assert widget.figure is not None or not widget.spec, f"{widget.aria_label} has no call"
        elif isinstance(widget, DataTable):
            known = widget.figure is not None or not widget.total or widget.title in LISTS
            assert known, f"table {widget.title!r} has no call"
        elif isinstance(widget, ipw.HTML) and widget not in plain:
            check_words(widget)
        elif isinstance(widget, ClusterGrid):
            assert widget.figure is not None or not widget.clusters, f"groups {widget.title!r} have no call"
        elif isinstance(widget, TaxonomyTree):
            assert widget.figure is not None or not widget.labels, "the tree has no call"


def check_controls(panel: Page) -> None:
    """Numbers on buttons and on the cards of datasets, sources and versions stand in the frame of a figure, too."""
    figures = panel.figures()
    frames, asked = [one.frame() for one in figures], _asked(figures)
    for widget in on_screen(panel.widget):
        if isinstance(widget, ipw.Button):
            check_numbers(widget.description, frames, widget.description, asked=asked)
        elif isinstance(widget, ipw.ToggleButtons):
            for words, _ in widget.options:
                check_numbers(words, frames, words, asked=asked)
        elif isinstance(widget, CatalogCards) and widget.title not in SHELVES:
            for card in widget.cards:
                for value, words in card.get("figures", ()):
                    check_numbers(str(value), frames, f"{card['title']}: {words}", asked=asked)


def _asked(figures: tuple[charts.Figure, ...]) -> str:
    """What calls name by number, such as a version."""
    return " ".join(one for figure in figures for one in _ASKED.findall(figure.query()))


def check_again(figure: charts.Figure, frame: pl.DataFrame, ws: Workspace) -> None:
    """A figure's call gives the same frame, title and caption, and every row says what it rests on."""
    assert frame.schema["n"] == pl.Int64 and frame["n"].null_count() == 0, figure.query()
    scope = {
        "charts": charts,
        "ws": ws,
        "date": date,
        "datetime": datetime,
        "UTC": UTC,
        "MessageFilter": MessageFilter,
        "LabelFilter": LabelFilter,
        "ActionCosts": ActionCosts,
    }
    again = eval(figure.query(), scope)
    assert_frame_equal(again.frame(), frame)
    assert (again.title, again.caption, again.query()) == (figure.title, figure.caption, figure.query())


def run(code: str, ws: Workspace) -> dict[str, Any]:
    """What is left after running copied lines, with ``ws`` for the file that they open."""
    scope: dict[str, Any] = {}
    lines = re.sub(r"^ws = wb\.open\('[^']+'\)$", "ws = opened", code, count=1, flags=re.MULTILINE)
    assert lines != code or not code
    exec(lines, scope | {"opened": ws}, scope)
    return scope


def check_table(table: DataTable, frame: pl.DataFrame) -> None:
    """A table shows the frame's values, row by row; columns of words are made of them."""
    rows = table._rows_at(0, table.total, "", False)
    assert len(rows) == frame.height
    for column in table.columns:
        if column["key"] in frame.columns:
            shown = [one.isoformat() if isinstance(one, date) else one for one in frame[column["key"]]]
            assert [row[column["key"]] for row in rows] == shown, column
        else:
            assert column.get("kind", "text") == "text", f"{table.title}: {column['key']} is in no frame"
            for row in rows:
                check_numbers(str(row[column["key"]]), [frame], table.title)


def check_words(widget: ipw.HTML) -> None:
    """Each number of a text stands in the frame of one of its figures, or in the call as what was asked for."""
    figures = widget.figures if isinstance(widget, Said) else ()
    text = html.unescape(_TAGS.sub(" ", widget.value))
    for rule in RULES:
        text = re.sub(rule, " ", text)
    check_numbers(text, [one.frame() for one in figures], text, asked=_asked(figures))


def check_numbers(text: str, frames: list[pl.DataFrame], where: str, *, asked: str = "") -> None:
    """Each number in a text is a value of a frame as it is written, or one that was asked for, such as a version."""
    values: list[Any] = [asked]
    values += [value for frame in frames for name in frame.columns for value in frame[name]]
    for found in _NUMBER.findall(text):
        number = found.rstrip(",").replace(",", "")
        assert any(_says(value, number) for value in values), f"{number} stands in no frame: {where}"


def _says(value: Any, number: str) -> bool:
    """Whether a value is written as ``number``: as it is, as a percentage, without its sign, as a date's part."""
    if isinstance(value, str):
        return number in [one.rstrip(",").replace(",", "") for one in _NUMBER.findall(value)]
    if isinstance(value, date):
        return number in (str(value.year), f"{value.day:02}", str(value.day))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if "e" in number:
        return float(f"{value:.1e}") == float(number)
    digits = len(number.partition(".")[2])
    return number in (f"{abs(value):.{digits}f}", f"{abs(100 * value):.{digits}f}", f"{abs(value):.2g}")
