"""Plan, entitlements and the requests for them on the Admin page."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

import ipywidgets as ipw

from workbench.domain import (
    ANSWERS,
    ENTITLEMENT_TITLES,
    SELF_HOSTED,
    Answer,
    Entitlement,
    EntitlementName,
    EntitlementRequest,
    Plan,
    PlanStatus,
)
from workbench.errors import UnknownNameError
from workbench.widgets.elements import CatalogCards, DataTable
from workbench.widgets.panels.admin_part import AdminPart, Listing, facts
from workbench.widgets.panels.admin_values import day_of
from workbench.widgets.panels.catalog import day
from workbench.widgets.panels.mailbox_rows import minute

_REQUESTS: list[dict[str, Any]] = [
    {"key": "request", "title": "Id", "width": 170},
    {"key": "what", "title": "What", "width": 210},
    {"key": "by", "title": "Asked for by", "width": 130},
    {"key": "at", "title": "On", "width": 124},
    {"key": "state", "title": "Answer", "width": 100},
    {"key": "reason", "title": "Why"},
]
_PLANS: list[dict[str, Any]] = [
    {"key": "plan", "title": "Plan"},
    {"key": "title", "title": "Shown as", "width": 134},
    *({"key": name, "title": words.capitalize(), "width": 210} for name, words in ENTITLEMENT_TITLES.items()),
]
_ANSWERS: dict[Answer, str] = {"no": "No", "yes": "Yes", "by_request": "By request"}


class PlanPart(AdminPart):
    """Which plan the workspace has, what it gives, and who asked for more."""

    key, title, needs, call = "plan", "Plan", "choose_plan", "ws.plan()"

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.card = CatalogCards(title="Plan in force")
        self.card.add_class("wb-one-card")
        self.card.on_act(self.page.heard(self.act))
        self.requests = Listing[EntitlementRequest](
            self,
            title="Entitlement requests",
            noun="request",
            columns=_REQUESTS,
            row=_row,
            card=_card,
            act=self.act_on,
            height=240,
        )
        self.plans = DataTable(title="Plans: open one to change what it gives", columns=_PLANS, height=420)
        self.plans.on_open(self.page.heard(self.open_plan))
        return ipw.VBox([self.card, self.requests.widget, self.plans])

    def refresh(self) -> None:
        """Read plan, requests and the table of plans again."""
        self.status = self.operations.plan_status()
        self.card.cards = [_plan_card(self.status)]
        found = self.operations.entitlement_requests()
        self.requests.show({one.request_id: one for one in found})
        self.requests.widget.layout.display = None if found else "none"
        self.known = {f"{one.edition}/{one.name}": one for one in self.operations.plans()}
        self.plans.set_rows([_plan_row(key, one) for key, one in self.known.items()])

    def act(self, key: str, _id: str) -> None:
        """Do what a button of the plan says: choose another, or ask for an entitlement."""
        if key == "choose":
            self._choose()
            return
        wanted = cast("EntitlementName", key)
        self.ask(
            partial(self._request, wanted),
            title=f"Ask for {ENTITLEMENT_TITLES[wanted]}",
            text="An administrator grants or refuses it.",
            submit="Ask",
            fields=[{"key": "reason", "kind": "area", "title": "Why", "required": True, "most": 1_000}],
        )

    def act_on(self, _key: str, request: EntitlementRequest) -> None:
        """Ask for the answer to a request."""
        self.ask(
            partial(self._answer, request.request_id),
            title=f"Answer to {request.requested_by}: {ENTITLEMENT_TITLES[request.entitlement]}",
            text=request.reason,
            submit="Answer",
            fields=[
                {
                    "key": "granted",
                    "kind": "select",
                    "title": "Answer",
                    "required": True,
                    "options": [
                        {"value": "", "title": "Choose …"},
                        {"value": "yes", "title": "Grant it"},
                        {"value": "no", "title": "Refuse it"},
                    ],
                },
                _end_field("Granted until", "Empty = without end. Not of a refusal."),
                {"key": "reason", "kind": "area", "title": "Why", "required": True, "most": 1_000},
            ],
            values={"granted": ""},
        )

    def open_plan(self, key: str) -> None:
        """Ask what a plan of the table gives.

        Raises
        ------
        UnknownNameError
            It is gone.
        """
        if key not in self.known:
            raise UnknownNameError("plan", key, self.known)
        plan = self.known[key]
        self.ask(
            partial(self._set_entitlements, plan),
            title=f"What {plan.title} gives ({plan.edition})",
            fields=[
                {
                    "key": name,
                    "kind": "select",
                    "title": words.capitalize(),
                    "options": [{"value": one, "title": _ANSWERS[one]} for one in ANSWERS],
                }
                for name, words in ENTITLEMENT_TITLES.items()
            ],
            values={name: plan.entitlements.get(name, "no") for name in ENTITLEMENT_TITLES},
        )

    def _choose(self) -> None:
        options = [{"value": key, "title": f"{one.title} ({one.edition})"} for key, one in self.known.items()]
        now = f"{self.status.edition}/{self.status.plan}"
        self.ask(
            self._change_plan,
            title="Choose the plan",
            text="What a plan lacks is refused from then on, naming the plans that have it. Nothing is deleted.",
            submit="Choose plan",
            fields=[
                {
                    "key": "plan",
                    "kind": "select",
                    "title": "Plan",
                    "options": [{"value": SELF_HOSTED, "title": "Self-hosted: everything"}, *options],
                },
                _end_field("Until", "Empty = the days of a trial; other plans without end."),
            ],
            values={"plan": now if now in self.known else SELF_HOSTED},
        )

    def _change_plan(self, values: dict[str, Any]) -> str:
        edition, _, plan = values["plan"].rpartition("/")
        made = self.operations.choose_plan(plan, edition, day_of(values, "until"))
        return f"The plan is {made.title}."

    def _request(self, wanted: EntitlementName, values: dict[str, Any]) -> str:
        self.operations.request_entitlement(wanted, values["reason"])
        return "It is asked for."

    def _answer(self, request_id: str, values: dict[str, Any]) -> str:
        granted = values["granted"] == "yes"
        self.operations.answer_request(request_id, granted, values["reason"], day_of(values, "until"))
        return "It is granted." if granted else "It is refused."

    def _set_entitlements(self, plan: Plan, values: dict[str, Any]) -> str:
        for name in ENTITLEMENT_TITLES:
            if values[name] != plan.entitlements.get(name, "no"):
                self.operations.set_entitlement(plan.edition, plan.name, name, cast("Answer", values[name]))
        return f"{plan.title} is changed."


def _plan_card(status: PlanStatus) -> dict[str, Any]:
    wanted = [
        one
        for one in status.entitlements
        if one.answer == "by_request"
        and not one.is_held
        and not (one.request and one.request.state == "open")
    ]
    return {
        "id": "plan",
        "title": f"Plan: {status.title}",
        "name": status.edition or "no plan was chosen, so everything is allowed",
        "facts": [
            *facts(
                {
                    "Since": f"{day(status.since)} by {status.chosen_by}" if status.since else "",
                    "Until": day(status.ends_at) if status.ends_at else "",
                    "Before": status.before,
                }
            ),
            *([ENTITLEMENT_TITLES[one.name].capitalize(), _held_words(one)] for one in status.entitlements),
        ],
        "links": [],
        "actions": [
            {"key": "choose", "title": "Choose plan"},
            *({"key": one.name, "title": f"Ask for {ENTITLEMENT_TITLES[one.name]}"} for one in wanted),
        ],
    }


def _held_words(one: Entitlement) -> str:
    asked = f", {one.request.state}" if one.request else ""
    return f"{_ANSWERS[one.answer]}{asked}: {'held' if one.is_held else 'not held'}"


def _plan_row(key: str, plan: Plan) -> dict[str, Any]:
    says: dict[str, Any] = {name: _ANSWERS[plan.entitlements.get(name, "no")] for name in ENTITLEMENT_TITLES}
    return {"plan": key, "title": plan.title, **says}


def _row(request: EntitlementRequest) -> dict[str, Any]:
    return {
        "request": request.request_id,
        "what": ENTITLEMENT_TITLES[request.entitlement].capitalize(),
        "by": request.requested_by,
        "at": day(request.requested_at),
        "state": request.state.capitalize(),
        "reason": request.reason,
    }


def _card(request: EntitlementRequest) -> dict[str, Any]:
    level = {"open": "average", "granted": "good", "refused": "poor"}[request.state]
    return {
        "title": ENTITLEMENT_TITLES[request.entitlement].capitalize(),
        "name": f"{request.edition}/{request.plan}",
        "text": request.reason,
        "badge": {"text": request.state.capitalize(), "level": level},
        "facts": facts(
            {
                "Asked for": f"{minute(request.requested_at)} by {request.requested_by}",
                "Answered": f"{minute(request.answered_at)} by {request.answered_by}"
                if request.answered_at
                else "",
                "Because": request.answer_reason,
                "Until": day(request.granted_until) if request.granted_until else "",
            }
        ),
        "actions": [{"key": "answer", "title": "Answer" if request.state == "open" else "Answer again"}],
    }


def _end_field(title: str, help_: str) -> dict[str, Any]:
    return {"key": "until", "kind": "day", "title": title, "help": help_}
