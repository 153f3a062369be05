"""Usage: what was charged, by whom and where; what is likely to be; accounts and reports for those who open no apps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Event, Grouping, Resolution
from workbench.primitives import utc_now
from workbench.widgets.elements import Chart, DataTable
from workbench.widgets.panels.columns import warnings_html
from workbench.widgets.panels.figures import draw, fill, rows_of
from workbench.widgets.panels.page import Page, bar, empty, section
from workbench.widgets.panels.papers import Papers
from workbench.widgets.panels.usage_words import budgets_html, forecast_html
from workbench.widgets.status import title_html

_GROUPINGS: list[tuple[str, tuple[Grouping, ...]]] = [
    ("source", ("source",)),
    ("project", ("project",)),
    ("channel", ("channel",)),
    ("user", ("user",)),
    ("operation", ("operation",)),
    ("project and user", ("project", "user")),
    ("source and channel", ("source", "channel")),
    ("nothing else", ()),
]
_PERIODS = [("the last 30 days", 30), ("the last 90 days", 90), ("the last 365 days", 365), ("all time", 0)]
_ENDS: list[dict[str, Any]] = [
    {"key": "units", "title": "Units", "kind": "number", "width": 110},
    {"key": "platform_units", "title": "Platform units", "kind": "number", "digits": 1, "width": 150},
    {"key": "uncharged_units", "title": "Not charged", "kind": "number", "width": 120},
]
_MEASURES: list[dict[str, Any]] = [
    {"key": "what", "title": "What"},
    {"key": "subject", "title": "Of"},
    {"key": "amount", "title": "Amount", "kind": "number", "digits": 1, "width": 110},
    {"key": "unit", "title": "Unit", "width": 100},
    {"key": "newest", "title": "Measured last", "width": 130},
]


class UsagePanel(Page):
    """Consumption, forecast, accounts, report; of the whole workspace, so that it needs no dataset.

    Parameters
    ----------
    operations, state
        See ``Page``; ``state.dataset`` is the dataset that a report is offered of first.
    """

    name: ClassVar[str] = "Usage"

    def build(self) -> ipw.Widget:
        """Make the body."""
        self._settling = True
        self.headline = self.words()
        near: dict[str, Any] = {"style": {"description_width": "initial"}}
        self.by = ipw.Dropdown(options=_GROUPINGS, description="Units by", **near)
        self.every = ipw.Dropdown(options=["day", "week", "month"], description="and", **near)
        self.period = ipw.Dropdown(options=_PERIODS, value=90, description="in", **near)
        for one in (self.by, self.every, self.period):
            one.observe(self._settled(self.show_consumption), "value")
        self.consumption = Chart(height=320)
        self.table = DataTable(height=380, title="Consumption")
        self.forecast_words = self.words()
        self.forecast = Chart(height=300)
        self.measures = DataTable(columns=_MEASURES, height=260, title="Measured, not charged")
        self.papers = Papers(self)
        self._charged = ipw.VBox(
            [
                section("", bar(self.by, self.every, self.period), self.consumption),
                self.table,
                section("Forecast", self.forecast_words, self.forecast),
            ]
        )
        self.refresh()
        self._settling = False
        return ipw.VBox([self.headline, self._charged, self.measures, self.papers.widget])

    def refresh(self) -> None:
        """Read the ledger again; who may see nothing of it is told so."""
        refused = self.offering.lacks("usage.read")
        self._status.value = title_html("Usage", self._of_what())
        if refused:
            self._charged.layout.display = self.measures.layout.display = "none"
            self.headline.say(empty("What was charged is not shown to you.", refused))
            self.code.code = self.state.code("ws.usage()", dataset=False)
        else:
            self.show_sums()
        self.papers.refresh()
        self.show_state(self.state)

    def _of_what(self) -> str:
        return (
            "of the projects you see" if self.offering.refusal("ledger_table") else "of the whole workspace"
        )

    def show_sums(self) -> None:
        """Say, draw and list what was charged and measured."""
        total = charts.usage_total(self.operations.usage())
        (sums,) = rows_of(total)
        nothing = "" if sums["n"] else empty("Nothing was charged yet.", "Import messages in Sources.")
        past = [one for one in self.operations.budgets() if one.is_past_soft]
        warned = warnings_html(
            [f"The budget of {one.scope} ({one.period}) is past its soft limit." for one in past]
        )
        self.headline.say(
            f'<p class="wb-headline"><b>{sums["units"]:,}</b> units charged = '
            f"<b>{sums['platform_units']:,.1f}</b> platform units</p>"
            f'<p class="wb-status">{charts.price_words(self.operations.charge_rules())}</p>{nothing}{warned}',
            total,
        )
        self._charged.layout.display = None if sums["n"] else "none"
        self.show_consumption()
        self.show_forecast()
        taken = charts.measures_taken(self.operations.measures())
        fill(self.measures, taken)
        self.measures.layout.display = None if self.measures.total else "none"

    def show_consumption(self) -> None:
        """Read the sums that the controls ask for."""
        by: tuple[Grouping, ...] = self.by.value
        every: Resolution = self.every.value
        since = _days_ago(self.period.value) if self.period.value else None
        found = self.operations.consumption(by, every, since)
        draw(self.consumption, charts.consumption(found, by, every, since=since))
        columns: list[dict[str, Any]] = [{"key": "period", "title": every.capitalize(), "width": 120}]
        columns += [{"key": name, "title": name.capitalize()} for name in by]
        self.table.columns = [*columns, *_ENDS]
        fill(self.table, charts.consumption_rows(found, by, every, since=since))
        asked = ", ".join([*map(repr, by), f"every={every!r}"])
        bound = f", since={charts.time_code(since)}" if since else ""
        self.code.code = self.state.code(f"ws.consumption({asked}{bound})", dataset=False)

    def show_forecast(self) -> None:
        """Say and draw what is likely to be charged."""
        found, budgets = self.operations.usage_forecast(), self.operations.budgets()
        rests, sums = charts.forecast_history(found), charts.forecast_sums(found)
        reached = charts.budgets_reached(found, budgets)
        (rest,) = rows_of(rests)
        said = forecast_html(rows_of(sums), rest) + budgets_html(rows_of(reached))
        self.forecast_words.say(said, sums, rests, reached)
        self.forecast.layout.display = None if found.sums else "none"
        draw(self.forecast, charts.usage_forecast(found, budgets) if found.sums else None)

    def hear(self, event: Event) -> None:
        """Messages came in: the ledger grew."""
        if event.topic in ("import", "budget", "catalog"):
            self.refresh()


def _days_ago(n_days: int) -> datetime:
    today = utc_now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today.astimezone(UTC) - timedelta(days=n_days - 1)
