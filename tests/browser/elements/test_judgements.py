"""The annotator's memory, played through event by event: nothing that somebody else said is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from workbench.widgets import elements

pytestmark = pytest.mark.browser
HERE = Path(elements.__file__).parent
SOURCE = "\n".join(
    (HERE / f"{name}.js").read_text("utf-8").replace("export ", "")
    for name in ("shared", "label_tree", "judgements")
)
SETTING = """
let number = 0; crypto.getRandomValues = (bytes) => { number += 1; return bytes.fill(0).fill(number, 7); };
const s = (n) => n.toString(16).padStart(16, "0"), sent = [], calls = [];
const J = new Judgements((events) => { calls.push(events.length); sent.push(...events); }, () => {});
J.stop(); J.load({ uid: "m", assigned: [], dismissed: [], reviewed: false, revision: 0 });
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def played(page: Page, steps: str) -> Any:
    return page.evaluate(
        f"() => {{ {SOURCE}\n{SETTING}\n{steps}\nreturn {{ sent, calls, local: J.state('m'), unsaved: J.unsaved }}; }}"
    )


def test_what_waits_keeps_what_another_said_meanwhile(page: Page) -> None:
    """Two judgements in a row; somebody else's is stored before the first of them."""
    found = played(
        page,
        """
        J.judge("m", { assigned: ["late"] }, 0);
        J.judge("m", { reviewed: true }, 0);
        J.ack(s(1), { assigned: ["refund", "late"], dismissed: [], reviewed: false, revision: 2 });
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
        J.push([J.lines.get("m")[0]]);
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
        J.ack(s(1), { assigned: ["refund", "late"], dismissed: [], reviewed: true, revision: 2 });
        J.ack(s(2), { assigned: ["refund", "late", "damage"], dismissed: [], reviewed: false, revision: 3 });
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
        J.ack(s(1), { assigned: ["refund", "late"], dismissed: [], reviewed: true, revision: 2 });
        """,
    )
    assert found["sent"][1]["assigned"] == ["refund"]


def test_a_new_label_gets_its_id_in_what_waits(page: Page) -> None:
    found = played(
        page,
        """
        J.judge("m", { assigned: ["new:Parking"] }, 0);
        J.judge("m", { reviewed: true }, 0);
        J.ack(s(1), { assigned: ["l8", "l9"], dismissed: [], reviewed: false, revision: 1, created: { Parking: "l9" } });
        """,
    )
    assert (found["sent"][0]["assigned"], found["sent"][0]["new"]) == (["Parking"], ["Parking"])
    assert (sorted(found["sent"][1]["assigned"]), found["sent"][1]["new"]) == (["l8", "l9"], [])


def test_a_step_on_many_is_one_call_and_is_taken_back_whole(page: Page) -> None:
    """What somebody else said since stays, and so does what the step did not change."""
    found = played(
        page,
        """
        J.load({ uid: "n", assigned: ["damage"], dismissed: [], reviewed: true, revision: 4 });
        J.judgeAll([["m", { assigned: ["new:Late"] }], ["n", { assigned: ["damage", "new:Late"] }]], 0);
        J.ack(s(1), { assigned: ["l1"], dismissed: [], reviewed: false, revision: 1, created: { Late: "l1" } });
        J.ack(s(2), { assigned: ["damage", "l1"], dismissed: [], reviewed: true, revision: 5, created: { Late: "l1" } });
        J.remote("m", { assigned: ["l1", "refund"], dismissed: [], reviewed: true, revision: 2 }, "Maria assigned refund.");
        J.undo();
        """,
    )
    assert found["calls"] == [2, 2]
    taken = {one["uid"]: one for one in found["sent"][2:]}
    assert (taken["m"]["assigned"], taken["m"]["reviewed"], taken["m"]["before_revision"]) == (
        ["refund"],
        True,
        2,
    )
    assert (taken["n"]["assigned"], taken["n"]["reviewed"]) == (["damage"], True)


def test_a_label_takes_those_above_along_and_its_absence_those_below(page: Page) -> None:
    """The shown probabilities follow: a parent is never below its children, nothing stays below what is dismissed."""
    found = page.evaluate(
        f"""() => {{ {SOURCE}
        const tree = new LabelTree(["A", "A > B", "A > B > C", "A Bc"].map((path) => ({{ id: path.replaceAll(" > ", ""), path }})));
        const none = {{ assigned: [], dismissed: [] }}, guesses = [["A", 0.3], ["AB", 0.2], ["ABC", 0.9]].map(([label_id, probability]) => ({{ label_id, probability }}));
        const given = {{ ...none, ...tree.assign({{ assigned: [], dismissed: ["A", "AB"] }}, ["ABC"]) }};
        return {{
          given, made: tree.assign(none, ["new:A > X"]).assigned, removed: tree.remove(given, ["AB"]).assigned,
          dismissed: tree.dismiss(given, "A"), gone: tree.path("zz"),
          shown: [none, given, {{ assigned: [], dismissed: ["AB"] }}].map((state) => [...tree.shown(guesses, state).values()]),
        }}; }}"""
    )
    assert found["given"] == {"assigned": ["A", "AB", "ABC"], "dismissed": []}
    assert found["made"] == ["A", "new:A > X"]
    assert found["removed"] == ["A"]
    assert found["dismissed"] == {"assigned": [], "dismissed": ["A"]}
    assert found["gone"] == ""
    assert found["shown"] == [[0.9, 0.9, 0.9], [1, 1, 1], [0.3, 0, 0]]
