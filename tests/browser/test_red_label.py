"""From a red label to its fix to a better rating: Validation says which label is poor and why, its links open the doubted
messages, and after they are put right the next version is better."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served
from tests.browser.test_pages import fits, picture, visit
from tests.contract.messages import batch
from workbench.domain import DatasetId, Judgement, LabelId, Message, MessageFilter, Operations
from workbench.door import Job

pytestmark = [pytest.mark.browser, pytest.mark.nightly, pytest.mark.timeout(900)]
N, N_REVIEWED = 400, 300
LEFT_OUT, TOO_MANY = 0.6, 0.2
"""Of the messages of thanks the share that was not given Praise, and of the others the share that was."""
MOST_LOOKED_AT = 60
THEMES = {"parcel": "Parcel", "not arrived": "Delivery > Late", "broken": "Damage", "refund": "Refund"}
UID = "document.querySelector('.wb-card')?.dataset.uid ?? ''"


def confused(ops: Operations) -> DatasetId:
    """A trained dataset in which people did not agree on what Praise means."""
    source = ops.create_source("demo", "mail")
    ops.put_messages(source.source_id, batch(N), "first", N)
    dataset_id = ops.create_dataset("demo", "support", (source.source_id,), title="Support").dataset_id
    for name in (*THEMES.values(), "Praise"):
        ops.create_label(dataset_id, name)
    ids = {one.name: one.label_id for one in ops.labels(dataset_id)}
    random = np.random.default_rng(0)
    reviewed = ops.messages_table(dataset_id, MessageFilter()).to_pylist()[:N_REVIEWED]

    def said(body: str) -> tuple[LabelId, ...]:
        given = [ids[label] for words, label in THEMES.items() if words in body]
        wrong = LEFT_OUT if "thank" in body else TOO_MANY
        if ("thank" in body) != (random.random() < wrong):
            given.append(ids["Praise"])
        return tuple(given)

    judged = (
        Judgement(event_id=secrets.token_hex(8), uid=one["uid"], assigned=said(one["body"]), mode="shuffle")
        for one in reviewed
    )
    ops.judge(dataset_id, tuple(judged))
    Job(ops, ops.start_train(dataset_id)).wait(progress=False)
    return dataset_id


def put_right(page: Page, ops: Operations, dataset_id: DatasetId, link: str) -> int:
    """Follow a link of Validation, and give or take Praise as each message asks for; how many were changed."""
    page.get_by_role("link", name=link).first.click()
    expect(page.get_by_text("All saved")).to_be_visible()
    card = page.get_by_role("group", name="Annotate")
    praise = {one.name: one.label_id for one in ops.labels(dataset_id)}["Praise"]
    n_changed = 0
    for _ in range(MOST_LOOKED_AT):
        uid = page.evaluate(UID)
        if not uid:
            break
        (seen,) = ops.get_messages(dataset_id, (uid,))
        card.focus()
        n_changed += settle(page, seen, praise)
        card.focus()
        page.keyboard.press("Enter")
        page.wait_for_function(f"was => ({UID}) !== was", arg=uid)
    page.wait_for_function("() => document.querySelector('.wb-card').dataset.unsaved === '0'")
    return n_changed


def settle(page: Page, seen: Message, praise: LabelId) -> bool:
    """Make the message on the card carry Praise where it is about one; whether that changed anything."""
    has, should = praise in seen.assigned, "thank" in seen.body
    if has and not should:
        page.get_by_role("button", name="Remove Praise", exact=True).click()
    elif should and not has:
        page.keyboard.press("a")
        page.keyboard.type("Praise")
        page.keyboard.press("Enter")
        page.wait_for_function("() => document.activeElement.matches('.wb-card .card')")
    return has != should


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (800, "dark")])
def test_a_red_label_leads_to_its_fix_and_to_a_better_rating(
    browser: Browser, serve: Callable[[Path], Served], tmp_path: Path, width: int, theme: str
) -> None:
    served = serve(tmp_path / "red.duckdb")
    ops = served.operations
    dataset_id = confused(ops)
    before = ops.validation(dataset_id, 1)
    assert {one.name: one.state for one in before.labels}["Praise"] == "poor"
    seen = visit(browser, served, width=width)
    query = f"?user=anna&theme={theme}"
    page = seen.open("validation", query)
    expect(page.get_by_text("Held at 69 because a factor is poor").first).to_be_visible()
    expect(page.get_by_text("The model is not good enough to stop yet.")).to_be_visible()
    row = page.get_by_role("table", name="Labels").get_by_role("row").filter(has_text="Praise")
    expect(row.get_by_role("img", name="Poor")).to_be_visible()
    row.click()
    chosen = page.get_by_text("below 0.50: look for contradictory examples").first
    expect(chosen).to_be_visible()
    fits(page)
    picture(page, f"red-label-poor-{width}-{theme}")

    assert put_right(page, ops, dataset_id, "Check label Praise") > 5
    assert "mode=check" in page.url and "label=Praise" in page.url
    picture(page, f"red-label-checked-{width}-{theme}")
    page.goto(f"{served.address}/voila/render/validation.ipynb{query}&label=Praise")
    assert put_right(page, ops, dataset_id, "Look for missed Praise") > 5

    page.goto(f"{served.address}/voila/render/validation.ipynb{query}&label=Praise")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_label("Version", exact=True).locator("option:checked")).to_have_text(
        re.compile("^2|version 2", re.IGNORECASE), timeout=120_000
    )
    after = ops.validation(dataset_id, 2)
    assert {one.name: one.state for one in after.labels}["Praise"] in ("fair", "healthy", "excellent")
    assert before.rating.score is not None and after.rating.score is not None
    assert after.rating.score > before.rating.score
    expect(page.get_by_text("Held at 69")).to_have_count(0)
    expect(page.locator(".wb-factor").filter(has_text="Underperforming")).not_to_contain_text("Poor")
    fits(page)
    picture(page, f"red-label-better-{width}-{theme}")
    assert seen.outside == [] and seen.errors == []
