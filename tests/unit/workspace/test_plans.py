"""Plans: what each gives, what it refuses and how, trials that end, requests that are answered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.contract.messages import batch
from workbench.domain import (
    ENTITLED,
    PERMISSIONS,
    DatasetId,
    MessageChoice,
    MessageFilter,
    MessageId,
    Operations,
    Plan,
)
from workbench.errors import EntitlementError, InputError, LimitError, UnknownNameError, WorkspaceKeyError
from workbench.settings import Settings
from workbench.store import Store, new_key_file
from workbench.workspace import OpenedWorkspace, open_workspace, rotate_key
from workbench.workspace.plan_gate import PlanGate
from workbench.workspace.polling import MailboxTurns

START = datetime(2026, 11, 27, 12, tzinfo=UTC)
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
TABLE = {
    "licence": {
        "free": ("no", "no"),
        "basic-trial": ("no", "no"),
        "standard-trial": ("no", "no"),
        "enterprise-trial": ("yes", "by_request"),
        "basic": ("no", "no"),
        "standard": ("no", "no"),
        "enterprise": ("yes", "by_request"),
    },
    "guide-2026": {
        "free": ("no", "no"),
        "basic-trial": ("no", "no"),
        "standard-trial": ("yes", "no"),
        "enterprise-trial": ("yes", "no"),
        "basic": ("no", "no"),
        "basic-plus": ("yes", "no"),
        "standard": ("yes", "no"),
        "enterprise": ("yes", "by_request"),
    },
    "overview": {
        "free": ("no", "no"),
        "basic-trial": ("yes", "no"),
        "standard-trial": ("yes", "no"),
        "basic": ("yes", "no"),
        "standard": ("yes", "no"),
        "enterprise": ("yes", "no"),
    },
}
"""Communications data and a customer-managed key, as the three published states of the table say."""


@dataclass
class Time:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Here:
    """An open workspace with two messages, and its clock."""

    opened: OpenedWorkspace
    time: Time
    operations: Operations = field(init=False)
    dataset_id: DatasetId = field(init=False)

    def __post_init__(self) -> None:
        self.operations = self.opened.operations("ann")
        self.dataset_id = self.operations.dataset("demo/all").dataset_id

    def count(self) -> int:
        """Read messages."""
        return self.operations.count_messages(self.dataset_id, MessageFilter())

    def reads(self) -> bool:
        """Whether messages may be read."""
        try:
            return self.count() == 2
        except EntitlementError:
            return False

    def holds(self) -> tuple[bool, ...]:
        return tuple(one.is_held for one in self.operations.plan_status().entitlements)

    def audited(self) -> list[tuple[str, str, str]]:
        table = self.operations.audit_table().to_pylist()
        return [
            (row["actor"], row["action"], row["object"])
            for row in table
            if row["action"].endswith(("plan", "entitlement", "request"))
        ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: to make it anew for each test would take most of the time."""
    path = tmp_path_factory.mktemp("filled") / "w.duckdb"
    with open_workspace(path, settings=SETTINGS, clock=Time()) as opened:
        operations = opened.operations("ann")
        source_id = operations.create_source("demo", "mail").source_id
        operations.put_messages(source_id, batch(2), "a", 2)
        operations.create_dataset("demo", "all", (source_id,))
    return path


@pytest.fixture
def path(tmp_path: Path, filled: Path) -> Path:
    return Path(shutil.copy(filled, tmp_path / "w.duckdb"))


@pytest.fixture
def here(path: Path) -> Iterator[Here]:
    time = Time()
    with open_workspace(path, settings=SETTINGS, clock=time) as opened:
        yield Here(opened, time)


def gate(here: Here) -> PlanGate:
    return here.opened._workspace.plan


def test_the_table_holds_the_three_published_states(here: Here) -> None:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for one in here.operations.plans():
        found.setdefault(one.edition, {})[one.name] = tuple(one.entitlements.values())
        assert (one.trial_days is None) == (not one.name.endswith("-trial"))
    assert found == TABLE
    assert list(found["licence"]) == list(TABLE["licence"])


def test_a_workspace_without_a_plan_is_allowed_everything(here: Here) -> None:
    found = here.operations.plan_status()
    assert (found.plan, here.holds(), here.reads()) == ("self-hosted", (True, True), True)
    gate(here).check("customer_managed_key")
    assert here.audited() == []


