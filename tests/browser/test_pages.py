"""Sources and datasets in a browser: from an empty workspace to Discover, with names nobody should have."""

from __future__ import annotations

import csv
import os
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.visits import Visit
from tests.contract.messages import TEXTS, batch

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]
HOSTILE = '<img src=x onerror="window.hacked=1"> \N{RIGHT-TO-LEFT OVERRIDE}\N{PILE OF POO} ' + "long " * 12
MOST_MODELS = 50
PICTURES = os.environ.get("WORKBENCH_PICTURES")


def visit(browser: Browser, served: Served, *, width: int = 1440) -> Visit:
    page = browser.new_context(viewport={"width": width, "height": 900}, accept_downloads=True).new_page()
    page.set_default_timeout(40_000)
    return Visit(page, served.address, served.file.parent)


def write_mail(path: Path, n: int) -> Path:
    """A file with two bad rows, and dates that could be read both ways."""
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "when", "subject", "text", "from", HOSTILE])
        for i in range(n):
            when = "someday" if i in (3, 5) else f"{1 + i % 12:02}/{1 + i % 9:02}/2026 10:00"
            text = f"{HOSTILE if i == 1 else TEXTS[i % len(TEXTS)]}, case {i}"
            writer.writerow([f"m{i}", when, f"Case {i}", text, f"c{i % 2}@mail.example", "gold"])
    return path


def fits(page: Page) -> None:
    """Nothing is wider than the page, few widgets make it, and no text of anybody has run."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator(".jupyter-widgets").count() <= MOST_MODELS
    assert page.evaluate("window.hacked") is None
    assert page.locator(".wb-panel img").count() == 0


def picture(page: Page, name: str) -> None:
    """Keep what is on screen, where a folder for it is named: ``WORKBENCH_PICTURES``."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def test_a_source_a_file_a_dataset_and_discover(  # noqa: PLR0915 - one journey, told in order
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "pages.duckdb")
    seen = visit(browser, served)
    page = seen.open("sources", "?user=anna")
    expect(page.get_by_text("There is no source yet.")).to_be_visible()
    page.get_by_role("button", name="New source").click()
    form = page.get_by_role("form", name="New source")
    expect(form.get_by_label("Project")).to_be_focused()
    form.get_by_label("Project").fill("demo")
    form.get_by_label("Name").fill("bad name")
    page.keyboard.press("Enter")
    expect(form.get_by_role("alert").filter(has_text="source name 'bad name' cannot be used")).to_be_visible()
    expect(form.get_by_label("Name")).to_be_focused()
    form.get_by_label("Name").fill("mail")
    form.get_by_label("Title").fill(HOSTILE)
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=re.compile("^Upload into <img"))).to_be_visible()
    assert "source=demo%2Fmail" in page.url
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n", "utf-8")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_text("at least 3 are needed")).to_be_visible()
    page.locator("input[type=file]").set_input_files(write_mail(tmp_path / "mail.csv", 60))
    expect(page.get_by_text("60 rows")).to_be_visible()
    check = page.get_by_role("button", name="Check and count")
    expect(check).to_be_disabled()
    page.get_by_label("Dates are").select_option(label="day first: 31/12/2026")
    fits(page)
    check.click()
    expect(page.get_by_text("Nothing is stored yet")).to_be_visible()
    assert served.operations.usage().units == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the rows that cannot be read as CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8").splitlines()))
    assert [row["Row"] for row in rows] == ["4", "6"]
    page.get_by_role("button", name="Back").click()
    page.get_by_label("subject").select_option(label="Leave out")
    check.click()
    expect(page.get_by_text("Choose what becomes of the 2 rows that cannot be read.")).to_be_visible()
    page.get_by_label("leave them out and import the rest").check()
    page.get_by_role("button", name="Import 58 messages for 58 units").click()
    page.get_by_role("link", name="Create a dataset over this source").click()

    page.get_by_role("button", name="New dataset").click()
    form = page.get_by_role("form", name="New dataset")
    form.get_by_label("Name").fill("support")
    form.get_by_label("Title").fill("Support")
    expect(form.get_by_label("demo/mail")).to_be_checked()
    fits(page)
    form.get_by_role("button", name="Create dataset").click()
    card = page.get_by_role("listitem", name="Support")
    expect(card).to_contain_text("58")
    card.get_by_role("link", name="Discover: Support").click()
    expect(page.get_by_text("58 messages", exact=True).first).to_be_visible()
    assert "dataset=demo%2Fsupport" in page.url and "user=anna" in page.url
    fits(page)
    assert seen.outside == [] and seen.errors == []


