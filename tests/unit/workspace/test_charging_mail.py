"""Mail is charged and bounded by every way it comes: files, a bucket that is attached, a mailbox."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.contract.messages import batch
from tests.contract.test_mail_import import mail, mbox, send
from tests.unit.workspace import test_syncing as syncing
from workbench.domain import AnyConnection, BucketTarget, ImapConnection, Mailbox, MailImportReport, Secrets
from workbench.door import Job
from workbench.errors import LimitError
from workbench.settings import Settings
from workbench.workspace.opening import OpenedWorkspace, open_workspace


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenedWorkspace]:
    settings = Settings(encoder="hash-test", fast_encoder="", sync_interval_s=0, retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as made:
        yield made


@pytest.mark.nightly
def test_mail_is_bounded_whole_by_each_way(opened: OpenedWorkspace, monkeypatch: pytest.MonkeyPatch) -> None:
    here = opened.operations("ann", "panel")
    bucket = here.create_bucket("demo", "mail")
    here.create_source("demo", "care", bucket_id=bucket.bucket_id)
    here.set_budget("demo", "once", soft=1, hard=5)

    def bring(*numbers: int, **how: bool) -> MailImportReport:
        upload = send(here, mbox(*map(mail, numbers))).upload_id
        job = Job(here, here.start_mail_import(bucket.bucket_id, (upload,), "", **how))
        return msgspec.convert(job.wait(progress=False), MailImportReport)

    report = bring(1, 2)
    assert (report.counts.units, report.budgets[0].used, report.budgets[0].reserved) == (2, 2, 0)
    assert len(report.counts.warnings) == 1 and "2 units used of 1" in report.counts.warnings[0]
    rows = here.ledger_table().to_pylist()
    assert {(one["actor"], one["channel"], one["operation"]) for one in rows} == {
        ("ann", "panel", "sync_raw_mails")
    }
    foreseen = bring(1, 2, 3, 4, 5, 6, dry_run=True)
    assert (foreseen.counts.units, foreseen.budgets[0].left) == (4, 3)
    with pytest.raises(LimitError, match=r"4 units are needed; .* has 3 left: 2 used, 0 reserved, 1 too few"):
        bring(1, 2, 3, 4, 5, 6)
    assert here.buckets()[0].n_mails == 2 == here.ledger_table().num_rows
    assert here.budgets()[0].reserved == 0
    assert bring(1, 3, 7, no_charge=True).counts.units == 0

    # A second source that begins to read the bucket takes all four mails in, or none.
    other = here.create_source("demo", "second")
    with pytest.raises(LimitError, match=r"4 units are needed; .* has 3 left"):
        Job(here, here.start_attach(other.source_id, bucket.bucket_id)).wait(progress=False)
    assert {one.name: one.n_messages for one in here.sources()} == {"care": 4, "second": 0}
    here.detach_bucket(other.source_id)
    here.set_budget("demo", "once", hard=6)
    Job(here, here.start_attach(other.source_id, bucket.bucket_id)).wait(progress=False)
    assert here.budgets()[0].left == 0

    # A mailbox that meets the limit pauses as it does for a quota, and what it brought is undone.
    mailbox = Mailbox(address=syncing.ADDRESS, bucket=BucketTarget(project="demo", name="mail"))
    connection = ImapConnection(host="127.0.0.1", port=9, user_name="care", security="plain")
    made = here.create_integration("demo", "shop", AnyConnection.of(connection), (mailbox,))
    here.set_secrets(made.integration_id, Secrets(password="korrekt-pferd"))
    syncing.hand_over(monkeypatch, lambda _: iter([syncing.page(50)]))
    state = syncing.sync(here, made)
    assert (state.status, "2 units are needed" in state.error or "1 units are needed" in state.error) == (
        "failed",
        True,
    )
    assert syncing.status(here, made).mailbox.disabled_reason == "quota"
    assert here.buckets()[0].n_mails == 4
    here.remove_budget("demo", "once")
    assert syncing.sync(here, made).status == "done"
    last = here.ledger_table().to_pylist()[-2:]
    assert {(one["actor"], one["channel"], one["operation"]) for one in last} == {
        ("ann", "integration", "sync_raw_mails")
    }


def test_writers_at_once_share_the_last_units(opened: OpenedWorkspace) -> None:
    here = opened.operations("tester")
    source_id = here.create_source("demo", "mail").source_id
    here.set_budget("demo", "once", hard=10)
    outcomes: list[Any] = []

    def put(number: int) -> None:
        try:
            outcomes.append(here.put_messages(source_id, batch(3, first=3 * number), f"b{number}", 3).units)
        except LimitError as error:
            outcomes.append(error.details["shortfall"])

    threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [2] * 5 + [3] * 3
    assert here.usage().units == 9 == here.sources()[0].n_messages
