"""Messages handed in as objects come back as those objects."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.stores import AT, DATASET, SOURCE, uid
from workbench.domain import (
    MessageId,
    MessagePart,
    NewAttachment,
    NewMessage,
    PartText,
    message_batch,
)
from workbench.store import Store

BODY = PartText(text="hello")
WHOLE = MessagePart(
    body=BODY,
    subject=PartText(text="s"),
    signature=PartText(text="x"),
    sender="a@b",
    to=("c@d", "e@f"),
    cc=("g@h",),
    bcc=("i@j",),
    sent_at=AT,
    language="en",
)
PLAIN = ((WHOLE,), (MessagePart(body=BODY),))
STORED = (
    (WHOLE, WHOLE),
    (MessagePart(body=PartText(text="a", translated_from="b")),),
    (MessagePart(body=BODY, signature=PartText(text="", text_markup="[1]")),),
    (MessagePart(body=BODY, subject=PartText(text="")),),
    (MessagePart(body=BODY, to=("c@d", "c@d")),),
)


@pytest.mark.parametrize("parts", [*PLAIN, *STORED])
def test_parts_come_back(store: Store, parts: tuple[MessagePart, ...]) -> None:
    new = NewMessage(
        message_id=MessageId("1"),
        timestamp=AT + timedelta(hours=1),
        parts=parts,
        thread_id="t",
        properties={"string:Team": "A", "number:NPS": 2.5},
        attachments=(
            NewAttachment(name="a", content=b"abc", content_type=".txt"),
            NewAttachment(name="b", size=7, content_hash="f00", inline=True),
        ),
    )
    with store.write() as session:
        session.messages.put(SOURCE, message_batch((new,)), at=AT)
        (found,) = session.messages.get(DATASET, (uid("1"),))
        assert session.attachments.content(found.uid, 0) == b"abc"
    assert found.all_parts == parts
    assert found.parts == (() if parts in PLAIN else parts)
    assert (found.timestamp, found.thread_id, found.properties) == (
        new.timestamp,
        new.thread_id,
        new.properties,
    )
    assert [(one.name, one.size, one.stored) for one in found.attachments] == [
        ("a", 3, True),
        ("b", 7, False),
    ]


def test_no_messages_make_an_empty_batch() -> None:
    assert message_batch(()).num_rows == 0
