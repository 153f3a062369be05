"""The pages of sources and datasets through their state and public methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.messages import batch
from workbench.domain import Event, EventPage, Operations
from workbench.door import Dataset
from workbench.widgets.panels import DatasetsPanel, Page, SourcesPanel
from workbench.widgets.state import PanelState

HOSTILE = "<img src=x onerror=alert(1)> \N{RIGHT-TO-LEFT OVERRIDE}\N{PILE OF POO}" + "long " * 15


@pytest.fixture
def show(dataset: Dataset) -> Iterator[Callable[[type[Page]], Any]]:
    """Make a page on the workspace; closed afterwards."""
    made: list[Page] = []

    def make(kind: type[Page]) -> Page:
        made.append(kind(dataset.operations))
        return made[-1]

    yield make
    for panel in made:
        panel.close()


def send(panel: Any, **values: object) -> None:
    """Send the form of a page as the browser does."""
    panel.form._submitted({"values": {**panel.form.values, **values}}, [])


def card(panel: Any, title: str) -> dict[str, Any]:
    return next(one for one in panel.cards.cards if one["title"] == title)


def test_a_source_is_created_amended_and_deleted(show: Callable[[type[Page]], Any], dataset: Dataset) -> None:
    ops: Operations = dataset.operations
    panel = show(SourcesPanel)
    assert [one["name"] for one in panel.cards.cards] == ["demo/mail"]
    assert ["Datasets", "Support"] in card(panel, "mail")["facts"]
    panel.new()
    send(panel, name="chat", title=HOSTILE, kind="chat", language="de", sensitive_properties="string:Account")
    assert not panel.form.shown and "demo/chat is created." in panel.notice.title
    made = next(one for one in ops.sources() if one.name == "chat")
    assert (made.language, made.kind, made.sensitive_properties) == ("de", "chat", ("string:Account",))
    assert panel.state.source == "demo/chat" and panel.cards.layout.display == "none"
    panel.wizard.back()
    assert panel.state.source == "" and panel.cards.layout.display is None
    ops.put_messages(made.source_id, batch(5), "first", 5)
    panel.act("amend", str(made.source_id))
    send(panel, title="Chat", description="what people type")
    chat = card(panel, "Chat")
    assert chat["figures"] == [[5, "messages"]] and chat["text"] == "what people type"
    assert " to " in dict(chat["facts"])["Dates"] and dict(chat["facts"])["Language"] == "German"
    panel.act("delete", str(made.source_id))
    assert (
        panel.form.confirm == "demo/chat"
        and panel.form.danger
        and "5 messages will be gone" in panel.form.text
    )
    send(panel)
    assert [one.name for one in ops.sources()] == ["mail"]


def test_what_is_wrong_stands_at_its_field(show: Callable[[type[Page]], Any]) -> None:
    panel = show(SourcesPanel)
    panel.new()
    send(panel, name="")
    assert panel.form.errors == {"name": "This is needed."} and panel.form.shown
    send(panel, name="not allowed")
    assert "source name 'not allowed' cannot be used." in panel.form.errors["name"]
    send(panel, name="ok", language="no language")
    assert "'no language' is no language." in panel.form.errors["language"]
    send(panel, name="mail", language="en")
    assert "mail" in "".join(panel.form.errors.values()) and not panel.form.busy
    panel.form._cancelled({}, [])
    assert not panel.form.shown


def test_the_only_source_of_a_dataset_is_not_deleted_and_it_is_said_why(
    show: Callable[[type[Page]], Any], dataset: Dataset
) -> None:
    panel = show(SourcesPanel)
    panel.act("delete", str(dataset.info.source_ids[0]))
    assert "demo/support loses them" in panel.form.text
    send(panel)
    assert panel.form.shown and panel.form.errors[""]


def test_a_dataset_is_created_amended_copied_and_deleted(
    show: Callable[[type[Page]], Any], dataset: Dataset
) -> None:
    ops = dataset.operations
    other = ops.create_source("demo", "chat")
    ops.put_messages(other.source_id, batch(5), "first", 5)
    ops.create_label(dataset.dataset_id, "Refund > Late")
    panel = show(DatasetsPanel)
    support = card(panel, "Support")
    assert support["badge"] == {"text": "None", "level": "none"} and [2, "labels"] in support["figures"]
    assert [link["app"] for link in support["links"]][:3] == ["discover", "train", "annotate"]
    panel.new()
    send(panel, name="both")
    assert panel.form.errors == {"source_ids": "This is needed."}
    sources = [str(one.source_id) for one in ops.sources()]
    send(
        panel,
        name="both",
        title=HOSTILE,
        source_ids=[*sources, "no such source"],
        original=str(dataset.dataset_id),
    )
    made = ops.dataset("demo/both")
    assert made.title == HOSTILE.strip() and made.n_labels == 2 and set(made.source_ids) == set(sources)
    panel.act("amend", str(made.dataset_id))
    kept = [one for one in sources if one != str(other.source_id)]
    panel.form._changed({"values": {**panel.form.values, "source_ids": kept}}, [])
    assert "demo/chat is removed: 5 messages" in panel.form.warning
    send(panel, title="Both", source_ids=kept)
    assert [str(one) for one in ops.dataset("demo/both").source_ids] == kept
    panel.act("amend", str(made.dataset_id))
    send(panel, source_ids=sources)
    assert ops.dataset("demo/both").n_messages == 5
    panel.act("delete", str(made.dataset_id))
    assert panel.form.confirm == "demo/both" and "stay in their sources" in panel.form.text
    send(panel)
    assert [one.full_name for one in ops.datasets()] == ["demo/support"]


def test_a_new_dataset_keeps_what_is_fixed(show: Callable[[type[Page]], Any], dataset: Dataset) -> None:
    panel = show(DatasetsPanel)
    panel.new()
    assert "fixed" in panel.form.text
    send(panel, name="two", language="multilingual", has_sentiment=True)
    made = dataset.operations.dataset("demo/two")
    assert (made.language, made.has_sentiment) == ("multilingual", True)
    assert dict(card(panel, "two")["facts"])["Language"] == "Multilingual"


def test_a_card_that_is_gone_says_so(show: Callable[[type[Page]], Any]) -> None:
    panel = show(DatasetsPanel)
    panel.cards._acted({"key": "amend", "card": "0" * 16}, [])
    assert "unknown dataset" in panel.notice.title


def test_the_card_of_a_dataset_says_how_good_its_model_is(
    show: Callable[[type[Page]], Any], dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = show(DatasetsPanel)
    report = SimpleNamespace(rating=SimpleNamespace(band="good"))
    monkeypatch.setattr(panel.operations, "validation", lambda _dataset_id: report)
    made = panel._card(replace(dataset.info, rating=72.4, model_version=3))
    assert (
        made["badge"] == {"text": "Good · 72", "level": "good"}
        and dict(made["facts"])["Model"] == "version 3"
    )


def test_news_are_read_once_however_many_they_are(
    show: Callable[[type[Page]], Any], dataset: Dataset
) -> None:
    for kind in (SourcesPanel, DatasetsPanel):
        panel = show(kind)
        read: list[int] = []
        panel.refresh = lambda: read.append(1)  # noqa: B023 - called in this very turn
        event = Event(seq=1, topic="import", dataset_id=dataset.dataset_id, subject="x", actor="ben")
        panel.take_news(EventPage(events=(event, event, event), last_seq=3))
        panel.take_news(EventPage(events=(replace(event, topic="job"),), last_seq=4))
        assert read == [1]
        panel.take_news(EventPage(events=(), last_seq=9, missed=True))
        assert len(read) > 1
        del panel.refresh


def test_the_address_opens_the_import_of_a_source(dataset: Dataset) -> None:
    panel = SourcesPanel(dataset.operations, state=PanelState(source="demo/mail"))
    assert panel.wizard.head.value.startswith('<h3 class="wb-section-title" dir="auto">Upload into mail')
    panel.close()
    lost = SourcesPanel(dataset.operations, state=PanelState(source="demo/nothing"))
    assert "unknown source 'demo/nothing'" in lost.notice.title and lost.cards.layout.display is None
    lost.close()
