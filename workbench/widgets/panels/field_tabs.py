"""The tabs of the Validation page beside its labels: general fields, and what labels have extracted."""

from __future__ import annotations

import html
from typing import Any, Literal, get_args

import ipywidgets as ipw

from workbench import charts
from workbench.charts import Display
from workbench.charts.words import percent_range
from workbench.domain import FieldAverage, ValidationReport
from workbench.widgets.elements import DataTable
from workbench.widgets.panels.figures import Row, Said, fill, rows_of
from workbench.widgets.panels.page import empty, section

FieldTab = Literal["fields", "extractions"]
TABS = (("labels", "Labels"), ("fields", "General fields"), ("extractions", "Extractions"))
"""Key (``state.part``) and title of each tab of the page."""
FIELD_TABS: dict[str, FieldTab] = {one: one for one in get_args(FieldTab)}
_KEPT: dict[FieldTab, str] = {"fields": "general_fields", "extractions": "extractions"}
"""Where a report has them."""
_SHARE: dict[str, Any] = {"kind": "percent", "width": 84}
_RANGE: dict[str, Any] = {"title": "95 %", "width": 92}
_COLUMNS: list[dict[str, Any]] = [
    {"key": "field", "title": "Field", "width": 170},
    {"key": "f1", "title": "F1", **_SHARE},
    {"key": "f1_range", **_RANGE},
    {"key": "precision", "title": "Precision", **_SHARE, "width": 98},
    {"key": "precision_range", **_RANGE},
    {"key": "recall", "title": "Recall", **_SHARE},
    {"key": "recall_range", **_RANGE},
    {"key": "n_train", "title": "Training", "kind": "number", "width": 84},
    {"key": "n_test", "title": "Test", "kind": "number", "width": 64},
    {"key": "kind", "title": "Type", "width": 110},
    {"key": "warning", "title": "What to do"},
]
_OF_LABELS = [{"key": "label", "title": "Label", "width": 180}, *_COLUMNS]
_NOTHING: dict[FieldTab, str] = {
    "fields": "No general fields are enabled on this dataset, so this version was not measured on any.",
    "extractions": "No label of this dataset has fields, so this version was not measured on extractions.",
}
_INSTEAD = "Its labels are measured: see Labels."
_HEIGHT = 480
_MOST_ADVICE = 6


class FieldPart:
    """What a tab of fields shows; its widgets are made when it is looked at, and not kept.

    Parameters
    ----------
    tab
        Which of the two.
    report
        The version on screen.
    headline
        Says the averages; it is taken off the page with the rest.

    Attributes
    ----------
    call
        The Python call on ``ds`` that gives the figures.
    """

    def __init__(self, tab: FieldTab, report: ValidationReport, headline: Said) -> None:
        average, display, columns = _found(tab, report)
        self.call = f"ds.validation({report.version}).{_KEPT[tab]}"
        self.headline = headline
        self.table: DataTable | None = None
        if average is None:
            self.headline.value = empty(_NOTHING[tab], _INSTEAD)
            self.widget: ipw.Widget = self.headline
            return
        rows = rows_of(display)
        self.headline.say(
            f'<p class="wb-status">Average <b>{html.escape(charts.field_average_words(average))}</b>. Only values that '
            f"match exactly count as right.</p>{_advice(rows)}",
            display,
        )
        self.table = DataTable(columns=columns, height=_HEIGHT, title=display.title)
        fill(self.table, display, words=_ranges)
        self.widget = section("", self.headline, self.table)

    def close(self) -> None:
        """Take its widgets off the page."""
        for one in (self.table, self.headline, self.widget):
            if one is not None:
                one.close()


def _found(
    tab: FieldTab, report: ValidationReport
) -> tuple[FieldAverage | None, Display, list[dict[str, Any]]]:
    """The average (None = there are no such fields), the display, and the columns of a tab."""
    if tab == "fields":
        of = report.general_fields
        return of.average if of else None, charts.field_table(report), _COLUMNS
    known = report.extractions
    return known.average if known else None, charts.extraction_table(report), _OF_LABELS


def _ranges(row: Row) -> dict[str, str | None]:
    """The intervals of a row in words."""
    return {
        f"{name}_range": percent_range(row[f"{name}_low"], row[f"{name}_high"]) or None
        for name in ("f1", "precision", "recall")
    }


def _advice(rows: list[Row]) -> str:
    """What to do about the first fields that need something, in full: a cell of the table is too narrow for it."""
    said = [one for one in rows if one["warning"]]
    items = "".join(
        f"<li><b>{_named(one['label'], one['field'])}</b>: {html.escape(one['warning'])}</li>"
        for one in said[:_MOST_ADVICE]
    )
    rest = f"<li>{len(said) - _MOST_ADVICE:,} more in the table.</li>" if len(said) > _MOST_ADVICE else ""
    return f'<ul class="wb-warnings">{items}{rest}</ul>' if items else ""


def _named(*names: str) -> str:
    """Names on one line; one that turns the direction of writing turns only itself."""
    return ", ".join(f"<bdi>{html.escape(name)}</bdi>" for name in names if name)
