"""The Admin page: each tab through its forms, what it shows to whom, and where secrets never are."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest

from tests.contract.messages import batch
from tests.people import OTHER, PASSWORD
from tests.unit.widgets.panels.screens import check_screen, on_screen
from workbench.domain import (
    BUILT_IN_ROLES,
    AuditQuery,
    Operations,
    PastRetention,
    RetentionReport,
    RetentionTimer,
    SourceId,
    grants_of,
)
from workbench.door import Job, Workspace
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.store import Store
from workbench.widgets import elements
from workbench.widgets.panels import AdminPanel
from workbench.widgets.panels.admin import PARTS
from workbench.widgets.state import PanelState
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.people.recognising import Recogniser

HOSTILE = '<img src=x onerror="window.hacked=1"> =cmd'
ALL = ["people", "roles", "tokens", "plan", "quotas", "budgets", "retention", "audit", "work"]
Sent = list[dict[str, Any]]


@pytest.fixture(scope="module")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace file: made once, since its migrations cost most of a test here."""
    file = tmp_path_factory.mktemp("admin") / "empty.duckdb"
    Store.open(file, n_threads=1).close()
    return file


@pytest.fixture
def opened(tmp_path: Path, empty_file: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", password_memory_kib=8, password_passes=1)
    file = shutil.copyfile(empty_file, tmp_path / "w.duckdb")
    with open_workspace(file, settings=settings) as found:
        yield found


@pytest.fixture
def root(opened: OpenedWorkspace) -> Operations:
    """Who owns the file."""
    return opened.operations("root", "panel")


@pytest.fixture
def team(root: Operations) -> Operations:
    """Ann is the administrator; Ben reads one project."""
    root.create_source("demo", "mail")
    root.create_user("ann", "ann@buyer.example", "Ann", PASSWORD)
    root.create_user("ben", "", HOSTILE, PASSWORD, ())
    root.assign_role("ben", "viewer", "demo")
    return root


@pytest.fixture
def show() -> Iterator[Callable[..., AdminPanel]]:
    made: list[AdminPanel] = []

    def open_it(operations: Operations, part: str = "") -> AdminPanel:
        made.append(AdminPanel(operations, state=PanelState(part=part)))
        assert not made[-1].notice.title
        return made[-1]

    yield open_it
    for one in made:
        one.close()


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What goes to the page as a secret."""
    sent: Sent = []
    monkeypatch.setattr(
        elements.ShownOnce,
        "send",
        lambda _self, content, buffers=None: sent.append(content) if content["type"] == "secret" else None,
    )
    return sent


def signed_in(opened: OpenedWorkspace, name: str, password: str = PASSWORD) -> Operations:
    """As a visitor whose session the server knows."""
    token = opened.operations("root").sign_in(name, password).session_token
    workspace = opened._workspace
    principal = Recogniser(workspace.store, workspace.clock, workspace.settings).recognise(token)
    return opened.operations_for(principal, channel="panel")


def answer(panel: AdminPanel, **values: Any) -> None:
    """Fill the form and press its button; it must be there."""
    assert panel.form.shown
    keys = {one["key"]: [] if one["kind"] == "checks" else "" for one in panel.form.fields}
    panel.form._submitted({"values": {**keys, **panel.form.values, **values}}, [])


def done(panel: AdminPanel, **values: Any) -> None:
    """As ``answer``, and nothing was wrong."""
    answer(panel, **values)
    assert panel.form.errors == {} and not panel.form.shown, panel.form.errors
    assert panel.notice.level != "error"


def choose(panel: AdminPanel, listing: Any, key: str, action: str = "") -> None:
    listing.table._opened({"key": key}, [])
    assert not panel.notice.title or panel.notice.level == "success"
    assert listing.chosen == key
    if action:
        assert action in [one["key"] for one in listing.cards.cards[0]["actions"]]
        listing.cards._acted({"key": action, "card": key}, [])


def state_of_page(panel: AdminPanel) -> str:
    """Everything that the kernel keeps for the page."""
    found = [two for one in on_screen(panel.widget) for two in (one, one.layout)]
    return json.dumps([one.get_state() for one in found], default=str)


# ---- who sees what ---------------------------------------------------------------------------------


def test_every_tab_has_a_key_of_its_own_and_few_widgets(team: Operations, show: Callable[..., Any]) -> None:
    panel = show(team)
    assert [one["key"] for one in panel.tabs.tabs] == ALL
    assert {one.key for one in PARTS} == {*ALL, "account"}
    for key in ALL:
        before = panel.part.widget
        panel.tabs.value = key
        assert panel.part.key == key and not panel.notice.title, panel.notice.title
        assert key == "people" or before.comm is None, "the tab before stays in the kernel"
        assert len(list(on_screen(panel.widget))) <= 50
        assert panel.part.call in panel.code.code
        assert panel.address.query == ("" if key == "people" else f"part={key}")
    assert show(team, "audit").part.key == "audit"
    assert show(team, "nonsense").part.key == "people"


def test_whoever_may_administer_nothing_sees_their_own_account_alone(
    opened: OpenedWorkspace, team: Operations, show: Callable[..., Any]
) -> None:
    team.set_password(OTHER, "", "ben")
    ben = signed_in(opened, "ben", OTHER)
    ben.set_password(PASSWORD, OTHER)
    panel = show(ben, "audit")
    assert [one["key"] for one in panel.tabs.tabs] == ["account"]
    assert panel.tabs.layout.display == "none" and panel.part.key == "account"
    assert "ann@buyer" not in state_of_page(panel)
    card = panel.part.card.cards[0]
    assert card["name"] == "ben" and ["Roles", "viewer in demo"] in card["facts"]


@pytest.mark.parametrize(
    ("role", "tabs"),
    [
        ("audit_viewer", ["audit", "account"]),
        ("service_admin", [*ALL, "account"]),
        ("project_admin", ["account"]),
    ],
)
def test_tabs_are_those_of_the_rights(
    opened: OpenedWorkspace, team: Operations, show: Callable[..., Any], role: str, tabs: list[str]
) -> None:
    team.create_user("carol", "", "", PASSWORD, (role,))
    granted = grants_of([(BUILT_IN_ROLES[role], None)])
    carol = opened.operations("carol", "panel", grants=granted, credential_id="0" * 16)
    assert [one["key"] for one in show(carol).tabs.tabs] == tabs
    only_people = frozenset(granted.everywhere - {"audit.read"})
    if role == "service_admin":
        few = opened.operations(
            "carol", "panel", grants=type(granted)(everywhere=only_people), credential_id="0" * 16
        )
        assert "audit" not in [one["key"] for one in show(few).tabs.tabs]


def test_without_accounts_the_page_says_what_the_first_one_changes(
    root: Operations, show: Callable[..., Any]
) -> None:
    panel = show(root)
    assert "There are no accounts yet." in panel.part.why.value and "guarded" in panel.part.why.value
    assert panel.part._rest.layout.display == "none"
    assert panel.part.new_button.description == "Create the administrator"
    panel.part.new()
    answer(panel, name="ann", password=PASSWORD, repeat=OTHER)
    assert panel.form.errors == {"repeat": "the two passwords differ. Type the same one twice."}
    answer(panel, name="ann", password="short", repeat="short")
    assert "12 to 256 are needed" in panel.form.errors[""]
    assert PASSWORD not in state_of_page(panel) and PASSWORD not in str(panel.form.values)
    done(panel, name="ann", password=PASSWORD, repeat=PASSWORD)
    assert "Start the server again" in panel.notice.title
    assert {one.role for one in root.role_assignments()} == {
        "service_admin",
        "project_admin",
        "model_trainer",
    }
    assert panel.part.why.value == "" and panel.part.users.table.total == 1


# ---- people ----------------------------------------------------------------------------------------


def test_a_user_is_made_changed_disabled_and_deleted(team: Operations, show: Callable[..., Any]) -> None:
    panel = show(team)
    part = panel.part
    part.new()
    answer(panel, name="ann", password="", repeat="")
    assert "ann" in panel.form.errors["name" if "name" in panel.form.errors else ""]
    done(panel, name="carol", email="carol@buyer.example", roles=["analyst"])
    assert part.users.chosen == "carol" and "carol is created" in panel.notice.title
    card = part.users.cards.cards[0]
    assert ["Roles", "analyst everywhere"] in card["facts"] and ["Password", "none yet"] in card["facts"]
    part.users.cards._acted({"key": "amend", "card": "carol"}, [])
    done(panel, title="Carol C.", email="")
    part.users.cards._acted({"key": "roles", "card": "carol"}, [])
    answer(panel, role="", project="", take=[])
    assert panel.form.errors == {"role": "no role was chosen. Choose one to give, or tick one to take away."}
    (given,) = [one for one in team.role_assignments() if one.subject == "carol"]
    done(panel, role="viewer", project="demo", take=[str(given.assignment_id)])
    assert part.users.cards.cards[0]["facts"][0] == ["Roles", "viewer in demo"]
    part.users.cards._acted({"key": "disable", "card": "carol"}, [])
    assert panel.form.confirm == "carol" and panel.form.danger
    done(panel)
    assert part.users.cards.cards[0]["badge"]["text"] == "Disabled"
    part.users.cards._acted({"key": "enable", "card": "carol"}, [])
    part.users.cards._acted({"key": "password", "card": "carol"}, [])
    done(panel, password=OTHER, repeat=OTHER)
    assert ["Password", "to be changed at the next sign-in"] in part.users.cards.cards[0]["facts"]
    part.users.cards._acted({"key": "delete", "card": "carol"}, [])
    assert panel.form.confirm == "carol"
    done(panel)
    assert [one.name for one in team.users()] == ["ann", "ben"] and part.users.chosen == ""
    assert OTHER not in state_of_page(panel)


def test_who_is_gone_is_named_and_hostile_names_are_values(
    team: Operations, show: Callable[..., Any]
) -> None:
    panel = show(team)
    listing = panel.part.users
    rows = listing.table._rows_at(0, 9, "", False)
    assert [one["title"] for one in rows] == ["Ann", HOSTILE]
    team.delete_user("ben", "ben")
    panel.refresh()
    listing.table._opened({"key": "ben"}, [])
    assert "'ben'" in panel.notice.title and panel.notice.level == "error"
    with pytest.raises(UnknownNameError, match="ben"):
        listing.act("delete", "ben")


def test_the_last_administrator_stays_and_the_form_says_so(
    team: Operations, show: Callable[..., Any]
) -> None:
    panel = show(team)
    choose(panel, panel.part.users, "ann", "disable")
    answer(panel)
    assert "nobody who may manage people" in panel.form.errors[""] and panel.form.shown


def test_a_group_is_made_given_a_role_and_deleted(team: Operations, show: Callable[..., Any]) -> None:
    panel = show(team)
    groups = panel.part.groups
    groups.new()
    done(panel, name="trainers", members=["ben"])
    assert groups.listing.cards.cards[0]["facts"][0] == ["Members", "ben"]
    groups.listing.cards._acted({"key": "roles", "card": "trainers"}, [])
    done(panel, role="model_trainer", project="")
    assert groups.listing.cards.cards[0]["facts"][1] == ["Roles", "model_trainer everywhere"]
    groups.listing.cards._acted({"key": "amend", "card": "trainers"}, [])
    done(panel, title="Trainers", members=["ann", "ben"])
    assert team.groups()[0].members == ("ann", "ben")
    groups.listing.cards._acted({"key": "delete", "card": "trainers"}, [])
    done(panel)
    assert team.groups() == () and groups.listing.cards.layout.display == "none"


# ---- roles, tokens ---------------------------------------------------------------------------------


def test_a_role_says_what_it_permits_and_own_ones_change(team: Operations, show: Callable[..., Any]) -> None:
    panel = show(team, "roles")
    roles = panel.part.roles
    choose(panel, roles, "viewer")
    card = roles.cards.cards[0]
    assert ["Dataset - Read", "See labels, predictions, validation and charts."] in card["facts"]
    assert ["Who has it", "ben"] in card["facts"]
    assert [one["key"] for one in card["actions"]] == ["copy"]
    roles.cards._acted({"key": "copy", "card": "viewer"}, [])
    answer(panel, name="reader", scope="project", permissions=["tenant.manage"])
    assert "right of the tenant" in panel.form.errors[""]
    done(panel, name="reader", title=HOSTILE, permissions=["dataset.read"])
    roles.cards._acted({"key": "amend", "card": "reader"}, [])
    done(panel, permissions=["dataset.read", "source.read"], scope="tenant")
    made = team.roles()[-1]
    assert made.permissions == ("dataset.read", "source.read") and made.scope == "project"
    team.assign_role("ben", "reader")
    roles.cards._acted({"key": "delete", "card": "reader"}, [])
    answer(panel)
    assert "ben" in panel.form.errors[""]
    team.remove_role_assignment(team.role_assignments()[-1].assignment_id)
    answer(panel)
    assert "reader" not in [one.name for one in team.roles()]


def test_a_token_is_shown_once_and_is_nowhere_in_what_the_page_keeps(
    team: Operations, show: Callable[..., Any], secrets: Sent, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    panel = show(team, "tokens")
    tokens = panel.part.tokens
    tokens.new()
    answer(panel, user="ben", title="nightly", days="soon")
    assert panel.form.errors == {"days": "'soon' is no number of days. Write it as 90."}
    done(panel, user="ben", title="nightly", days="30", projects=["demo"], permissions=["source.read"])
    (shown,) = secrets
    (secret,) = shown["lines"]
    assert secret.startswith("wb") and "nightly" in shown["title"] and panel.once.shown
    kept = state_of_page(panel) + panel.address.query + panel.code.code + caplog.text
    log = team.audit_events(AuditQuery())
    assert secret not in kept + str(log) + repr(tokens.listing.known)
    assert tokens.listing.cards.cards[0]["badge"]["text"] == "Good"
    choose_again = tokens.listing.chosen
    tokens.listing.cards._acted({"key": "revoke", "card": choose_again}, [])
    assert panel.form.confirm and secret.startswith(panel.form.confirm)
    done(panel)
    assert tokens.listing.cards.cards[0]["badge"]["text"] == "Ended"
    assert tokens.listing.cards.cards[0]["actions"] == []
    panel.tabs.value = "people"
    assert not panel.once.shown


def test_once_taken_away_a_secret_is_off_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = elements.ShownOnce()
    sent: Sent = []
    monkeypatch.setattr(elements.ShownOnce, "send", lambda _self, content, buffers=None: sent.append(content))
    assert sheet.layout.display == "none"
    sheet.show("Token", "Copy it", ["very secret"])
    assert sheet.layout.display is None and "very secret" not in json.dumps(sheet.get_state(), default=str)
    assert "very secret" not in json.dumps(sheet.layout.get_state(), default=str)
    sheet._dispatch(sheet, {"type": "done"}, [])
    assert sheet.layout.display == "none" and sent[-1] == {"type": "clear"}


# ---- one's own account -----------------------------------------------------------------------------


def test_ones_own_password_codes_and_tokens(
    opened: OpenedWorkspace, team: Operations, show: Callable[..., Any], secrets: Sent
) -> None:
    panel = show(signed_in(opened, "ann"), "account")
    part = panel.part
    assert panel.tabs.tabs[-1]["key"] == "account" and part.tokens.listing.table.total == 1
    act = part.card._acted
    act({"key": "password", "card": "me"}, [])
    answer(panel, old="wrong wrong wrong", password=OTHER, repeat=OTHER)
    assert panel.form.shown and panel.form.errors
    done(panel, old=PASSWORD, password=OTHER, repeat=OTHER)
    act({"key": "codes", "card": "me"}, [])
    panel.form._cancelled({}, [])
    assert not panel.once.shown
    act({"key": "codes", "card": "me"}, [])
    assert panel.once.shown
    assert secrets[-1]["picture"].startswith("<svg") and len(secrets[-1]["lines"]) == 1
    answer(panel, code="000000")
    assert panel.form.shown and panel.form.errors
    code = pyotp.TOTP(secrets[-1]["lines"][0]).now()
    done(panel, code=code)
    assert secrets[-1]["title"] == "Recovery codes" and len(secrets[-1]["lines"]) == 10
    assert ["One-time codes", "asked for"] in part.card.cards[0]["facts"]
    act({"key": "recovery", "card": "me"}, [])
    done(panel, password=OTHER)
    act({"key": "no_codes", "card": "me"}, [])
    done(panel, password=OTHER)
    assert not team.users()[0].has_code
    part.tokens.new()
    assert "user" not in [one["key"] for one in panel.form.fields]
    done(panel, title="mine")
    made, session = team.tokens(everybody=True)
    assert (made.user, made.kind, session.kind) == ("ann", "api", "session")
    assert made.permissions is None and made.projects is None
    kept = state_of_page(panel)
    assert not [line for one in secrets for line in one["lines"] if line in kept] and OTHER not in kept


# ---- plan, quotas ----------------------------------------------------------------------------------


def test_a_plan_is_chosen_an_entitlement_asked_for_and_granted(
    team: Operations, show: Callable[..., Any]
) -> None:
    panel = show(team, "plan")
    part = panel.part
    part.card._acted({"key": "choose", "card": "plan"}, [])
    answer(panel, plan="licence/enterprise", until="someday")
    assert panel.form.errors == {"until": "'someday' is no day. Write it as 2026-03-31."}
    done(panel, plan="licence/enterprise", until="")
    assert part.card.cards[0]["title"] == "Plan: Enterprise" and part.requests.widget.layout.display == "none"
    part.card._acted({"key": "customer_managed_key", "card": "plan"}, [])
    done(panel, reason=HOSTILE)
    (asked,) = team.entitlement_requests()
    choose(panel, part.requests, asked.request_id, "answer")
    done(panel, granted="yes", reason="agreed")
    assert part.requests.cards.cards[0]["badge"]["text"] == "Granted"
    assert ["A customer-managed key", "By request, granted: held"] in part.card.cards[0]["facts"]
    choose_plan = "licence/basic"
    part.plans._opened({"key": choose_plan}, [])
    done(panel, communications_data="yes", customer_managed_key="no")
    (row,) = [one for one in part.plans._rows_at(0, 99, "", False) if one["plan"] == choose_plan]
    assert row["communications_data"] == "Yes"
    part.card._acted({"key": "choose", "card": "plan"}, [])
    done(panel, plan="self-hosted")
    assert part.card.cards[0]["title"] == "Plan: self-hosted"


def test_a_quota_is_set_and_taken_back(team: Operations, show: Callable[..., Any]) -> None:
    panel = show(team, "quotas")
    table = panel.part.table
    table._opened({"key": "sources"}, [])
    answer(panel, limit="many", rise="")
    assert panel.form.errors["limit"].startswith("'many' is no number for a quota.")
    answer(panel, limit="20", rise="10")
    assert "cannot rise by itself" in panel.form.errors[""]
    done(panel, limit="20", rise="1,000")
    (row,) = [one for one in table._rows_at(0, 99, "", False) if one["quota"] == "sources"]
    assert (row["used"], row["limit"], row["share"], row["rises_to"]) == (1, 20, 0.05, 1000)
    assert row["limit_from"] == "set here"
    table._opened({"key": "sources"}, [])
    assert panel.form.values == {"limit": "20", "rise": "1000"}
    done(panel, limit="", rise="")
    (quota,) = [one for one in team.quotas() if one.kind == "sources"]
    assert not quota.is_set and quota.auto_increase_up_to is None


# ---- audit, work -----------------------------------------------------------------------------------


def test_what_an_event_leaves_open_is_a_dash(team: Operations, show: Callable[..., Any]) -> None:
    team.create_token("nightly upload", user="ben")
    panel = show(team, "audit")
    panel.part.kind.value = "create_token"
    (row,) = panel.part.events.table._rows_at(0, 99, "", False)
    choose(panel, panel.part.events, str(row["seq"]))
    facts = panel.part.events.cards.cards[0]["facts"]
    assert ["title", "nightly upload"] in facts and ["projects", "–"] in facts


def test_the_audit_log_is_searched_exported_and_verified(
    team: Operations, show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    team.amend_user("ben", None, "=1+1")
    panel = show(team, "audit")
    part = panel.part
    part.kind.value = "amend_user"
    (row,) = part.events.table._rows_at(0, 99, "", False)
    assert (row["actor"], row["object"], row["channel"]) == ("root", "ben", "panel")
    choose(panel, part.events, str(row["seq"]))
    assert part.events.cards.cards[0]["facts"][0][0] == "When"
    text = b"".join(part.pieces()).decode("utf-8-sig")
    assert text.startswith("seq,event_id,at,") and text.count("\n") == 2
    events = team.audit_events(AuditQuery(limit=1))
    formula = replace(events, events=(replace(events.events[0], object="=1+1"),), continuation="")
    with monkeypatch.context() as patch:
        patch.setattr(panel.operations, "audit_events", lambda *_: formula)
        (_, row_of_it) = csv.reader(b"".join(part.pieces()).decode("utf-8-sig").splitlines())
    assert "=1+1" not in row_of_it and "'=1+1" in row_of_it
    part.kind.value = ""
    part.object.value = "nothing of that name"
    assert part.events.table.total == 0
    part.ask_verify()
    done(panel, head="")
    assert "events fit" in panel.notice.title and ":" in panel.notice.next_step
    part.ask_verify()
    answer(panel, head="3:" + "0" * 64)
    assert (panel.notice.level, panel.notice.title) == ("error", "The audit log was changed.")
    assert not panel.form.shown and panel.notice.text


def test_older_events_come_page_by_page(
    team: Operations, show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.widgets.panels.admin_audit._PAGE", 2)
    part = show(team, "audit").part
    assert part.events.table.total == 2 and part.more_button.layout.display is None
    while part.more_button.layout.display is None:
        part.show_more()
    seqs = [one["seq"] for one in part.events.table._rows_at(0, 999, "", False)]
    assert seqs == list(range(seqs[0], 0, -1))
    assert b"".join(part.pieces()).count(b"\n") == len(seqs) + 1


def test_jobs_of_the_whole_workspace_and_health(team: Operations, show: Callable[..., Any]) -> None:
    source = team.sources()[0]
    dataset = team.create_dataset("demo", "all", (source.source_id,))
    job_id = team.start_embed(dataset.dataset_id)
    panel = show(team, "work")
    part = panel.part
    assert part.health.cards[0]["title"] == "The server answers"
    assert [one["query"] for one in part.health.cards[0]["links"]][:2] == [{}, {"part": "projects"}]
    rows = part.jobs.table._rows_at(0, 9, "", False)
    assert (rows[0]["kind"], rows[0]["of"]) == ("Embed", "demo/all")
    choose(panel, part.jobs, str(job_id))


# ---- budgets, retention ----------------------------------------------------------------------------


def test_a_budget_is_set_changed_and_removed(team: Operations, show: Callable[..., Any]) -> None:
    panel = show(team, "budgets")
    part = panel.part
    assert part.budgets.table.layout.display == "none"
    part.new()
    answer(panel, project="demo", period="month", soft="8", hard="many")
    assert panel.form.errors["hard"].startswith("'many' is no number for a budget.")
    done(panel, project="demo", period="month", soft="8", hard="1,000")
    part.new()
    done(panel, project="", period="year", soft="", hard="0")
    assert {(one.project, one.period, one.soft, one.hard) for one in team.budgets()} == {
        ("demo", "month", 8, 1000),
        ("", "year", None, 0),
    }
    assert part.budgets.cards.cards[0]["name"] == "used up"
    assert check_screen(panel, Workspace(team, address="test")) == {"budget_use", "charge_rules"}
    choose(panel, part.budgets, "project demo, month", "change")
    assert panel.form.values == {"soft": "8", "hard": "1000"}
    done(panel, soft="", hard="20")
    assert part.budgets.cards.cards[0]["badge"]["text"] == "Within"
    part.budgets.cards._acted({"key": "remove", "card": "project demo, month"}, [])
    done(panel)
    assert [one.project for one in team.budgets()] == [""]


def test_what_a_message_costs_is_changed_from_a_day_on(team: Operations, show: Callable[..., Any]) -> None:
    panel = show(team, "budgets")
    panel.part.ask_cost()
    answer(panel, operation="predict", reason="created", units="2")
    assert panel.form.errors
    done(panel, operation="import", reason="created", units="2")
    rows = panel.part.costs._rows_at(0, 99, "", False)
    assert [one["units"] for one in rows if (one["operation"], one["reason"]) == ("import", "created")] == [2]


def test_a_policy_is_set_announced_and_carried_out(
    team: Operations, show: Callable[..., Any], opened: OpenedWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = team.sources()[0]
    monkeypatch.setattr(opened._workspace, "clock", lambda: datetime(2026, 1, 1, tzinfo=UTC))
    team.put_messages(source.source_id, batch(3), "first", 3)
    monkeypatch.setattr(opened._workspace, "clock", lambda: datetime(2026, 3, 1, tzinfo=UTC))
    panel = show(team, "retention")
    part = panel.part
    assert part.run_button.layout.display == "none" and part.policies.table.layout.display == "none"
    part.new()
    answer(panel, place="source demo/mail", action="delete", keep_days="soon", notice_days="0")
    assert panel.form.errors["keep_days"].startswith("'soon' is no number for days.")
    done(panel, place="source demo/mail", action="delete", keep_days="30", notice_days="0")
    part.announce()
    assert panel.notice.title.startswith("3 messages are announced")
    assert check_screen(panel, Workspace(team, address="test")) == {"retention_planned"}
    assert part.run_button.layout.display is None
    part.ask_run()
    assert panel.form.title == "Take 3 messages" and panel.form.confirm and panel.form.danger
    done(panel)
    (job,) = [one for one in team.jobs() if one.kind == "retention"]
    Job(team, job.job_id).wait(progress=False)
    panel.refresh()
    assert team.source_page(source.source_id).messages == () and part.run_button.layout.display == "none"
    part.policies.cards._acted({"key": "change", "card": "source demo/mail"}, [])
    assert panel.form.values["keep_days"] == "30" and panel.form.values["place"] == "source demo/mail"
    done(panel, keep_days="60")
    assert [one.keep_days for one in team.retention_policies()] == [60]
    part.policies.cards._acted({"key": "remove", "card": "source demo/mail"}, [])
    done(panel)
    assert team.retention_policies() == ()


def test_a_policy_that_is_carried_out_by_itself_shows_how_it_goes(
    team: Operations, show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = show(team, "retention")
    part = panel.part
    part.new()
    answer(panel, place="workspace", action="report", keep_days="30", notice_days="0", unattended=True)
    assert "only reports takes nothing" in str(panel.form.errors)
    done(panel, place="workspace", action="delete", keep_days="30", notice_days="0", unattended=True)
    (policy,) = team.retention_policies()
    assert policy.timer is not None and policy.timer.next_at is not None

    def told(timer: RetentionTimer | None) -> tuple[str, dict[str, str]]:
        changed = (replace(policy, timer=timer),)
        monkeypatch.setattr(team, "retention_policies", lambda: changed)
        part.refresh()
        check_screen(panel, Workspace(team, address="test"))
        (row,) = part.policies.table._rows_at(0, 9, "", False)
        return row["by_itself"], dict(part.policies.cards.cards[0]["facts"])

    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert told(None)[0] == "no"
    assert told(RetentionTimer(next_at=at))[0] == "next from 2 Mar 2026, 09:30 UTC"
    assert told(RetentionTimer(outcome="running", last_at=at))[0] == "runs now"
    failed = RetentionTimer(outcome="failed", last_at=at, next_at=at, error=HOSTILE, n_failures=2)
    row, facts = told(failed)
    assert row == "failed, again from 2 Mar 2026, 09:30 UTC"
    assert (facts["Last run"], facts["Why it failed"]) == ("2 Mar 2026, 09:30 UTC: failed", HOSTILE)
    row, facts = told(RetentionTimer(blocked="'bob' is disabled"))
    assert (row, facts["Stands still"], facts["Last run"]) == ("stands still", "'bob' is disabled", "not yet")
    part.policies.cards._acted({"key": "change", "card": "workspace"}, [])
    assert panel.form.values["unattended"] is True


def test_what_is_stored_for_long_stands_below_the_policies(
    team: Operations, show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    past = PastRetention(
        source_id=SourceId("s"),
        source="demo/mail",
        n_messages=12,
        n_annotated=3,
        n_bytes=2_500_000,
        oldest=datetime(2023, 5, 6, tzinfo=UTC),
    )
    report = RetentionReport(keep_days=730, before=datetime(2026, 1, 1, tzinfo=UTC), sources=(past,))
    monkeypatch.setattr(team, "retention_report", lambda keep_days=730: report)
    panel = show(team, "retention")
    assert panel.part.stored.layout.display is None and panel.part.stored.total == 1
    assert check_screen(panel, Workspace(team, address="test")) == {"retention_past"}


def test_a_failed_job_is_resumed_and_a_running_one_cancelled(
    team: Operations, show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = team.sources()[0]
    job_id = team.start_embed(team.create_dataset("demo", "all", (source.source_id,)).dataset_id)
    panel = show(team, "work")
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(panel.operations, "cancel_job", lambda one: asked.append(("cancel", one)))
    monkeypatch.setattr(panel.operations, "resume_job", lambda one: asked.append(("resume", one)) or one)
    job = team.job(job_id)
    for status, action in (("running", "cancel"), ("failed", "resume")):
        now = replace(job, status=status, error="it broke" if status == "failed" else "")
        monkeypatch.setattr(panel.operations, "jobs", lambda now=now: (now,))
        panel.part.jobs.chosen = ""
        panel.refresh()
        choose(panel, panel.part.jobs, str(job_id), action)
    assert asked == [("cancel", job_id), ("resume", job_id)]
    assert panel.part.jobs.cards.cards[0]["problem"][0] == "it broke"
