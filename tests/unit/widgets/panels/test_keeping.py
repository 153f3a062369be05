"""The verdict "keep as is" beside the annotation card."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import ipywidgets as ipw
import pytest

from workbench.domain import Verdict
from workbench.widgets.elements import AnnotationCard
from workbench.widgets.panels.keeping import Keeping


@pytest.fixture
def desk() -> Any:
    """A card with two messages of a doubted label, and what was said of them."""
    said: list[Verdict] = []
    operations = SimpleNamespace(keep_as_is=lambda _dataset, verdict: said.append(verdict))
    panel: Any = SimpleNamespace(
        operations=operations,
        dataset=SimpleNamespace(dataset_id="d"),
        guard=lambda action: lambda *_: action(),
    )
    card = AnnotationCard()
    card.queue = [{"uid": "s.a", "revision": 1}, {"uid": "s.b", "revision": 4}]
    label = ipw.Dropdown(options=[("Praise", "l2")], value="l2")
    return SimpleNamespace(keeping=Keeping(panel, card, label), card=card, said=said)


def shown(button: ipw.Button) -> bool:
    return button.layout.display != "none"


def test_it_is_offered_where_people_are_doubted_only(desk: Any) -> None:
    for mode, offered in (("shuffle", False), ("check", True), ("teach", False), ("missed", True)):
        desk.keeping.show(mode)
        assert shown(desk.keeping.keep) is offered, mode
    desk.keeping.show("shuffle")
    desk.card._dispatch(desk.card, {"type": "keep"}, [])
    assert desk.said == [], "the key does nothing in other modes"


def test_the_message_on_screen_is_kept_and_the_next_one_comes(desk: Any) -> None:
    desk.keeping.show("check")
    desk.keeping.revisions["s.b"] = 5
    desk.keeping.keep.click()
    desk.card._dispatch(desk.card, {"type": "keep"}, [])
    assert [(one.uid, one.label_id, one.revision, one.kept) for one in desk.said] == [
        ("s.a", "l2", 1, True),
        ("s.b", "l2", 5, True),
    ]
    assert desk.card.cursor == 2
    desk.keeping.keep.click()
    assert len(desk.said) == 2, "at the end of the queue there is nothing to keep"


def test_the_last_verdict_can_be_taken_back(desk: Any) -> None:
    desk.keeping.show("missed")
    assert not shown(desk.keeping.undo)
    desk.keeping.keep.click()
    assert shown(desk.keeping.undo)
    desk.keeping.undo.click()
    assert (desk.said[-1].uid, desk.said[-1].kept, desk.card.cursor) == ("s.a", False, 0)
    assert desk.said[-1].event_id != desk.said[0].event_id
    desk.keeping.take_back()
    assert len(desk.said) == 2
    assert not shown(desk.keeping.undo)
