"""Thresholds and suspects in a browser: found, kept, and looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import fits, visit
from tests.contract.messages import batch
from tests.contract.test_thresholds import spoil
from tests.contract.test_versions import say, train

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.nightly]


@pytest.fixture
def trained(serve: Callable[[Path], Served], tmp_path: Path) -> Served:
    """400 messages, 360 reviewed, six of them wrongly."""
    served = serve(tmp_path / "thresholds.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(400), "first", 400)
    did = ops.create_dataset("demo", "support", (source.source_id,)).dataset_id
    say(ops, did, 360)
    spoil(ops, did)
    train(ops, did)
    return served


@pytest.mark.parametrize("width", [1440, 800])
def test_a_threshold_is_found_and_kept_and_a_suspect_is_kept_as_it_is(
    browser: Browser, trained: Served, width: int
) -> None:
    seen = visit(browser, trained, width=width)
    page = seen.open("validation", "?dataset=demo/support&label=Refund")
    page.get_by_role("button", name="By cost").click()
    form = page.get_by_role("form", name="Threshold by cost")
    form.get_by_label("Checks a day at most").fill("3")
    form.get_by_role("button", name="Find").click()
    expect(page.get_by_text(re.compile("Act from 90 %, let people check from"))).to_be_visible()
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_text(re.compile("Kept with version 1: Refund 90 %, check from"))).to_be_visible()
    page.get_by_role("button", name="By promise").click()
    form = page.get_by_role("form", name="Threshold with a promise")
    form.get_by_label("At most, %").fill("0")
    form.get_by_role("button", name="Find").click()
    expect(form.get_by_role("alert").filter(has_text="at_most is 0.0")).to_be_visible()
    form.get_by_label("At most, %").fill("1")
    form.get_by_role("button", name="Find").click()
    expect(page.get_by_text("Nothing can be promised.")).to_be_visible()
    fits(page)

    page = seen.open("annotate", "?dataset=demo/support&mode=suspects")
    expect(page.get_by_text(re.compile("May be wrong: Delivery > Late"))).to_be_visible()
    expect(page.get_by_text(re.compile("none was looked at yet"))).to_be_visible()
    page.get_by_role("button", name="Keep as is").click()
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()
    fits(page)
    did = trained.operations.datasets()[0].dataset_id
    assert trained.operations.label_suspects(did).n_looked_at == 1
    assert seen.errors == [] and seen.outside == []
