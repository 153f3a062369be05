"""The elements under a real Voila: seen, used by mouse and keyboard, and offline."""

from __future__ import annotations

import hashlib
import os
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visits import Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


def drawn(page: Page) -> Locator:
    page.locator(".wb-map[data-drawn]").wait_for()
    page.locator(".wb-chart[data-drawn]").nth(1).wait_for()
    return page.locator(".wb-map")


@pytest.mark.parametrize(
    ("width", "theme"), [(1440, "light"), pytest.param(800, "dark", marks=pytest.mark.nightly)]
)
def test_every_element_is_drawn_and_text_stays_text(visit: Visit, theme: str, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 1000})
    page = visit.open(query=f"?theme={theme}")
    drawn(page)
    expect(page.get_by_role("application")).to_have_attribute(
        "aria-label",
        "Map of messages: 20,000 messages, 0 selected. Arrow keys move, plus and minus zoom, L lasso, B box, A selects what is in view, Escape clears.",
    )
    expect(page.get_by_role("group", name="Annotate")).to_be_visible()
    expect(page.get_by_role("listbox", name="Messages, 100,000 messages")).to_be_visible()
    expect(page.get_by_role("tree", name="Taxonomy").get_by_role("treeitem")).to_have_count(15)
    expect(page.get_by_role("table", name="Labels").get_by_role("row").nth(3)).to_be_visible()
    expect(page.get_by_role("list", name="Clusters").get_by_role("listitem").first).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="Three labels")).to_contain_text("<img src=x")
    assert page.locator(".wb-dark").count() == (12 if theme == "dark" else 0)
    assert page.evaluate("window.hacked") is None
    assert page.locator(".wb img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    light = page.evaluate("getComputedStyle(document.querySelector('.wb-card .panel')).backgroundColor")
    assert (light == "rgb(255, 255, 255)") == (theme == "light")


def test_a_cancelled_job_is_no_error(visit: Visit) -> None:
    page = visit.open(query="?theme=light")
    drawn(page)
    job = page.locator(".wb-job")
    job.get_by_role("button", name="Cancel").click()
    expect(job.locator(".badge")).to_have_text("Cancelled")
    said = job.get_by_text("Stopped as asked. What was done until then is kept.")
    expect(said).to_be_visible()
    assert said.get_attribute("role") == "status" and job.get_by_role("alert").count() == 0
    red, grey = (
        page.evaluate(
            "(name) => { const i = document.createElement('i'); i.style.color = `var(${name})`;"
            " document.querySelector('.wb-job').append(i); const c = getComputedStyle(i).color; i.remove(); return c; }",
            name,
        )
        for name in ("--wb-bad", "--wb-muted")
    )
    for part in (said, job.locator(".badge")):
        assert part.evaluate("(node) => getComputedStyle(node).color") == grey != red


def test_theme_switches_without_a_reload(visit: Visit) -> None:
    page = visit.open(query="?theme=light")
    drawn(page)
    page.evaluate("window.kept = 1")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator(".wb-map.wb-dark")).to_be_visible()
    assert "theme=dark" in page.url
    assert (
        page.get_by_role("link", name="Monitor")
        .get_attribute("href")
        .endswith("/voila/render/monitor.ipynb?theme=dark")
    )
    assert page.evaluate("window.kept") == 1