@pytest.mark.parametrize("edition", TABLE)
def test_every_plan_gives_what_its_table_says_and_names_the_plans_that_have_the_rest(
    here: Here, edition: str
) -> None:
    plans = {one.name: one for one in here.operations.plans() if one.edition == edition}
    for name, (data, key) in TABLE[edition].items():
        status = here.operations.choose_plan(name, edition)
        assert (status.edition, status.plan, status.title) == (edition, name, plans[name].title)
        assert [one.answer for one in status.entitlements] == [data, key]
        assert here.holds() == (data == "yes", False)
        assert here.reads() == (data == "yes")
        if data == "no":
            with pytest.raises(EntitlementError) as caught:
                here.count()
            having = [plans[one].title for one, answers in TABLE[edition].items() if answers[0] == "yes"]
            assert (
                caught.value.message == f"the plan {plans[name].title!r} does not have communications data."
            )
            assert caught.value.next_step.startswith(f"Plans that have it: {', '.join(having)}.")
            assert caught.value.details["plans"] == having
        with pytest.raises(EntitlementError) as lacked:
            gate(here).check("customer_managed_key")
        if key == "by_request":
            assert lacked.value.message == (
                f"the plan {plans[name].title!r} gives a customer-managed key by request only,"
                " and nobody has asked for it."
            )
            assert "workbench plan request" in lacked.value.next_step
        else:
            assert "does not have a customer-managed key" in lacked.value.message
            some = [one for one, answers in TABLE[edition].items() if answers[1] == "by_request"]
            expected = f"{plans[some[-1]].title} (by request)" if some else "No plan of this edition has it."
            assert expected in lacked.value.next_step
    here.operations.choose_plan("self-hosted")
    assert (here.holds(), here.reads()) == ((True, True), True)


def test_every_operation_on_messages_is_refused_by_a_plan_without_them(here: Here) -> None:
    here.operations.choose_plan("basic")
    for name in ENTITLED:
        with pytest.raises(EntitlementError, match="'Basic' does not have communications data"):
            gate(here).check_operation(name)
    for name in set(PERMISSIONS) - set(ENTITLED):
        gate(here).check_operation(name)
    source_id = here.operations.sources()[0].source_id
    with pytest.raises(EntitlementError, match="'Basic' does not have communications data"):
        here.operations.put_messages(source_id, batch(1, first=5), "b", 1)
    which = MessageChoice(message_ids=(MessageId("m0"),))
    assert here.operations.delete_messages(source_id, which, "delete").n_messages == 1


def test_whoever_adds_an_operation_on_messages_says_which_entitlement_it_needs() -> None:
    writes = {"message.manage", "project.execute", "bucket.append", "dataset.review"}
    on_messages = {
        name
        for name, rule in PERMISSIONS.items()
        if "source.read" in rule.sources or writes & set(rule.needs)
    }
    assert on_messages - set(ENTITLED) == {
        *("add_sources", "copy_dataset", "create_dataset", "create_label"),  # of names and labels
        *(
            "delete_mails",
            "delete_messages",
            "preview_deletion",
        ),  # nobody's right to be forgotten depends on a plan
    }
    assert set(ENTITLED) <= set(PERMISSIONS)
    assert {"find_messages", "put_messages", "export_piece", "sql", "judge", "start_train"} <= set(ENTITLED)
    assert not {"delete_messages", "preview_deletion", "publish", "choose_plan", "usage"} & set(ENTITLED)


def test_a_trial_that_ends_becomes_the_free_plan_and_deletes_nothing(here: Here) -> None:
    chosen = here.operations.choose_plan("enterprise-trial")
    assert chosen.ends_at == START + timedelta(days=60)
    here.time.now = chosen.ends_at - timedelta(microseconds=1)
    assert here.reads()
    here.time.now = chosen.ends_at + timedelta(days=3)
    assert not here.reads()
    found = here.operations.plan_status()
    assert (found.plan, found.since, found.chosen_by, found.before, found.ends_at) == (
        "free",
        chosen.ends_at,
        "(plan end)",
        "enterprise-trial",
        None,
    )
    with pytest.raises(EntitlementError, match="The plan 'enterprise-trial' ended on 2027-01-26"):
        here.count()
    assert here.audited() == [("ann", "choose_plan", "enterprise-trial"), ("(plan end)", "end_plan", "free")]
    assert here.operations.datasets()[0].n_messages == 2
    here.operations.choose_plan("enterprise")
    assert here.reads()
    assert here.operations.plan_status().before == ""


def test_a_licence_may_have_an_end_too_and_a_trial_another_one(here: Here) -> None:
    end = START + timedelta(days=7)
    assert here.operations.choose_plan("enterprise").ends_at is None
    assert here.operations.choose_plan("enterprise", ends_at=end).ends_at == end
    assert here.operations.choose_plan("enterprise-trial", ends_at=end).ends_at == end
    here.time.now = end
    assert here.operations.plan_status().plan == "free"


