"""Thresholds of one label: automatic ones, by cost, with a promise, what a week brings, and the one kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import ipywidgets as ipw

from workbench import charts
from workbench.domain import KeptThreshold, LabelValidation, Risk, ThresholdBasis
from workbench.widgets.elements import Form
from workbench.widgets.panels.page import bar
from workbench.widgets.panels.questions import Questions
from workbench.widgets.panels.threshold_words import (
    BASES,
    cost_form,
    cost_html,
    costs_of,
    kept_html,
    number,
    promise_form,
    promise_html,
    week_html,
)

if TYPE_CHECKING:
    from workbench.widgets.panels.validation import ValidationPanel

_BASIS: dict[str, ThresholdBasis] = {one: one for one in get_args(ThresholdBasis)}


class ThresholdPart:
    """Below the slider of the label view.

    Parameters
    ----------
    panel
        Whose label, version and slider it is about.

    Attributes
    ----------
    basis
        Why the threshold on screen was chosen.
    threshold
        The threshold on screen, exactly; None before a label is shown.
    check_from
        From where people check, None = nobody does.
    """

    def __init__(self, panel: ValidationPanel) -> None:
        self._panel = panel
        self._settling = False
        self._known: set[str] = {"chosen"}
        self._given: dict[str, dict[str, Any]] = {"cost": {}, "promise": {}}
        self.basis: ThresholdBasis = "chosen"
        self.threshold: float | None = None
        self.check_from: float | None = None
        self.automatic = ipw.Dropdown(
            description="Choose", layout=ipw.Layout(width="210px"), style={"description_width": "initial"}
        )
        self.automatic.observe(panel.guard(self.take_automatic), "value")
        self.form, self.found, self.kept = Form(), panel.words(), panel.words()
        self._questions = Questions(self.form, lambda _said: None)
        self.form.on_submit(self._questions.save)
        buttons = [
            self._button("By cost", "The threshold of least expected cost", self.ask_cost),
            self._button("By promise", "A threshold that keeps a stated risk", self.ask_promise),
            self._button("What a week brings", "Wrong and missed messages to expect", self.show_week),
            self._button("Keep", "Keep this threshold with the version", self.keep),
            self._button("Keep none", "Keep no threshold of this label", self.drop),
        ]
        self.widget = ipw.VBox([bar(self.automatic, *buttons), self.form, self.found, self.kept])

    def show(self, chosen: LabelValidation) -> None:
        """Turn to a label, before its threshold is set."""
        self._known = {"chosen", *(one.name for one in chosen.choices)}
        self.form.close_form()
        self.threshold = None
        self._show_kept(self._panel.operations.kept_thresholds(self._panel.dataset.dataset_id, self._version))

    def follow(self, threshold: float) -> None:
        """The slider stands at a threshold: what was said of another one goes."""
        if threshold == self.threshold:
            return
        named = next((one.name for one in self._label.choices if one.threshold == threshold), "chosen")
        self._take(threshold, _BASIS.get(named, "chosen"))
        self.found.value = ""

    def take_automatic(self) -> None:
        """Move the slider to an automatic threshold."""
        if self._settling:
            return
        wanted = next((one for one in self._label.choices if one.name == self.automatic.value), None)
        if wanted is not None:
            self._panel.set_threshold(wanted.threshold)

    def ask_cost(self) -> None:
        """Ask for costs, then move the slider to the cheapest threshold."""

        def find(values: dict[str, Any]) -> str:
            found = self._panel.operations.threshold_for_cost(
                self._panel.dataset.dataset_id, self._label.label_id, costs_of(values), self._version
            )
            self._given["cost"] = values
            self._panel.set_threshold(found.act_from)
            self._take(
                found.act_from, "cost", found.check_from if found.check_from < found.act_from else None
            )
            self.found.say(cost_html(found), charts.cost_of_threshold(found))
            return "found"

        self._questions.ask(find, **cost_form(self._given["cost"]))

    def ask_promise(self) -> None:
        """Ask what is to be promised, then move the slider to the threshold that can be."""

        def find(values: dict[str, Any]) -> str:
            risk: Risk = "missed" if values["risk"] == "missed" else "wrong"
            next_ = number(values, "over_next")
            found = self._panel.operations.threshold_with_promise(
                self._panel.dataset.dataset_id,
                self._label.label_id,
                risk,
                (number(values, "at_most") or 0.0) / 100,
                (number(values, "sure") or 0.0) / 100,
                self._version,
                over_next=None if next_ is None else int(next_),
                sample="all" if values.get("sample") == "all" else "random",
            )
            self._given["promise"] = values
            if found.threshold is not None:
                self._panel.set_threshold(found.threshold)
                self._take(found.threshold, "promise")
            self.found.say(promise_html(found), charts.promise_of_threshold(found))
            return "found"

        self._questions.ask(find, **promise_form(self._given["promise"]))

    def show_week(self) -> None:
        """Say what the threshold on screen leads to in a week."""
        if self.threshold is None:
            return
        found = self._panel.operations.expected_errors(
            self._panel.dataset.dataset_id, self._label.label_id, self.threshold, self._version
        )
        self.found.say(week_html(found), charts.week_of_threshold(found))

    def keep(self) -> None:
        """Keep the threshold on screen with the version on screen."""
        self._keep(self.threshold)

    def drop(self) -> None:
        """Keep no threshold of the label on screen."""
        self._keep(None)

    def _keep(self, threshold: float | None) -> None:
        kept = self._panel.operations.keep_threshold(
            self._panel.dataset.dataset_id,
            self._label.label_id,
            threshold,
            self._version,
            self.check_from,
            self.basis,
        )
        self._show_kept(kept)

    def _show_kept(self, kept: tuple[KeptThreshold, ...]) -> None:
        did, version = str(self._panel.dataset.dataset_id), self._version
        figure = charts.kept_thresholds(kept, dataset_id=did, version=version)
        self.kept.say(kept_html(kept, version), figure)

    def _take(self, threshold: float, basis: ThresholdBasis, check_from: float | None = None) -> None:
        self.threshold, self.basis, self.check_from = threshold, basis, check_from
        shown = [one for one in BASES if one in self._known or one == basis]
        self._settling = True
        try:
            self.automatic.options = [(_capital(BASES[one]), one) for one in shown]
            self.automatic.value = basis
        finally:
            self._settling = False

    @property
    def _label(self) -> LabelValidation:
        chosen = self._panel.chosen()
        assert chosen is not None, "without a label the part is off the screen"
        return chosen

    @property
    def _version(self) -> int:
        report = self._panel.report
        assert report is not None, "without a version the part is off the screen"
        return report.version

    def _button(self, caption: str, tooltip: str, action: Any) -> ipw.Button:
        made = ipw.Button(description=caption, tooltip=tooltip, layout=ipw.Layout(width="auto"))
        made.on_click(self._panel.guard(action))
        return made


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
