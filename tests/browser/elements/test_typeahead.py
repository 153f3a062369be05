"""The field that labels are typed into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from workbench.widgets import elements

pytestmark = pytest.mark.browser
HERE = Path(elements.__file__).parent
SOURCE = "\n".join(
    (HERE / f"{name}.js").read_text("utf-8").replace("export ", "") for name in ("shared", "typeahead")
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_who_comes_back_at_once_for_the_next_label_keeps_the_list(page: Page) -> None:
    """The field is left after each label; what was to close the list then does not close it under the next one."""
    found = page.evaluate(
        f"""async () => {{ {SOURCE}
        const card = document.createElement("div"); card.tabIndex = 0;
        const labels = [{{ id: "a", path: "Late" }}, {{ id: "b", path: "Lost" }}], picked = [];
        const ta = typeahead({{ labels: () => labels, allowNew: () => false, onPick: (one) => {{ picked.push(one.id); card.focus(); }} }});
        card.append(ta.node); document.body.append(card);
        const enter = () => ta.input.dispatchEvent(new KeyboardEvent("keydown", {{ key: "Enter" }}));
        const type = (text) => {{ ta.focus(); ta.input.value = text; ta.input.dispatchEvent(new Event("input")); }};
        const later = () => new Promise((done) => setTimeout(done, 150)), hidden = () => ta.node.querySelector(".ta-list").hidden;
        type("late"); enter(); type("lo");
        await later();
        const kept = !hidden(); enter();
        await later();
        return {{ kept, picked, closed: hidden() }}; }}"""
    )
    assert found == {"kept": True, "picked": ["a", "b"], "closed": True}