def test_the_end_is_written_down_once_and_holds_after_opening_again(path: Path) -> None:
    time = Time()
    with open_workspace(path, settings=SETTINGS, clock=time) as opened:
        here = Here(opened, time)
        here.operations.choose_plan("enterprise-trial")
    time.now = START + timedelta(days=61)
    for _ in range(2):
        with open_workspace(path, settings=SETTINGS, clock=time) as opened:
            operations = opened.operations("ann")
            assert operations.plan_status().plan == "free"
            assert operations.audit_table()["action"].to_pylist().count("end_plan") == 1


def test_a_published_copy_keeps_to_the_plan_without_being_written(path: Path) -> None:
    time = Time()
    with open_workspace(path, settings=SETTINGS, clock=time) as opened:
        here = Here(opened, time)
        here.operations.choose_plan("enterprise-trial")
        here.operations.publish(str(path.with_name("copy.duckdb")))
    with open_workspace(path.with_name("copy.duckdb"), settings=SETTINGS, clock=time) as opened:
        assert Here(opened, time).count() == 2
        time.now = START + timedelta(days=61)
        assert opened.operations("ann").plan_status().plan == "free"
        with pytest.raises(EntitlementError, match="'Free' does not have communications data"):
            Here(opened, time).count()


def test_what_a_plan_gives_by_request_is_asked_for_granted_and_ends(here: Here) -> None:
    boss = here.opened.operations("boss")
    here.operations.choose_plan("enterprise")
    asked = here.operations.request_entitlement("customer_managed_key", " our policy ")
    assert (asked.state, asked.reason, asked.requested_by, asked.plan) == (
        "open",
        "our policy",
        "ann",
        "enterprise",
    )
    assert here.opened.operations("bob").request_entitlement("customer_managed_key", "me too") == asked
    with pytest.raises(EntitlementError, match="the request of 'ann' is not answered yet"):
        gate(here).check("customer_managed_key")

    refused = boss.answer_request(asked.request_id, False, "no key store yet")
    assert (refused.state, refused.answered_by, refused.answered_at) == ("refused", "boss", START)
    with pytest.raises(EntitlementError, match="'boss' refused it: no key store yet"):
        gate(here).check("customer_managed_key")

    here.time.now += timedelta(hours=1)
    again = here.operations.request_entitlement("customer_managed_key", "there is one now")
    end = START + timedelta(days=30)
    boss.answer_request(again.request_id, True, "for the audit", end)
    gate(here).check("customer_managed_key")
    assert here.holds() == (True, True)
    with pytest.raises(InputError, match="need not be asked for: the plan 'Enterprise' gives it"):
        here.operations.request_entitlement("customer_managed_key", "more")

    here.time.now = end
    with pytest.raises(EntitlementError, match="what was granted ended on 2026-12-27"):
        gate(here).check("customer_managed_key")
    assert [one.state for one in here.operations.entitlement_requests()] == ["granted", "refused"]
    assert here.audited() == [
        ("ann", "choose_plan", "enterprise"),
        ("ann", "request_entitlement", "customer_managed_key"),
        ("boss", "answer_request", "customer_managed_key"),
        ("ann", "request_entitlement", "customer_managed_key"),
        ("boss", "answer_request", "customer_managed_key"),
    ]
    said = msgspec.json.decode(here.operations.audit_table()["details"].to_pylist()[-1])
    assert (said["granted"], said["reason"]) == (True, "for the audit")


def test_a_grant_counts_under_its_plan_only_and_can_be_taken_back(here: Here) -> None:
    here.operations.choose_plan("enterprise-trial")
    asked = here.operations.request_entitlement("customer_managed_key", "policy")
    here.operations.answer_request(asked.request_id, True, "fine")
    assert here.holds() == (True, True)
    here.operations.choose_plan("enterprise")
    assert here.holds() == (True, False)
    here.operations.choose_plan("enterprise-trial")
    assert here.holds() == (True, True)
    here.operations.answer_request(asked.request_id, False, "not any more")
    assert here.holds() == (True, False)


