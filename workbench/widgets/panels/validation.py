"""Validation: how good the model is, how sure that is, and what to do next."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any, ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.charts import Figure
from workbench.domain import (
    MIN_EXAMPLES,
    Event,
    LabelValidation,
    ValidationReport,
)
from workbench.domain.stopping import advise
from workbench.widgets.elements import Chart, DataTable, Tabs
from workbench.widgets.panels.advice import Advice, advice_html
from workbench.widgets.panels.base import Panel, bar, draw, empty, fill, section
from workbench.widgets.panels.behind import BehindLabel
from workbench.widgets.panels.corrected import corrected_at, corrected_html
from workbench.widgets.panels.field_tabs import FIELD_TABS, TABS, FieldPart
from workbench.widgets.panels.label_words import sentiment_html, threshold_html, waiting_html
from workbench.widgets.panels.model_cards import in_order, version_option
from workbench.widgets.panels.page import pair
from workbench.widgets.panels.rating_words import factors_html
from workbench.widgets.panels.threshold_part import ThresholdPart

_COLUMNS = [
    {"key": "label", "title": "Label", "width": 260},
    {
        "key": "state",
        "title": "State",
        "kind": "state",
        "examples": "n_pins",
        "wanted": MIN_EXAMPLES,
        "width": 124,
    },
    {"key": "average_precision", "title": "Average precision", "kind": "percent", "digits": 1, "width": 150},
    {"key": "low", "title": "95 % from", "kind": "percent", "digits": 1, "width": 100},
    {"key": "high", "title": "to", "kind": "percent", "digits": 1, "width": 96},
    {"key": "corrected", "title": "Corrected", "kind": "percent", "digits": 1, "width": 104},
    {"key": "n_pins", "title": "Examples", "kind": "number", "width": 104},
    {"key": "n_test", "title": "In test part", "kind": "number", "width": 116},
    {"key": "n_effective", "title": "Effective", "kind": "number", "width": 98},
    {"key": "action", "title": "What to do"},
]


_NARROW = {"description_width": "initial"}


class ValidationPanel(Panel):
    """Rating, factors, curves, labels.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.version``, ``state.label`` and ``state.threshold`` choose what is shown.
    """

    name: ClassVar[str] = "Validation"
    gated: ClassVar[Mapping[str, str]] = {
        "train_button": "start_train",
    }

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.report: ValidationReport | None = None
        self.fields: FieldPart | None = None
        asked = self.state.part if self.state.part in dict(TABS) else TABS[0][0]
        named = [{"key": key, "title": title} for key, title in TABS]
        self.tabs = Tabs(tabs=named, value=asked, title="What the version was measured on")
        self.version = ipw.Dropdown(description="Version", layout=ipw.Layout(width="300px"), style=_NARROW)
        self.train_button = ipw.Button(description="Train", button_style="primary")
        self.train_button.on_click(self.guard(self.train))
        self.headline = self.words()
        self.rating, self.mean_curve, self.sizes = Chart(height=330), Chart(height=330), Chart(height=400)
        self.sizes.on_click(self.heard(self.open_label))
        self.label = ipw.Dropdown(description="Label", layout=ipw.Layout(width="400px"), style=_NARROW)
        self.slider = ipw.FloatSlider(
            description="Threshold", min=0, max=1, step=0.01, value=0.5, readout=False, continuous_update=True
        )
        self.typed = ipw.BoundedFloatText(
            description="or type %", min=0, max=100, step=1, value=50, layout=ipw.Layout(width="170px")
        )
        self.advised, self.at_threshold = self.words(), self.words()
        self.thresholds = ThresholdPart(self)
        self.curve = Chart(height=440)
        self.table = DataTable(columns=_COLUMNS, height=420, title="Labels")
        self.table.on_open(self.heard(self.open_row))
        self.factors = self.words()
        self.behind = BehindLabel(self, self.open_row)
        # All test messages are read for it, which takes longer than everything else: figures are painted first.
        self._behind_soon = self._settled(self.show_behind)
        self.refresh()
        self.address.observe(self.guard(self.show_advice), "visitor")
        self.version.observe(self._unless_settling(self.show_version), "value")
        self.label.observe(self._unless_settling(self.show_label), "value")
        self.slider.observe(self._unless_settling(lambda: self.set_threshold(self.slider.value)), "value")
        self.slider.observe(self._behind_soon, "value")
        self.typed.observe(self._unless_settling(self.take_typed), "value")
        top = pair(section("", self.rating), section("", self.mean_curve))
        label_view = section(
            "One label",
            bar(self.label, self.slider, self.typed),
            self.advised,
            self.at_threshold,
            self.thresholds.widget,
            self.curve,
        )
        self._labels = (
            top,
            self.factors,
            label_view,
            self.behind.widget,
            section("", self.sizes),
            self.table,
        )
        self._parts = ipw.VBox()
        self._parts.add_class("wb-tab-panel")
        self._show_parts()
        self.show_tab()
        self.tabs.observe(self.guard(self.choose_tab), "value")
        return ipw.VBox([bar(self.version, self.train_button), self.headline, self.tabs, self._parts])

    def refresh(self) -> None:
        """Read the versions again and show the newest."""
        found = self.operations.model_versions(self.dataset.dataset_id)
        options = [(version_option(one), one.version) for one in in_order(found) if one.validated]
        known = [version for _, version in options]
        self._settling = True
        try:
            self.version.options = options
            if known:
                self.version.value = self.state.version if self.state.version in known else max(known)
        finally:
            self._settling = False
        self.version.disabled = not known
        self.show_version()

    def show_version(self) -> None:
        """Show the chosen version."""
        version = self.version.value
        self.report = report = (
            self.operations.validation(self.dataset.dataset_id, version) if version else None
        )
        if hasattr(self, "_parts"):
            self._show_parts()
        if report is None:
            n = self.dataset.info.n_reviewed
            self.headline.value = empty(
                "No validated model yet.",
                f"{n:,} messages are reviewed: press Train."
                if n
                else "Review some messages in Annotate, then train.",
            )
            return
        newest = max(number for _, number in self.version.options)
        self.state = self.state.with_(version=0 if report.version == newest else report.version)
        quality = charts.average_precision_words(report.mean_average_precision)
        self.headline.say(
            f'<p class="wb-status">Mean average precision <b>{html.escape(quality)}</b> · '
            f"{report.n_train:,} messages trained on, {report.n_test:,} kept apart for this test, "
            f"{report.n_labels} labels</p>{corrected_html(report)}",
            charts.validation_summary(report),
        )
        draw(self.rating, charts.rating_dial(report))
        draw(self.mean_curve, charts.mean_precision_at_recall(report))
        draw(self.sizes, charts.precision_by_training_size(report))
        options = [(one.name, str(one.label_id)) for one in report.labels]
        known = [label_id for _, label_id in options]
        asked = next((label_id for name, label_id in options if name == self.state.label), self.label.value)
        threshold = self.state.threshold
        self._settling = True
        try:
            self.label.options = options
            self.label.value = asked if asked in known else next(iter(known), None)
        finally:
            self._settling = False
        fill(self.table, charts.validation_labels(report))
        self.behind.offer_groups()
        self.show_advice()
        self.show_label(threshold if asked in known and threshold >= 0 else None)
        self.show_tab()

    def choose_tab(self) -> None:
        """Turn to another tab."""
        first = self.tabs.value == TABS[0][0]
        self.show_state(self.state.with_(part="" if first else self.tabs.value))
        self.show_tab()
        if first:
            self._show_code()
            self._behind_soon(None)

    def show_tab(self) -> None:
        """Show the chosen tab; what is not shown is not on the page."""
        if not hasattr(self, "_parts") or self.report is None:
            return
        gone, tab = self.fields, FIELD_TABS.get(self.tabs.value)
        self.fields = FieldPart(tab, self.report, self.words()) if tab else None
        self._parts.children = (self.fields.widget,) if self.fields else self._labels
        if self.fields:
            self.code.code = self.state.code(self.fields.call)
        if gone is not None:
            gone.close()

    def _show_parts(self) -> None:
        """Tabs and what is below them are there when there is a report."""
        for one in (self.tabs, self._parts):
            one.layout.display = None if self.report else "none"

    def show_label(self, threshold: float | None = None) -> None:
        """Show the chosen label at a threshold; None = its balanced one."""
        chosen = self.chosen()
        if chosen is None or self.report is None:
            return
        self.state = self.state.with_(label=chosen.name)
        self._show_code()
        self._advise_label()
        self.thresholds.show(chosen)
        balanced = next((c.threshold for c in chosen.choices if c.name == "balanced"), 0.5)
        self.set_threshold(balanced if threshold is None else threshold)
        self._behind_soon(None)

    def _show_code(self) -> None:
        """Say which Python lines give the label on screen."""
        if self.report is not None:
            self.code.code = self.state.code(
                f"ds.validation({self.report.version})\nds.curve({self.state.label!r})  # of the newest version"
            )

    def take_typed(self) -> None:
        """Move the threshold to the one that was typed."""
        self.set_threshold(self.typed.value / 100)
        self.show_behind()

    def show_behind(self) -> None:
        """Show the test messages behind the chosen label at the threshold."""
        chosen = self.chosen()
        if chosen is not None and self.report is not None and self.fields is None:
            self.behind.show(chosen.label_id, self.state.threshold, self.report.version)

    def open_label(self, mark: Mapping[str, Any]) -> None:
        """Turn to the label whose mark was clicked."""
        for one in self.report.labels if self.report else ():
            if mark.get("y") == one.average_precision.value and mark.get("x") == max(1, one.n_train):
                self.label.value = str(one.label_id)
                return

    def open_row(self, name: str) -> None:
        """Turn to the label of a row of the table."""
        known = dict(self.label.options)
        if name in known:
            self.label.value = known[name]

    def show_advice(self) -> None:
        """Say what each factor of the rating, and the chosen label, ask for."""
        labels = self.operations.labels(self.dataset.dataset_id)
        names = {one.label_id: one.name for one in labels}
        self._advice = Advice(dataset=self.dataset.info.full_name, names=names, visitor=self.address.visitor)
        if self.report:
            made = factors_html(self.report.rating, self._advice.steps)
            stop = advice_html(advise(self.report, names))
            self.factors.say(
                f"{made}{stop}", charts.rating_factors(self.report), charts.stop_advice(self.report, labels)
            )
        self._advise_label()

    def _advise_label(self) -> None:
        """Say what the chosen label asks for."""
        chosen = self.chosen()
        if chosen and self.report:
            self.advised.say(self._advice.label(chosen), charts.validation_labels(self.report))
        else:
            self.advised.say("")

    def chosen(self) -> LabelValidation | None:
        """The label on screen."""
        labels = self.report.labels if self.report else ()
        return next((one for one in labels if one.label_id == self.label.value), None)

    def set_threshold(self, threshold: float) -> None:
        """Move the threshold and say what it means."""
        chosen = self.chosen()
        if chosen is None or self.report is None:
            return
        self._settling = True
        try:
            self.slider.value, self.typed.value = round(threshold, 2), round(100 * threshold, 1)
        finally:
            self._settling = False
        self.thresholds.follow(threshold)
        self.show_state(self.state.with_(threshold=round(threshold, 4)))
        draw(self.curve, charts.precision_recall(self.report, chosen.label_id, threshold=threshold))
        at = charts.label_at_threshold(self.report, chosen.label_id, threshold)
        waiting = self._waiting(chosen, threshold)
        self.at_threshold.say(
            threshold_html(at)
            + corrected_at(at)
            + "".join(map(waiting_html, waiting))
            + sentiment_html(chosen.sentiment),
            at,
            *waiting,
        )

    def _waiting(self, chosen: LabelValidation, threshold: float) -> tuple[Figure, ...]:
        """What the threshold means for the messages nobody has read; only the newest version's are predicted."""
        report = self.report
        if report is None or report.version != self.dataset.info.model_version:
            return ()
        n = self.operations.count_messages(self.dataset.dataset_id, charts.unread(chosen, threshold))
        return (charts.unread_at_threshold(report, chosen.label_id, threshold, n),)

    def restart(self) -> None:
        """Another dataset: nothing is drawn until it has a version."""
        self.factors.value = ""
        self.tabs.value = TABS[0][0]
        self.refresh()

    def train(self) -> None:
        """Start a training."""
        self.follow(self.operations.start_train(self.dataset.dataset_id), then=self.refresh)

    def hear(self, event: Event) -> None:
        """A version was validated: offer it."""
        if event.topic == "model" and "validated" in event.payload and not self.state.version:
            self.refresh()