def test_lasso_selects_the_points_inside_and_no_others(visit: Visit) -> None:
    page = visit.open()
    box = drawn(page).locator(".stage").bounding_box()
    assert box
    xy = np.load(visit.folder / "xy.npy")
    low, high = xy.min(0), xy.max(0)
    # A square around the middle third of the map, drawn with Shift held, in data coordinates.
    x0, y0 = low + (high - low) / 3
    x1, y1 = low + (high - low) * 2 / 3
    corner = [
        page.evaluate(
            "([x, y]) => document.querySelector('.wb-map').wbMap.screenOf(x, y)", [float(x), float(y)]
        )
        for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0))
    ]
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + corner[0][0], box["y"] + corner[0][1])
    page.mouse.down()
    for x, y in corner[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=12)
    page.mouse.up()
    page.keyboard.up("Shift")
    event = visit.wait_for("select")[-1]
    # The pointer is known to a fraction of a pixel, so the truth is known up to one pixel of the rim.
    pixel = float(max(high - low)) / (min(box["width"], box["height"]) * 0.92)
    inner = ((xy > [x0 + pixel, y0 + pixel]) & (xy < [x1 - pixel, y1 - pixel])).all(1).sum()
    outer = ((xy > [x0 - pixel, y0 - pixel]) & (xy < [x1 + pixel, y1 + pixel])).all(1).sum()
    assert 0 < inner <= event["n"] <= outer
    left, bottom, right, top = event["box"]
    assert left >= x0 - pixel and bottom >= y0 - pixel and right <= x1 + pixel and top <= y1 + pixel
    expect(page.locator(".wb-map .status b")).to_have_text(f"{event['n']:,} selected")
    page.keyboard.press("a")
    assert visit.wait_for("select", 2)[-1]["n"] == 20_000
    page.keyboard.press("Escape")
    assert visit.wait_for("select", 3)[-1]["n"] == 0


def test_map_zooms_hovers_hides_and_survives_a_lost_context(visit: Visit) -> None:
    page = visit.open()
    the_map = drawn(page)
    stage = the_map.locator(".stage")
    stage.focus()
    before = page.evaluate("document.querySelector('.wb-map').wbMap.screenOf(5, 5)")
    page.keyboard.press("+")
    assert page.evaluate("document.querySelector('.wb-map').wbMap.screenOf(5, 5)") != before
    page.keyboard.press("0")
    assert page.evaluate("document.querySelector('.wb-map').wbMap.screenOf(5, 5)") == before
    page.get_by_role("checkbox", name="Delivery > Late").click()
    expect(page.get_by_role("checkbox", name="Delivery > Late")).to_have_attribute("aria-checked", "false")
    box, xy = stage.bounding_box(), np.load(visit.folder / "xy.npy")
    assert box
    # A point of a crowded place, so that something lies under the pointer whatever is hidden.
    x, y = page.evaluate(
        "([x, y]) => document.querySelector('.wb-map').wbMap.screenOf(x, y)",
        [float(v) for v in np.median(xy[np.abs(xy - xy[11]).max(1) < 0.5], axis=0)],
    )
    page.mouse.move(box["x"] + x, box["y"] + y)
    expect(page.get_by_role("tooltip")).to_contain_text("<b>bold</b>")
    filled = "() => { const l = document.querySelector('.wb-map').wbMap.layer, g = l.gl, p = new Uint8Array(l.canvas.width * l.canvas.height * 4); l.draw({cx: .5, cy: .5, k: 400}, {size: 4, alpha: 1, focused: false, quiet: [0, 0, 0], ink: [0, 0, 0]}); g.readPixels(0, 0, l.canvas.width, l.canvas.height, g.RGBA, g.UNSIGNED_BYTE, p); return p.some((v) => v); }"
    assert page.evaluate(filled)
    page.evaluate(
        "() => { const l = document.querySelector('.wb-map').wbMap.layer; window.lose = l.gl.getExtension('WEBGL_lose_context'); window.lose.loseContext(); }"
    )
    expect(the_map.locator(".veil")).to_be_visible()
    page.evaluate("window.lose.restoreContext()")
    expect(the_map.locator(".veil")).to_be_hidden()
    assert page.evaluate(filled)


