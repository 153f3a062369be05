"""Retention on the Admin page: what is stored for long, the policies, what a run takes, notice, run."""

from __future__ import annotations

from typing import Any, cast

import ipywidgets as ipw

from workbench import charts
from workbench.domain import (
    INCLUDED_DAYS,
    NOTICE_DAYS,
    AnnotatedChoice,
    RetentionAction,
    RetentionOutcome,
    RetentionPolicy,
    RetentionScope,
    RetentionTimer,
)
from workbench.widgets.elements import DataTable
from workbench.widgets.panels.admin_part import AdminPart, Listing, facts
from workbench.widgets.panels.admin_values import whole_number
from workbench.widgets.panels.catalog import text_field
from workbench.widgets.panels.figures import fill
from workbench.widgets.panels.mailbox_rows import minute
from workbench.widgets.panels.page import bar, empty

_MESSAGES: dict[str, Any] = {"kind": "number", "width": 110}
_STORED: list[dict[str, Any]] = [
    {"key": "source", "title": "Source", "width": 220},
    {"key": "n", "title": "Messages", **_MESSAGES},
    {"key": "n_annotated", "title": "Annotated", **_MESSAGES},
    {"key": "megabytes", "title": "MB of text", "digits": 1, **_MESSAGES},
    {"key": "oldest", "title": "Stored since", "width": 130},
]
_POLICIES: list[dict[str, Any]] = [
    {"key": "policy", "title": "Of", "width": 220},
    {"key": "action", "title": "What happens", "width": 190},
    {"key": "after", "title": "After"},
    {"key": "annotated", "title": "Annotated", "width": 120},
    {"key": "by_itself", "title": "By itself", "width": 310},
]
_PLANNED: list[dict[str, Any]] = [
    {"key": "source", "title": "Source"},
    {"key": "action", "title": "Policy", "width": 90},
    {"key": "n", "title": "Go", **_MESSAGES},
    {"key": "n_kept", "title": "Annotated, stay", "kind": "number", "width": 160},
    {"key": "megabytes", "title": "MB of text", "digits": 1, **_MESSAGES},
    {"key": "announced", "title": "Announced", "width": 120},
    {"key": "possible", "title": "Taken from", "width": 120},
]
_ACTIONS: dict[RetentionAction, str] = {
    "report": "reported only",
    "archive": "archived, then deleted",
    "delete": "deleted",
}
_OF_ANNOTATED: dict[AnnotatedChoice, str] = {"keep": "stay", "delete": "go, too"}
_OUTCOMES: dict[RetentionOutcome, str] = {
    "": "not yet",
    "nothing": "nothing to take",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
}
_TAKE = "take them"


