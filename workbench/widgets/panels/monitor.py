"""Monitor: what changed since the model was trained, and whether the reviewed messages resemble all."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import DriftReport, Event
from workbench.widgets.elements import Chart
from workbench.widgets.panels.balance_view import BalanceView
from workbench.widgets.panels.base import Panel, bar, draw, empty, section
from workbench.widgets.panels.drift_view import DriftView
from workbench.widgets.panels.page import pair


class MonitorPanel(Panel):
    """Drift, what explains it and what to do; balance; coverage.

    Parameters
    ----------
    dataset, state
        See ``Panel``; ``state.label`` chooses the label shown over time.
    """

    name: ClassVar[str] = "Monitor"
    gated: ClassVar[Mapping[str, str]] = {
        "run_button": "start_monitor",
    }

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.run_button = ipw.Button(description="Look again", button_style="primary")
        self.run_button.on_click(self.guard(self.look))
        self.headline = self.words()
        self.volume, self.trends = Chart(height=330), Chart(height=330)
        self.drift_view, self.balance_view = DriftView(self), BalanceView(self)
        self.address.observe(lambda _: self.drift_view.offer(), "visitor")
        self._time_part = section("Messages and labels over time", pair(self.volume, self.trends))
        self.refresh()
        return ipw.VBox(
            [
                bar(self.run_button),
                self.headline,
                self.drift_view.part,
                self.drift_view.course_part,
                self._time_part,
                self.balance_view.part,
            ]
        )

    def refresh(self) -> None:
        """Read the newest reports and show them."""
        dataset_id = self.dataset.dataset_id
        drift, balance = self.operations.drift(dataset_id), self.operations.balance(dataset_id)
        info = self.dataset.info
        self._time_part.layout.display = None if info.n_messages else "none"
        self.run_button.disabled = not info.model_version
        totals = self.operations.label_totals(dataset_id, "week") if info.n_messages else None
        if totals is not None:
            did, labels = str(dataset_id), self.operations.labels(dataset_id)
            draw(self.volume, charts.message_volume(totals, "week", dataset_id=did))
            draw(self.trends, charts.label_trends(totals, "week", labels=labels, dataset_id=did))
        self._head(drift, has_model=bool(info.model_version))
        self.drift_view.show(drift, totals if info.model_version else None)
        self.balance_view.show(balance, self.operations.map_data(dataset_id) if balance else None)
        self.show_state(self.state)
        self.code.code = self.state.code("ds.monitor()\nds.drift().summary\nds.balance()")

    def look(self) -> None:
        """Start the monitor job."""
        self.follow(self.operations.start_monitor(self.dataset.dataset_id), then=self.refresh)

    def hear(self, event: Event) -> None:
        """A new report: show it; other labels: offer them."""
        if event.topic == "monitor":
            self.refresh()
        elif event.topic == "taxonomy":
            self.drift_view.groups.show_labels()
            self.balance_view.uncovered.show_labels()

    def _head(self, drift: DriftReport | None, *, has_model: bool) -> None:
        """The outcome in a sentence, what it rests on, and why it may deserve less trust."""
        self.run_button.description = "Look again" if drift else "Look for drift"
        if drift is None:
            self.headline.value = empty(
                "Nobody has looked for drift yet.",
                "Press Look for drift."
                if has_model
                else "It is seen in what a model predicts: train one in Annotate first.",
            )
            return
        level, band = ("Change found", "poor") if drift.alarm else ("No alarm", "excellent")
        warnings = "".join(f"<li>{html.escape(text)}</li>" for text in drift.warnings)
        self.headline.say(
            f'<p class="wb-headline" role="status"><span class="wb-band wb-band-{band}">{level}</span> {html.escape(drift.summary)}</p>'
            f'<p class="wb-status">Reference {drift.reference_start:%d %b %Y} to {drift.reference_end:%d %b %Y}, '
            f"{drift.n_reference:,} messages. When nothing changes, a window is flagged in at most "
            f"{drift.false_alarm_rate:.0%} of cases.</p>" + (f"<ul>{warnings}</ul>" if warnings else ""),
            charts.drift_summary(drift),
        )
