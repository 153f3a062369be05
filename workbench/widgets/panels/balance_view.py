"""The part of the Monitor page on balance and coverage: where the reviewed messages differ, and what is not covered."""

from __future__ import annotations

import html

import ipywidgets as ipw

from workbench import charts
from workbench.domain import BalanceReport, MapData
from workbench.primitives.colour import colour_of
from workbench.widgets.elements import Chart
from workbench.widgets.panels.base import Panel, bar, draw, section
from workbench.widgets.panels.page import pair
from workbench.widgets.panels.seeding import SeedGroup, SeedGroups


class BalanceView:
    """Balance and coverage on the screen.

    Parameters
    ----------
    panel
        On which it stands.
    """

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._settling = False
        self._report: BalanceReport | None = None
        self.said = panel.words()
        self.groups, self.modes = Chart(height=360), Chart(height=360)
        self.map, self.by_property = Chart(height=420), Chart(height=380)
        self.property = ipw.Dropdown(
            description="By", layout=ipw.Layout(width="300px"), style={"description_width": "initial"}
        )
        self.property.observe(panel.guard(self._choose), "value")
        self.coverage, self.open_groups = Chart(height=220), Chart(height=360)
        self.uncovered = SeedGroups(panel, "What no label covers: make a label of a group")
        self._property_part = ipw.VBox([bar(self.property), self.by_property])
        self._balance = section(
            "Balance", self.said, pair(self.groups, self.modes), pair(self.map, self._property_part)
        )
        self._coverage = section("Coverage", pair(self.coverage, self.open_groups))
        self.part = ipw.VBox([self._balance, self._coverage, self.uncovered.widget])

    def show(self, report: BalanceReport | None, points: MapData | None) -> None:
        """Show a report, and the reviewed messages on the map; None = there is none yet."""
        self._report = report
        self.part.layout.display = None if report else "none"
        if report is None:
            return
        did = str(self._panel.dataset.dataset_id)
        self.said.say(_words(report), charts.balance_summary(report))
        draw(self.groups, charts.balance_groups(report))
        draw(self.modes, charts.mode_shares(report))
        self.map.layout.display = None if points is not None else "none"
        draw(self.map, charts.balance_map(points, dataset_id=did) if points is not None else None)
        draw(self.coverage, charts.coverage(report))
        self.open_groups.layout.display = None if report.uncovered else "none"
        draw(self.open_groups, charts.uncovered_groups(report) if report.uncovered else None)
        self.uncovered.show(
            [
                SeedGroup(
                    name=one.name,
                    size=one.n,
                    share=one.share,
                    phrases=one.phrases,
                    seeds=one.seeds,
                    colour=colour_of(f"group-{one.name}"),
                )
                for one in report.uncovered
            ],
            charts.uncovered_groups(report, top=len(report.uncovered)),
        )
        names = [one.name for one in report.properties]
        kept = self.property.value if self.property.value in names else next(iter(names), None)
        self._settling = True
        try:
            self.property.options = [
                (_option(one.name, one.p_adjusted < charts.SURE), one.name) for one in report.properties
            ]
            self.property.value = kept
        finally:
            self._settling = False
        self._property_part.layout.display = None if names else "none"
        self.show_property()

    def _choose(self) -> None:
        """A person chose; the view's own changes are none."""
        if not self._settling:
            self.show_property()

    def show_property(self) -> None:
        """Show the chosen property."""
        if self._report is not None and self.property.value:
            draw(self.by_property, charts.property_balance(self._report, self.property.value))


def _option(name: str, differs: bool) -> str:  # noqa: FBT001 - one of two words
    title = charts.property_title(name)
    return f"{title} · differs" if differs else title


def _words(report: BalanceReport) -> str:
    """Balance, and what is to be done about it, in a sentence."""
    if report.balance is None or report.balance_low is None or report.balance_high is None:
        return '<p class="wb-status">Balance is known from 100 reviewed messages on: review with Shuffle.</p>'
    differing = [charts.property_title(one.name) for one in report.properties if one.p_adjusted < charts.SURE]
    by = f" They differ by {html.escape(', '.join(differing[:4]))}." if differing else ""
    advice = "" if report.band == "excellent" else " Review with Rebalance."
    return (
        f'<p class="wb-headline"><span class="wb-band wb-band-{report.band}">{report.balance:.0%} · '
        f"{report.band.capitalize()}</span> The {report.n_reviewed:,} reviewed messages resemble all "
        f"{report.n_messages:,} by {report.balance:.0%} (95 % interval {report.balance_low:.0%} to "
        f"{report.balance_high:.0%}).{by}{advice}</p>"
    )
