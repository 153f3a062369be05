"""A taxonomy changed by keyboard alone, from the tree to the store and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def label(page: Page, path: str) -> Locator:
    return page.get_by_role("tree", name="Taxonomy").locator(f'[data-path="{path}"]')


def confirm(page: Page, caption: str) -> None:
    """What a change would do is on screen, and its button has the keyboard."""
    expect(page.get_by_role("button", name=caption, exact=True)).to_be_focused()
    page.keyboard.press("Enter")


def test_a_taxonomy_is_changed_by_keyboard_alone(visit: Visit) -> None:  # noqa: PLR0915 - one journey, told in order
    page = visit.open("annotate")
    tree, keys = page.get_by_role("tree", name="Taxonomy"), page.keyboard
    expect(tree.get_by_role("treeitem")).to_have_count(5)
    tree.locator('[tabindex="0"]').focus()
    keys.press("End")
    keys.press("n")
    keys.type("Below")
    keys.press("Enter")
    expect(label(page, "Products > Below")).to_be_focused()

    keys.press("Home")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("F2")
    keys.type("Money back")
    keys.press("Escape")
    expect(label(page, "Claims > Motor")).to_be_focused()
    keys.press("F2")
    keys.type("Cars > Old")
    keys.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="where a name of one is wanted")).to_be_visible()
    refused = tree.get_by_role("textbox", name="New name of Claims > Motor")
    expect(refused).to_be_focused()
    expect(refused).to_have_value("Cars > Old")
    keys.type("Cars")
    keys.press("Enter")
    form = page.get_by_role("form", name="Rename 'Claims > Motor' to 'Claims > Cars'")
    expect(form).to_contain_text("No annotated message changes.")
    confirm(page, "Rename")
    expect(label(page, "Claims > Cars")).to_be_focused()

    keys.press("Control+v")
    expect(page.get_by_text("Nothing is cut. Ctrl+X cuts the label in focus.")).to_be_visible()
    keys.press("Control+x")
    expect(page.get_by_text("Cars is cut.")).to_be_visible()
    keys.press("Control+v")
    expect(page.get_by_text("Claims > Cars cannot go below Claims > Cars")).to_be_visible()
    keys.press("End")
    keys.press("ArrowLeft")
    keys.press("Control+v")
    confirm(page, "Move")
    expect(label(page, "Products > Cars")).to_be_focused()
    expect(page.get_by_text("Done: move 'Claims > Cars' to 'Products > Cars'")).to_be_visible()

    keys.press("g")
    into = page.get_by_role("form").get_by_label("Into")
    expect(into).to_be_focused()
    keys.type("Money bak")
    keys.press("Enter")
    expect(page.get_by_text("did you mean 'Money back'?")).to_be_visible()
    into.fill("money back")
    keys.press("Enter")
    confirm(page, "Merge")
    expect(label(page, "Money back")).to_be_focused()
    expect(label(page, "Products > Cars")).to_have_count(0)

    keys.press("Control+z")
    confirm(page, "Undo")
    expect(label(page, "Products > Cars")).to_be_visible()
    expect(label(page, "Money back")).to_be_focused()
    keys.press("Alt+ArrowDown")
    expect(tree.get_by_role("treeitem").last).to_have_attribute("data-path", "Money back")
    expect(label(page, "Money back")).to_be_focused()

    keys.press("Shift+F10")
    menu = page.get_by_role("menu", name="Change Money back")
    expect(menu.get_by_role("menuitem", name="Rename")).to_be_focused()
    expect(menu.get_by_role("menuitem", name="Move down")).to_have_attribute("aria-disabled", "true")
    keys.press("d")
    keys.press("Enter")
    expect(page.get_by_role("form", name="Describe 'Money back'").get_by_label("Description")).to_be_focused()
    keys.press("Escape")
    expect(label(page, "Money back")).to_be_focused()
    assert page.evaluate("window.hacked") is None


@pytest.mark.nightly
def test_messages_of_a_label_are_split_off_by_keyboard(visit: Visit) -> None:
    page = visit.open("annotate")
    tree, keys = page.get_by_role("tree", name="Taxonomy"), page.keyboard
    tree.locator('[tabindex="0"]').focus()
    keys.press("End")
    keys.press("ArrowUp")
    keys.press("s")
    form = page.get_by_role("form", name="Split 'Money back'")
    expect(form.get_by_label("New label")).to_be_focused()
    expect(page.get_by_role("listbox", name="Messages, 3 messages").get_by_role("option")).to_have_count(3)
    keys.type("Twice")
    keys.press("Shift+Tab")
    keys.press("ArrowDown")
    keys.press("Space")
    expect(page.get_by_text("1 of 3 selected")).to_be_visible()
    keys.press("Tab")
    keys.press("Enter")
    split = page.get_by_role("form", name="Split 'Money back' into 'Twice'")
    expect(split).to_contain_text("1 annotated message changes.")
    confirm(page, "Split")
    expect(label(page, "Money back")).to_be_focused()
    expect(tree.get_by_role("treeitem", name=re.compile("^Twice, 1 reviewed"))).to_be_visible()


@pytest.mark.nightly
def test_labels_are_dragged_and_a_thousand_of_them_are_few_nodes(visit: Visit) -> None:
    page = visit.open("annotate")
    label(page, "Money back").drag_to(label(page, "Claims"), target_position={"x": 90, "y": 14})
    confirm(page, "Move")
    expect(label(page, "Claims > Money back")).to_be_visible()
    label(page, "Claims > Money back").drag_to(
        label(page, "Claims > Motor"), target_position={"x": 90, "y": 2}
    )
    expect(page.locator('[data-path="Claims"] + li')).to_have_attribute("data-path", "Claims > Money back")

    many = page.get_by_role("tree", name="Many")
    assert many.get_by_role("treeitem").count() < 40
    many.locator('[tabindex="0"]').focus()
    page.keyboard.press("End")
    last = many.get_by_role("treeitem", name="Label 999, 999 reviewed, 1,998 predicted")
    expect(last).to_be_focused()
    expect(last).to_be_in_viewport()
    assert last.get_attribute("aria-setsize") == "20" == last.get_attribute("aria-posinset")
    assert many.get_by_role("treeitem").count() < 40
    many.evaluate("(node) => { node.scrollTop = 0; }")
    expect(many.locator('[data-path="Topic 00"]')).to_be_visible()
    expect(last).to_be_focused()
