"""The Streams screen through its public methods, in this process."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.contract.messages import batch
from tests.contract.test_versions import say, train
from tests.unit.widgets.panels.screens import on_screen
from workbench.domain import (
    DatasetId,
    Event,
    EventPage,
    MessageFilter,
    Operations,
    StreamException,
    StreamSettings,
)
from workbench.door import Dataset
from workbench.errors import UnknownNameError
from workbench.settings import Settings
from workbench.widgets.panels import StreamsPanel
from workbench.widgets.panels.stream_editor import StreamEditor
from workbench.widgets.panels.stream_exceptions import StreamExceptionsView
from workbench.widgets.panels.stream_next import StreamNextView
from workbench.widgets.panels.stream_webhook import StreamWebhookView
from workbench.widgets.panels.streams import is_news
from workbench.widgets.state import PanelState
from workbench.workspace.opening import open_workspace

HOSTILE = "<img src=x onerror=alert(1)> \N{RIGHT-TO-LEFT OVERRIDE}title"


@pytest.fixture
def panel(dataset: Dataset) -> Iterator[StreamsPanel]:
    made = StreamsPanel(dataset)
    yield made
    made.close()


def until(fact: Callable[[], object], *, patience_s: float = 60) -> None:
    end = time.monotonic() + patience_s
    while not fact():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def answer(panel: StreamsPanel, **values: object) -> None:
    panel.form._submitted({"values": {**panel.form.values, **values}}, [])


def card(panel: StreamsPanel, name: str) -> dict[str, Any]:
    return next(one for one in panel.cards.cards if one["id"] == name)


def editor(panel: StreamsPanel) -> StreamEditor:
    assert isinstance(panel.opened, StreamEditor)
    shown = panel.opened
    until(lambda: "Counting" not in shown.outcome.error_words.value)
    return shown


def test_streams_without_a_model_are_watched_looked_into_and_deleted(
    panel: StreamsPanel, dataset: Dataset
) -> None:
    check_without_a_model(panel)
    ops, did = dataset.operations, dataset.dataset_id
    ops.put_messages(ops.sources()[0].source_id, batch(400), "first", 400)
    panel.refresh()
    panel.edit(None)
    made = editor(panel)
    made.filters.text.value = "refund"
    until(lambda: "<b>160</b> messages" in made.passes.value)
    made.name.value, made.title.value = "robot", HOSTILE
    made.save()
    assert ops.stream(did, "robot").settings == StreamSettings(
        title=HOSTILE, where=MessageFilter(text="refund")
    )
    assert card(panel, "robot")["title"] == HOSTILE and panel.opened is None
    assert "<b>1</b> stream · <b>0</b> waiting" in panel.headline.value
    check_next(panel, dataset)
    check_exceptions(panel, dataset)
    check_deleting(panel, dataset)


def test_a_webhook_is_set_tested_paused_and_deleted(tmp_path: Path) -> None:
    settings = Settings(
        encoder="hash-test", fast_encoder="", retrain_after_reviews=0, webhook_inner_hosts="127.0.0.1"
    )
    with open_workspace(tmp_path / "hooks.duckdb", settings=settings) as opened:
        ops = opened.operations("tester")
        source = ops.create_source("demo", "mail")
        did = ops.create_dataset("demo", "support", (source.source_id,)).dataset_id
        ops.create_stream(did, "robot", StreamSettings(title=HOSTILE))
        panel = StreamsPanel(Dataset(ops, did))
        try:
            check_webhook(panel, ops, did)
        finally:
            panel.close()


def check_webhook(panel: StreamsPanel, ops: Operations, did: DatasetId) -> None:
    panel.act("webhook", "robot")
    shown = panel.opened
    assert isinstance(shown, StreamWebhookView) and "consumers fetch it" in shown.words.value
    assert shown.test_button not in shown._controls.children
    shown.ask_settings()
    answer(panel, url="https://elsewhere.example/hook")
    assert "elsewhere.example" in " ".join(panel.form.errors.values()) and not shown.once.shown
    answer(panel, url="http://127.0.0.1:9/hook", batch_size="many")
    assert "'many' is no number" in panel.form.errors["batch_size"]
    answer(panel, url="http://127.0.0.1:9/hook", batch_size="50", since="soon")
    assert "'soon' is no day" in panel.form.errors["since"]
    answer(panel, url="http://127.0.0.1:9/hook", batch_size="50", since="")
    assert not panel.form.shown and shown.once.shown and "<b>Sending</b>" in shown.words.value
    assert shown.hook is not None and shown.hook.settings.batch_size == 50
    assert {one.description for one in shown._controls.children[1:]} == {
        "Change …",
        "Test",
        "Pause",
        "Delete …",
    }
    shown.test()
    assert panel.notice.level == "error" and "did not take" in panel.notice.title and panel.notice.text
    shown.pause_or_resume()
    assert "Paused by somebody" in shown.words.value and shown.pause_button.description == "Resume"
    shown.pause_or_resume()
    assert shown.pause_button.description == "Pause"
    shown.ask_settings()
    assert panel.form.values["url"] == "http://127.0.0.1:9/hook" and panel.form.values["batch_size"] == "50"
    shown.ask_delete()
    answer(panel)
    assert ops.stream_status(did, "robot").webhook is None and "consumers fetch it" in shown.words.value


@pytest.mark.nightly
def test_thresholds_are_chosen_by_what_they_lead_to_and_versions_compared(
    panel: StreamsPanel, dataset: Dataset
) -> None:
    ops, did = dataset.operations, dataset.dataset_id
    ops.put_messages(ops.sources()[0].source_id, batch(400), "first", 400)
    say(ops, did, 360)
    train(ops, did)
    panel.refresh()
    check_making(panel, dataset)
    check_labels_ahead(panel, dataset)
    check_changing(panel, dataset)


def check_without_a_model(panel: StreamsPanel) -> None:
    assert "no model" in panel.headline.value and "train a version first" in panel.headline.value
    panel.edit(None)
    made = editor(panel)
    assert made.outcome.error_words.value.endswith("Messages come without labels.</p>")
    made.save()
    assert "stream name &#x27;&#x27; cannot be used" in made.problem.value and panel.opened is made
    panel.show_list()


def check_making(panel: StreamsPanel, dataset: Dataset) -> None:
    """Errors are told before anything is stored, and the number of messages that pass."""
    assert "Press New stream" in panel.headline.value
    panel.edit(None)
    made = editor(panel)
    assert "No label comes with these messages" in made.outcome.error_words.value
    made.all.value = "balanced"
    assert made.all.value == "keep"
    assert editor(panel).outcome.errors.total == 3
    rows = made.outcome.errors._rows_at(0, 9, "", False)
    assert all(row["n"] >= 10 and str(row["from"]).endswith("balanced") for row in rows), rows
    assert all(" to " in str(row["wrong_between"]) and row["wrong"] is not None for row in rows)
    made.filters.text.value = "refund"
    until(lambda: "<b>160</b> messages" in made.passes.value)
    made.open_row("Refund")
    assert made.label.label == "Refund"
    made.one.value = "number"
    assert made.number.layout.display is None
    made.number.value = 70.0
    made.set_label()
    assert editor(panel).outcome.errors._rows_at(2, 1, "", False)[0]["from"] == "70 %, by hand"
    assert len(list(on_screen(panel.widget))) <= 50
    assert dataset.operations.streams(dataset.dataset_id) == ()
    made.name.value, made.title.value = "robot", HOSTILE
    made.save()
    settings = dataset.operations.stream(dataset.dataset_id, "robot").settings
    assert (settings.version, settings.where.text, settings.title) == (1, "refund", HOSTILE)
    assert min(one.threshold for one in settings.thresholds) == 0.7 and len(settings.thresholds) == 3
    assert card(panel, "robot")["title"] == HOSTILE and panel.opened is None
    assert "<b>1</b> stream · <b>0</b> waiting" in panel.headline.value


def check_next(panel: StreamsPanel, dataset: Dataset) -> None:
    """Looking moves nothing; going to a day asks for the name."""
    ops, did = dataset.operations, dataset.dataset_id
    panel.act("next", "robot")
    shown = panel.opened
    assert isinstance(shown, StreamNextView) and "Nothing waits" in shown.words.value
    shown.ask_reset()
    assert panel.form.confirm == "robot" and panel.form.danger
    answer(panel, to="1.1.2020")
    assert "'1.1.2020' is no day" in panel.form.errors["to"]
    answer(panel, to="2020-01-01")
    assert not panel.form.shown and "<b>160</b> wait" in shown.words.value
    before = ops.stream_position(did, "robot")
    shown.refresh()
    assert ops.stream_position(did, "robot") == before
    rows = shown.page(0, 50)
    assert len(rows) == 20 and all("refund" in row["snippet"] for row in rows)
    shown.read(rows[0]["id"])
    assert shown.reader.shown
    batch_ = ops.fetch_stream(did, "robot", 100)
    ops.advance_stream(did, "robot", batch_.sequence_id)
    panel.take_news(EventPage(events=(), last_seq=0))  # a pause of the news: what consumers did is read again
    assert "<b>60</b> wait" in shown.words.value and shown.reader.shown  # who reads is not disturbed
    panel.show_list()
    assert card(panel, "robot")["figures"][:2] == [[60, "waiting"], [100, "taken in 24 h"]]
    assert sum(card(panel, "robot")["bars"]["values"]) == 100


@pytest.mark.parametrize(
    ("topic", "payload", "read"),
    [
        ("stream", "{}", True),
        ("import", "{}", True),
        ("job", "{}", False),
        (
            "stream",
            '{"awaits_predictions":true}',
            False,
        ),  # looking told that: it must not set off another look
    ],
)
def test_what_changes_streams_is_news(topic: str, payload: str, read: bool) -> None:
    event = Event(seq=1, topic=topic, dataset_id=None, subject="s", actor="x", payload=payload)
    assert is_news(event) is read


def check_labels_ahead(panel: StreamsPanel, dataset: Dataset) -> None:
    """Messages that come next are shown with the labels that they would come with."""
    dataset.operations.reset_stream(dataset.dataset_id, "robot", datetime(2020, 1, 1, tzinfo=UTC))
    panel.act("next", "robot")
    assert isinstance(panel.opened, StreamNextView)
    rows = panel.opened.page(0, 50)
    assert len(rows) == 20 and {"Refund"} <= {one["path"] for row in rows for one in row["labels"]}
    panel.show_list()


def check_exceptions(panel: StreamsPanel, dataset: Dataset) -> None:
    """They are read, brought to training as exactly these messages, and taken off."""
    ops, did = dataset.operations, dataset.dataset_id
    panel.act("exceptions", "robot")
    shown = panel.opened
    assert isinstance(shown, StreamExceptionsView) and "No exception." in shown.words.value
    uids = ops.message_uids(did, MessageFilter(text="refund"))["uid"].to_pylist()[:3]
    kinds = ("No Prediction", HOSTILE, HOSTILE)
    tags = tuple(
        StreamException(uid=uid, type=kind, metadata={"<b>": HOSTILE})
        for uid, kind in zip(uids, kinds, strict=True)
    )
    ops.tag_exceptions(did, "robot", tags)
    panel.refresh()
    assert "&lt;img" in shown.words.value and "<img" not in shown.words.value
    rows = shown.page(0, 9)
    assert len(rows) == 3 and all(
        "<b>: <img" in row["subject"] and "refund" in row["snippet"] for row in rows
    )
    assert "ds.exceptions(" in shown.link.value  # a notebook has no other pages
    panel.address.visitor = "anna"
    assert set(linked(shown, ops, did)) == set(uids)
    shown.messages.selected_ids = [uids[0]]
    assert set(linked(shown, ops, did)) == {uids[0]}
    shown.messages.selected_ids = []
    shown.type.value = HOSTILE
    assert set(linked(shown, ops, did)) == set(uids[1:])
    assert shown.untag_button.description == "Take all off …"
    shown.ask_untag()
    assert panel.form.title == "Take 2 exceptions off"
    answer(panel)
    assert [one.type for one in ops.exception_totals(did)] == ["No Prediction"]
    assert shown.type.value == "" and len(shown.listed()) == 1


def linked(shown: StreamExceptionsView, ops: Operations, did: DatasetId) -> list[str]:
    """The messages that Annotate is opened on."""
    address = html.unescape(shown.link.value.split('href="')[1].split('"')[0])
    state = PanelState.from_query(urlsplit(address).query)
    assert state.mode == "recent" and address.startswith("annotate.ipynb?")
    found: list[str] = ops.message_uids(did, state.where())["uid"].to_pylist()
    return found


def check_changing(panel: StreamsPanel, dataset: Dataset) -> None:
    """Another version is compared before it is taken; what is not touched stays as it was."""
    ops, did = dataset.operations, dataset.dataset_id
    since = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    before = ops.stream(did, "robot").settings
    where = MessageFilter(text="refund", since=since, languages=("en",))
    ops.amend_stream(
        did, "robot", StreamSettings(title="R", where=where, version=1, thresholds=before.thresholds)
    )
    say(ops, did, 360, twisted=True)
    train(ops, did)
    panel.show_list()
    panel.refresh()
    assert card(panel, "robot")["problem"][0] == "Version 2 is newer."
    panel.act("change", "robot")
    made = editor(panel)
    assert made.name.disabled and made.outcome.changes.layout.display == "none"
    made.version.value = 2
    editor(panel)
    assert "With version 2" in made.outcome.change_words.value and made.outcome.changes.layout.display is None
    assert made.outcome.changes.total >= 2
    made.save()
    after = ops.stream(did, "robot").settings
    assert (after.version, after.where, after.title) == (2, where, "R")
    assert set(after.thresholds) == set(before.thresholds) and after.unlisted == "off"
    panel.act("look", "robot")
    looked = editor(panel)
    assert looked.outcome.errors.total == 3
    assert looked.save_button not in set(on_screen(panel.widget))
    panel.show_list()


def check_deleting(panel: StreamsPanel, dataset: Dataset) -> None:
    panel.act("delete", "robot")
    assert panel.form.confirm == "robot" and panel.form.danger
    answer(panel)
    assert dataset.operations.streams(dataset.dataset_id) == () and panel.cards.cards == []
    with pytest.raises(UnknownNameError):
        panel.act("change", "robot")