@pytest.mark.parametrize(
    ("width", "theme"), [(800, "dark"), pytest.param(1440, "light", marks=pytest.mark.nightly)]
)
def test_hostile_and_long_names_stay_text_and_in_their_place(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path, width: int, theme: str
) -> None:
    served = serve(tmp_path / "hostile.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "n" * 256, title=HOSTILE, description=HOSTILE * 4)
    ops.put_messages(source.source_id, batch(20), "first", 20)
    ops.create_dataset("demo", "d" * 256, (source.source_id,), title=HOSTILE)
    seen = visit(browser, served, width=width)
    for app in ("sources", "datasets"):
        page = seen.open(app, f"?theme={theme}")
        expect(page.get_by_role("listitem").filter(has_text="<img src=x")).to_be_visible()
        fits(page)
        page.get_by_role("button", name=re.compile("^Delete: <img")).click()
        delete = page.get_by_role("button", name=re.compile(r"^Delete (?!messages)"))
        expect(delete).to_be_disabled()
        page.get_by_label("to confirm").fill(f"demo/{app[0]}")
        expect(delete).to_be_disabled()
        fits(page)
        page.keyboard.press("Escape")
        expect(page.get_by_label("to confirm")).to_be_hidden()
    page = seen.open("datasets", f"?theme={theme}")
    page.get_by_role("button", name=re.compile("^Delete: <img")).click()
    page.get_by_label("to confirm").fill(f"demo/{'d' * 256}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("There is no dataset yet.")).to_be_visible()
    assert ops.datasets() == () and ops.sources()[0].n_messages == 20
    assert seen.outside == [] and seen.errors == []


@pytest.mark.nightly
def test_a_filter_lives_in_the_address_and_comes_back(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    served = serve(tmp_path / "filter.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(40), "first", 40)
    ops.create_dataset("demo", "support", (source.source_id,))
    seen = visit(browser, served)
    page = seen.open("discover", "?user=anna&text=refund&language=en&language=xx&sender-missing=include")
    chips = page.get_by_role("list", name="More conditions")
    conditions = chips.get_by_role("button", name="Remove condition")
    expect(conditions).to_have_count(2)
    chips.get_by_role("button", name="Remove condition: in the language en or xx").focus()
    page.keyboard.press("Delete")
    expect(conditions).to_have_count(1)
    page.wait_for_url(
        lambda url: "language" not in url and "sender-missing=include" in url and "text=refund" in url
    )
    expect(page.locator(".wb-list u.phrase").first).to_have_text("refund", ignore_case=True)
    page.reload()
    expect(page.get_by_placeholder("Search messages")).to_have_value("refund")
    expect(conditions).to_have_count(1)
    assert seen.outside == [] and seen.errors == []


@pytest.mark.nightly
def test_a_page_that_is_left_ends_its_kernel(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path
) -> None:
    seen = visit(browser, serve(tmp_path / "left.duckdb"))
    page = seen.open("sources")
    expect(page.get_by_text("There is no source yet.")).to_be_visible()
    config = page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent)")
    kernel = f"{config['baseUrl']}api/kernels/{config['kernelId']}"

    def status() -> int:
        return int(page.evaluate("address => fetch(address).then(answer => answer.status)", kernel))

    assert status() == 200
    seen.open("datasets")
    expect(page.get_by_role("heading", name="Datasets")).to_be_visible()
    deadline = time.monotonic() + 20
    while status() != 404:
        assert time.monotonic() < deadline, "the kernel of the page that was left lives on"
        time.sleep(0.2)
