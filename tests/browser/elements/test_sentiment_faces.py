"""The faces of the annotation card: how each label is meant, by mouse and by keyboard, never guessed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from workbench.widgets.elements import AnnotationCard

pytestmark = pytest.mark.browser
TRAITS: dict[str, Any] = {
    "queue": [
        {
            "uid": "m",
            "revision": 0,
            "subject": "My parcel",
            "body": "The driver was rude and the parcel came late.",
            "predictions": [
                {"label_id": "late", "probability": 0.91, "sentiment": -0.8},
                {"label_id": "staff", "probability": 0.4, "sentiment": 0.2},
            ],
        }
    ],
    "taxonomy": [
        {"id": "late", "path": "Delivery > Late", "colour": "#336699", "named": True},
        {"id": "staff", "path": "Staff", "colour": "#663399"},
        {"id": "price", "path": "Price", "colour": "#993366"},
    ],
    "cursor": 0,
    "total": 1,
    "preload": 1,
    "busy": False,
    "error": "",
    "empty_text": "",
    "allow_new_labels": False,
    "has_sentiment": True,
}
PLAY = """async ([source, css, traits]) => {
  const style = document.createElement("style"); style.textContent = css; document.head.append(style);
  const module = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const heard = [], model = { get: (key) => traits[key], set: (key, value) => { traits[key] = value; }, save_changes() {}, on() {}, off() {}, send: (content) => heard.push(content) };
  window.said = () => heard.filter((one) => one.type === "judge").map((one) => one.event);
  module.default.render({ model, el: document.querySelector("#card") });
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    made = context.new_page()
    made.set_content("<div id=card></div>")
    made.evaluate(PLAY, [AnnotationCard._esm, AnnotationCard._css, TRAITS])
    yield made
    context.close()


def last(page: Page) -> dict[str, Any]:
    found: list[dict[str, Any]] = page.evaluate("() => window.said()")
    # Judgements behind the first one wait for its answer: what stands on screen is the whole of it.
    return found[-1]


def test_by_keyboard(page: Page) -> None:
    page.get_by_role("group", name="Annotate").press("1")
    assert (last(page)["assigned"], last(page)["sentiments"]) == (["late"], {"late": "negative"})
    pressed = page.locator(".chips").get_by_role("button", name="Negative: Delivery > Late", exact=True)
    expect(pressed).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("+")  # the label chosen last
    positive = page.locator(".chips").get_by_role("button", name="Positive: Delivery > Late", exact=True)
    expect(positive).to_have_attribute("aria-pressed", "true")
    positive.focus()
    page.keyboard.press("-")  # the focused chip
    expect(pressed).to_have_attribute("aria-pressed", "true")


def test_a_label_nobody_expects_is_asked_about(page: Page) -> None:
    page.get_by_role("combobox").fill("Price")
    page.keyboard.press("Enter")
    asking = page.get_by_role("group", name="Sentiment")
    expect(asking).to_contain_text("Price: positive or negative?")
    assert page.evaluate("() => window.said()") == []
    page.keyboard.press("-")
    expect(asking).to_be_hidden()
    assert last(page)["sentiments"] == {"price": "negative"}


def test_by_mouse(page: Page) -> None:
    staff = page.get_by_role("listitem").filter(has_text="Staff")
    expect(staff.locator(".chip")).to_have_attribute("title", "Staff: 40.0 %, sentiment +0.20")
    late = page.get_by_role("listitem").filter(has_text="Late").locator(".chip.named")
    expect(late).to_have_attribute("title", "Delivery > Late: 91.0 %, sentiment −0.80, from the label's name")
    expect(staff.locator(".chip.named")).to_have_count(0)
    expect(staff.locator(".face.expected")).to_have_attribute("aria-label", "Positive: Staff")
    staff.get_by_role("button", name="Negative: Staff").click()
    assert (last(page)["assigned"], last(page)["sentiments"]) == (["staff"], {"staff": "negative"})
