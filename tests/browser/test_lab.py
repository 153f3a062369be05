"""The same panels in JupyterLab, as an analyst opens them in a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.lab_server import TOKEN, lab_server
from tests.browser.visits import Visit
from tests.contract.conftest import stop_owner
from tests.contract.messages import batch
from workbench.client import connect_local
from workbench.domain import Operations
from workbench.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600), pytest.mark.nightly]
LONG = 90_000
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
TOML = 'encoder = "hash-test"\nfast_encoder = ""\nretrain_after_reviews = 0\n'
OPEN = """import workbench as wb
from workbench.widgets.panels import AnnotatePanel, ValidationPanel
ds = wb.open("lab.duckdb", actor="anna").dataset("demo/d")"""
CELLS = (
    OPEN,
    "AnnotatePanel(ds)",
    "ValidationPanel(ds)",
)


@pytest.fixture
def operations(tmp_path: Path, short_runtime: Path) -> Iterator[Operations]:
    (tmp_path / "workbench.toml").write_text(TOML, "utf-8")
    file = tmp_path / "lab.duckdb"
    ops = connect_local(file, settings=SETTINGS)
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(60), "first", 60)
    dataset = ops.create_dataset("demo", "d", (source.source_id,))
    ops.create_label(dataset.dataset_id, "Refund")
    yield ops
    stop_owner(file)


@pytest.fixture
def lab(tmp_path: Path, operations: Operations, short_runtime: Path) -> Iterator[str]:
    """The address of a JupyterLab that has the notebook ``story.ipynb``."""
    del operations
    with lab_server(tmp_path, CELLS, short_runtime) as address:
        yield address


def run_all(page: Page) -> None:
    """Run each cell as a person does: the cursor in the first, then Shift+Enter."""
    page.locator(".jp-Notebook .cm-content").first.click()
    for _ in CELLS:
        page.keyboard.press("Shift+Enter")


def test_panels_work_in_jupyterlab(
    browser: Browser, lab: str, operations: Operations, tmp_path: Path
) -> None:
    page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
    page.set_default_timeout(LONG)
    seen = Visit(page, lab, tmp_path)
    page.goto(f"{lab}/lab/tree/story.ipynb?token={TOKEN}&reset")
    # Before its kernel is there, Lab lets a cell be run and does nothing.
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=LONG)
    run_all(page)
    card = page.get_by_role("group", name="Annotate")
    expect(card).to_be_visible(timeout=LONG)
    card.focus()
    page.keyboard.press("a")
    page.keyboard.type("Refund")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    card.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile(r"^\s*2\s*of")).first).to_be_visible()
    expect(page.get_by_text("All saved").first).to_be_visible()
    show = page.get_by_label("Show", exact=True)
    show.focus()
    page.keyboard.press("m")  # by which Lab makes a text of a cell
    expect(show.locator("option:checked")).to_have_text(re.compile("^Missed"))
    expect(card).to_be_visible()
    train = page.get_by_role("button", name="Train", exact=True)
    expect(train).to_have_count(2)
    beside = card.bounding_box(), page.get_by_role("heading", name="Taxonomy").bounding_box()
    assert beside[0]
    assert beside[1]
    assert beside[1]["x"] > beside[0]["x"] + beside[0]["width"], "the panel brings its own layout along"

    dataset = operations.dataset("demo/d")
    events = operations.review_events(dataset.dataset_id)
    assert set(events["actor"].to_pylist()) == {"anna"}
    assert operations.dataset("demo/d").n_reviewed == 1
    assert [label.n_assigned for label in operations.labels(dataset.dataset_id)] == [1]
    assert seen.outside == []
