"""A stream from the first training to the next one: made on screen, consumed over HTTP, its exception brought back."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import fits, picture, visit
from tests.contract.messages import batch
from tests.contract.test_versions import say

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(900)]
NEWS = 60_000
"""Milliseconds: a page reads lag again after 15 seconds without news, later on a machine that does other things."""
STREAM = "/api/v1/datasets/demo/support/streams/robot"


def call(served: Served, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the HTTP door as an automation does."""
    at = urlsplit(served.address)
    token = (served.file.parent / f"{served.file.name}.workbench" / "token").read_text("ascii").strip()
    request = urllib.request.Request(
        f"http://{at.hostname}:{(at.port or 0) + 1}{path}",
        json.dumps(body).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


def test_a_stream_is_made_consumed_and_its_exception_brought_to_training(  # noqa: PLR0915 - one journey, told in order
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "streams.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(300), "first", 300)
    did = ops.create_dataset("demo", "support", (source.source_id,), title="Support").dataset_id
    say(ops, did, 280)

    seen = visit(browser, served)
    page = seen.open("streams", "?user=anna")
    expect(page.get_by_text("No stream yet, and no model.")).to_be_visible()
    fits(page)
    page = seen.open("annotate", "?user=anna")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("predictions and validation from model version 1")).to_be_visible(timeout=300_000)

    page = seen.open("streams", "?user=anna")
    page.get_by_role("button", name="New stream").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name", exact=True).fill("bad name")
    page.get_by_placeholder("Search messages").fill("refund")
    page.get_by_placeholder("Search messages").press("Enter")
    expect(page.get_by_text("120 messages of the dataset pass now")).to_be_visible()
    page.get_by_label("Set all labels").select_option(label="balanced")
    errors = page.get_by_role("table").filter(has_text="Errors to expect in a week")
    refund = errors.get_by_role("row").filter(has_text="Refund")
    expect(refund).to_contain_text(
        re.compile(r"balanced\s*[\d.]+\s*[\d.]+ to [\d.]+\s*[\d.]+\s*[\d.]+ to [\d.]+\s*\d+")
    )
    assert ops.streams(did) == ()
    fits(page)
    picture(page, "streams-new")
    page.get_by_role("button", name="Create stream").click()
    expect(page.get_by_role("alert").filter(has_text="stream name 'bad name' cannot be used")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("robot")
    page.get_by_role("button", name="Create stream").focus()
    page.keyboard.press("Enter")
    card = page.get_by_role("listitem", name="robot")
    expect(card).to_contain_text("Up to date")

    ops.put_messages(source.source_id, batch(40, first=300), "second", 40)
    expect(card.locator(".figures")).to_contain_text("16waiting", timeout=NEWS)
    deadline = time.monotonic() + 300
    while len((found := call(served, "POST", f"{STREAM}/fetch", {"size": 10}))["results"]) < 10:
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    card.get_by_role("button", name="Queue: robot").click()
    expect(page.get_by_text("Looking moves nothing")).to_be_visible()
    expect(page.get_by_role("listbox", name=re.compile("Next messages"))).to_contain_text("refund")
    picture(page, "streams-queue")
    page.get_by_role("button", name="All streams").click()
    call(served, "POST", f"{STREAM}/advance", {"sequence_id": found["sequence_id"]})
    expect(card.locator(".figures")).to_contain_text("6waiting10taken in 24 h", timeout=NEWS)

    first = found["results"][0]["comment"]
    tag = {"uid": first["uid"], "metadata": {"type": "Wrong Prediction"}}
    call(served, "PUT", f"{STREAM}/exceptions", {"exceptions": [tag]})
    expect(card.locator(".figures")).to_contain_text("1exceptions", timeout=NEWS)
    card.get_by_role("button", name="Exceptions: robot").click()
    expect(page.get_by_role("listbox", name=re.compile("Exceptions, 1 message"))).to_contain_text(
        "Wrong Prediction"
    )
    fits(page)
    picture(page, "streams-exceptions")
    page.get_by_role("link", name="Bring them to training").click()
    annotating = page.get_by_role("group", name="Annotate")
    text = first["messages"][0]["body"]["text"]
    expect(annotating).to_contain_text(text, timeout=NEWS)
    annotating.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("All saved")).to_be_visible()
    (message,) = ops.get_messages(did, (first["uid"],))
    assert message.reviewed
    assert seen.outside == [] and seen.errors == []
