"""The Models screen through its state and public methods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from workbench.domain import StreamSettings
from workbench.door import Dataset, Job
from workbench.widgets.panels import ModelsPanel, ValidationPanel
from workbench.widgets.panels.model_cards import version_card
from workbench.widgets.state import PanelState

HOSTILE = "<img src=x onerror=alert(1)> \N{RIGHT-TO-LEFT OVERRIDE}best"


@pytest.fixture
def panel(dataset: Dataset) -> Iterator[ModelsPanel]:
    made = ModelsPanel(dataset)
    yield made
    made.close()


def until(fact: Callable[[], object], *, patience_s: float = 120) -> None:
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def card(panel: ModelsPanel, version: int) -> dict[str, Any]:
    return next(one for one in panel.cards.cards if one["id"] == str(version))


def actions(panel: ModelsPanel, version: int) -> set[str]:
    return {one["key"] for one in card(panel, version)["actions"]}


def answer(panel: ModelsPanel, **values: object) -> None:
    panel.form._submitted({"values": {**panel.form.values, **values}}, [])


def test_versions_are_shown_and_compared_marked_and_gone_back_to(
    panel: ModelsPanel, dataset: Dataset
) -> None:
    check_empty_and_filled(panel, dataset)
    check_marks(panel)
    check_streams(panel, dataset)
    check_going_back(panel, dataset)
    check_other_visits(panel, dataset)


def check_empty_and_filled(panel: ModelsPanel, dataset: Dataset) -> None:
    ops, did = dataset.operations, dataset.dataset_id
    assert panel.cards.cards == [] and panel.compare_part.layout.display == "none"
    assert panel.history_part.layout.display == "none" and not panel.history.spec
    assert "each training makes a version" in panel.cards.empty_text
    ops.put_messages(ops.sources()[0].source_id, batch(200), "first", 200)
    say(ops, did, 190)
    train(ops, did)
    say(ops, did, 190, twisted=True)
    train(ops, did)
    compared = "charts.version_changes(ds.compare_versions(1, 2))"
    until(lambda: len(panel.cards.cards) == 2 and compared in panel.code.code)  # heard, nobody asked for it
    until(
        lambda: panel.history.rows
    )  # a validation that ended while the screen was read again is heard once more
    assert [one["id"] for one in panel.cards.cards] == ["2", "1"]
    assert panel.history_part.layout.display is None
    assert [row["version"] for row in panel.history.rows] == [1, 2]
    assert all(row["low"] <= row["mean_average_precision"] <= row["high"] for row in panel.history.rows)
    assert card(panel, 2)["badge"]["text"] == "Newest"
    assert ["Predictions", "not stored: Predict again"] in card(panel, 1)["facts"]
    assert "predict" in actions(panel, 1) and "predict" not in actions(panel, 2)
    assert "rollback" not in actions(panel, 2)
    assert "190 messages" not in panel.verdict.value and "test part of both" in panel.verdict.value
    assert panel.table.total == len(ops.labels(did)) and panel.chart.rows[0]["label"] == "Mean over labels"


def check_marks(panel: ModelsPanel) -> None:
    panel.act("star", "1")
    assert [one["title"] for one in panel.cards.cards] == ["★ Version 1", "Version 2"]
    panel.act("describe", "1")
    answer(panel, description=HOSTILE)
    assert not panel.form.shown and card(panel, 1)["text"] == HOSTILE
    panel.act("tag", "1")
    answer(panel, tag="live")
    assert card(panel, 1)["badge"] == {"text": "Live · Pinned", "level": "excellent"}
    panel.act("unpin", "1")
    answer(panel)
    assert panel.form.shown and "carries the tag 'live'" in panel.form.errors[""]
    panel.act("delete", "2")
    answer(panel)
    assert "version 2 is the newest and cannot be deleted" in panel.form.errors[""]
    panel.act("tag", "1")
    answer(panel, tag="")
    panel.act("unpin", "1")
    assert "5 newer unpinned versions" in panel.form.text
    answer(panel)
    assert "unpin" not in actions(panel, 1)


def check_streams(panel: ModelsPanel, dataset: Dataset) -> None:
    ops, did = dataset.operations, dataset.dataset_id
    assert "Held by" not in dict(card(panel, 1)["facts"])
    for name in "abcd":
        ops.create_stream(did, name, StreamSettings(title=HOSTILE, version=1))
    until(lambda: ["Held by", "streams a, b, c and 1 more"] in card(panel, 1)["facts"])
    panel.act("unpin", "1")
    answer(panel)
    assert "held by the streams 'a', 'b', 'c', 'd' and stays pinned" in panel.form.errors[""]
    for name in "bcd":
        ops.delete_stream(did, name)
    until(lambda: ["Held by", "stream a"] in card(panel, 1)["facts"])
    ops.delete_stream(did, "a")
    until(lambda: "Held by" not in dict(card(panel, 1)["facts"]))
    panel.form.close_form()
    ops.pin_version(did, 1, False)
    # Names are checked where streams are made; whatever one is, the card gets it as text and never as markup.
    version = replace(panel.versions["1"], held_by=(HOSTILE,))
    shown = version_card(version, newest=2, dataset="demo/support")
    assert ["Held by", f"stream {HOSTILE}"] in shown["facts"]


def check_going_back(panel: ModelsPanel, dataset: Dataset) -> None:
    panel.act("rollback", "1")
    (field,) = panel.form.fields
    assert [one["title"] for one in field["options"]] == [
        "Keep all 190 reviewed",
        "Set aside the 190 reviewed since",
    ]
    answer(panel, later="set_aside")
    until(lambda: panel.notice.title.startswith("Version 3 predicts as version 1 did"))
    assert panel.notice.title.endswith("190 messages are set aside.")
    assert dataset.info.n_reviewed == 0
    assert ["Origin", "version 1 again"] in card(panel, 3)["facts"]
    dataset.taxonomy.undo()
    panel.act("verify", "1")
    until(lambda: "bit for bit the same" in panel.notice.title)
    panel.act("predict", "2")
    until(lambda: "predict" not in actions(panel, 2))
    panel.act("compare", "2")
    assert panel.address.query.endswith("version=3&against=2")


def check_other_visits(panel: ModelsPanel, dataset: Dataset) -> None:
    ops, did = dataset.operations, dataset.dataset_id
    Job(ops, ops.start_predict(did, 2)).wait(progress=False)
    panel.act("delete", "2")
    answer(panel)
    assert [one["id"] for one in panel.cards.cards] == ["1", "3"]
    again = ModelsPanel(dataset, state=PanelState(version=1, against=3))
    assert (again.first.value, again.second.value) == (3, 1)
    again.close()
    judged = ValidationPanel(dataset)
    assert [value for _, value in judged.version.options] == [1, 3] and judged.version.value == 3
    judged.close()
