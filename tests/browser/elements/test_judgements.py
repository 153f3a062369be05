"""The annotator's memory, played through event by event: nothing that somebody else said is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from workbench.widgets import elements

pytestmark = pytest.mark.browser
SOURCE = (Path(elements.__file__).parent / "judgements.js").read_text("utf-8")
SETTING = """
let number = 0; const uuid = () => `s${++number}`;
const sent = [], J = new Judgements((event) => sent.push(event), () => {});
J.stop(); J.load({ uid: "m", assigned: [], dismissed: [], reviewed: false, revision: 0 });
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def played(page: Page, steps: str) -> Any:
    return page.evaluate(
        f"() => {{ {SOURCE}\n{SETTING}\n{steps}\nreturn {{ sent, local: J.state('m'), unsaved: J.unsaved }}; }}"
    )


def test_what_waits_keeps_what_another_said_meanwhile(page: Page) -> None:
    """Two judgements in a row; somebody else's is stored before the first of them."""
    found = played(
        page,
        """
        J.judge("m", { assigned: ["late"] }, 0);
        J.judge("m", { reviewed: true }, 0);
        J.ack("s1", { assigned: ["refund", "late"], dismissed: [], reviewed: false, revision: 2 });
        """,
    )
    first, second = found["sent"]
    assert (first["assigned"], first["before_revision"]) == (["late"], 0)
    assert sorted(second["assigned"]) == ["late", "refund"]
    assert (second["before_revision"], second["reviewed"]) == (2, True)


def test_a_judgement_sent_again_says_what_it_was_built_on(page: Page) -> None:
    found = played(
        page,
        """
        J.judge("m", { assigned: ["late"] }, 0);
        J.remote("m", { assigned: ["refund"], dismissed: [], reviewed: true, revision: 1 }, "Maria assigned refund.");
        J.push(J.lines.get("m")[0]);
        """,
    )
    assert [(one["assigned"], one["before_revision"]) for one in found["sent"]] == [(["late"], 0)] * 2
    assert sorted(found["local"]["assigned"]) == ["late", "refund"]


def test_what_waits_through_a_remote_change_has_both(page: Page) -> None:
    found = played(
        page,
        """
        J.judge("m", { assigned: ["late"] }, 0);
        J.judge("m", { assigned: ["late", "damage"] }, 0);
        J.remote("m", { assigned: ["refund"], dismissed: [], reviewed: true, revision: 1 }, "");
        J.ack("s1", { assigned: ["refund", "late"], dismissed: [], reviewed: true, revision: 2 });
        J.ack("s2", { assigned: ["refund", "late", "damage"], dismissed: [], reviewed: false, revision: 3 });
        """,
    )
    assert sorted(found["sent"][1]["assigned"]) == ["damage", "late", "refund"]
    assert (found["unsaved"], found["local"]["revision"]) == (0, 3)


def test_what_the_person_takes_back_stays_taken_back(page: Page) -> None:
    found = played(
        page,
        """
        J.judge("m", { assigned: ["late"] }, 0);
        J.judge("m", { assigned: [] }, 0);
        J.ack("s1", { assigned: ["refund", "late"], dismissed: [], reviewed: true, revision: 2 });
        """,
    )
    assert found["sent"][1]["assigned"] == ["refund"]


def test_a_new_label_gets_its_id_in_what_waits(page: Page) -> None:
    found = played(
        page,
        """
        J.judge("m", { assigned: ["new:Parking"] }, 0);
        J.judge("m", { reviewed: true }, 0);
        J.ack("s1", { assigned: ["l9"], dismissed: [], reviewed: false, revision: 1 });
        """,
    )
    assert (found["sent"][0]["assigned"], found["sent"][0]["new"]) == (["Parking"], ["Parking"])
    assert (found["sent"][1]["assigned"], found["sent"][1]["new"]) == (["l9"], [])