class RetentionPart(AdminPart):
    """What is stored for long and what becomes of it."""

    key, title, needs, call = "retention", "Retention", "set_retention", "ws.retention_policies()"
    news = frozenset({"job", "import", "retention"})

    def build(self) -> ipw.Widget:
        """Make its widgets."""
        self.new_button = self.button("New policy", self.new, "set_retention", first=True)
        self.announce_button = self.button("Announce", self.announce, "announce_retention")
        self.run_button = self.button("Take what is due", self.ask_run, "start_retention")
        self.policies = Listing[RetentionPolicy](
            self,
            title="Policies",
            noun="policy",
            columns=_POLICIES,
            row=_row,
            card=_card,
            act=self.act,
            height=220,
        )
        self.planned = DataTable(title="What a run takes", columns=_PLANNED, height=240)
        self.stored = DataTable(title="Stored for longer than is included", columns=_STORED, height=240)
        self.nothing = self.page.words()
        buttons = bar(self.new_button, self.announce_button, self.run_button)
        return ipw.VBox([buttons, self.nothing, self.policies.widget, self.planned, self.stored])

    def refresh(self) -> None:
        """Read policies, preview and report again."""
        found = {_key(one): one for one in self.operations.retention_policies()}
        self.policies.show(found)
        self.announce_button.layout.display = None if found else "none"
        self.nothing.say(
            "" if found else empty("There is no policy.", "Nothing is taken, however long it is stored.")
        )
        preview = self.operations.retention_preview()
        self._due = preview.n_due
        self.run_button.layout.display = None if self._due else "none"
        fill(self.planned, charts.retention_planned(preview))
        fill(self.stored, charts.retention_past(self.operations.retention_report()))
        for table in (self.policies.table, self.planned, self.stored):
            table.layout.display = None if table.total else "none"

    def new(self) -> None:
        """Ask what the new policy is of, and its terms."""
        places = [
            {"value": "workspace", "title": "the whole workspace"},
            *(
                {"value": f"project {one.name}", "title": f"project {one.name}"}
                for one in self.operations.projects()
            ),
            *(
                {"value": f"source {one.full_name}", "title": f"source {one.full_name}"}
                for one in self.operations.sources()
            ),
        ]
        self._ask_terms(
            "New policy",
            [{"key": "place", "kind": "select", "title": "Of", "options": places}],
            {"place": "workspace"},
        )

    def act(self, key: str, policy: RetentionPolicy) -> None:
        """Change a policy, or take it away."""
        if key == "remove":
            self.ask(
                lambda _: self._remove(policy),
                title=f"Remove the policy of {_key(policy)}",
                text="The next wider policy counts; without one nothing is taken.",
                submit="Remove policy",
            )
        else:
            place = {"key": "place", "kind": "text", "title": "Of", "fixed": True}
            self._ask_terms(f"Policy of {_key(policy)}", [place], _terms(policy) | {"place": _key(policy)})

    def announce(self) -> None:
        """Write down what would go; the days of notice begin."""
        announced = self.operations.announce_retention()
        n = sum(one.n_messages for one in announced.sources if one.policy.action != "report")
        self.page.show_done(f"{n:,} messages are announced to go; their days of notice count from now.")

    def ask_run(self) -> None:
        """Ask before what is due goes."""
        self.ask(
            lambda _: self._run(),
            title=f"Take {self._due:,} messages",
            text="Those of policies that archive are written to files and read back first. The others are gone for "
            "good: text, vectors, attachments, judgements.",
            submit="Take them",
            confirm=_TAKE,
            danger=True,
        )

    def _ask_terms(self, title: str, fields: list[dict[str, Any]], values: dict[str, Any]) -> None:
        begin = {
            "action": "report",
            "keep_days": str(INCLUDED_DAYS),
            "notice_days": str(NOTICE_DAYS),
            "annotated": "keep",
            "folder": "",
            "unattended": False,
        }
        self.ask(
            self._set,
            title=title,
            text="What was announced on other terms counts no more, and is announced anew.",
            submit="Set policy",
            fields=[
                *fields,
                _select("action", "What happens", _ACTIONS),
                text_field("keep_days", "Days of storage", required=True, most=6),
                text_field(
                    "notice_days", "Days of notice", most=4, help="Between the notice and the first run."
                ),
                _select("annotated", "Annotated messages", _OF_ANNOTATED),
                text_field(
                    "folder",
                    "Archive folder",
                    most=1024,
                    help="Beside the workspace file unless absolute; to archive only.",
                ),
                {
                    "key": "unattended",
                    "kind": "check",
                    "title": "Carry it out by itself",
                    "help": "Announced and carried out once a day while the workspace is open, in your name and only "
                    "while you have the right to.",
                },
            ],
            values=begin | values,
        )

    def _set(self, values: dict[str, Any]) -> str:
        scope, _, name = values["place"].partition(" ")
        made = self.operations.set_retention(
            cast("RetentionScope", scope),
            name,
            cast("RetentionAction", values["action"]),
            whole_number(values, "keep_days", "days") or 0,
            whole_number(values, "notice_days", "days") or 0,
            cast("AnnotatedChoice", values["annotated"]),
            values["folder"],
            bool(values["unattended"]),
        )
        self.policies.chosen = _key(made)
        return f"The policy of {_key(made)} is set."

    def _remove(self, policy: RetentionPolicy) -> str:
        self.operations.remove_retention(policy.scope, policy.name)
        return f"The policy of {_key(policy)} is removed."

    def _run(self) -> str:
        self.operations.start_retention()
        return "It runs as a job: see Jobs and health."


def _select(key: str, title: str, choices: dict[Any, str]) -> dict[str, Any]:
    found = [{"value": value, "title": words} for value, words in choices.items()]
    return {"key": key, "kind": "select", "title": title, "options": found}


def _key(policy: RetentionPolicy) -> str:
    return f"{policy.scope} {policy.name}".strip()


def _terms(policy: RetentionPolicy) -> dict[str, Any]:
    return {
        "action": policy.action,
        "keep_days": str(policy.keep_days),
        "notice_days": str(policy.notice_days),
        "annotated": policy.annotated,
        "folder": policy.folder,
        "unattended": policy.unattended,
    }


def _row(policy: RetentionPolicy) -> dict[str, Any]:
    return {
        "policy": _key(policy),
        "action": _ACTIONS[policy.action],
        "after": f"{policy.keep_days:,} days, announced {policy.notice_days:,} days before",
        "annotated": _OF_ANNOTATED[policy.annotated],
        "by_itself": _by_itself(policy.timer),
    }


def _by_itself(timer: RetentionTimer | None) -> str:
    if timer is None:
        return "no"
    if timer.blocked:
        return "stands still"
    if timer.outcome == "failed":
        return f"failed, again from {minute(timer.next_at)}"
    return f"next from {minute(timer.next_at)}" if timer.next_at else "runs now"


def _told(timer: RetentionTimer | None) -> dict[str, str]:
    if timer is None:
        return {}
    last = f"{minute(timer.last_at)}: {_OUTCOMES[timer.outcome]}" if timer.last_at else _OUTCOMES[""]
    return {
        "By itself": _by_itself(timer),
        "Stands still": timer.blocked,
        "Last run": last,
        "Why it failed": timer.error,
    }


def _card(policy: RetentionPolicy) -> dict[str, Any]:
    return {
        "title": _key(policy).capitalize(),
        "name": _ACTIONS[policy.action],
        "facts": facts(
            {"Set": f"{minute(policy.set_at)} by {policy.set_by}", "Archive folder": policy.folder}
            | _told(policy.timer)
        ),
        "actions": [
            {"key": "change", "title": "Change"},
            {"key": "remove", "title": "Remove", "icon": "trash"},
        ],
    }
