"""Policies of retention that are carried out unattended: when, in whose name, and what stops them."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.people import PASSWORD
from tests.stores import AT, batch, message
from workbench.domain import JobId, Operations, RetentionTimer, Role, grants_of
from workbench.door import Job
from workbench.errors import InputError, StoreError
from workbench.settings import Settings
from workbench.store import Store
from workbench.workspace import retention_runs, retention_turns
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.polling import Poller
from workbench.workspace.retention_turns import RetentionTurns

SETTINGS = Settings(
    encoder="hash-test",
    fast_encoder="",
    retrain_after_reviews=0,
    n_threads=1,
    password_memory_kib=8,
    password_passes=1,
)


class Bench:
    """A workspace whose clock and whose turns come by hand."""

    def __init__(self, file: Path) -> None:
        self.file, self.day = file, 0.0
        self.open()
        self.source_id = self.operations.create_source("demo", "mail").source_id

    def open(self) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Poller, "start", lambda _: None)
            self.opened: OpenedWorkspace = open_workspace(
                self.file, settings=SETTINGS, clock=lambda: AT + timedelta(days=self.day)
            )
        self.turns = RetentionTurns(self.opened._workspace)
        self.operations: Operations = self.opened.operations("ann")

    def put(self, first: int, n: int) -> None:
        rows = batch(*(message(f"m{i}", body=f"text {i}") for i in range(first, first + n)))
        self.operations.put_messages(self.source_id, rows, f"b{first}", n)

    def look(self, day: float) -> bool:
        """The turn of a day, with the run that it begins."""
        self.day = day
        began = self.turns.look()
        self.end()
        return began

    def end(self) -> None:
        while self.opened._workspace.jobs.busy("retention"):
            time.sleep(0.005)

    def timer(self) -> RetentionTimer:
        (policy,) = self.operations.retention_policies()
        assert policy.timer is not None
        return policy.timer

    def left(self) -> set[str]:
        return set(self.operations.sql("SELECT message_id FROM message", 1_000).column(0).to_pylist())

    def told(self, *kinds: str) -> list[tuple[str, str, str]]:
        rows = self.operations.audit_table().to_pylist()
        return [(one["action"], one["actor"], one["channel"]) for one in rows if one["action"] in kinds]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new workspace file: made once, since its migrations cost most of a test here."""
    file = tmp_path_factory.mktemp("unattended") / "empty.duckdb"
    Store.open(file, n_threads=1).close()
    return file


@pytest.fixture
def bench(tmp_path: Path, empty: Path) -> Iterator[Bench]:
    made = Bench(shutil.copyfile(empty, tmp_path / "w.duckdb"))
    yield made
    made.opened.close()


def test_it_is_announced_and_taken_once_a_day_in_the_name_of_who_set_it(bench: Bench) -> None:
    bench.put(0, 3)
    made = bench.operations.set_retention("workspace", "", "delete", 10, 2, unattended=True)
    assert made.timer == RetentionTimer(next_at=AT + timedelta(days=1)) == bench.timer()
    assert not bench.look(0.9)
    assert bench.look(1) and not bench.look(1.9)
    assert bench.timer() == RetentionTimer(
        last_at=AT + timedelta(days=1), outcome="nothing", next_at=AT + timedelta(days=2)
    )
    bench.day = 5
    bench.put(3, 2)
    assert bench.look(10.5)  # past the limit: announced, and that is all
    assert bench.told("announce_retention", "start_retention") == [("announce_retention", "ann", "timer")]
    assert len(bench.left()) == 5
    assert bench.look(12)  # a day and a half of notice
    assert len(bench.left()) == 5
    assert bench.look(13)
    assert bench.left() == {"m3", "m4"}
    events = ("announce_retention", "start_retention", "apply_retention")
    assert bench.told(*events) == [(kind, "ann", "timer") for kind in events]
    timer = bench.timer()
    assert (timer.outcome, timer.last_at, timer.next_at) == (
        "done",
        AT + timedelta(days=13),
        AT + timedelta(days=14),
    )
    (planned,) = bench.operations.retention_preview().sources
    assert planned.policy.timer == timer


