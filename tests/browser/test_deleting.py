"""Deleting in a browser: days of a source, what is ticked in Discover, an original mail, a project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import HOSTILE, fits, visit
from tests.contract.messages import batch
from tests.contract.test_mail_import import imported, mail, mbox, send
from workbench.domain import Judgement, MessageFilter
from workbench.door import Job

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.nightly]


def test_messages_mails_and_a_project_are_deleted(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "deleting.duckdb")
    ops = served.operations
    bucket = ops.create_bucket("demo", "raw")
    source = ops.create_source("demo", "mail", title=HOSTILE)
    ops.put_messages(source.source_id, batch(30), "first", 30)
    Job(ops, ops.start_attach(source.source_id, bucket.bucket_id)).wait(progress=False)
    imported(ops, bucket.bucket_id, send(ops, mbox(mail(1), mail(2))))
    dataset = ops.create_dataset("demo", "support", (source.source_id,))
    label = ops.create_label(dataset.dataset_id, "Praise")
    first = ops.find_messages(dataset.dataset_id, MessageFilter(), order="oldest").messages[0]
    ops.judge(dataset.dataset_id, (Judgement(event_id="e" * 16, uid=first.uid, assigned=(label.label_id,)),))
    seen = visit(browser, served)

    page = seen.open("sources", "?user=anna")
    page.get_by_role("button", name="Delete messages …").click()
    form = page.get_by_role("form")
    expect(form.get_by_label("From")).to_be_focused()
    form.get_by_label("To").fill("2024-03-06")
    form.get_by_role("button", name="Show what would go").click()
    expect(form).to_contain_text("1 of them annotated by people")
    go = form.get_by_role("button", name="Delete messages")
    go.click()
    expect(form.get_by_role("alert").filter(has_text="This is needed.")).to_be_visible()
    form.get_by_label("Annotated messages").select_option("keep")
    fits(page)
    go.click()
    expect(page.get_by_text("1 annotated message stays.")).to_be_visible()
    assert ops.sources()[0].n_messages < 32

    ops.put_messages(source.source_id, batch(5, first=50), "second", 5)
    imported(ops, bucket.bucket_id, send(ops, mbox(mail(3), mail(4))))
    page = seen.open("discover", "?dataset=demo%2Fsupport&text=parcel")
    page.get_by_text("Parcel 3").first.click()
    page.get_by_role("button", name="Delete original …").click()
    form = page.get_by_role("form")
    expect(form).to_contain_text("gone from bucket demo/raw")
    form.get_by_label("Messages that it became").select_option("delete")
    fits(page)
    form.get_by_role("button", name="Delete mail").click()
    expect(page.get_by_text("The original mail is deleted with 1 message.")).to_be_visible()
    assert ops.buckets()[0].n_mails == 3

    page = seen.open("sources", "?part=projects")
    page.get_by_role("listitem", name="demo").get_by_role("button", name="Delete").click()
    form = page.get_by_role("form")
    expect(form).to_contain_text("1 bucket with 3 mails as received")
    form.get_by_label("Delete all of this with it").check()
    form.get_by_label("to confirm").fill("demo")
    form.get_by_role("button", name="Delete project").click()
    expect(page.get_by_text("There is no project yet.")).to_be_visible()
    assert ops.projects() == ()
    assert seen.outside == [] and seen.errors == []
