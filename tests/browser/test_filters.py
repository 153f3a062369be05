"""Conditions in a browser: added by keyboard, changed, brought back, with values nobody should have."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import HOSTILE, fits, visit
from tests.contract.messages import batch

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.nightly]


def hostile_teams() -> pa.Table:
    """Thirty messages, twenty of a team whose name is none."""
    mail = batch(30)
    teams = [json.dumps({"string:Team": HOSTILE if row % 3 else "South"}) for row in range(30)]
    place = mail.schema.get_field_index("properties")
    return mail.set_column(place, mail.schema.field(place), pa.array(teams))


def choose_the_hostile_team(page: Page) -> None:
    """From the open menu to the chip, by keyboard alone."""
    row = page.locator(".wb-filter-chips")
    values = row.get_by_role("listbox").get_by_role("option")
    row.get_by_role("menuitem", name="Property").press("Enter")
    expect(row.get_by_role("combobox")).to_be_focused()
    page.keyboard.type("te")
    expect(values).to_have_count(1)
    page.keyboard.press("Enter")
    expect(row.get_by_role("dialog", name="Team")).to_be_visible()
    expect(values).to_have_count(2)
    page.keyboard.press("ArrowDown")
    fits(page)
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")


def test_conditions_are_added_changed_and_brought_back(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "filters.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, hostile_teams(), "first", 30)
    ops.create_dataset("demo", "support", (source.source_id,))
    seen = visit(browser, served, width=800)
    page = seen.open("discover", "?dataset=demo%2Fsupport&theme=dark")
    row, add = page.locator(".wb-filter-chips"), page.get_by_role("button", name="Add filter")
    total = page.locator(".wb-list")
    values = row.get_by_role("listbox").get_by_role("option")
    expect(total).to_contain_text("30 messages")

    add.click()
    page.keyboard.press("End")
    page.keyboard.press("Escape")
    expect(add).to_be_focused()
    page.keyboard.press("Enter")
    choose_the_hostile_team(page)
    expect(total).to_contain_text("20 messages")
    expect(row.get_by_role("listitem").first).to_contain_text("Team <img src=x")
    expect(add).to_be_focused()
    fits(page)

    add.click()
    row.get_by_role("menuitem", name="Thread").click()
    least = row.get_by_label("Messages: at least")
    least.fill("many")
    page.keyboard.press("Enter")
    expect(row.get_by_text("'many' cannot be read. Write a number")).to_be_visible()
    expect(least).to_be_focused()
    least.fill("3")
    page.keyboard.press("Enter")
    expect(row.get_by_text("in a thread of 3 or more messages")).to_be_visible()
    expect(page).to_have_url(re.compile(r"thread-messages=3\.\."))

    page.go_back()
    expect(row.get_by_text("in a thread of 3 or more messages")).to_have_count(0)
    expect(total).to_contain_text("20 messages")
    row.get_by_role("button", name="Change condition: Team").click()
    row.get_by_role("button", name="Remove <img").click()
    values.filter(has_text="South").click()
    row.get_by_role("button", name="Apply").click()
    expect(total).to_contain_text("10 messages")
    row.get_by_role("button", name="Remove condition: Team South").press("Delete")
    expect(total).to_contain_text("30 messages")
    page.go_back()
    expect(row.get_by_text("Team South")).to_be_visible()
    assert seen.outside == [] and seen.errors == []
