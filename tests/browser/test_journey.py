"""The main job in a browser, and two people annotating at once."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.visits import Visit
from tests.contract.messages import TEXTS, batch
from workbench.domain import Judgement, MessageFilter
from workbench.widgets.template import APPS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]
LONG = 60_000
FIRST_MAP = 600_000
"""A machine that never drew a map compiles for minutes; that the page waits is all that is asked here."""
HOSTILE = "<img src=x onerror=\"window.hacked=1\"> =cmd|' /C calc'!A0"


def write_csv(path: Path, n: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "sent_at", "subject", "text", "team"])
        start = datetime(2026, 3, 2, tzinfo=UTC)
        for i in range(n):
            text = HOSTILE if i == 3 else f"{TEXTS[i % len(TEXTS)]}, case {i}"
            writer.writerow(
                [f"m{i}", (start + timedelta(hours=i)).isoformat(), f"Case {i}", text, "NS"[i % 2]]
            )


def visit(browser: Browser, served: Served) -> Visit:
    page = browser.new_context(viewport={"width": 1440, "height": 1000}, accept_downloads=True).new_page()
    page.set_default_timeout(LONG)
    return Visit(page, served.address, served.file.parent)


def job_done(page: Page) -> None:
    """Wait until the progress element has come and gone."""
    expect(page.get_by_role("progressbar").first).to_be_hidden(timeout=120_000)


@pytest.mark.nightly
def test_import_map_lasso_label_train_curve_export(  # noqa: PLR0915 - one journey, told in order
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "journey.duckdb")
    seen = visit(browser, served)
    seen.page.goto(served.address)
    links = seen.page.get_by_role("navigation", name="Apps").get_by_role("link")
    assert [text.splitlines()[0] for text in links.all_inner_texts()] == [title for _, title in APPS]
    page = seen.open("discover", "?user=anna")
    expect(page.get_by_role("heading", name="Messages", exact=True)).to_be_visible()
    source = tmp_path / "mail.csv"
    write_csv(source, 400)
    page.locator("input[type=file]").set_input_files(source)
    expect(page.get_by_text("400 rows")).to_be_visible()
    page.get_by_role("button", name="Check and count").click()
    page.get_by_role("button", name="Import 400 messages for 400 units").click()
    expect(page.get_by_text("400 messages", exact=True).first).to_be_visible()

    expect(page.get_by_text("Imported: mail.csv")).to_be_visible()
    page.get_by_role("listbox", name=re.compile("400 messages")).get_by_role("option").first.click()
    expect(page.get_by_role("article", name="Message")).to_contain_text("case", ignore_case=True)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("article", name="Message")).to_be_hidden()

    page.get_by_role("button", name="Discover", exact=True).click()
    stage = page.locator(".wb-map .stage")
    expect(stage).to_have_attribute("aria-label", re.compile("400 messages"), timeout=FIRST_MAP)
    expect(page.get_by_text(re.compile(r"\d+% in no cluster|in no cluster")).first).to_be_visible()

    stage.evaluate("map => map.scrollIntoView({block: 'center'})")  # away from the bar that stays on top
    box = stage.bounding_box()
    assert box
    page.keyboard.down("Shift")
    corners = [(0.12, 0.05), (0.97, 0.05), (0.97, 0.95), (0.12, 0.95), (0.12, 0.05)]
    for number, (x, y) in enumerate(corners):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=8)
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(stage).to_have_attribute("aria-label", re.compile(r"[1-9]\d* selected"))

    page.get_by_placeholder("Search messages").fill("refund")
    page.get_by_placeholder("Search messages").press("Enter")
    listed = page.get_by_role("listbox", name=re.compile(r"Messages, 160 messages"))
    expect(listed).to_be_visible()
    page.get_by_role("checkbox", name="Select all messages").check()
    page.get_by_placeholder("Label: Parent > Child").fill("Charges > Refund")
    page.get_by_role("button", name="Label selected").click()
    expect(page.get_by_text(re.compile(r"messages labelled Charges > Refund"))).to_be_visible()

    ops = served.operations
    dataset = ops.datasets()[0]
    n_labelled = ops.count_messages(dataset.dataset_id, MessageFilter(reviewed=True))
    assert n_labelled == 160
    rest = ops.find_messages(
        dataset.dataset_id, MessageFilter(reviewed=False), order="shuffle", limit=120
    ).messages
    ops.judge(
        dataset.dataset_id,
        tuple(Judgement(event_id=f"{i:016x}", uid=m.uid, mode="shuffle") for i, m in enumerate(rest)),
    )

    page = seen.open("annotate", "?user=anna")
    card = page.get_by_role("group", name="Annotate")
    expect(card).to_be_visible()
    card.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("All saved")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("model version 1")).to_be_visible(timeout=120_000)

    page = seen.open("validation", "?user=anna")
    expect(page.get_by_text("Mean average precision").first).to_be_visible()
    page.get_by_label("or type %").fill("30")
    page.get_by_label("or type %").press("Enter")
    expect(page.get_by_text(re.compile(r"At 30%|nothing is predicted")).first).to_be_visible()

    page = seen.open("usage", "?user=anna")
    expect(page.get_by_text("400 units charged")).to_be_visible()
    page.get_by_role("button", name="Make report").click()
    link = page.get_by_role("link", name=re.compile("Download report"))
    expect(link).to_be_visible(timeout=120_000)
    with page.expect_download() as download:
        link.click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as archive:
        assert "report.html" in archive.namelist()
        assert HOSTILE not in archive.read("report.html").decode()

    assert ops.usage().units == 400
    assert page.evaluate("window.hacked") is None
    assert seen.outside == []
    assert seen.errors == []


@pytest.mark.nightly
def test_two_visitors_lose_no_judgement(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "pair.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(200), "first", 200)
    dataset = ops.create_dataset("demo", "d", (source.source_id,))
    for name in ("Refund", "Late", "Praise"):
        ops.create_label(dataset.dataset_id, name)
    visits = [visit(browser, served) for _ in range(2)]
    pages = [
        one.open("annotate", f"?user={name}&mode=shuffle")
        for one, name in zip(visits, ("anna", "ben"), strict=True)
    ]
    for page in pages:
        expect(page.get_by_role("group", name="Annotate")).to_be_visible()
        expect(page.get_by_text("All saved")).to_be_visible()
        page.get_by_role("group", name="Annotate").focus()
    n = 15
    for turn in range(n):
        for page, label in zip(pages, ("Refund", "Late"), strict=True):
            page.keyboard.press("a")
            page.keyboard.type(label)
            page.keyboard.press("Enter")
            page.keyboard.press("Escape")
            page.get_by_role("group", name="Annotate").focus()
            page.keyboard.press("Enter")
            expect(page.get_by_text(re.compile(rf"^\s*{turn + 2}\s*of"))).to_be_visible()
    for page in pages:
        expect(page.get_by_text("All saved")).to_be_visible()
    events = ops.review_events(dataset.dataset_id)
    reviewed: dict[str, set[str]] = {"anna": set(), "ben": set()}
    for actor, uid, done in zip(
        events["actor"].to_pylist(), events["uid"].to_pylist(), events["reviewed"].to_pylist(), strict=True
    ):
        if done:
            reviewed[actor].add(uid)
    assert {actor: len(uids) for actor, uids in reviewed.items()} == {"anna": n, "ben": n}
    labels = {label.label_id: label.name for label in ops.labels(dataset.dataset_id)}
    for actor, label in (("anna", "Refund"), ("ben", "Late")):
        for message in ops.get_messages(dataset.dataset_id, tuple(sorted(reviewed[actor]))):  # type: ignore[arg-type]
            assert label in {labels[one] for one in message.assigned}
    assert not [error for one in visits for error in (*one.outside, *one.errors)]


@pytest.mark.nightly
def test_an_app_without_its_server_says_so(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "lost.duckdb")
    page = visit(browser, served).open("discover", "?dataset=no/such")
    expect(page.get_by_role("alert").filter(has_text="unknown dataset 'no/such'")).to_be_visible()
