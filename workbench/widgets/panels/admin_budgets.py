"""Budgets on the Admin page: how many units may be charged, and what a message costs."""

from __future__ import annotations

from functools import partial
from typing import Any, cast, get_args

import ipywidgets as ipw

from workbench import charts
from workbench.domain import Budget, BudgetPeriod, ChargedReason
from workbench.widgets.elements import DataTable
from workbench.widgets.panels.admin_part import AdminPart, Listing, facts
from workbench.widgets.panels.admin_values import day_of, whole_number, words_of
from workbench.widgets.panels.catalog import day, options, text_field
from workbench.widgets.panels.figures import fill
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.panels.page import bar

_UNITS: dict[str, Any] = {"kind": "number", "width": 126}
_COLUMNS: list[dict[str, Any]] = [
    {"key": "budget", "title": "Budget"},
    {"key": "soft", "title": "Warns past", **_UNITS},
    {"key": "hard", "title": "Refuses past", **_UNITS},
    {"key": "used", "title": "Used", **_UNITS},
    {"key": "reserved", "title": "Reserved", **_UNITS},
    {"key": "left", "title": "Left", **_UNITS},
    {"key": "share", "title": "Share", "kind": "percent", "width": 80},
    {"key": "ends", "title": "Begins anew", "width": 120},
]
_COSTS: list[dict[str, Any]] = [
    {"key": "operation", "title": "Operation", "width": 200},
    {"key": "reason", "title": "Message is", "width": 200},
    {"key": "units", "title": "Units", **_UNITS},
    {"key": "since", "title": "In force since"},
]
_OPERATIONS = ("import", "sync", "sync_raw_mails", "predict", "predict_raw_mails")
_WHOLE = ""


class BudgetPart(AdminPart):
    """Budgets and charge rules."""

    key, title, needs, call = "budgets", "Budgets", "set_budget", "ws.budgets()"
    news = frozenset({"budget", "import"})

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.new_button = self.button("New budget", self.new, "set_budget", first=True)
        self.cost_button = self.button("Change what a message costs", self.ask_cost, "set_charge_rule")
        self.budgets = Listing[Budget](
            self, title="Budgets", noun="budget", columns=_COLUMNS, card=_card, act=self.act, height=240
        )
        self.costs = DataTable(title="What a message costs", columns=_COSTS, height=300)
        return ipw.VBox([bar(self.new_button, self.cost_button), self.budgets.widget, self.costs])

    def refresh(self) -> None:
        """Read budgets and rules again."""
        found = self.operations.budgets()
        self.budgets.show({charts.budget_key(one): one for one in found}, charts.budget_use(found))
        self.budgets.table.layout.display = None if found else "none"
        fill(self.costs, charts.charge_rules(self.operations.charge_rules()))

    def new(self) -> None:
        """Ask what the new budget is of, for how long, and its limits."""
        projects = [{"value": one.name, "title": one.name} for one in self.operations.projects()]
        whole = {"value": _WHOLE, "title": "the whole workspace"}
        self.ask(
            self._create,
            title="New budget",
            text="Units that may be charged in a period, by the calendar in UTC. What was charged in it before counts.",
            submit="Set budget",
            fields=[
                {"key": "project", "kind": "select", "title": "Of", "options": [whole, *projects]},
                {
                    "key": "period",
                    "kind": "select",
                    "title": "For each",
                    "options": [
                        {"value": one, "title": "once, for all time" if one == "once" else one}
                        for one in get_args(BudgetPeriod)
                    ],
                },
                *_limit_fields(),
            ],
            values={"project": _WHOLE, "period": "month", "soft": "", "hard": ""},
        )

    def act(self, key: str, budget: Budget) -> None:
        """Change a budget, or take it away."""
        if key == "remove":
            self.ask(
                lambda _: self._remove(budget),
                title=f"Remove the budget of {charts.budget_key(budget)}",
                text="Uploads are not held back by it any more. What was charged stays charged.",
                submit="Remove budget",
                danger=True,
            )
        else:
            self.ask(
                partial(self._change, budget),
                title=f"Budget of {charts.budget_key(budget)}",
                submit="Set budget",
                fields=_limit_fields(),
                values={"soft": words_of(budget.soft), "hard": words_of(budget.hard)},
            )

    def ask_cost(self) -> None:
        """Ask what a message costs from now or a later day on."""
        self.ask(
            self._set_cost,
            title="What a message costs",
            text="It holds for what is charged from then on; entries of the ledger stay as they are.",
            submit="Set cost",
            fields=[
                {"key": "operation", "kind": "select", "title": "Operation", "options": options(_OPERATIONS)},
                {
                    "key": "reason",
                    "kind": "select",
                    "title": "Message is",
                    "options": options(get_args(ChargedReason)),
                    "help": "predicted: for predict and predict_raw_mails; the others for what stores messages.",
                },
                text_field("units", "Units", required=True, most=7, help="0 = free; 1,000,000 at most."),
                {"key": "since", "kind": "day", "title": "From (UTC)", "help": "Empty = from now on."},
            ],
            values={"operation": "import", "reason": "created", "units": "", "since": ""},
        )

    def _create(self, values: dict[str, Any]) -> str:
        return self._set(values["project"], values["period"], values)

    def _change(self, budget: Budget, values: dict[str, Any]) -> str:
        return self._set(budget.project, budget.period, values)

    def _set(self, project: str, period: str, values: dict[str, Any]) -> str:
        made = self.operations.set_budget(
            project,
            cast("BudgetPeriod", period),
            whole_number(values, "soft", "a budget"),
            whole_number(values, "hard", "a budget"),
        )
        self.budgets.chosen = charts.budget_key(made)
        return f"The budget of {charts.budget_key(made)} is set."

    def _remove(self, budget: Budget) -> str:
        self.operations.remove_budget(budget.project, budget.period)
        return f"The budget of {charts.budget_key(budget)} is removed."

    def _set_cost(self, values: dict[str, Any]) -> str:
        made = self.operations.set_charge_rule(
            values["operation"],
            cast("ChargedReason", values["reason"]),
            whole_number(values, "units", "a cost") or 0,
            day_of(values, "since"),
        )
        return f"A message that is {made.reason} by {made.operation} costs {made.units:,} from {day(made.valid_from)} on."


def _limit_fields() -> list[dict[str, Any]]:
    return [
        text_field(
            "soft", "Warn past (units)", most=15, help="Uploads past it go in and warn. Empty = never."
        ),
        text_field(
            "hard",
            "Refuse past (units)",
            most=15,
            help="An upload past it is refused whole, before anything is stored. Empty = never.",
        ),
    ]


def _card(budget: Budget) -> dict[str, Any]:
    past = budget.is_past_soft or budget.left == 0
    return {
        "title": charts.budget_key(budget).capitalize(),
        "name": "used up" if budget.left == 0 else "past its soft limit" if past else "within its limits",
        "badge": {"text": "Past" if past else "Within", "level": "poor" if past else "good"},
        "facts": facts({"Set": f"{minute(budget.set_at)} by {budget.set_by}", "Began": day(budget.since)}),
        "actions": [
            {"key": "change", "title": "Set limits"},
            {"key": "remove", "title": "Remove", "icon": "trash"},
        ],
    }
