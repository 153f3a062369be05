"""The annotation card in its panel: what one person says, alone and with another, and what a change of labels leaves."""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.contract.messages import batch
from workbench.domain import LabelId
from workbench.door import Dataset
from workbench.widgets.panels import AnnotatePanel
from workbench.widgets.state import PanelState


@pytest.fixture
def filled(dataset: Dataset) -> Dataset:
    """Eight messages and two labels, one below the other."""
    dataset.operations.put_messages(dataset.info.source_ids[0], batch(8), "mail", 8)
    dataset.create_label("Delivery > Late")
    dataset.create_label("Refund")
    return dataset


@pytest.fixture
def two(filled: Dataset) -> Iterator[tuple[AnnotatePanel, AnnotatePanel]]:
    """Two people on the same newest messages."""
    made = [AnnotatePanel(filled, state=PanelState(mode="recent")) for _ in range(2)]
    yield made[0], made[1]
    for panel in made:
        panel.close()


def until(fact: Callable[[], object], *, patience_s: float = 30) -> None:
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def say(panel: AnnotatePanel, *changes: dict[str, Any], kind: str = "judge_all") -> list[dict[str, Any]]:
    """Judge messages of the queue (``row``, and what differs) as the browser does; returns what the card is told."""
    events = []
    for change in changes:
        row = panel.card.queue[change.pop("row")]
        state = {name: row[name] for name in ("assigned", "dismissed", "reviewed")}
        seen = {"before_revision": row["revision"], "uid": row["uid"], "seq": secrets.token_hex(8), "new": []}
        events.append({**state, **seen, **change})
    heard: list[dict[str, Any]] = []
    panel.card.send = lambda content, buffers=None: heard.append(content)
    told = {"events": events} if kind == "judge_all" else {"event": events[0]}
    panel.card._handle_custom_msg({"type": kind, **told}, [])
    return heard


def ids(panel: AnnotatePanel) -> dict[str, str]:
    return {str(one["path"]): str(one["id"]) for one in panel.card.taxonomy}


