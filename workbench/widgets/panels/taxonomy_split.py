"""Splitting a label on screen: its messages are ticked in a list, above the form that names the new label."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as ipw

from workbench.domain import Label, LabelFilter, LabelId, LabelPart, MessageFilter, TaxonomyReport
from workbench.door import Dataset
from workbench.errors import FilterError
from workbench.widgets.elements import Form
from workbench.widgets.panels.catalog import text_field
from workbench.widgets.panels.listing import Listing
from workbench.widgets.panels.taxonomy_questions import TaxonomyQuestions

_HEIGHT = 300
_PLACE = {
    "key": "place",
    "kind": "select",
    "title": "Where it goes",
    "options": [
        {"value": "below", "title": "below it: the messages keep both"},
        {"value": "beside", "title": "beside it: the messages lose the old label"},
    ],
}

Split = Callable[[LabelPart, bool, bool], TaxonomyReport]
"""Splits a part off, below the label or beside it, or with a last True only says what that would do."""


class LabelSplit:
    """The messages of a label, to be ticked, while the form asks for the name of the new one.

    Parameters
    ----------
    dataset
        Says which dataset it is about.
    form, questions
        Where it is asked.
    """

    def __init__(self, dataset: Callable[[], Dataset], form: Form, questions: TaxonomyQuestions) -> None:
        self._form, self._questions = form, questions
        self._label_id: LabelId | None = None
        self._title = ""
        self._said: dict[str, Any] = {}
        what = "Search the messages of this label"
        self.words = ipw.Text(placeholder=what, tooltip=what, continuous_update=False)
        self.words.add_class("wb-grow")
        self.words.observe(lambda _change: self.find(), "value")
        self.listing = Listing(dataset)
        self.listing.found.height = _HEIGHT
        self.listing.found.empty_text = "No annotated message of this label is found."
        self.widget = ipw.VBox([self.words, self.listing.found], layout=ipw.Layout(display="none"))
        form.observe(lambda _change: self._follow(), ["shown", "title"])

    def ask(self, label: Label, labels: Mapping[str, Label], split: Split) -> None:
        """Show the messages that carry a label, and ask for the new one; what was ticked before it was left stays."""
        self.listing.names = {one.label_id: one.name for one in labels.values()}
        if label.label_id != self._label_id:
            self._label_id = label.label_id
            self.forget()
        self._title = f"Split '{label.name}'"
        self.find()

        def choose(values: dict[str, Any]) -> str:
            self._said = values
            part = LabelPart(name=values["name"], uids=tuple(self.listing.chosen()))
            self._questions.foresee(lambda dry: self._made(split(part, values["place"] == "below", dry)))
            return ""

        self._questions.ask(
            choose,
            fields=[
                text_field("name", "New label", required=True, help="One level of a name."),
                _PLACE,
            ],
            values={"name": "", "place": "below", **self._said},
            title=self._title,
            text="Tick the messages of the new label in the list above. The others stay as they are.",
            submit="See what changes",
        )

    def find(self) -> None:
        """List the messages of the label that hold the words."""
        if self._label_id is None:
            return
        labels = (LabelFilter(label_id=self._label_id, status="assigned"),)
        try:
            where = MessageFilter(text=self.words.value.strip(), labels=labels)
            self.listing.show(where, "search")
        except FilterError as error:
            self._form.fail(error)

    def forget(self) -> None:
        """Have nothing ticked, searched or typed."""
        self._said = {}
        self.words.value = ""
        self.listing.untick()

    def _made(self, report: TaxonomyReport) -> TaxonomyReport:
        if report.step_id is not None:
            self._label_id = None
        return report

    def _follow(self) -> None:
        """The list is there while the form asks for it."""
        asked = self._form.shown and self._form.title == self._title
        self.widget.layout.display = None if asked else "none"
