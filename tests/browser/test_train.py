"""The Train app by keyboard: start, judge, skip, finish."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import visit
from tests.contract.messages import batch
from workbench.domain import MessageFilter

pytestmark = pytest.mark.browser


@pytest.mark.nightly
def test_a_batch_by_keyboard_alone(browser: Browser, serve: Callable[[Path], Served], tmp_path: Path) -> None:
    served = serve(tmp_path / "train.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(8), "first", 8)
    dataset_id = ops.create_dataset("demo", "support", (source.source_id,)).dataset_id
    ops.create_label(dataset_id, "Refund")
    seen = visit(browser, served, width=1440)
    page = seen.open("train", "?user=anna")
    expect(page.get_by_role("heading", name="Map the messages")).to_be_visible()
    page.get_by_role("button", name="Choose another batch").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("^Review with Shuffle · 8 messages")).focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("group", name="Annotate")
    expect(card).to_be_focused()
    progress = page.get_by_role("progressbar", name="Reviewed")
    expect(progress).to_have_attribute("aria-valuenow", "0")
    page.keyboard.press("Enter")
    expect(progress).to_have_attribute("aria-valuenow", "1")
    page.get_by_role("button", name="Skip").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 8 reviewed, 1 skipped")).to_be_visible()
    expect(card).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Go on").focus()
    page.keyboard.press("Enter")
    expect(card).to_be_focused()
    page.get_by_role("button", name="Finish here").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 message reviewed.")).to_be_visible()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_focused()
    assert ops.count_messages(dataset_id, MessageFilter(reviewed=True)) == 1
    assert seen.outside == [] and seen.errors == []
