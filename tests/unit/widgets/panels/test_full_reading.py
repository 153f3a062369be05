"""All of a message on screen, and what a list shows as a file."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from workbench.domain import (
    MessageFilter,
    MessageId,
    MessagePart,
    MessageTranslation,
    NewAttachment,
    NewMessage,
    PartText,
    Uid,
    message_batch,
)
from workbench.door import Dataset
from workbench.errors import InputError
from workbench.widgets.panels import DiscoverPanel, exporting
from workbench.widgets.panels.reading import message_html
from workbench.widgets.panels.rows import card_row
from workbench.widgets.state import PanelState

AT = datetime(2026, 3, 4, 9, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>"


def put(dataset: Dataset, *messages: NewMessage) -> None:
    source_id = dataset.info.source_ids[0]
    dataset.operations.put_messages(source_id, message_batch(messages), "batch", len(messages))


def whole(n: int, **more: Any) -> NewMessage:
    part = MessagePart(
        body=PartText(text=f"refund please, case {n}"),
        subject=PartText(text=f"Case {n}"),
        sender=f"c{n}@mail.example",
        to=("help@shop.example",),
        cc=("boss@shop.example", HOSTILE),
        sent_at=AT,
        language="de",
    )
    given: dict[str, Any] = {"parts": (part,), "thread_id": "t"} | more
    return NewMessage(message_id=MessageId(f"m{n}"), timestamp=AT + timedelta(hours=3 * n), **given)


@pytest.fixture
def filled(dataset: Dataset) -> Dataset:
    files = (NewAttachment(name=f"{HOSTILE}.pdf", content=b"%PDF", content_type="application/pdf"),)
    put(dataset, whole(0, attachments=files), whole(1), whole(2, thread_id=None))
    return dataset


def facts(dataset: Dataset, name: str) -> dict[str, str]:
    uid = Uid(f"{dataset.info.source_ids[0]}.{name}")
    (message,) = dataset.operations.get_messages(dataset.dataset_id, (uid,))
    return dict(card_row(message, ())["meta"])


def test_what_came_beside_the_text_is_shown(filled: Dataset) -> None:
    assert facts(filled, "m0") == {
        "Copy to": f"boss@shop.example, {HOSTILE}",
        "Sent": "04 Mar 2026, 09:00",
        "Language": "German",
        "Attachments": f"{HOSTILE}.pdf (4 B)",
        "Thread": "message 1 of 2",
        "First answer": "after 3 h",
    }
    assert "Thread" not in facts(filled, "m2")


def test_a_translation_and_what_was_cut_off_stay_text(filled: Dataset) -> None:
    uid = Uid(f"{filled.info.source_ids[0]}.m2")
    (message,) = filled.operations.get_messages(filled.dataset_id, (uid,))
    made = MessageTranslation(
        language="en", translated_from="de", translator="t", subject=HOSTILE, body=f"hello {HOSTILE}"
    )
    row = card_row(replace(message, translation=made, full_text=f"{message.body}\n> {HOSTILE}"), ())
    page = message_html(row)
    assert row["translation"]["title"] == "Translation into English from German"
    assert "Translation into English from German" in page and "Whole text, with what was cut off" in page
    assert HOSTILE not in page and page.count("&lt;img src=x onerror=alert(1)&gt;") == 4
    plain = message_html(card_row(message, ()))
    assert "<details" not in plain


def test_files_that_came_with_a_message_can_be_saved(filled: Dataset) -> None:
    panel = DiscoverPanel(filled, state=PanelState())
    panel.listing.read(Uid(f"{filled.info.source_ids[0]}.m0"))
    (button,) = panel.reader.files
    sent: list[tuple[Any, Any]] = []
    button.send = lambda content, buffers=None: sent.append((content, buffers))
    button._dispatch(None, {"type": "save", "id": "q"}, [])
    assert sent[0] == ({"type": "piece", "first": True}, [b"%PDF"])
    assert sent[1] == ({"type": "file", "name": f"{HOSTILE}.pdf"}, [])
    panel.listing.read(Uid(f"{filled.info.source_ids[0]}.m2"))
    assert panel.reader.files == () and button not in panel.reader.widget.children
    panel.close()


def test_the_list_is_exported_as_it_is_shown(filled: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = DiscoverPanel(filled, state=PanelState())
    panel.filters.text.value = "case 1"
    panel.filter()
    monkeypatch.setattr(exporting, "_PIECE_BYTES", 16)
    pieces = list(panel.export.pieces())
    assert len(pieces) > 1
    rows = list(csv.DictReader(io.StringIO(b"".join(pieces).decode("utf-8-sig"))))
    assert [row["subject"] for row in rows] == ["Case 1"]
    panel.listing.show((Uid(f"{filled.info.source_ids[0]}.m2"),), "cluster")
    panel.export.format.value = "jsonl"
    assert panel.export.save.name == "messages.jsonl"
    assert b"case 2" in b"".join(panel.export.pieces())
    monkeypatch.setattr(exporting, "MOST", 0)
    with pytest.raises(InputError, match="1 messages are on the list; at most 0 go through the page"):
        panel.export.pieces()
    panel.close()


def test_a_search_lists_the_best_first(filled: Dataset) -> None:
    put_more = whole(3, thread_id=None)
    filled.operations.put_messages(filled.info.source_ids[0], message_batch([put_more]), "more", 1)
    panel = DiscoverPanel(filled, state=PanelState())
    asked: list[str] = []
    find = panel.operations.find_messages
    panel.operations.find_messages = lambda did, where, order="recent", *more: (  # type: ignore[method-assign]
        asked.append(order),
        find(did, where, order, *more),
    )[1]
    panel.filters.text.value = "refund"
    panel.filter()
    panel.listing.page(0, 10)
    panel.filters.text.value = ""
    panel.filter()
    panel.listing.page(0, 10)
    assert asked[0] == "relevance" and asked[-1] == "recent"
    assert MessageFilter() == panel.listing.listed()
    panel.close()
