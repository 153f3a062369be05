"""The tabs of the Validation page in a browser: by keyboard, for a screen reader, on a narrow page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import fits, visit
from tests.stores import DATASET, add_model, fill, message
from tests.unit.charts import make_results as make
from workbench.domain import LabelId
from workbench.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300), pytest.mark.nightly]


@pytest.fixture
def measured(serve: Callable[[Path], Served], tmp_path: Path) -> Served:
    """A version that was measured on fields with hostile names."""
    file = tmp_path / "fields.duckdb"
    report = make.validation()
    labels = tuple(
        replace(one, label_id=LabelId(f"l{i}"), name=name)
        for i, (one, name) in enumerate(
            zip(report.labels, ("Claims", "Claims > Motor", "Praise"), strict=False)
        )
    )
    with Store.open(file) as store:
        fill(store, *(message(f"m{i}") for i in range(3)))
        with store.write() as session:
            add_model(session, 1, {"m0": (0.9, 0.1, 0.2)})
            session.models.put_validation(
                replace(report, dataset_id=DATASET, version=1, labels=labels, n_labels=3)
            )
    return serve(file)


@pytest.mark.parametrize("width", [1440, pytest.param(800, marks=pytest.mark.nightly)])
def test_the_tabs_are_walked_by_keyboard_and_kept_in_the_address(
    browser: Browser, measured: Served, width: int
) -> None:
    seen = visit(browser, measured, width=width)
    page = seen.open("validation")
    tabs = page.get_by_role("tablist", name="What the version was measured on")
    labels, fields, extractions = (
        tabs.get_by_role("tab", name=name) for name in ("Labels", "General fields", "Extractions")
    )
    expect(labels).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel", name="Labels")).to_be_visible()
    fits(page)
    labels.focus()
    page.keyboard.press("ArrowRight")
    expect(fields).to_be_focused()
    panel = page.get_by_role("tabpanel", name="General fields")
    expect(panel.get_by_text("n = 85 annotated test values")).to_be_visible()
    expect(panel.get_by_role("row").filter(has_text="12 of 25 examples")).to_be_visible()
    expect(page.get_by_text("One label", exact=True)).to_have_count(0)
    assert "part=fields" in page.url
    fits(page)
    page.keyboard.press("End")
    expect(extractions).to_be_focused()
    wholes = page.get_by_role("tabpanel", name="Extractions").get_by_role("cell", name="Whole extraction")
    expect(wholes).to_have_count(2)
    fits(page)
    page.keyboard.press("ArrowRight")  # from the last to the first
    expect(labels).to_be_focused()
    expect(page.get_by_text("One label", exact=True)).to_be_visible()
    assert "part=" not in page.url

    page = seen.open("validation", "?part=extractions")
    expect(extractions).to_have_attribute("aria-selected", "true")
    assert seen.errors == [] and seen.outside == []