def test_the_table_is_data_that_an_administrator_changes(here: Here) -> None:
    here.operations.choose_plan("basic")
    assert not here.reads()
    made = here.operations.set_entitlement("licence", "basic", "communications_data", "yes")
    assert isinstance(made, Plan) and made.entitlements["communications_data"] == "yes"
    assert here.reads()
    here.operations.set_entitlement("guide-2026", "basic", "communications_data", "yes")
    here.operations.set_entitlement("licence", "basic", "communications_data", "no")
    assert not here.reads()
    for arguments, text in (
        (("none", "basic", "communications_data", "yes"), "unknown edition 'none'"),
        (("licence", "basic-plus", "communications_data", "yes"), "unknown plan of the edition 'licence'"),
        (("licence", "basic", "everything", "yes"), "unknown entitlement 'everything'"),
        (("licence", "basic", "communications_data", "perhaps"), "unknown answer 'perhaps'"),
    ):
        with pytest.raises(UnknownNameError, match=text):
            here.operations.set_entitlement(*arguments)  # type: ignore[arg-type]


def test_what_cannot_be_chosen_asked_or_answered_is_refused_and_changes_nothing(here: Here) -> None:
    past, later = START - timedelta(days=1), START + timedelta(days=1)
    operations = here.operations
    with pytest.raises(UnknownNameError, match="unknown plan of the edition 'licence' 'gold'"):
        operations.choose_plan("gold")
    with pytest.raises(UnknownNameError, match="unknown edition '2019'"):
        operations.choose_plan("basic", "2019")
    with pytest.raises(InputError, match=r"2026-11-26T12:00:00\+00:00 is not in the future"):
        operations.choose_plan("basic", ends_at=past)
    with pytest.raises(InputError, match="has no time zone"):
        operations.choose_plan("basic", ends_at=later.replace(tzinfo=None))
    with pytest.raises(InputError, match="'self-hosted' has no end"):
        operations.choose_plan("self-hosted", ends_at=later)
    with pytest.raises(InputError, match="need not be asked for: the plan 'self-hosted' gives it"):
        operations.request_entitlement("customer_managed_key", "policy")
    operations.choose_plan("basic")
    with pytest.raises(EntitlementError, match="'Basic' does not have a customer-managed key"):
        operations.request_entitlement("customer_managed_key", "policy")
    with pytest.raises(UnknownNameError, match="unknown entitlement 'gold'"):
        operations.request_entitlement("gold", "policy")  # type: ignore[arg-type]
    operations.choose_plan("enterprise")
    with pytest.raises(InputError, match="a request has no reason"):
        operations.request_entitlement("customer_managed_key", "  ")
    with pytest.raises(LimitError, match="a reason of 1,025 characters"):
        operations.request_entitlement("customer_managed_key", "x" * 1_025)
    asked = operations.request_entitlement("customer_managed_key", "x" * 1_024)
    with pytest.raises(UnknownNameError, match="unknown request 'r'"):
        operations.answer_request("r", True, "fine")
    with pytest.raises(InputError, match="an answer has no reason"):
        operations.answer_request(asked.request_id, True, "")
    with pytest.raises(InputError, match="is not in the future"):
        operations.answer_request(asked.request_id, True, "fine", past)
    with pytest.raises(InputError, match="a refusal has no end"):
        operations.answer_request(asked.request_id, False, "no", later)
    assert [one.state for one in operations.entitlement_requests()] == ["open"]


def test_the_same_choice_again_begins_nothing_anew(here: Here) -> None:
    first = here.operations.choose_plan("enterprise")
    here.time.now += timedelta(days=1)
    assert here.operations.choose_plan("enterprise") == first
    assert here.audited() == [("ann", "choose_plan", "enterprise")]


def test_a_key_of_ones_own_needs_the_plan(path: Path) -> None:
    key = new_key_file(path.with_name("key"))
    with open_workspace(path, settings=SETTINGS) as opened:
        operations = opened.operations("ann")
        operations.choose_plan("enterprise")
        asked = operations.request_entitlement("customer_managed_key", "policy")
    with pytest.raises(EntitlementError, match="'Enterprise' gives a customer-managed key by request only"):
        rotate_key(path, str(key), settings=SETTINGS, actor="ann")
    with Store.open(path, n_threads=1) as store, store.read() as session:
        assert "rotate_key" not in session.audit.table()["action"].to_pylist()
    with open_workspace(path, settings=SETTINGS) as opened:
        opened.operations("boss").answer_request(asked.request_id, True, "fine")
    rotate_key(path, str(key), settings=SETTINGS, actor="ann")
    with pytest.raises(WorkspaceKeyError, match="is encrypted"):
        Store.open(path, n_threads=1)


def test_mailboxes_are_not_read_by_a_plan_without_messages(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller = MailboxTurns(here.opened._workspace)
    monkeypatch.setattr("workbench.workspace.polling.due", lambda _: [("i", "a")])
    here.operations.choose_plan("basic")
    with pytest.raises(EntitlementError, match="'Basic' does not have communications data"):
        poller.look()
    assert here.operations.jobs() == ()
