"""Monitor: what changed since the model was trained, and whether the reviewed messages resemble all."""

from __future__ import annotations

import html
from typing import ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import DriftReport, Event, Uid
from workbench.widgets.elements import Chart
from workbench.widgets.panels.base import Panel, bar, draw, empty, section
from workbench.widgets.state import short


class MonitorPanel(Panel):
    """Drift, what explains it, balance.

    Parameters
    ----------
    dataset, state
        See ``Panel``.
    """

    name: ClassVar[str] = "Monitor"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self.run_button = ipw.Button(description="Look again", button_style="primary")
        self.run_button.on_click(self.guard(self.look))
        self.headline = ipw.HTML()
        names = ("tests", "labels", "phrases", "groups", "balance", "modes", "volume", "trends")
        self.charts = {name: Chart(height=330) for name in names}
        self.examples = ipw.HTML()
        parts = self.charts
        parts["tests"].height, parts["groups"].height = 440, 260
        self._drift_part = section(
            "Drift",
            parts["tests"],
            _pair(parts["labels"], parts["phrases"]),
            parts["groups"],
            self.examples,
        )
        self._balance_part = section("Balance", _pair(parts["balance"], parts["modes"]))
        self._time_part = section("Messages and labels over time", _pair(parts["volume"], parts["trends"]))
        self.refresh()
        return ipw.VBox(
            [
                bar(self.run_button),
                self.headline,
                self._time_part,
                self._drift_part,
                self._balance_part,
            ]
        )

    def refresh(self) -> None:
        """Read the newest reports and show them."""
        drift = self.operations.drift(self.dataset.dataset_id)
        balance = self.operations.balance(self.dataset.dataset_id)
        info = self.dataset.info
        self._time_part.layout.display = None if info.n_messages else "none"
        self.run_button.disabled = not info.model_version
        if info.n_messages:
            self._show_time()
        self._drift_part.layout.display = None if drift else "none"
        self._balance_part.layout.display = None if balance else "none"
        if drift is None:
            self.headline.value = empty(
                "Nobody has looked for drift yet.",
                "Press Look for drift."
                if info.model_version
                else "It is seen in what a model predicts: train one in Annotate first.",
            )
            self.run_button.description = "Look for drift"
        else:
            self._show_drift(drift)
        if balance is not None:
            draw(self.charts["balance"], charts.balance_groups(balance))
            draw(self.charts["modes"], charts.mode_shares(balance))
        self.show_state(self.state)
        self.code.code = self.state.code("ds.monitor()\nds.drift().summary")

    def look(self) -> None:
        """Start the monitor job."""
        self.follow(self.operations.start_monitor(self.dataset.dataset_id), then=self.refresh)

    def hear(self, event: Event) -> None:
        """A new report: show it."""
        if event.topic == "monitor":
            self.refresh()

    def _show_time(self) -> None:
        totals = self.operations.label_totals(self.dataset.dataset_id, "week")
        did = str(self.dataset.dataset_id)
        draw(self.charts["volume"], charts.message_volume(totals, "week", dataset_id=did))
        labels = self.operations.labels(self.dataset.dataset_id)
        draw(self.charts["trends"], charts.label_trends(totals, "week", labels=labels, dataset_id=did))

    def _show_drift(self, drift: DriftReport) -> None:
        self.run_button.description = "Look again"
        level, band = ("Change found", "poor") if drift.alarm else ("No alarm", "excellent")
        warnings = "".join(f"<li>{html.escape(text)}</li>" for text in drift.warnings)
        self.headline.value = (
            f'<p class="wb-headline" role="status"><span class="wb-band wb-band-{band}">{level}</span> {html.escape(drift.summary)}</p>'
            f'<p class="wb-status">Reference {drift.reference_start:%d %b %Y} to {drift.reference_end:%d %b %Y}, '
            f"{drift.n_reference:,} messages. When nothing changes, a window is flagged in at most "
            f"{drift.false_alarm_rate:.0%} of cases.</p>" + (f"<ul>{warnings}</ul>" if warnings else "")
        )
        draw(self.charts["tests"], charts.drift_tests(drift))
        draw(self.charts["labels"], charts.label_changes(drift))
        draw(self.charts["phrases"], charts.phrase_changes(drift))
        draw(self.charts["groups"], charts.cluster_changes(drift))
        uids = tuple(dict.fromkeys(Uid(uid) for group in drift.clusters[:3] for uid in group.messages[:3]))
        texts = {one.uid: one for one in self.operations.get_messages(self.dataset.dataset_id, uids)}
        self.examples.value = '<h3 class="wb-section-title">Examples of what is new</h3>' * bool(
            texts
        ) + "".join(
            f"<h4>{html.escape(group.name)}: {group.share_before:.1%} before, {group.share_now:.1%} now</h4>"
            + "".join(
                f"<blockquote>{html.escape(short(texts[Uid(uid)].body, 260))}</blockquote>"
                for uid in group.messages[:3]
                if Uid(uid) in texts
            )
            for group in drift.clusters[:3]
        )


def _pair(one: ipw.Widget, other: ipw.Widget) -> ipw.HBox:
    box = ipw.HBox([one, other])
    box.add_class("wb-columns")
    return box
