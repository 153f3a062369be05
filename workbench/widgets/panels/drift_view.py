"""The part of the Monitor page on drift: what changed, why, what can be done, and one label over time."""

from __future__ import annotations

import html

import ipywidgets as ipw
import pyarrow as pa

from workbench import charts
from workbench.domain import ClusterChange, DriftReport
from workbench.primitives.colour import colour_of
from workbench.widgets.elements import Chart
from workbench.widgets.panels.alarms import alarms_html, newest_alarms, quoted
from workbench.widgets.panels.base import Panel, bar, draw, section
from workbench.widgets.panels.page import pair
from workbench.widgets.panels.seeding import SeedGroup, SeedGroups
from workbench.widgets.state import PanelState

VOLUME = "volume"


class DriftView:
    """Drift on the screen.

    Parameters
    ----------
    panel
        On which it stands.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._settling = False
        self._report: DriftReport | None = None
        self._totals: pa.Table | None = None
        self.alarms, self.actions = panel.words(), ipw.HTML()
        self.tests, self.labels = Chart(height=440), Chart(height=360)
        self.phrases, self.course = Chart(height=360), Chart(height=360)
        self.groups = SeedGroups(panel, "What came new: make a label of a group")
        self.label = ipw.Dropdown(
            description="Label", layout=ipw.Layout(width="400px"), style={"description_width": "initial"}
        )
        self.label.observe(panel.guard(self._choose), "value")
        self.part = ipw.VBox(
            [
                self.actions,
                self.alarms,
                section("Drift", self.tests, pair(self.labels, self.phrases)),
                self.groups.widget,
            ]
        )
        self.course_part = section("One label over time", bar(self.label), self.course)

    def show(self, report: DriftReport | None, totals: pa.Table | None) -> None:
        """Show a report and the labels over time; None = there is none yet."""
        self._report, self._totals = report, totals
        self.part.layout.display = None if report else "none"
        if report is not None:
            texts = self._panel.operations.get_messages(self._panel.dataset.dataset_id, quoted(report))
            self.alarms.say(
                alarms_html(report, {one.uid: one for one in texts}),
                charts.drift_alarms(report),
                charts.label_changes(report, top=len(report.labels)),
                charts.cluster_changes(report, top=len(report.clusters)),
            )
            draw(self.tests, charts.drift_tests(report))
            draw(self.labels, charts.label_changes(report))
            draw(self.phrases, charts.phrase_changes(report))
            self.groups.show(
                [_seed_group(one, report) for one in report.clusters],
                charts.cluster_changes(report, top=len(report.clusters)),
            )
            self.offer()
        self._offer_labels()

    def offer(self) -> None:
        """What can be done about an alarm: review recent messages; a change of volume alone asks nothing of the model."""
        self.actions.value = ""
        rang = newest_alarms(self._report) if self._report else []
        if self._report is None or not rang:
            return
        if all(test.name == VOLUME for test in rang):
            self.actions.value = (
                '<p class="wb-status">Only the number of messages changed: the model needs nothing.</p>'
            )
            return
        since = f"{rang[0].window_start:%Y-%m-%d}"
        state = PanelState(dataset=self._panel.dataset.info.full_name, mode="rebalance", since=since)
        offers = [
            (f"Review messages since {since} with Rebalance", state),
            ("Review those that no label fits", state.with_(mode="low_confidence")),
        ]
        visitor = self._panel.address.visitor
        links = "".join(
            f'<a class="wb-download" href="{html.escape(one.link("annotate", visitor))}">{html.escape(title)}</a>'
            for title, one in offers
        )
        call = f"ds.next_batch('rebalance', 20, {state.conditions()})"
        self.actions.value = (
            f'<p class="wb-next">{links}</p>'
            if visitor
            else f'<p class="wb-status">Next: review recent messages, <code>{html.escape(call)}</code>, and train.</p>'
        )

    def _choose(self) -> None:
        """A person chose; the view's own changes are none."""
        if not self._settling:
            self.show_label()

    def show_label(self) -> None:
        """Show the course of the chosen label."""
        labels = self._panel.operations.labels(self._panel.dataset.dataset_id)
        chosen = next((one for one in labels if str(one.label_id) == self.label.value), None)
        self.course_part.layout.display = None if chosen and self._totals is not None else "none"
        if chosen is None or self._totals is None:
            return
        did = str(self._panel.dataset.dataset_id)
        self._panel.show_state(self._panel.state.with_(label=chosen.name))
        shown = charts.label_course(self._totals, "week", label=chosen, drift=self._report, dataset_id=did)
        draw(self.course, shown)

    def _offer_labels(self) -> None:
        """Labels that can be looked at, those that changed most first; the one of the address, if it is there."""
        panel = self._panel
        changes = self._report.labels if self._report else ()
        rank = {str(one.label_id): place for place, one in enumerate(changes)}
        changed = {str(one.label_id) for one in changes if one.alarm}
        labels = sorted(
            panel.operations.labels(panel.dataset.dataset_id),
            key=lambda one: (rank.get(str(one.label_id), len(rank)), one.name),
        )
        options = [
            (f"{one.name} · changed" if str(one.label_id) in changed else one.name, str(one.label_id))
            for one in labels
        ]
        known = [value for _, value in options]
        asked = next((str(one.label_id) for one in labels if one.name == panel.state.label), self.label.value)
        self._settling = True
        try:
            self.label.options = options
            self.label.value = asked if asked in known else next(iter(known), None)
        finally:
            self._settling = False
        self.show_label()


def _seed_group(change: ClusterChange, report: DriftReport) -> SeedGroup:
    return SeedGroup(
        name=change.name,
        size=charts.group_size(report, change),
        share=change.share_now,
        phrases=change.phrases,
        seeds=change.seeds or change.messages,
        colour=colour_of(f"group-{change.name}"),
    )
