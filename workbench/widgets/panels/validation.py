"""Validation: how good the model is, how sure that is, and what to do next."""

from __future__ import annotations

from typing import Any, ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Event, LabelValidation, ValidationReport
from workbench.widgets.elements import Chart, DataTable
from workbench.widgets.panels.base import Panel, bar, draw, section

_COLUMNS = [
    {"key": "label", "title": "Label", "width": 260},
    {"key": "state", "title": "State"},
    {"key": "ap", "title": "Average precision", "kind": "percent", "digits": 1},
    {"key": "low", "title": "95 % from", "kind": "percent", "digits": 1},
    {"key": "high", "title": "to", "kind": "percent", "digits": 1},
    {"key": "n", "title": "Examples", "kind": "number"},
    {"key": "n_test", "title": "In the test part", "kind": "number"},
    {"key": "action", "title": "What to do", "width": 420},
]


class ValidationPanel(Panel):
    """Rating, factors, curves, labels.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.version``, ``state.label`` and ``state.threshold`` choose what is shown.
    """

    name: ClassVar[str] = "Validation"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.report: ValidationReport | None = None
        self.version = ipw.Dropdown(description="Version", layout=ipw.Layout(width="260px"))
        self.train_button = ipw.Button(description="Train", button_style="primary")
        self.train_button.on_click(self.guard(self.train))
        self.headline = ipw.HTML()
        self.rating, self.mean_curve, self.sizes = Chart(height=330), Chart(height=330), Chart(height=400)
        self.label = ipw.Dropdown(description="Label", layout=ipw.Layout(width="420px"))
        self.slider = ipw.FloatSlider(
            description="Threshold", min=0, max=1, step=0.01, value=0.5, readout=False, continuous_update=True
        )
        self.typed = ipw.BoundedFloatText(
            description="or type %", min=0, max=100, step=1, value=50, layout=ipw.Layout(width="170px")
        )
        self.at_threshold = ipw.HTML()
        self.curve = Chart(height=380)
        self.table = DataTable(columns=_COLUMNS, height=420, title="Labels")
        self.factors = ipw.HTML()
        self.refresh()
        self.version.observe(self.guard(self.show_version), "value")
        self.label.observe(self.guard(self.show_label), "value")
        self.slider.observe(self.guard(lambda: self.set_threshold(self.slider.value)), "value")
        self.typed.observe(self.guard(lambda: self.set_threshold(self.typed.value / 100)), "value")
        top = ipw.HBox([ipw.VBox([self.rating, self.factors]), self.mean_curve])
        top.add_class("wb-columns")
        label_view = section(
            "One label", bar(self.label, self.slider, self.typed), self.at_threshold, self.curve
        )
        return ipw.VBox(
            [
                bar(self.version, self.train_button),
                self.headline,
                top,
                label_view,
                section("Labels against the number of examples", self.sizes),
                section("All labels", self.table),
            ]
        )

    def refresh(self) -> None:
        """Read the versions again and show the newest."""
        versions = [v for v in self.operations.model_versions(self.dataset.dataset_id) if v.validated]
        options = [
            (f"{v.version} · {v.created_at:%d %b %Y %H:%M}{' · pinned' if v.pinned else ''}", v.version)
            for v in versions
        ]
        if options:
            known = [version for _, version in options]
            self.version.options = options
            self.version.value = self.state.version if self.state.version in known else known[0]
        self.show_version()

    def show_version(self) -> None:
        """Show the chosen version."""
        self.report = report = self.operations.validation(self.dataset.dataset_id, self.version.value)
        if report is None:
            self.headline.value = (
                '<p class="wb-status">No validated model yet. Annotate some messages, then press Train.</p>'
            )
            return
        self.state = self.state.with_(version=report.version)
        self.code.code = self.state.code(f"ds.validation({report.version})")
        quality = charts.average_precision_words(report.mean_average_precision)
        self.headline.value = (
            f'<p class="wb-status">Mean average precision <b>{quality}</b> · '
            f"{report.n_train:,} messages trained on, {report.n_test:,} kept apart for this test, "
            f"{report.n_labels} labels</p>"
        )
        draw(self.rating, charts.rating_dial(report))
        draw(self.mean_curve, charts.mean_precision_at_recall(report))
        draw(self.sizes, charts.precision_by_training_size(report))
        self.factors.value = "".join(
            f'<p class="wb-factor"><b>{factor.name.replace("_", " ").capitalize()}</b>: '
            f"{factor.action or factor.reason}</p>"
            for factor in report.rating.factors
        )
        options = [(one.name, one.label_id) for one in report.labels]
        before = self.label.value
        self.label.options = options
        wanted = next((i for name, i in options if name == self.state.label), before)
        self.label.value = (
            wanted if wanted in {i for _, i in options} else (options[0][1] if options else None)
        )
        self.table.set_rows([_row(one) for one in report.labels])
        self.show_label()

    def show_label(self) -> None:
        """Show the chosen label at its balanced threshold."""
        chosen = self.chosen()
        if chosen is None:
            return
        self.state = self.state.with_(label=chosen.name)
        balanced = next((c.threshold for c in chosen.choices if c.name == "balanced"), 0.5)
        self.set_threshold(balanced)

    def chosen(self) -> LabelValidation | None:
        """The label on screen."""
        labels = self.report.labels if self.report else ()
        return next((one for one in labels if one.label_id == self.label.value), None)

    def set_threshold(self, threshold: float) -> None:
        """Move the threshold and say what it means."""
        chosen = self.chosen()
        if chosen is None or self.report is None:
            return
        with self.slider.hold_trait_notifications(), self.typed.hold_trait_notifications():
            self.slider.value, self.typed.value = round(threshold, 2), round(100 * threshold, 1)
        self.state = self.state.with_(threshold=threshold)
        draw(self.curve, charts.precision_recall(self.report, chosen.label_id, threshold=threshold))
        self.at_threshold.value = _words(chosen, threshold)

    def train(self) -> None:
        """Start a training."""
        self.follow(self.operations.start_train(self.dataset.dataset_id), then=self.refresh)

    def hear(self, event: Event) -> None:
        """A version was validated: offer it."""
        if event.topic == "model" and "validated" in event.payload:
            self.refresh()


def _row(one: LabelValidation) -> dict[str, Any]:
    quality = one.average_precision
    return {
        "label": one.name,
        "state": one.state,
        "ap": quality.value,
        "low": quality.low,
        "high": quality.high,
        "n": one.n_pins,
        "n_test": one.n_test,
        "action": one.warnings[0] if one.warnings else "",
    }


def _words(one: LabelValidation, threshold: float) -> str:
    """Precision and recall at a threshold with their intervals, in words."""
    place = next((i for i, t in enumerate(one.thresholds) if t >= threshold), None)
    if place is None:
        return '<p class="wb-status">At this threshold nothing is predicted.</p>'
    return (
        f'<p class="wb-status">At <b>{threshold:.0%}</b>: precision <b>{one.precisions[place]:.0%}</b> '
        f"(95 % interval {one.precision_low[place]:.0%} to {one.precision_high[place]:.0%}), "
        f"recall <b>{one.recalls[place]:.0%}</b> "
        f"({one.recall_low[place]:.0%} to {one.recall_high[place]:.0%}), "
        f"from {one.average_precision.n_positive} test messages with this label.</p>"
    )