def test_annotation_by_keyboard(visit: Visit) -> None:
    page = visit.open()
    drawn(page)
    card = page.get_by_role("group", name="Annotate")
    rule = card.get_by_role("note")
    expect(rule).to_contain_text("says of every label whether it applies")
    rule.get_by_role("button", name="Got it").click()
    expect(rule).to_be_hidden()
    expect(card).to_be_focused()
    page.keyboard.press("1")
    expect(card.locator(".chips .chip.assigned")).to_have_text("Delivery > Late")
    page.keyboard.press("Shift+Digit2")
    expect(card.locator(".suggestion .chip.dismissed")).to_have_text("Delivery > Lost")
    page.keyboard.press("x")
    page.keyboard.press("3")
    expect(card.locator(".suggestion .chip.dismissed")).to_have_count(2)
    page.keyboard.press("u")
    expect(card.locator(".suggestion .chip.dismissed")).to_have_count(1)
    page.keyboard.press("a")
    page.keyboard.type("Claims > Water")
    page.keyboard.press("Enter")
    expect(card.locator(".chips .chip.assigned")).to_have_count(2)
    events = visit.wait_for("judge", 5)
    assert [e["before_revision"] for e in events] == [1, 2, 3, 4, 5]
    assert events[-1]["new"] == ["Claims > Water"]
    assert events[-1]["assigned"] == ["0" * 16, "Claims > Water"]
    assert events[-1]["dismissed"] == ["0" * 15 + "1"]
    expect(card.locator(".save")).to_have_text("All saved")
    page.keyboard.press("Enter")
    assert visit.wait_for("judge", 6)[-1]["reviewed"] is True
    expect(card.get_by_role("heading", level=2)).to_have_text("Lost: order 4800001")
    page.keyboard.press("Enter")
    visit.wait_for("judge", 7)
    expect(card.locator(".note.remote")).to_contain_text("Maria assigned Praise")
    for _ in range(3):
        page.keyboard.press("j")
    page.keyboard.press("Shift+Digit1")
    expect(card.locator(".note.error")).to_contain_text("Not saved: the label was deleted")
    expect(card.locator(".suggestion .chip.dismissed")).to_have_count(0)
    page.keyboard.press("j")  # beyond the first six: fetched in time
    expect(card.get_by_role("heading", level=2)).to_have_text("Close: order 4800006")
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keys")
    expect(help_).to_contain_text("says of every label whether it applies")
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    many_at_once(visit, page, card)


def many_at_once(visit: Visit, page: Page, card: Locator) -> None:
    """The queue as a list: three messages get a label in one step, which one key takes back; done ones are hidden."""
    page.keyboard.press("l")
    rows = card.get_by_role("option")
    expect(card.get_by_role("listbox", name="Messages of the queue")).to_be_focused()
    n = rows.count()
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(card.locator(".item[aria-selected=true]")).to_have_count(3)
    before = len(visit.events("judge"))
    page.keyboard.press("A")
    page.keyboard.type("Praise")
    page.keyboard.press("Enter")
    assert visit.wait_for("step")[-1]["n"] == 3 - 1  # Maria gave it to one of them already
    assert len(visit.wait_for("judge", before + 2)) == before + 2
    expect(rows.nth(3).locator(".chip.assigned")).to_have_text("Praise")
    page.keyboard.press("u")
    visit.wait_for("judge", before + 4)
    expect(rows.nth(3).locator(".chip.assigned")).to_have_count(0)
    expect(rows.nth(2).locator(".chip.assigned")).to_have_text("Praise")
    page.keyboard.press("i")
    expect(card.locator(".item[aria-selected=true]")).to_have_count(n - 3)
    page.keyboard.press("h")
    expect(rows).to_have_count(n - 2)
    page.keyboard.press("Escape")
    expect(card).to_be_focused()
    page.keyboard.press("w")
    expect(card.get_by_role("list", name="History of this message")).to_contain_text("shown by shuffle")
    assert page.evaluate("window.hacked") is None


