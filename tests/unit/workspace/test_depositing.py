"""Mail into buckets: once each, in threads, charged once, and never half."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.mails import HEAD, multipart, part
from workbench.domain import (
    Bucket,
    BucketId,
    DepositReport,
    MailImportReport,
    Message,
    MessageFilter,
    SourceId,
)
from workbench.domain.mail import RawMail
from workbench.door import Job
from workbench.errors import InputError, JobCancelledError, LimitError, UnknownNameError
from workbench.ingest.mailbox.reading import NO_TEXT
from workbench.settings import Settings
from workbench.store import Session
from workbench.workspace.buckets import deposit
from workbench.workspace.context import Workspace
from workbench.workspace.mail_reading import MailReader
from workbench.workspace.opening import OpenedWorkspace, open_workspace


def letter(
    number: int,
    text: str = "Where is my parcel?",
    *,
    answers: int | None = None,
    subject: str = "Late parcel",
    mailbox: str = "care",
    folder: tuple[str, ...] = ("Inbox",),
    more: str = "",
) -> RawMail:
    reference = f"References: <{answers}@shop.example>\n" if answers is not None else ""
    content = (
        f"From: Kim <kim@shop.example>\nTo: help@carrier.example\nSubject: {subject}\n{more}{reference}"
        f"Date: Tue, 5 Mar 2024 10:{number % 60:02d}:00 +0100\nMessage-ID: <{number}@shop.example>\n\n{text}\n"
    )
    return RawMail(content=content.encode(), mailbox=mailbox, folder=folder, remote_id=f"uid-{number}")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, predict_after_s=-1)
    with open_workspace(tmp_path_factory.mktemp("mail") / "w.duckdb", settings=settings) as made:
        yield made


@pytest.fixture
def workspace(opened: OpenedWorkspace) -> Workspace:
    return opened._workspace


@pytest.fixture
def bucket(opened: OpenedWorkspace, request: pytest.FixtureRequest) -> Bucket:
    return opened.operations("tester").create_bucket("demo", f"b{abs(hash(request.node.name))}")


@pytest.fixture
def source_id(opened: OpenedWorkspace, bucket: Bucket) -> SourceId:
    return (
        opened.operations("tester").create_source("demo", bucket.name, bucket_id=bucket.bucket_id).source_id
    )


def put(workspace: Workspace, bucket: Bucket, *mails: RawMail) -> DepositReport:
    return deposit(workspace, bucket.bucket_id, mails, actor="tester", channel="imap")


def stored(opened: OpenedWorkspace, source_id: SourceId) -> dict[str, Message]:
    operations = opened.operations("tester")
    name = f"d{source_id}"
    if name not in [known.name for known in operations.datasets()]:
        operations.create_dataset("demo", name, (source_id,))
    found = operations.find_messages(
        operations.dataset(f"demo/{name}").dataset_id, MessageFilter(), limit=256
    )
    return {bytes.fromhex(one.message_id).decode().partition("@")[0]: one for one in found.messages}


def test_mail_becomes_messages_and_is_charged_once(
    opened: OpenedWorkspace, workspace: Workspace, bucket: Bucket, source_id: SourceId
) -> None:
    first = put(workspace, bucket, letter(1), letter(2, answers=1))
    assert (first.n_stored, first.n_known, first.counts.new, first.counts.units) == (2, 0, 2, 2)
    again = put(workspace, bucket, letter(1), letter(2, answers=1))
    assert (again.n_stored, again.n_known) == (0, 2)
    assert (again.counts.new, again.counts.updated, again.counts.unchanged, again.counts.units) == (
        0,
        0,
        2,
        0,
    )
    messages = stored(opened, source_id)
    assert messages["1"].thread_id == messages["2"].thread_id
    assert messages["1"].properties["string:Folder"] == "Inbox (/ Inbox)"
    ledger = opened.operations("tester").ledger_table().to_pylist()
    mine = [row for row in ledger if row["source"] == source_id]
    assert [(row["units"], row["channel"], row["actor"]) for row in mine] == [(1, "imap", "tester")] * 2


def test_the_same_mail_elsewhere_is_one_mail_found_twice(workspace: Workspace, bucket: Bucket) -> None:
    received = "Received: by other.example; Tue, 5 Mar 2024 10:01:09 +0100\n"
    other = letter(1, mailbox="boss", folder=("Sent", "2024"), more=received)
    report = put(workspace, bucket, letter(1), other, letter(1))
    assert (report.n_stored, report.n_known) == (1, 2)
    put(workspace, bucket, letter(1, folder=("Archive",)))
    with workspace.store.read() as session:
        assert session.mails.places(bucket.bucket_id, b"1@shop.example".hex()) == (
            ("boss", ("Sent", "2024"), "uid-1"),
            ("care", ("Inbox",), "uid-1"),
            ("care", ("Archive",), "uid-1"),
        )
        (kept,) = session.mails.next(bucket.bucket_id, 0, n_most=10, n_bytes=10_000)
        assert kept.raw == letter(1)
        assert session.buckets.get(bucket.bucket_id).n_mails == 1


def test_late_parent_joins_two_threads(
    opened: OpenedWorkspace, workspace: Workspace, bucket: Bucket, source_id: SourceId
) -> None:
    put(workspace, bucket, letter(12, answers=11, subject="One"))
    put(workspace, bucket, letter(13, answers=10, subject="Two"))
    messages = stored(opened, source_id)
    assert messages["12"].thread_id != messages["13"].thread_id
    report = put(workspace, bucket, letter(11, answers=10, subject="Three"))
    assert (report.counts.new, report.counts.updated, report.counts.units) == (1, 1, 1)
    messages = stored(opened, source_id)
    threads = {one.thread_id for one in messages.values()}
    assert len(threads) == 1
    assert {one.properties["string:Thread"] for one in messages.values()} == threads
    assert [one.thread and one.thread.n_messages for one in messages.values()] == [3, 3, 3]
    operations = opened.operations("tester")
    found = operations.sql(
        "SELECT DISTINCT string_value FROM message_property WHERE name = 'string:Thread'"
        f" AND starts_with(uid, '{source_id}')"
    )
    assert set(found.column(0).to_pylist()) == threads


def test_reply_without_references_finds_its_thread_by_subject(
    opened: OpenedWorkspace, workspace: Workspace, bucket: Bucket, source_id: SourceId
) -> None:
    put(workspace, bucket, letter(21))
    put(workspace, bucket, letter(22, subject="Re: Late parcel"), letter(23, subject="Re: Other"))
    messages = stored(opened, source_id)
    assert messages["21"].thread_id == messages["22"].thread_id != messages["23"].thread_id


def test_mail_without_text_is_kept_and_is_no_message(
    opened: OpenedWorkspace, workspace: Workspace, bucket: Bucket, source_id: SourceId
) -> None:
    empty = " "
    report = put(
        workspace, bucket, letter(31), letter(32, empty, answers=31), RawMail(content=b" ", mailbox="x")
    )
    assert (report.n_stored, report.counts.new) == (2, 1)
    assert [(one.message_id, one.kept) for one in report.problems] == [
        (b"32@shop.example".hex(), True),
        ("", False),
    ]
    assert report.problems[0].problem == NO_TEXT
    assert report.problems[0].place == "care / Inbox / uid-32"
    assert "is empty" in report.problems[1].problem
    assert set(stored(opened, source_id)) == {"31"}
    assert put(workspace, bucket, letter(32, empty)).problems == report.problems[:1]


def test_attachments_come_with_it_and_large_ones_are_described(tmp_path: Path) -> None:
    files = multipart(
        "mixed",
        part("text/plain", "see the files"),
        part("text/csv; name=small.csv", "a,b", "Content-Disposition: attachment"),
        part("text/csv; name=large.csv", "x" * 500, "Content-Disposition: attachment"),
    )
    settings = Settings(encoder="hash-test", fast_encoder="", attachment_max_bytes=100)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        operations = opened.operations("tester")
        bucket = operations.create_bucket("demo", "mail")
        source = operations.create_source("demo", "mail", bucket_id=bucket.bucket_id)
        put(opened._workspace, bucket, RawMail(content=(HEAD + files).encode(), mailbox="care"))
        (message,) = stored(opened, source.source_id).values()
        found = [(one.name, one.size, one.stored) for one in message.attachments]
        assert found == [("small.csv", 3, True), ("large.csv", 500, False)]


def test_what_comes_along_is_stored_with_the_mail_or_not_at_all(workspace: Workspace, bucket: Bucket) -> None:
    def also(session: Session) -> None:
        session.buckets.amend(bucket.bucket_id, "seen", workspace.clock())

    deposit(workspace, bucket.bucket_id, [letter(41)], actor="t", channel="imap", also=also)

    def fail(session: Session) -> None:
        also(session)
        raise RuntimeError("the connector is gone")

    with pytest.raises(RuntimeError, match="gone"):
        deposit(workspace, bucket.bucket_id, [letter(42)], actor="t", channel="imap", also=fail)
    with workspace.store.read() as session:
        found = session.buckets.get(bucket.bucket_id)
    assert (found.title, found.n_mails) == ("seen", 1)


def test_two_sources_of_a_bucket_have_its_messages_each(
    opened: OpenedWorkspace, workspace: Workspace, bucket: Bucket, source_id: SourceId
) -> None:
    other = opened.operations("tester").create_source("demo", f"{bucket.name}x", bucket_id=bucket.bucket_id)
    report = put(workspace, bucket, letter(51))
    assert (report.n_stored, report.counts.new, report.counts.units) == (1, 2, 2)
    assert set(stored(opened, source_id)) == set(stored(opened, other.source_id)) == {"51"}


def test_a_source_that_comes_later_is_filled(
    opened: OpenedWorkspace, workspace: Workspace, bucket: Bucket
) -> None:
    operations = opened.operations("tester")
    undated = RawMail(
        content=b"From: kim@shop.example\nMessage-ID: <73@shop.example>\n\nHello", mailbox="care"
    )
    put(workspace, bucket, letter(71), letter(72, " "), undated, letter(74, answers=71))
    first = operations.create_source("demo", f"{bucket.name}1", bucket_id=bucket.bucket_id)
    (state,) = [one for one in operations.jobs() if one.kind == "fill"][:1]
    Job(operations, state.job_id).wait(progress=False)
    assert set(stored(opened, first.source_id)) == {"71", "73", "74"}
    second = operations.create_source("demo", f"{bucket.name}2")
    reports = [
        msgspec.convert(
            Job(operations, operations.start_attach(second.source_id, bucket.bucket_id)).wait(progress=False),
            MailImportReport,
        )
        for _ in range(2)
    ]
    assert [(one.n_mails, one.counts.new, one.counts.unchanged, one.counts.units) for one in reports] == [
        (4, 3, 0, 3),
        (4, 0, 3, 0),
    ]
    assert [one.problem for one in reports[0].problems] == [NO_TEXT]
    ones, others = (stored(opened, source.source_id) for source in (first, second))
    for key in ones:
        assert (ones[key].timestamp, ones[key].thread_id) == (others[key].timestamp, others[key].thread_id)
    assert operations.detach_bucket(second.source_id).bucket_id is None
    report = put(workspace, bucket, letter(75))
    assert report.counts.new == 1
    assert set(stored(opened, second.source_id)) == {"71", "73", "74"}


def test_a_filling_ends_when_its_source_is_detached(
    opened: OpenedWorkspace, workspace: Workspace, bucket: Bucket, source_id: SourceId
) -> None:
    put(workspace, bucket, letter(81))
    operations = opened.operations("tester")
    operations.detach_bucket(source_id)
    told = {"source_id": source_id, "bucket_id": bucket.bucket_id, "actor": "tester", "channel": "python"}
    job_id = workspace.jobs.submit("fill", told)
    with pytest.raises(InputError, match="was detached from the bucket while it was filled"):
        Job(operations, job_id).wait(progress=False)


def test_mail_that_breaks_its_reader_does_not_break_the_others(
    workspace: Workspace, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = workspace.mail
    call = reader._lane.call

    def killed(function: str, payload: dict[str, list[RawMail]], **more: object) -> object:
        if not any(b"bomb" in raw.content for raw in payload["mails"]):
            return call(function, payload, **more)  # type: ignore[arg-type]
        peer = reader._lane._started()
        assert reader._lane._process is not None
        os.kill(reader._lane._process.pid, signal.SIGKILL)
        with monkeypatch.context() as patched:  # or the lane might see in time that a new one is needed
            patched.setattr(reader._lane, "_started", lambda: peer)
            return call(function, payload, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(reader._lane, "call", killed)
    report = put(workspace, bucket, letter(61), letter(62, "bomb"), letter(63))
    assert (report.n_stored, [one.problem for one in report.problems]) == (
        2,
        ["it cannot be read: reading it broke the process."],
    )


def test_mail_that_takes_too_long_is_given_up(workspace: Workspace) -> None:
    reader = MailReader(cache_dir=workspace.cache_dir, attachment_max_bytes=0, limit_s=-1)
    try:
        (found,) = reader.read([letter(1)])
    finally:
        reader.stop()
    assert found.problem == "it cannot be read: reading it took too long."


def test_reading_is_cancelled_when_asked(workspace: Workspace) -> None:
    with pytest.raises(JobCancelledError, match="cancelled"):
        workspace.mail.read([letter(1)], cancelled=lambda: True)


def test_refusals(workspace: Workspace, bucket: Bucket) -> None:
    with pytest.raises(UnknownNameError, match="unknown bucket"):
        deposit(workspace, BucketId("none"), [letter(1)], actor="t", channel="imap")
    with pytest.raises(LimitError, match="4,097 mails; at most 4,096"):
        put(workspace, bucket, *[letter(1)] * 4_097)