def test_many_messages_are_judged_in_one_step_and_each_answer_comes_back(
    two: tuple[AnnotatePanel, AnnotatePanel], monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = two
    late = ids(mine)["Delivery > Late"]
    asked: list[int] = []
    judge = mine.operations.judge
    monkeypatch.setattr(
        type(mine.operations),
        "judge",
        lambda _self, did, judgements: asked.append(len(judgements)) or judge(did, judgements),
        raising=False,
    )
    answers = say(
        mine,
        {"row": 0, "assigned": [late, "Thanks > Kind"], "new": ["Thanks > Kind"]},
        {"row": 1, "assigned": ["Thanks > Kind"], "new": ["Thanks > Kind"], "reviewed": True},
    )
    assert asked == [2]
    kind = ids(mine)["Thanks > Kind"]
    first, second = (one["state"] for one in answers if one["type"] == "ack")
    assert first["created"] == second["created"] == {"Thanks > Kind": kind}
    assert set(first["assigned"]) == {ids(mine)[one] for one in ("Delivery", "Delivery > Late", "Thanks")} | {
        kind
    }
    assert (second["reviewed"], second["reviewed_by"]) == (True, "tester")
    assert [(row["revision"], row["reviewed"]) for row in mine.card.queue[:3]] == [
        (1, False),
        (1, True),
        (0, False),
    ]
    # The other person's card has both, and a judgement built on the old state takes nothing of them back.
    until(lambda: [row["revision"] for row in other.card.queue[:2]] == [1, 1])
    refund = ids(other)["Refund"]
    heard = say(other, {"row": 0, "assigned": [refund], "before_revision": 0}, kind="judge")
    (answer,) = (one for one in heard if one["type"] == "ack")
    assert {refund, kind, late} <= set(answer["state"]["assigned"])
    # Undo of the whole step, as the card works it out: what the other said since stays.
    until(lambda: refund in mine.card.queue[0]["assigned"])
    parents = [ids(mine)["Delivery"], ids(mine)["Thanks"]]
    kept = [one for one in mine.card.queue[0]["assigned"] if one not in (late, kind, *parents)]
    say(mine, {"row": 0, "assigned": kept}, {"row": 1, "assigned": [], "reviewed": False})
    until(lambda: other.card.queue[0]["assigned"] == [refund])
    until(lambda: mine.card.queue[0]["assigned"] == [refund] and not mine.card.queue[1]["assigned"])
    told = [(one["by"], one["words"]) for one in mine.judging.history(mine.card.queue[0]["uid"])]
    assert told == [
        ("tester", ["Removed Delivery, Delivery > Late, Thanks, Thanks > Kind"]),
        ("tester", ["Assigned Refund"]),
        ("tester", ["Assigned Delivery, Delivery > Late, Thanks, Thanks > Kind"]),
    ]
    refused = say(mine, {"row": 2, "assigned": ["0" * 16]}, {"row": 3, "reviewed": True})
    assert [one["type"] for one in refused].count("refuse") == 2
    assert mine.card.queue[3]["reviewed"] is False


def test_a_batch_about_a_label_that_is_deleted_is_replaced(filled: Dataset) -> None:
    ops, did = filled.operations, filled.dataset_id
    late = next(one.label_id for one in ops.labels(did) if one.name == "Delivery > Late")
    panel = AnnotatePanel(filled, state=PanelState(mode="missed", label="Delivery > Late"))
    try:
        assert panel.state.label == "Delivery > Late" and panel.filters.review.value == "yes"
        ops.delete_label(did, late, "reviewed")
        panel.refresh()
        assert (panel.mode.value, panel.state.label) == ("missed", "Delivery")
        assert panel.card.empty_text.endswith("which do not exist yet. Train a model first.")
        assert panel.notice.title == "The label 'Delivery > Late' is gone."
        ops.delete_label(did, LabelId(panel.label.value), "reviewed")
        panel.refresh()
        assert (panel.mode.value, panel.state.label) == ("shuffle", "")
        assert len(panel.card.queue) == 8 and panel.filters.review.value == "no"
    finally:
        panel.close()


def test_a_judgement_follows_a_label_that_was_merged_and_drops_one_that_was_deleted(
    two: tuple[AnnotatePanel, AnnotatePanel],
) -> None:
    mine, _other = two
    ops, did = mine.operations, mine.dataset.dataset_id
    known = ids(mine)
    late, refund = known["Delivery > Late"], known["Refund"]
    say(mine, {"row": 0, "assigned": [refund]}, {"row": 1, "assigned": [refund]})
    ops.merge_labels(did, (LabelId(refund),), LabelId(late))
    (answer,) = (one for one in say(mine, {"row": 2, "assigned": [refund]}) if one["type"] == "ack")
    assert set(answer["state"]["assigned"]) == {late, known["Delivery"]}
    mine.read_queue()  # the change is on the card, and its own earlier judgements are no news
    assert set(mine.card.queue[0]["assigned"]) == {late, known["Delivery"]}
    # Taken away by somebody who still saw it under its old name.
    (answer,) = (
        one
        for one in say(mine, {"row": 0, "assigned": [], "before_revision": 1, "reviewed": True})
        if one["type"] == "ack"
    )
    assert late not in answer["state"]["assigned"]
    ops.delete_label(did, LabelId(late), "reviewed")
    stale = {"row": 1, "assigned": [known["Delivery"], late], "before_revision": 2, "reviewed": True}
    (answer,) = (one for one in say(mine, stale) if one["type"] == "ack")
    assert answer["state"]["assigned"] == [known["Delivery"]]
    newest = mine.judging.history(mine.card.queue[1]["uid"])
    assert [one["how"].partition(":")[0] for one in newest[:2]] == [
        "shown by recent; merged with what somebody else said meanwhile",
        "change of the taxonomy",
    ]
    assert newest[1]["words"] == ["Removed a label that is gone"]


def test_reviewed_or_not_is_the_persons_choice_where_the_mode_leaves_it_open(filled: Dataset) -> None:
    filled.annotate(filled.messages()["uid"].to_list()[0], "Refund")
    panel = AnnotatePanel(filled, state=PanelState(mode="recent"))
    try:
        review = panel.filters.review
        assert len(panel.card.queue) == 8 and not review.disabled
        review.value = "yes"
        (row,) = panel.card.queue
        assert (row["reviewed"], row["reviewed_by"]) == (True, "tester") and row["reviewed_at"]
        assert "reviewed=True" in panel.code.code and "review=yes" in panel.address.query
        panel.mode.value = "shuffle"
        assert (review.value, review.disabled, panel.state.review) == ("no", True, "")
        assert len(panel.card.queue) == 7
        panel.mode.value = "recent"
        assert (review.value, review.disabled, len(panel.card.queue)) == ("", False, 8)
    finally:
        panel.close()


class Counted:
    """Operations that count what a screen calls in the thread of its controls."""

    def __init__(self, operations: Any) -> None:
        self._operations, self._home, self.calls = operations, threading.current_thread(), Counter[str]()

    def __getattr__(self, name: str) -> Any:
        if threading.current_thread() is self._home:
            self.calls[name] += 1
        return getattr(self._operations, name)


@pytest.fixture
def counted(filled: Dataset) -> Iterator[tuple[AnnotatePanel, Counter[str]]]:
    """A panel, and how often it called what, since it was there."""
    operations: Any = Counted(filled.operations)
    panel = AnnotatePanel(Dataset(operations, filled.dataset_id))
    operations.calls.clear()
    yield panel, operations.calls
    panel.close()


def test_a_change_of_mode_is_a_few_calls_however_many_messages_have_a_thread(
    counted: tuple[AnnotatePanel, Counter[str]],
) -> None:
    panel, calls = counted
    panel.mode.value = "recent"
    assert panel.card.about == "Recent: the newest"
    assert sum(bool(row["thread"] or row["later"]) for row in panel.card.queue) > 1
    assert calls["thread_letters"] == calls["next_batch"] == calls["get_messages"] == 1
    assert sum(calls.values()) <= 5, calls


def test_keys_in_the_list_of_modes_fetch_what_they_come_to(
    counted: tuple[AnnotatePanel, Counter[str]],
) -> None:
    """Typing goes through other modes; what was passed on the way is not fetched."""
    panel, calls = counted

    async def type_in_the_list(*modes: str) -> None:
        for mode in modes:
            panel.mode.value = mode
        await asyncio.sleep(0.3)

    asyncio.run(type_in_the_list("search", "shuffle"))
    assert not calls, "the batch of this mode is on screen already"
    asyncio.run(type_in_the_list("cluster", "check", "recent"))
    assert (calls["next_batch"], panel.state.mode) == (1, "recent")


def test_a_change_of_labels_is_read_once_where_it_is_made(
    counted: tuple[AnnotatePanel, Counter[str]],
) -> None:
    panel, calls = counted
    panel.taxonomy.new_label("Service > Praise")
    assert calls == Counter(["create_label", "labels", "taxonomy_steps"])