def test_charts_share_one_runtime(visit: Visit) -> None:
    received: list[int] = []
    visit.page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame)))
    )
    page = visit.open("monitor")
    page.locator(".wb-chart[data-drawn]").nth(1).wait_for()
    assert page.evaluate("window.__workbenchPlotlyLoads") == 1
    assert sum(received) < 3_000_000
    chart = page.locator(".wb-chart").first
    chart.hover()
    chart.get_by_role("button", name="Show as table").click()
    expect(chart.get_by_role("row")).to_have_count(29)
    chart.get_by_role("button", name="Show as table").click()
    box = chart.locator(".canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.7)
    assert visit.wait_for("click")[-1]["trace"] == 0


@pytest.mark.nightly
def test_file_arrives_whole_and_limits_hold(visit: Visit, tmp_path: Path) -> None:
    content = np.random.default_rng(1).bytes(20 * 2**20 + 17)
    good, bad = tmp_path / "mail.csv", tmp_path / "mail.exe"
    good.write_bytes(content)
    bad.write_bytes(b"x")
    page = visit.open()
    drawn(page)
    page.locator(".wb-drop input[type=file]").set_input_files(good)
    event = visit.wait_for("file")[-1]
    assert event == {
        "kind": "file",
        "name": "mail.csv",
        "n": len(content),
        "sha": hashlib.sha256(content).hexdigest(),
    }
    page.locator(".wb-drop input[type=file]").set_input_files(bad)
    expect(page.locator(".wb-drop .file").first).to_contain_text(
        "Not a file of a kind that is read here: .csv, .jsonl."
    )
    assert len(visit.events("file")) == 1


def test_list_tree_table_and_clusters(visit: Visit) -> None:
    page = visit.open()
    drawn(page)
    box = page.get_by_role("listbox", name="Messages")
    box.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    assert len(visit.wait_for("listed", 2)[-1]["ids"]) == 3
    page.keyboard.press("End")
    expect(box.get_by_role("option").last).to_contain_text("order 4899999")
    tree = page.get_by_role("tree", name="Taxonomy")
    tree.locator('[tabindex="0"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("F2")
    page.keyboard.type("Delayed")
    page.keyboard.press("Enter")
    assert visit.wait_for("rename")[-1] == {"kind": "rename", "label_id": "0" * 16, "name": "Delayed"}
    table = page.get_by_role("table", name="Labels")
    table.get_by_role("button", name="Messages", exact=True).click()
    expect(table.get_by_role("row").nth(1)).to_contain_text("999")
    page.get_by_role("checkbox", name="Select the messages of Late parcel").uncheck()
    bulk = page.get_by_role("combobox", name="Label the selected messages…")
    bulk.fill("damag")
    page.keyboard.press("Enter")
    event = visit.wait_for("apply")[-1]
    assert event["cluster_ids"] == ["c1", "c2", "c3"]
    assert len(event["uids"]) == 36
    expect(page.get_by_role("list", name="Clusters").locator(".cluster.done")).to_have_count(3)


def test_a_label_that_gathers_examples_is_a_dial_that_says_how_many(visit: Visit) -> None:
    page = visit.open()
    tree, table = page.get_by_role("tree", name="Taxonomy"), page.get_by_role("table", name="Labels")
    row = tree.locator('[data-path="Delivery > Lost"]')
    expect(row).to_have_attribute("aria-label", re.compile("Gathering, 12 of 25 examples"))
    expect(row.get_by_text("12 of 25", exact=True)).to_be_visible()
    red = page.evaluate("getComputedStyle(document.querySelector('.ring.poor .arc')).stroke")
    for dial, filled in (
        (row.locator(".ring.gathering .arc"), "0.48"),
        (tree.locator('[data-path="Price > Quote"] .ring .arc'), "0.40"),
        (table.locator(".ring.gathering .arc").first, "0.00"),
    ):
        expect(dial).to_have_attribute("data-filled", filled)
    assert row.locator(".arc").evaluate("arc => getComputedStyle(arc).stroke") == red
    expect(table.locator(".state").first).to_have_text("Gathering, 0 of 25 examples0 of 25")


@pytest.mark.nightly
def test_a_dead_kernel_is_said(visit: Visit) -> None:
    page = visit.open()
    drawn(page)
    os.kill(int(visit.events("pid")[-1]["pid"]), signal.SIGKILL)
    expect(page.locator("#wb-lost")).to_contain_text("Reload to")
    visit.errors.clear()  # the browser itself reports the closed connection
