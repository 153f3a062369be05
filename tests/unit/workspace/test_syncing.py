"""What becomes of a mailbox's turn, with a worker that hands over what the test says."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.connect.mails import mail
from workbench.connect import Page
from workbench.connect.failures import throttled
from workbench.domain import (
    AnyConnection,
    BucketTarget,
    DepositReport,
    FolderState,
    ImapConnection,
    Integration,
    JobState,
    Mailbox,
    MailboxStatus,
    Operations,
    RawMail,
    Secrets,
)
from workbench.errors import InputError, LimitError, UnknownNameError
from workbench.settings import Settings
from workbench.workspace.depositing import deposit
from workbench.workspace.jobs import JobRun
from workbench.workspace.opening import OpenedWorkspace, open_workspace
from workbench.workspace.polling import MailboxTurns
from workbench.workspace.syncing import JOBS_KEPT
from workbench.workspace.work.fetching import FailedFolder

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ADDRESS = "care@shop.example"
INBOX, ORDERS = ("INBOX",), ("Orders",)
Items = Callable[[dict[str, Any]], Iterator[object]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0)
    with open_workspace(
        tmp_path / "w.duckdb", settings=settings, clock=lambda: NOW, cache_dir=tmp_path / "c"
    ) as made:
        yield made


@pytest.fixture
def operations(opened: OpenedWorkspace) -> Operations:
    return opened.operations("tester")


@pytest.fixture
def made(operations: Operations) -> Integration:
    source = operations.create_source("demo", "care", kind="email")
    bucket = operations.create_bucket("demo", "mail")
    wait(operations, operations.start_attach(source.source_id, bucket.bucket_id))
    connection = ImapConnection(host="127.0.0.1", port=9, user_name="care", security="plain")
    mailbox = Mailbox(address=ADDRESS, bucket=BucketTarget(project="demo", name="mail"))
    found = operations.create_integration("demo", "shop", AnyConnection.of(connection), (mailbox,))
    return operations.set_secrets(found.integration_id, Secrets(password="korrekt-pferd"))


def hand_over(monkeypatch: pytest.MonkeyPatch, items: Items) -> None:
    """Let the worker hand over these items, then say that there is no more."""

    def work_items(_run: JobRun, _function: str, payload: dict[str, Any], **_: Any) -> Any:
        yield from (("item", item) for item in items(payload))
        yield "result", False

    monkeypatch.setattr(JobRun, "work_items", work_items)


def page(number: int, folder: tuple[str, ...] = INBOX, *, problems: tuple[str, ...] = ()) -> Page:
    state = FolderState(mailbox=ADDRESS, folder=folder, cursor=str(number), up_to_date=True)
    raw = RawMail(content=mail(number), mailbox=ADDRESS, folder=folder, remote_id=str(number))
    return Page(state=state, mails=(raw,), problems=problems)


def wait(operations: Operations, job_id: Any) -> JobState:
    end = time.monotonic() + 60
    while not (state := operations.job(job_id)).finished:
        assert time.monotonic() < end, state
        time.sleep(0.02)
    return state


def sync(operations: Operations, made: Integration) -> JobState:
    return wait(operations, operations.start_sync(made.integration_id))


def status(operations: Operations, made: Integration) -> MailboxStatus:
    return operations.integration(made.integration_id).mailboxes[0]


def test_reading_anew_is_not_undone_by_what_was_under_way(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[FolderState, ...]] = []

    def items(payload: dict[str, Any]) -> Iterator[object]:
        given.append(payload["states"])
        yield page(1)
        if len(given) == 1:
            operations.resync_mailbox(made.integration_id, ADDRESS, NOW)
        yield page(2)

    hand_over(monkeypatch, items)
    assert sync(operations, made).status == "done"
    assert status(operations, made).folders == ()
    assert operations.buckets()[0].n_mails == 1
    assert sync(operations, made).status == "done"
    assert given == [(), ()]
    assert operations.buckets()[0].n_mails == 2
    assert [one.path for one in status(operations, made).folders] == [INBOX]
    assert operations.usage().units == 2


def test_reading_anew_at_the_end_of_a_turn_does_not_wait_for_the_next_interval(
    opened: OpenedWorkspace, operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened._workspace
    monkeypatch.setitem(home.__dict__, "settings", replace(home.settings, sync_interval_s=3_600))
    again = [False]

    def items(_payload: dict[str, Any]) -> Iterator[object]:
        yield page(1)
        if again[0]:
            operations.resync_mailbox(made.integration_id, ADDRESS, folder=INBOX)

    hand_over(monkeypatch, items)
    assert sync(operations, made).status == "done"
    assert status(operations, made).next_try_at == NOW + timedelta(hours=1)
    again[0] = True
    assert sync(operations, made).status == "done"
    assert status(operations, made).next_try_at == NOW


def test_folders_are_counted_and_one_alone_is_read_again(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[set[tuple[str, ...]]] = []

    def items(payload: dict[str, Any]) -> Iterator[object]:
        given.append({state.folder for state in payload["states"]})
        for folder, numbers in ((INBOX, (1, 2, 3)), (ORDERS, (3, 4))):
            for number in () if folder in given[-1] else numbers:
                sent = page(number, folder)
                renumbered = replace(sent.mails[0], remote_id=f"{len(given)}/{number}")
                yield replace(sent, mails=(renumbered,))

    hand_over(monkeypatch, items)
    assert sync(operations, made).status == "done"
    read_again = operations.resync_mailbox(made.integration_id, ADDRESS, folder=ORDERS).mailboxes[0]
    assert [one.path for one in read_again.folders] == [INBOX]
    assert sync(operations, made).status == "done"
    assert given == [set(), {INBOX}]
    found = status(operations, made)
    assert [(one.path, one.n_messages) for one in found.folders] == [(INBOX, 3), (ORDERS, 2)]
    assert (found.n_messages, found.last_synced_at) == (5, NOW)
    assert operations.usage().units == operations.buckets()[0].n_mails == 4
    with pytest.raises(UnknownNameError, match=r"unknown folder 'Ordrs'\. did you mean 'Orders'"):
        operations.resync_mailbox(made.integration_id, ADDRESS, folder=("Ordrs",))
    with pytest.raises(InputError, match="folder 'Orders' cannot have a start date of its own: 2026"):
        operations.resync_mailbox(made.integration_id, ADDRESS, NOW, ORDERS)


def test_a_mail_deleted_on_purpose_stays_away_until_its_mailbox_is_read_anew(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def items(payload: dict[str, Any]) -> Iterator[object]:
        """A mailbox of two mails, read on from its state as a connector does."""
        done = max((int(state.cursor) for state in payload["states"]), default=0)
        yield from (page(number) for number in (1, 2) if number > done)

    hand_over(monkeypatch, items)
    assert sync(operations, made).status == "done"
    bucket = operations.buckets()[0]
    ids = operations.sql("SELECT message_id FROM message ORDER BY message_id").column(0).to_pylist()
    assert operations.delete_mails(bucket.bucket_id, (ids[0],), "delete").n_messages == 1
    assert sync(operations, made).status == "done"
    assert (operations.buckets()[0].n_mails, operations.sources()[0].n_messages) == (1, 1)
    operations.resync_mailbox(made.integration_id, ADDRESS, NOW)
    assert sync(operations, made).status == "done"
    assert (operations.buckets()[0].n_mails, operations.sources()[0].n_messages) == (2, 2)
    assert operations.usage().units == 3


def test_an_integration_deleted_meanwhile_keeps_nothing(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def items(_payload: dict[str, Any]) -> Iterator[object]:
        yield page(1)
        operations.delete_integration(made.integration_id, "demo/shop")
        yield page(2)

    hand_over(monkeypatch, items)
    assert sync(operations, made).status == "done"
    assert operations.integrations() == ()
    assert operations.sql("SELECT * FROM sync_state").num_rows == 0
    assert operations.buckets()[0].n_mails == 1


def test_being_asked_to_wait_shows_when_it_goes_on(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def items(_payload: dict[str, Any]) -> Iterator[object]:
        yield page(1)
        raise throttled("imap.shop.example", 90)

    hand_over(monkeypatch, items)
    assert sync(operations, made).error_code == "throttled"
    found = status(operations, made)
    assert (found.n_failures, found.next_try_at) == (0, NOW + timedelta(seconds=90))
    assert found.error == "imap.shop.example asks to wait (for 90 s)."
    assert operations.buckets()[0].n_mails == 1


def test_what_nobody_foresaw_is_counted_waited_out_and_stops_no_other_mailbox(
    operations: Operations,
    made: Integration,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def items(payload: dict[str, Any]) -> Iterator[object]:
        if payload["mailbox"].address == ADDRESS:
            raise KeyError("words of somebody's mail")
        yield page(1)

    hand_over(monkeypatch, items)
    state = sync(operations, made)
    assert (state.status, state.error_code) == ("failed", "workbench-error")
    other = replace(made.mailboxes[0].mailbox, address="second@shop.example")
    operations.amend_integration(made.integration_id, mailboxes=(made.mailboxes[0].mailbox, other))
    state = sync(operations, made)
    assert state.status == "done"
    assert f"mailbox '{ADDRESS}' could not be read: KeyError, which was not foreseen" in state.result
    failed, read = operations.integration(made.integration_id).mailboxes
    assert (failed.n_failures, read.n_failures, read.error) == (2, 0, "")
    assert failed.error_code == "workbench-error"
    assert "the other mailboxes are read" in failed.next_step
    assert failed.next_try_at is not None
    assert failed.next_try_at > NOW
    assert operations.buckets()[0].n_mails == 1
    assert "KeyError at test_syncing.py" in caplog.text
    assert "somebody" not in caplog.text + str(failed)
    for _ in range(8):
        sync(operations, made)
    (failed, _read) = operations.integration(made.integration_id).mailboxes
    assert (failed.mailbox.disabled_reason, failed.next_try_at) == ("sync_error", None)


def test_folders_fail_singly_and_together(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = FailedFolder(path=ORDERS, error="it makes no sense.")
    hand_over(monkeypatch, lambda _: iter([page(1, problems=("mail 7 cannot be read",)), failed]))
    assert sync(operations, made).status == "done"
    found = status(operations, made)
    assert {one.path: one.error for one in found.folders} == {INBOX: "", ORDERS: "it makes no sense."}
    assert (found.n_problems, found.problems, found.error) == (1, ("mail 7 cannot be read",), "")
    hand_over(monkeypatch, lambda _: iter([failed]))
    state = sync(operations, made)
    assert (state.status, state.error_code) == ("failed", "remote-protocol")
    assert state.error == f"no folder of '{ADDRESS}' could be read: it makes no sense."
    hand_over(monkeypatch, lambda _: iter([page(2, ORDERS)]))
    assert sync(operations, made).status == "done"
    assert [one.error for one in status(operations, made).folders] == ["", ""]


def test_old_jobs_of_reading_are_forgotten(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_over(monkeypatch, lambda _: iter([]))
    for _ in range(JOBS_KEPT + 5):
        sync(operations, made)
    kinds = [one.kind for one in operations.jobs()]
    assert kinds.count("sync") == JOBS_KEPT
    assert "fill" in kinds


def test_a_bucket_that_is_missing_is_made(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = BucketTarget(project="other", name="raw", title="Raw")
    operations.amend_integration(made.integration_id, mailboxes=(Mailbox(address=ADDRESS, bucket=elsewhere),))
    hand_over(monkeypatch, lambda _: iter([page(1)]))
    assert sync(operations, made).status == "done"
    (bucket,) = operations.buckets("other")
    assert (bucket.full_name, bucket.title, bucket.n_mails) == ("other/raw", "Raw", 1)


def test_a_bucket_is_not_deleted_under_a_running_sync_and_does_not_come_back(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    (bucket,) = operations.buckets()
    other = operations.create_bucket("demo", "other")
    refused: list[str] = []

    def items(_payload: dict[str, Any]) -> Iterator[object]:
        yield page(1)
        operations.delete_bucket(other.bucket_id, "demo/other")  # nothing flows into this one
        try:
            operations.delete_bucket(bucket.bucket_id, "demo/mail")
        except InputError as error:
            refused.append(error.message)
        operations.enable_integration(made.integration_id, False)
        operations.delete_bucket(bucket.bucket_id, "demo/mail")
        yield page(2)

    hand_over(monkeypatch, items)
    assert sync(operations, made).status == "done"
    assert len(refused) == 1
    assert "(sync) still works on it" in refused[0]
    assert operations.buckets() == ()
    assert operations.sources()[0].n_messages == 1


@pytest.mark.parametrize("then", ["pause", "delete"])
def test_a_bucket_that_goes_while_mail_is_stored_leaves_no_error_behind(
    operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    (bucket,) = operations.buckets()

    def late(*given: Any, **named: Any) -> DepositReport:
        if then == "pause":
            operations.enable_integration(made.integration_id, False, ADDRESS)
        else:
            operations.delete_integration(made.integration_id, "demo/shop")
        operations.delete_bucket(bucket.bucket_id, "demo/mail")
        return deposit(*given, **named)

    monkeypatch.setattr("workbench.workspace.syncing.deposit", late)
    hand_over(monkeypatch, lambda _: iter([page(1)]))
    state = sync(operations, made)
    assert (state.status, state.error) == ("done", "")
    if then == "pause":
        found = status(operations, made)
        assert (found.mailbox.disabled_reason, found.error, found.n_failures) == ("user", "", 0)


def test_a_sync_whose_outcome_cannot_be_written_is_not_begun_again_at_once(
    opened: OpenedWorkspace, operations: Operations, made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    poller = MailboxTurns(opened._workspace)
    hand_over(monkeypatch, lambda _: iter([]))
    monkeypatch.setattr("workbench.workspace.syncing._record", full)
    assert poller.look()
    wait(operations, operations.jobs()[0].job_id)
    assert status(operations, made).tried_at is None  # so it is due still
    while not poller._not_before:  # until the job has left its lane
        assert not poller.look()
    assert [poller.look() for _ in range(5)] == [False] * 5
    monkeypatch.undo()
    hand_over(monkeypatch, lambda _: iter([]))
    monkeypatch.setattr(poller, "_not_before", 0.0)
    assert poller.look()
    wait(operations, operations.jobs()[0].job_id)
    assert status(operations, made).tried_at == NOW


def test_integrations_and_mailboxes_have_quotas(tmp_path: Path) -> None:
    settings = Settings(
        encoder="hash-test",
        fast_encoder="",
        most_integrations=1,
        mailboxes_per_integration=1,
        sync_interval_s=0,
    )
    connection = AnyConnection.of(ImapConnection(host="127.0.0.1", port=9, user_name="c", security="plain"))
    bucket = BucketTarget(project="demo", name="mail")
    two = (Mailbox(address="a", bucket=bucket), Mailbox(address="b", bucket=bucket))
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        here = opened.operations("tester")
        with pytest.raises(LimitError, match="integration demo/one would have 2 mailboxes; at most 1"):
            here.create_integration("demo", "one", connection, two)
        here.create_integration("demo", "one", connection, two[:1])
        with pytest.raises(LimitError, match="integration demo/two would be integration number 2"):
            here.create_integration("demo", "two", connection)
        found = {one.kind: (one.hard_limit, one.used, one.where) for one in here.quotas()}
    assert found["integrations"] == (1, 1, "")
    assert found["mailboxes_per_integration"] == (1, 1, "demo/one")
