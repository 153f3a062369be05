"""The tabs of the Validation page beside its labels: general fields, and what labels have extracted."""

from __future__ import annotations

import html
from typing import Any, Literal, get_args

import ipywidgets as ipw

from workbench import charts
from workbench.charts import Display
from workbench.domain import FieldAverage, ValidationReport
from workbench.widgets.elements import DataTable
from workbench.widgets.panels.page import empty, section

FieldTab = Literal["fields", "extractions"]
TABS = (("labels", "Labels"), ("fields", "General fields"), ("extractions", "Extractions"))
"""Key (``state.part``) and title of each tab of the page."""
FIELD_TABS: dict[str, FieldTab] = {one: one for one in get_args(FieldTab)}
_KEPT: dict[FieldTab, str] = {"fields": "general_fields", "extractions": "extractions"}
"""Where a report has them."""
_SHARE = {"kind": "percent", "width": 92}
_COLUMNS = [
    {"key": "field", "title": "Field", "width": 190},
    {"key": "kind", "title": "Type", "width": 120},
    {"key": "n", "title": "Examples", "kind": "number", "width": 96},
    {"key": "n_train", "title": "Training", "kind": "number", "width": 90},
    {"key": "n_test", "title": "Test", "kind": "number", "width": 72},
    {"key": "f1", "title": "F1", **_SHARE},
    {"key": "f1_low", "title": "95 % from", **_SHARE},
    {"key": "f1_high", "title": "to", **_SHARE},
    {"key": "precision", "title": "Precision", **_SHARE},
    {"key": "precision_low", "title": "95 % from", **_SHARE},
    {"key": "precision_high", "title": "to", **_SHARE},
    {"key": "recall", "title": "Recall", **_SHARE},
    {"key": "recall_low", "title": "95 % from", **_SHARE},
    {"key": "recall_high", "title": "to", **_SHARE},
    {"key": "warning", "title": "What to do", "width": 420},
]
_OF_LABELS = [{"key": "label", "title": "Label", "width": 220}, *_COLUMNS]
_NOTHING: dict[FieldTab, str] = {
    "fields": "No general fields are enabled on this dataset, so this version was not measured on any.",
    "extractions": "No label of this dataset has fields, so this version was not measured on extractions.",
}
_INSTEAD = "Its labels are measured: see Labels."
_HEIGHT = 480


class FieldPart:
    """What a tab of fields shows; its widgets are made when it is looked at, and not kept.

    Parameters
    ----------
    tab
        Which of the two.
    report
        The version on screen.

    Attributes
    ----------
    call
        The Python call on ``ds`` that gives the figures.
    """

    def __init__(self, tab: FieldTab, report: ValidationReport) -> None:
        average, display, columns = _found(tab, report)
        self.call = f"ds.validation({report.version}).{_KEPT[tab]}"
        self.headline = ipw.HTML()
        self.table: DataTable | None = None
        if average is None:
            self.headline.value = empty(_NOTHING[tab], _INSTEAD)
            self.widget: ipw.Widget = self.headline
            return
        self.headline.value = (
            f'<p class="wb-status">Average <b>{html.escape(charts.field_average_words(average))}</b>. Only values that '
            "match exactly count as right.</p>"
        )
        self.table = DataTable(columns=columns, height=_HEIGHT, title=display.title)
        self.table.set_rows(display.frame().to_dicts())
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
