"""Deleting messages, sources with their buckets, and projects on the pages, through state and public methods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.contract.messages import START, batch
from tests.unit.widgets.panels.test_catalog_panels import HOSTILE, card, send
from tests.unit.widgets.panels.test_panels import until
from workbench.domain import Judgement, LabelId, Operations, Source, SourceId, Uid
from workbench.door import Dataset
from workbench.widgets.panels import DiscoverPanel, SourcesPanel
from workbench.widgets.panels import deleting as module
from workbench.widgets.panels.deleting import by_source

NAME = HOSTILE.strip()


@pytest.fixture
def ops(dataset: Dataset) -> Operations:
    return dataset.operations


@pytest.fixture
def mail(ops: Operations) -> Source:
    source = ops.sources()[0]
    ops.put_messages(source.source_id, batch(60), "first", 60)
    return source


@pytest.fixture
def panel(mail: Source, ops: Operations) -> Iterator[SourcesPanel]:
    made = SourcesPanel(ops)
    yield made
    made.close()


def annotate(dataset: Dataset, source: Source, *names: str) -> LabelId:
    label = dataset.operations.create_label(dataset.dataset_id, "Praise")
    judgements = tuple(
        Judgement(event_id=f"e{name}", uid=Uid(f"{source.source_id}.{name}"), assigned=(label.label_id,))
        for name in names
    )
    dataset.operations.judge(dataset.dataset_id, judgements)
    return label.label_id


def n_messages(ops: Operations) -> int:
    return sum(one.n_messages for one in ops.sources())


def day(n: int) -> str:
    return (START + timedelta(days=n)).date().isoformat()


def test_days_of_a_source_are_deleted_after_a_look(
    panel: SourcesPanel, ops: Operations, dataset: Dataset, mail: Source
) -> None:
    """Messages come one an hour from nine on: whole days of UTC, both inclusive."""
    annotate(dataset, mail, "m20", "m21", "m50")
    first_day = sum((START + timedelta(hours=n)).date() == START.date() for n in range(60))
    panel.act("messages", str(mail.source_id))
    assert [one["kind"] for one in panel.form.fields] == ["day", "day"] and not panel.form.danger
    send(panel, since="someday")
    assert panel.form.errors == {"since": "'someday' is no day. Write it as 2026-03-31."}
    send(panel, since="1999-01-01", until="1999-01-02")
    assert "there is no such message" in panel.form.errors[""]
    send(panel, since=day(1), until=day(0))
    assert "the time range begins at" in panel.form.errors[""]
    send(panel, since=day(1), until=day(1))
    assert panel.form.title == "Delete 24 messages of mail" and panel.form.danger and not panel.form.confirm
    assert "24 messages will be gone from every dataset, 2 of them annotated" in panel.form.text
    assert "demo/support loses them: 2 of its annotated messages." in panel.form.text
    assert n_messages(ops) == 60
    send(panel)
    assert panel.form.errors == {"annotated": "This is needed."} and n_messages(ops) == 60
    send(panel, annotated="keep")
    assert panel.notice.title == "22 messages are deleted; 2 annotated messages stay."
    assert card(panel, "mail")["figures"] == [[38, "messages"]] and not panel.form.shown

    panel.act("messages", str(mail.source_id))
    send(panel, until=day(0))
    assert panel.form.fields == []
    send(panel)
    assert panel.notice.title == f"{first_day} messages are deleted." and n_messages(ops) == 38 - first_day


def test_everything_of_a_source_is_deleted_by_its_name_and_the_source_stays(
    panel: SourcesPanel, ops: Operations, dataset: Dataset, mail: Source
) -> None:
    annotate(dataset, mail, "m0")
    panel.act("messages", str(mail.source_id))
    send(panel)
    assert panel.form.confirm == "demo/mail" and "60 messages" in panel.form.title
    send(panel, annotated="delete")
    assert panel.notice.title == "60 messages are deleted." and n_messages(ops) == 0
    assert ops.put_messages(mail.source_id, batch(2), "again", 2).new == 2


def test_a_source_goes_with_its_bucket_where_nobody_else_reads_it(
    panel: SourcesPanel, ops: Operations
) -> None:
    bucket = ops.create_bucket("demo", "raw")
    claims, other = (
        ops.create_source("demo", name, bucket_id=bucket.bucket_id) for name in ("claims", "other")
    )
    panel.refresh()
    panel.act("delete", str(claims.source_id))
    (field,) = panel.form.fields
    assert field["fixed"] and field["help"] == "It stays: demo/other reads it too."
    send(panel, with_bucket=True)  # a disabled box tells nothing
    assert [one.full_name for one in ops.buckets()] == ["demo/raw"]
    panel.act("delete", str(other.source_id))
    (field,) = panel.form.fields
    assert field["title"] == "Delete bucket demo/raw with its 0 mails too" and not field["fixed"]
    send(panel, with_bucket=True)
    assert panel.notice.title == "demo/other is deleted with 0 messages and 0 mails."
    assert ops.buckets() == ()


def test_projects_are_created_amended_and_deleted(
    panel: SourcesPanel, ops: Operations, mail: Source, dataset: Dataset
) -> None:
    annotate(dataset, mail, "m0")
    ops.create_dataset("apart", "both", (mail.source_id,))
    panel.parts.value = "projects"
    assert panel.state.part == "projects" and panel.code.code.endswith("ws.projects()")
    assert card(panel, "demo")["figures"] == [[1, "source"], [1, "dataset"], [60, "messages"]]
    panel.new()
    send(panel, name="a b")
    assert "project name 'a b' cannot be used" in panel.form.errors["name"]
    send(panel, name="new", title=NAME)
    made = card(panel, NAME)
    panel.act("amend", made["id"])
    send(panel, title="New", description="to come")
    assert card(panel, "New")["text"] == "to come"
    panel.act("delete", "new")
    assert panel.form.confirm == "new" and panel.form.text == "It holds nothing." and not panel.form.fields
    send(panel)
    assert panel.notice.title == "new is deleted."

    panel.act("delete", "demo")
    assert "1 source with 60 messages\n1 dataset with 1 annotated message, labels" in panel.form.text
    assert "in datasets of other projects: apart/both" in panel.form.text
    send(panel)
    assert "project 'demo' is not empty" in panel.form.errors["force"] and n_messages(ops) == 60
    send(panel, force=True)
    assert "is the only source of dataset 'apart/both'" in panel.form.errors[""]
    ops.delete_dataset(ops.dataset("apart/both").dataset_id, "apart/both")
    panel.act("delete", "demo")
    send(panel, force=True)
    assert panel.notice.title == "demo is deleted with 1 source, 1 dataset, 60 messages and 0 mails."
    assert [one["title"] for one in panel.cards.cards] == ["apart"]


def test_what_is_ticked_in_discover_is_deleted_from_all_its_sources(
    ops: Operations, dataset: Dataset, mail: Source
) -> None:
    chat = ops.create_source("demo", "chat")
    ops.put_messages(chat.source_id, batch(3, first=100), "chat", 3)
    ops.add_sources(dataset.dataset_id, (chat.source_id,))
    annotate(dataset, mail, "m0")
    screen: Any = DiscoverPanel(dataset)
    screen.delete_button.click()
    until(lambda: screen.notice.title == "no message is selected.")
    screen.found.selected_ids = [
        f"{mail.source_id}.m0",
        f"{mail.source_id}.m1",
        f"{chat.source_id}.m100",
        f"{chat.source_id}.gone",
    ]
    screen.delete_selected()
    assert screen.form.title == "Delete 3 messages of the list"
    assert "3 messages of demo/mail, demo/chat will be gone from every dataset, 1 of them" in screen.form.text
    assert "1 message of the choice is gone already." in screen.form.text
    assert screen.form.text.count("demo/support loses them: 1 of its") == 1
    send(screen, annotated="keep")
    assert screen.notice.title == "2 messages are deleted; 1 annotated message stays."
    assert n_messages(ops) == 61 and screen.found.total == 61
    assert screen.found.selected_ids == [] and not screen.found.all_selected
    screen.find("no word like this")
    screen.find("")
    screen.found.all_selected, screen.found.excluded_ids = True, [f"{mail.source_id}.m0"]
    screen.delete_selected()
    send(screen)
    assert n_messages(ops) == 1 and screen.found.total == 1
    screen.close()


def test_more_ids_than_a_deletion_takes_are_several(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = type("Limit", (), {"most": 2})
    monkeypatch.setattr(module, "LIMITS", {"deleted_ids": limit})
    chosen = by_source([Uid(f"{'a' * 16}.x.{n}") for n in range(5)] + [Uid(f"{'b' * 16}.y")])
    assert [(source_id[0], which.message_ids) for source_id, which in chosen] == [
        ("a", ("x.0", "x.1")),
        ("a", ("x.2", "x.3")),
        ("a", ("x.4",)),
        ("b", ("y",)),
    ]
    assert by_source([]) == [] and chosen[0][0] == SourceId("a" * 16)