def test_only_sources_go_for_which_that_very_policy_counts(bench: Bench) -> None:
    bench.put(0, 2)
    other = bench.operations.create_source("demo", "chat").source_id
    bench.operations.put_messages(other, batch(message("x")), "x", 1)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    bench.operations.set_retention("source", "demo/mail", "delete", 10, 0)
    assert bench.look(11)
    assert bench.left() == {"m0", "m1"}
    assert not bench.look(11.5)


def test_a_policy_that_only_reports_is_not_carried_out(bench: Bench) -> None:
    with pytest.raises(InputError, match="a policy that only reports takes nothing") as told:
        bench.operations.set_retention("workspace", "", "report", unattended=True)
    assert "leave 'unattended' out" in told.value.next_step


def disable(bench: Bench) -> str:
    bench.operations.enable_user("bob", False)
    return "'bob', who set the policy, is disabled"


def delete(bench: Bench) -> str:
    bench.operations.delete_user("bob", "bob")
    return "'bob', who set the policy, has no account any more"


def demote(bench: Bench) -> str:
    (given,) = [one for one in bench.operations.role_assignments() if one.subject == "bob"]
    bench.operations.remove_role_assignment(given.assignment_id)
    return "'bob', who set the policy, does not have the permission 'tenant.manage' any more"


def revoke(bench: Bench) -> str:
    (token,) = [one for one in bench.operations.tokens("bob") if one.kind == "api"]
    bench.operations.revoke_token(token.token_id)
    return "the token of 'bob' that the policy was set with was revoked"


def expire(bench: Bench) -> str:
    bench.day = 400
    return "the token of 'bob' that the policy was set with has expired"


@pytest.mark.parametrize(
    "lose",
    [
        disable,
        demote,
        *(pytest.param(one, marks=pytest.mark.nightly) for one in (delete, revoke, expire)),
    ],
)
def test_nothing_runs_in_the_name_of_somebody_who_may_not_any_more(
    bench: Bench, lose: Callable[[Bench], str]
) -> None:
    root = bench.operations
    bench.put(0, 2)
    for name in ("ann", "bob"):
        root.create_user(name, "", name, PASSWORD)
        root.assign_role(name, "service_admin")
    secret = root.create_token("nightly", AT + timedelta(days=300), user="bob").secret
    bob = bench.opened.operations_for(bench.opened.accounts.recognise(secret))
    bob.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    assert bench.timer().blocked == ""
    bench.day = 11
    why = lose(bench)
    assert not bench.look(bench.day)
    assert len(bench.left()) == 2
    assert (bench.timer().blocked, bench.timer().next_at) == (why, None)
    assert bench.told("announce_retention", "start_retention") == []
    root.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    assert bench.look(bench.day + 1)
    assert bench.left() == set()


def test_somebody_without_account_and_without_every_right_carries_nothing_out(bench: Bench) -> None:
    role = Role(name="r", title="R", scope="tenant", permissions=("tenant.manage",))
    bench.put(0, 1)
    some = bench.opened.operations("eve", grants=grants_of([(role, None)]))
    assert some.set_retention("workspace", "", "delete", 10, 0, unattended=True).timer is not None
    assert not bench.look(11)
    assert bench.timer().blocked == "'eve', who set the policy, has no account any more"


