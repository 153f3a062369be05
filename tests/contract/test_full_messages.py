"""Full messages by every way in: parts, attachments, limits."""

from __future__ import annotations

import hashlib

import pyarrow as pa
import pytest

from tests.contract.messages import START, batch
from workbench.domain import (
    MESSAGE_EXTRAS,
    MessageFilter,
    MessagePart,
    Operations,
    PartText,
    Uid,
    write_parts,
)
from workbench.errors import InputError, LimitError, UnknownMessageError

PARTS = (
    MessagePart(body=PartText(text="hello", text_markup='{"b": [1, 2.50]}'), sender="a@b", sent_at=START),
    MessagePart(body=PartText(text="hi", translated_from="salut"), to=("a@b",), language="fr"),
)
SLIP = bytes(range(256))


def full_batch() -> pa.Table:
    """Two messages, the first with everything."""
    columns = {
        "parts": [write_parts(PARTS), None],
        "cc": [["boss@b"], None],
        "bcc": [["hidden@b"], []],
        "sent_at": [START, None],
        "attachments": [
            [
                {
                    "name": "slip.pdf",
                    "size": 256,
                    "content_type": ".pdf",
                    "content_hash": None,
                    "inline": False,
                    "content": SLIP,
                }
            ],
            None,
        ],
    }
    table = batch(2)
    for column in MESSAGE_EXTRAS:
        table = table.append_column(column, pa.array(columns[column.name], column.type))
    return table


def test_full_messages_travel(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, full_batch(), "a", 2)
    dataset = operations.create_dataset("demo", "support", (source.source_id,))
    first, second = operations.find_messages(dataset.dataset_id, MessageFilter(), order="oldest").messages
    assert (first.parts, first.cc, first.bcc, first.sent_at) == (PARTS, ("boss@b",), ("hidden@b",), START)
    assert [(one.name, one.size, one.stored) for one in first.attachments] == [("slip.pdf", 256, True)]
    assert (second.parts, second.attachments) == ((), ())
    assert operations.attachment_content(dataset.dataset_id, first.uid, 0) == SLIP
    with pytest.raises(InputError, match=r"the message has no attachment 1\. It has 1, counted from 0"):
        operations.attachment_content(dataset.dataset_id, first.uid, 1)
    with pytest.raises(UnknownMessageError, match="unknown message 'x'"):
        operations.attachment_content(dataset.dataset_id, Uid("x"), 0)


def test_limits_travel(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    table = batch(1)
    place = table.schema.get_field_index("body")
    long = table.set_column(place, table.schema.field(place), pa.array(["x" * 65_537]))
    with pytest.raises(LimitError, match="message 'm0' has a text of 65,537 characters") as caught:
        operations.put_messages(source.source_id, long, "a", 1)
    assert caught.value.details["limit"] == "text_characters"
    with pytest.raises(LimitError, match="16,385 messages; at most 16,384"):
        operations.put_messages(source.source_id, batch(16_385), "b", 16_385)
    with pytest.raises(InputError, match="announced"):
        operations.put_messages(source.source_id, batch(1), "c", 2)
    assert operations.sources()[0].n_messages == 0


def test_pieces_of_an_export_hold_all_of_it(operations: Operations) -> None:
    source = operations.create_source("demo", "mail")
    operations.put_messages(source.source_id, full_batch(), "a", 2)
    dataset = operations.create_dataset("demo", "support", (source.source_id,))
    names = ("parts", "cc", "bcc", "sent_at", "attachments", "declared_language")
    first, second = operations.export_piece(dataset.dataset_id, MessageFilter()).select(names).to_pylist()
    slip = {"name": "slip.pdf", "size": 256, "content_type": ".pdf", "inline": False}
    assert first["attachments"] == [slip | {"content_hash": hashlib.sha256(SLIP).hexdigest()}]
    assert (first["parts"], first["cc"], first["bcc"]) == (write_parts(PARTS), ["boss@b"], ["hidden@b"])
    assert (first["sent_at"], first["declared_language"]) == (START, "en")
    assert [second[name] for name in names] == [None, None, [], None, None, "en"]
