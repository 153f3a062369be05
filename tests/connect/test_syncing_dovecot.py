"""Mailboxes of a real Dovecot read again and again into a workspace."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.connect.dovecot import PASSWORD, USER, Dovecot
from tests.connect.lines import garbling
from tests.connect.mails import mail
from tests.contract.conftest import stop_owner
from workbench.client import connect_local
from workbench.domain import (
    AnyConnection,
    BucketTarget,
    ImapConnection,
    Integration,
    JobState,
    Mailbox,
    MailboxStatus,
    Operations,
    Secrets,
)
from workbench.errors import CredentialsRefusedError, InputError, UnreachableError
from workbench.settings import Settings
from workbench.wire import companion_folder
from workbench.workspace.opening import OpenedWorkspace, open_workspace

pytestmark = pytest.mark.slow
BUCKET = BucketTarget(project="demo", name="mail")
SECOND = "second@shop.example"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, clock: Clock) -> Iterator[OpenedWorkspace]:
    """Read only when asked, unless the test starts it otherwise."""
    settings = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0, sync_timeout_s=20)
    with open_workspace(
        tmp_path / "w.duckdb", settings=settings, clock=clock, cache_dir=tmp_path / "cache"
    ) as made:
        yield made


@pytest.fixture
def operations(opened: OpenedWorkspace) -> Operations:
    return opened.operations("tester")


def set_up(
    operations: Operations,
    dovecot: Dovecot,
    *mailboxes: Mailbox,
    password: str = PASSWORD,
    port: int | None = None,
) -> Integration:
    """A source that reads a bucket, into which the mailboxes flow."""
    source = operations.create_source("demo", "care", kind="email")
    bucket = operations.create_bucket("demo", "mail")
    wait(operations, operations.start_attach(source.source_id, bucket.bucket_id))
    connection = ImapConnection(host="127.0.0.1", port=port or dovecot.port, user_name=USER, security="plain")
    made = operations.create_integration(
        "demo", "shop", AnyConnection.of(connection), mailboxes or (Mailbox(address=USER, bucket=BUCKET),)
    )
    return operations.set_secrets(made.integration_id, Secrets(password=password))


def wait(operations: Operations, job_id: Any) -> JobState:
    for _ in range(600):
        state = operations.job(job_id)
        if state.finished:
            return state
        time.sleep(0.05)
    raise AssertionError(state)


def sync(operations: Operations, made: Integration, mailbox: str | None = None) -> dict[str, Any]:
    state = wait(operations, operations.start_sync(made.integration_id, mailbox))
    assert state.status == "done", state.error
    found: dict[str, Any] = msgspec.json.decode(state.result)
    return found


def status(operations: Operations, made: Integration, address: str = USER) -> MailboxStatus:
    found = operations.integration(made.integration_id).mailboxes
    return next(one for one in found if one.mailbox.address == address)


def n_messages(operations: Operations) -> int:
    return operations.sources()[0].n_messages


def units(operations: Operations) -> int:
    return operations.usage().units


def test_first_sync_then_nothing_new_then_new_mail(operations: Operations, dovecot: Dovecot) -> None:
    dovecot.add([mail(n) for n in range(1, 6)])
    dovecot.add([mail(6)], "Orders")
    made = set_up(operations, dovecot)
    assert status(operations, made).folders == ()
    first = sync(operations, made)
    assert (first["mails"], first["new"], first["units"]) == (6, 6, 6)
    found = status(operations, made)
    assert found.up_to_date
    assert {one.path for one in found.folders} >= {("INBOX",), ("Orders",), ("Gesendet",)}
    assert ("Junk",) not in {one.path for one in found.folders}
    assert found.tried_at == BEGIN
    assert found.error == ""
    second = sync(operations, made)
    assert second.get("mails", 0) == second.get("new", 0) == 0
    dovecot.add([mail(7)])
    assert sync(operations, made)["new"] == 1
    assert (n_messages(operations), units(operations)) == (7, 7)
    assert set(operations.ledger_table().column("channel").to_pylist()) == {"integration"}


def test_lists_of_folders_and_the_start_date_say_what_is_read(
    operations: Operations, dovecot: Dovecot
) -> None:
    dovecot.add([mail(1)], received_at=BEGIN - timedelta(days=30))
    dovecot.add([mail(2)], received_at=BEGIN)
    dovecot.add([mail(3)], "Orders", received_at=BEGIN)
    dovecot.add([mail(4)], "Private", received_at=BEGIN)
    made = set_up(
        operations,
        dovecot,
        Mailbox(
            address=USER,
            bucket=BUCKET,
            folder_allow=(("INBOX",), ("Private",)),
            folder_deny=(("private",),),
            start_at=BEGIN - timedelta(days=1),
        ),
    )
    listed = {one.path: one.wanted for one in operations.mailbox_folders(made.integration_id, USER)}
    assert listed[("INBOX",)]
    assert not listed[("Orders",)]
    assert not listed[("Private",)]
    assert sync(operations, made)["new"] == 1
    assert [one.path for one in status(operations, made).folders] == [("INBOX",)]

    operations.resync_mailbox(made.integration_id, USER, None)
    again = sync(operations, made)
    assert (again["new"], again["known"]) == (1, 1)
    assert units(operations) == 2
    assert status(operations, made).mailbox.start_at is None


@pytest.mark.nightly
def test_a_wrong_password_stops_the_mailbox_after_three_times_and_says_why(
    operations: Operations, dovecot: Dovecot
) -> None:
    dovecot.add([mail(1)])
    made = set_up(operations, dovecot, password=PASSWORD)
    with pytest.raises(InputError, match="no secret 'password' yet"):
        operations.start_sync(operations.set_secrets(made.integration_id, Secrets()).integration_id)
    operations.set_secrets(made.integration_id, Secrets(password="wr0ng-passw0rd"))
    for n in range(1, 4):
        state = wait(operations, operations.start_sync(made.integration_id))
        assert (state.status, state.error_code) == ("failed", CredentialsRefusedError.code)
        assert status(operations, made).n_failures == n
    found = status(operations, made)
    assert (found.mailbox.enabled, found.mailbox.disabled_reason) == (False, "sync_error")
    assert found.error.startswith(f"127.0.0.1:{dovecot.port} refused '{USER}'")
    assert "enter them again" in found.next_step
    assert found.next_try_at is None
    assert "wr0ng" not in str(found)
    with pytest.raises(InputError, match=r"mailbox .* is not read: sync_error"):
        operations.start_sync(made.integration_id, USER)
    with pytest.raises(CredentialsRefusedError, match="refused"):
        operations.mailbox_folders(made.integration_id, USER)

    operations.set_secrets(made.integration_id, Secrets(password=PASSWORD))
    assert status(operations, made).mailbox.enabled
    assert sync(operations, made)["new"] == 1
    assert status(operations, made).error == ""


def test_a_server_that_is_away_is_waited_for_and_comes_back(
    operations: Operations, dovecot: Dovecot, clock: Clock, opened: OpenedWorkspace
) -> None:
    dovecot.add([mail(1)])
    made = set_up(operations, dovecot, port=9)
    state = wait(operations, operations.start_sync(made.integration_id))
    assert (state.status, state.error_code) == ("failed", UnreachableError.code)
    first = status(operations, made)
    assert first.error.startswith("127.0.0.1:9 cannot be reached")
    assert first.next_try_at is not None
    assert 15 <= (first.next_try_at - clock.now).total_seconds() <= 30
    wait(operations, operations.start_sync(made.integration_id))
    second = status(operations, made)
    assert second.next_try_at is not None
    assert 30 <= (second.next_try_at - clock.now).total_seconds() <= 60
    assert not opened._poller.look()
    there = ImapConnection(host="127.0.0.1", port=dovecot.port, user_name=USER, security="plain")
    operations.amend_integration(made.integration_id, connection=AnyConnection.of(there))
    clock.now = second.next_try_at
    assert opened._poller.look()
    until(lambda: status(operations, made).n_failures == 0)
    assert status(operations, made).up_to_date
    assert n_messages(operations) == 1


def until(true: Callable[[], bool]) -> None:
    for _ in range(400):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError(true)


def test_a_folder_numbered_anew_is_read_again_without_a_charge(
    operations: Operations, dovecot: Dovecot
) -> None:
    dovecot.add([mail(n) for n in range(1, 4)], "Orders")
    made = set_up(operations, dovecot, Mailbox(address=USER, bucket=BUCKET, folder_allow=(("Orders",),)))
    assert sync(operations, made)["new"] == 3
    client = dovecot.client()
    client.rename("Orders", "Old")
    client.create("Orders")
    client.select("Old")
    client.uid("COPY", "1:*", "Orders")
    client.logout()
    again = sync(operations, made)
    assert (again["mails"], again.get("new", 0), again["known"]) == (3, 0, 3)
    assert (n_messages(operations), units(operations)) == (3, 3)


def test_two_mailboxes_with_the_same_mail_keep_it_once(operations: Operations, dovecot: Dovecot) -> None:
    dovecot.add([mail(n) for n in range(1, 4)])
    made = set_up(
        operations, dovecot, Mailbox(address=USER, bucket=BUCKET), Mailbox(address=SECOND, bucket=BUCKET)
    )
    both = sync(operations, made)
    assert (both["mails"], both["stored"], both["known"], both["units"]) == (6, 3, 3, 3)
    assert operations.buckets()[0].n_mails == n_messages(operations) == 3


@pytest.mark.nightly
def test_a_pause_holds_at_once_and_ends_by_resuming(operations: Operations, dovecot: Dovecot) -> None:
    made = set_up(operations, dovecot)
    dovecot.drop_in([mail(n, body="x" * 2_000) for n in range(1, 1_201)], "Many")
    job_id = operations.start_sync(made.integration_id)
    until(lambda: n_messages(operations) > 0)
    paused = operations.enable_integration(made.integration_id, False, USER)
    held = n_messages(operations)
    assert paused.mailboxes[0].mailbox.disabled_reason == "user"
    assert wait(operations, job_id).status == "done"
    assert n_messages(operations) == held < 1_200
    with pytest.raises(InputError, match="is not read: user"):
        operations.start_sync(made.integration_id)
    operations.enable_integration(made.integration_id, True, USER)
    sync(operations, made)
    assert n_messages(operations) == units(operations) == 1_200
    whole = operations.enable_integration(made.integration_id, False)
    assert (whole.enabled, whole.disabled_reason) == (False, "user")
    with pytest.raises(InputError, match="demo/shop is not read: user"):
        operations.start_sync(made.integration_id)


def test_a_folder_that_makes_no_sense_does_not_stop_the_others(
    operations: Operations, dovecot: Dovecot
) -> None:
    dovecot.add([mail(1)])
    dovecot.add([mail(2)], "Broken")
    with garbling(dovecot.port, b"Broken", b"[UIDVALIDITY", b"[NONSENSE") as port:
        made = set_up(operations, dovecot, port=port)
        found = sync(operations, made)
    assert found["new"] == 1
    folders = {one.path: one for one in status(operations, made).folders}
    assert "UIDVALIDITY" in folders[("Broken",)].error
    assert folders[("INBOX",)].up_to_date
    assert not status(operations, made).up_to_date


def test_mailboxes_are_read_by_themselves(tmp_path: Path, dovecot: Dovecot) -> None:
    dovecot.add([mail(1)])
    settings = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0.2)
    with open_workspace(tmp_path / "w.duckdb", settings=settings, cache_dir=tmp_path / "c") as opened:
        operations = opened.operations("tester")
        made = set_up(operations, dovecot)
        until(lambda: n_messages(operations) == 1)
        dovecot.add([mail(2)])
        until(lambda: n_messages(operations) == 2)
        assert status(operations, made).next_try_at is not None
        assert {one.kind for one in operations.jobs()} == {"fill", "sync"}
        assert len([one for one in operations.jobs() if one.kind == "sync"]) <= 22


def test_a_quota_that_is_spent_stops_and_room_lets_it_go_on(
    tmp_path: Path, dovecot: Dovecot, clock: Clock
) -> None:
    dovecot.add([mail(n) for n in range(1, 4)])
    small = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0, most_messages=2)
    file = tmp_path / "w.duckdb"
    with open_workspace(file, settings=small, clock=clock, cache_dir=tmp_path / "c") as opened:
        operations = opened.operations("tester")
        made = set_up(operations, dovecot)
        state = wait(operations, operations.start_sync(made.integration_id))
        assert (state.status, state.error_code) == ("failed", "limit")
        found = status(operations, made)
        assert found.mailbox.disabled_reason == "quota"
        assert "at most 2 are allowed" in found.error
        assert found.next_try_at == clock.now + timedelta(hours=1)
        assert n_messages(operations) == 0
    roomy = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0)
    with open_workspace(file, settings=roomy, clock=clock, cache_dir=tmp_path / "c") as opened:
        operations = opened.operations("tester")
        assert sync(operations, made)["new"] == 3
        assert status(operations, made).mailbox.enabled


def test_an_owner_killed_in_the_middle_goes_on_without_a_second_charge(
    tmp_path: Path, dovecot: Dovecot, short_runtime: Path
) -> None:
    n_mails = 600
    dovecot.drop_in([mail(n, body="x" * 2_000) for n in range(1, n_mails + 1)], "Many")
    file = tmp_path / "w.duckdb"
    (tmp_path / "workbench.toml").write_text('encoder = "hash-test"\nsync_interval_s = 0\n', "utf-8")
    settings = Settings(encoder="hash-test", sync_interval_s=0)
    try:
        operations = connect_local(file, actor="tester", settings=settings)
        made = set_up(operations, dovecot)
        for aim in (50, 200):
            job_id = operations.start_sync(made.integration_id)
            until(lambda: n_messages(operations) >= aim)  # noqa: B023 - used at once
            pid = int((companion_folder(file) / "owner.pid").read_text("ascii"))
            os.kill(pid, signal.SIGKILL)
            operations = connect_local(file, actor="tester", settings=settings)
            assert operations.job(job_id).status == "interrupted"
            held = n_messages(operations)
            assert aim <= held < n_mails
            assert units(operations) == held
        sync(operations, made)
        assert n_messages(operations) == units(operations) == operations.buckets()[0].n_mails == n_mails
        uids = operations.ledger_table().column("uid").to_pylist()
        assert len(set(uids)) == len(uids) == n_mails
    finally:
        stop_owner(file)