def test_a_run_that_fails_is_told_and_tried_again_later_each_time(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put(0, 2)
    bench.operations.set_retention("workspace", "", "archive", 10, 0, folder="old", unattended=True)

    def full(*_: Any) -> int:
        raise StoreError("the disk is full.", next_step="Make room.")

    monkeypatch.setattr(retention_runs, "write_part", full)
    assert bench.look(11)
    timer = bench.timer()
    assert (timer.outcome, timer.error, timer.n_failures) == ("failed", "the disk is full.", 1)
    assert timer.next_at == AT + timedelta(days=11, minutes=2)
    assert not bench.look(11.001)
    assert bench.look(11.01)
    assert bench.timer().n_failures == 2
    assert bench.timer().next_at == AT + timedelta(days=11.01, minutes=4)
    runs = {
        parameters(bench, job.job_id)["run"] for job in bench.operations.jobs() if job.kind == "retention"
    }
    assert len(runs) == 1  # it goes on with what was begun
    monkeypatch.undo()
    assert bench.look(11.02)
    assert (bench.left(), bench.timer().outcome, bench.timer().n_failures) == (set(), "done", 0)
    assert [one.name for one in (tmp_path / "old").iterdir()] == list(runs)


def parameters(bench: Bench, job_id: JobId) -> dict[str, Any]:
    with bench.opened._workspace.store.read() as session:
        return dict(json.loads(session.jobs.parameters(job_id)))


@pytest.mark.nightly
def test_what_cannot_even_begin_is_told(bench: Bench, tmp_path: Path) -> None:
    bench.put(0, 1)
    (tmp_path / "away").mkdir()
    bench.operations.set_retention("workspace", "", "archive", 10, 0, folder="away/old", unattended=True)
    assert bench.look(11)
    assert bench.left() == set()
    bench.put(1, 1)
    shutil.rmtree(tmp_path / "away")
    assert bench.look(22)
    timer = bench.timer()
    assert (timer.outcome, timer.error) == ("failed", "'away/old' cannot take an archive.")
    (tmp_path / "away").mkdir()
    assert bench.look(22.01)  # and not the run that was done before
    assert bench.left() == set()


class Unread:
    """A queue that nobody reads."""

    def put(self, run: object) -> None:
        """Let it lie."""


def test_a_run_of_an_owner_that_died_goes_on_under_its_name(bench: Bench, tmp_path: Path) -> None:
    bench.put(0, 2)
    bench.operations.set_retention("workspace", "", "archive", 10, 0, folder="old", unattended=True)
    bench.day = 11
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(bench.opened._workspace.jobs._queues, "load", Unread())
        assert bench.turns.look()
    assert bench.timer().outcome == "running"
    bench.opened.close()
    bench.open()
    (job,) = bench.operations.jobs()
    assert job.status == "interrupted" and bench.timer().next_at == AT + timedelta(days=11)
    assert bench.look(11.0001)
    assert (bench.left(), bench.timer().outcome) == (set(), "done")
    assert [one.name for one in (tmp_path / "old").iterdir()] == [parameters(bench, job.job_id)["run"]]
    assert bench.told("start_retention", "resume_job") == [
        ("start_retention", "ann", "timer"),
        ("resume_job", "ann", "timer"),
    ]


@pytest.mark.nightly
def test_a_run_that_was_broken_off_does_not_go_on_by_another_policy(bench: Bench) -> None:
    bench.put(0, 2)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    bench.day = 11
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(bench.opened._workspace.jobs._queues, "load", Unread())
        assert bench.turns.look()
    bench.operations.set_retention("source", "demo/mail", "report")
    bench.opened.close()
    bench.open()
    assert bench.look(11.0001)
    assert bench.left() == {"m0", "m1"}
    (policy,) = [one for one in bench.operations.retention_policies() if one.unattended]
    assert policy.timer is not None and policy.timer.outcome == "nothing"


@pytest.mark.nightly
@pytest.mark.parametrize(("error", "day"), [(KeyboardInterrupt(), 11.0), (StoreError("full."), 11.01)])
def test_a_run_that_was_never_recorded_begins_anew(bench: Bench, error: BaseException, day: float) -> None:
    bench.put(0, 2)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    bench.day = 11

    def die(*_: object) -> None:
        raise error

    with pytest.MonkeyPatch.context() as patched, contextlib.suppress(KeyboardInterrupt):
        patched.setattr(bench.opened._workspace.jobs._shelf, "add", die)
        bench.turns.look()
    assert bench.left() == {"m0", "m1"}
    assert bench.look(day)
    assert bench.left() == set()


@pytest.mark.nightly
def test_a_cancelled_run_waits_for_its_next_turn(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put(0, 2)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    take = retention_runs._take_piece

    def cancelled(caller: Any, *rest: Any) -> Any:
        for job in bench.operations.jobs():
            if not job.finished:
                bench.operations.cancel_job(job.job_id)
        return take(caller, *rest)

    monkeypatch.setattr(retention_runs, "_take_piece", cancelled)
    assert bench.look(11)
    timer = bench.timer()
    assert (timer.outcome, timer.next_at) == ("cancelled", AT + timedelta(days=12))


@pytest.mark.nightly
def test_no_second_run_begins_while_one_runs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.put(0, 1)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    began: list[bool] = []
    take = retention_runs._take_piece

    def looking(*values: Any) -> Any:
        began.append(bench.turns.look())
        assert bench.timer().outcome == "running" and bench.timer().next_at is None
        return take(*values)

    monkeypatch.setattr(retention_runs, "_take_piece", looking)
    assert bench.look(11)
    assert (bench.timer().outcome, began) == ("done", [False, False])


def test_none_begins_while_one_runs_that_somebody_started(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put(0, 1)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    began: list[bool] = []
    take = retention_runs._take_piece

    def looking(*values: Any) -> Any:
        began.append(bench.turns.look())
        return take(*values)

    monkeypatch.setattr(retention_runs, "_take_piece", looking)
    bench.day = 11
    bench.operations.start_retention()
    bench.end()
    assert (bench.left(), began) == (set(), [False, False])


@pytest.mark.parametrize(
    "then", ["attended", *(pytest.param(one, marks=pytest.mark.nightly) for one in ("removed", "disabled"))]
)
def test_what_changes_just_before_a_turn_counts(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    bench.put(0, 1)
    root = bench.operations
    for name in ("ann", "bob"):
        root.create_user(name, "", name, PASSWORD)
        root.assign_role(name, "service_admin")
    secret = root.create_token("nightly", AT + timedelta(days=300), user="bob").secret
    bob = bench.opened.operations_for(bench.opened.accounts.recognise(secret))
    bob.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    real = retention_turns.begin

    def late(*values: Any) -> Any:
        if then == "attended":
            root.set_retention("workspace", "", "delete", 10, 0)
        elif then == "removed":
            root.remove_retention("workspace")
        else:
            root.enable_user("bob", False)
        return real(*values)

    monkeypatch.setattr(retention_turns, "begin", late)
    assert bench.look(11)
    assert bench.left() == {"m0"} and bench.told("announce_retention", "start_retention") == []
    assert [one.unattended for one in root.retention_policies()] == {
        "attended": [False],
        "removed": [],
        "disabled": [True],
    }[then]


def test_a_policy_that_is_set_anew_or_taken_away_has_no_timer_of_before(bench: Bench) -> None:
    bench.put(0, 1)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    bench.operations.set_retention("workspace", "", "delete", 10, 0)
    assert not bench.look(11)
    bench.operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
    assert bench.operations.remove_retention("workspace").unattended
    assert not bench.look(13)
    with bench.opened._workspace.store.read() as session:
        assert session.retention.timers() == ()
    assert bench.left() == {"m0"}


def test_the_owner_does_it_by_itself(tmp_path: Path, empty: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", n_threads=1, retention_interval_s=0.01)
    file = shutil.copyfile(empty, tmp_path / "w.duckdb")
    with open_workspace(file, settings=settings, clock=lambda: AT) as opened:
        operations = opened.operations("ann")
        source = operations.create_source("demo", "mail")
        operations.put_messages(source.source_id, batch(message("m0")), "b", 1)
        opened._workspace.clock = lambda: AT + timedelta(days=11)
        operations.set_retention("workspace", "", "delete", 10, 0, unattended=True)
        opened._workspace.clock = lambda: AT + timedelta(days=12)
        after = 0
        while not (found := [one for one in operations.jobs() if one.kind == "retention"]):
            after = operations.wait_events(after, 1.0).last_seq
        assert Job(operations, found[0].job_id).wait(progress=False)["n_messages"] == 1


def test_a_setting_switches_it_off(tmp_path: Path, empty: Path) -> None:
    settings = Settings(encoder="hash-test", fast_encoder="", n_threads=1, retention_interval_s=0)
    file = shutil.copyfile(empty, tmp_path / "w.duckdb")
    with open_workspace(file, settings=settings) as opened:
        made = opened.operations("ann").set_retention("workspace", "", "delete", unattended=True)
        assert made.timer is not None and made.timer.blocked == "the setting 'retention_interval_s' is 0"
        assert not RetentionTurns(opened._workspace).enabled()
