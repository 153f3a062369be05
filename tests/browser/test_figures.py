"""The code of a picture, of a table and of the numbers in words, copied in a browser and run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import fits
from tests.browser.visits import Visit
from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from tests.unit.widgets.panels.screens import run
from workbench import charts
from workbench.door import Workspace

PICTURES = os.environ.get("WORKBENCH_PICTURES", "")
pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.nightly]


@pytest.fixture
def trained(serve: Callable[[Path], Served], tmp_path: Path) -> Served:
    """A model of two labels."""
    served = serve(tmp_path / "figures.duckdb")
    ops = served.operations
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(200), "first", 200)
    did = ops.create_dataset("demo", "support", (source.source_id,)).dataset_id
    say(ops, did, 180)
    train(ops, did)
    return served


def copied(page: Page, button: Locator) -> str:
    """What the clipboard holds after a button was pressed by keyboard."""
    page.evaluate("navigator.clipboard.writeText('')")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
    return str(page.evaluate("navigator.clipboard.readText()"))


@pytest.mark.parametrize(
    ("width", "scheme"), [(1440, "light"), pytest.param(800, "dark", marks=pytest.mark.nightly)]
)
def test_copied_code_gives_what_is_on_the_screen(
    browser: Browser, trained: Served, width: int, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        permissions=["clipboard-read", "clipboard-write"],
    )
    seen = Visit(context.new_page(), trained.address, trained.file.parent)
    page = seen.open("validation", "?dataset=demo/support&label=Refund")
    chart = page.locator(".wb-chart[data-drawn]").first
    expect(chart).to_be_visible(timeout=60_000)
    ws, ops = Workspace(trained.operations, address="test"), trained.operations
    report = ops.validation(ops.datasets()[0].dataset_id, 1)

    offered = chart.get_by_role("button", name="Copy code")
    figure = run(copied(page, offered), ws)["figure"]
    assert figure.frame().equals(charts.rating_dial(report).frame())
    expect(chart.get_by_role("status")).to_have_text("Code copied")
    expect(chart.locator(".tools")).to_have_css("opacity", "1")
    keep_picture(page, f"figures-chart-{scheme}")

    table = page.get_by_role("table", name="Labels").first
    figure = run(copied(page, table.get_by_role("button", name="Copy code")), ws)["figure"]
    assert figure.frame().equals(charts.validation_labels(report).frame())
    keep_picture(page, f"figures-table-{scheme}")

    page.get_by_role("button", name="Code", exact=True).focus()
    page.keyboard.press("Enter")
    peek = page.get_by_role("dialog", name="Python code")
    expect(peek).to_contain_text("# The numbers on this screen")
    code = copied(page, peek.get_by_role("button", name="Copy"))
    view, numbers = code.split("# The numbers on this screen\n")
    assert "ds.validation(1)" in view
    assert "charts.label_at_threshold(" in numbers and "charts.dataset_counts(" in numbers
    run(numbers, ws)
    keep_picture(page, f"figures-words-{scheme}")
    page.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    fits(page)
    assert seen.errors == [] and seen.outside == []
    context.close()


def keep_picture(page: Page, name: str) -> None:
    """For a person to look at, where a folder for pictures is named."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png")
