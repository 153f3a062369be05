"""Comments in the field's shape, as messages and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from workbench.api.shapes.comments import CommentNew, comment_of, new_message
from workbench.domain import Attachment, Message, NewMessage, SourceId, Uid, plain_columns
from workbench.errors import InputError

WHOLE: dict[str, Any] = {
    "id": "mail-0007",
    "timestamp": "2024-03-05T09:15:00Z",
    "thread_id": "t-3",
    "messages": [
        {
            "subject": {"text": "Späte Lieferung", "translated_from": "Late parcel"},
            "body": {
                "text": "Wo ist 4411?",
                "text_markup": {"type": "p", "at": 5.0, "children": ["Wo ist ", {"b": "4411?"}]},
            },
            "signature": {"text": "Kim"},
            "from": "kim@shop.example",
            "to": ["help@carrier.example", "help@carrier.example"],
            "cc": ["a@carrier.example"],
            "bcc": ["b@carrier.example"],
            "sent_at": "2024-03-05T09:14:58Z",
            "language": "de",
        },
        {"body": {"text": "And <b>now</b>?"}},
    ],
    "user_properties": {"string:Team": "North", "number:NPS": 3.5},
    "attachments": [
        {"name": "slip.pdf", "size": 5120, "content_type": ".pdf", "content_hash": "ab" * 32},
        {"name": "logo.png", "size": 1, "content_type": "image/png", "inline": True},
    ],
    "text_format": "markdown",
    "context": "7",
}


def read(comment: dict[str, Any]) -> NewMessage:
    return new_message(msgspec.convert(comment, CommentNew))


def stored(message: NewMessage) -> Message:
    plain = plain_columns(message.parts)
    at = datetime(2024, 3, 6, tzinfo=UTC)
    return Message(
        uid=Uid(f"00aa11bb22cc33dd.{message.message_id}"),
        source_id=SourceId("00aa11bb22cc33dd"),
        message_id=message.message_id,
        timestamp=message.timestamp,
        thread_id=message.thread_id,
        subject=plain.subject,
        body=plain.body,
        parts=message.parts,
        properties=message.properties,
        attachments=tuple(
            Attachment(
                position=place,
                name=one.name,
                size=one.size or 0,
                content_type=one.content_type,
                content_hash=one.content_hash,
                inline=one.inline,
                stored=place == 0,
            )
            for place, one in enumerate(message.attachments)
        ),
        created_at=at,
    )


def shown(message: Message, **options: bool) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(comment_of(message, **options)))
    return found


def test_a_comment_comes_back_as_it_was_handed_in() -> None:
    back = shown(stored(read(WHOLE)))
    expected = msgspec.json.decode(msgspec.json.encode(WHOLE))
    expected["attachments"][0]["attachment_reference"] = "0.00aa11bb22cc33dd.mail-0007"
    added = {key: back.pop(key) for key in ("uid", "source_id", "created_at", "last_modified")}
    assert back == expected
    assert added == {
        "uid": "00aa11bb22cc33dd.mail-0007",
        "source_id": "00aa11bb22cc33dd",
        "created_at": "2024-03-06T00:00:00Z",
        "last_modified": "2024-03-06T00:00:00Z",
    }


def test_layout_is_told_to_those_who_ask() -> None:
    message = stored(read(WHOLE))
    body = shown(message, markup=False, has_annotations=True)["messages"][0]["body"]
    assert body == {"text": "Wo ist 4411?"}
    assert shown(message, has_annotations=True)["has_annotations"] is True


def test_what_is_not_known_is_left_out_but_for_the_properties() -> None:
    plain = {"id": "1", "timestamp": "2024-03-05T10:15:00+01:00", "messages": [{"body": {"text": "Hi"}}]}
    back = shown(stored(read(plain)))
    assert back["timestamp"] == "2024-03-05T09:15:00Z" and back["user_properties"] == {}
    assert {"thread_id", "attachments", "text_format", "context", "has_annotations"}.isdisjoint(back)
    assert back["messages"] == plain["messages"]


def test_a_time_without_an_offset_is_in_utc() -> None:
    assert read(WHOLE | {"timestamp": "2024-03-05T09:15:00"}).timestamp == read(WHOLE).timestamp


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"id": "."}, "'.' cannot be the id of a comment"),
        ({"id": "a\n"}, "cannot be the id of a comment"),
        ({"id": ".."}, "cannot be the id of a comment"),
        ({"user_properties": {"Team": "North"}}, "the property 'Team' of comment 'mail-0007'"),
        ({"user_properties": {"string:": "North"}}, "the property 'string:'"),
        ({"user_properties": {"number:NPS": "3"}}, "the property 'number:NPS'"),
        ({"user_properties": {"string:Team": 3}}, "the property 'string:Team'"),
    ],
)
def test_what_cannot_be_kept_is_refused(changed: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read(WHOLE | changed)


@pytest.mark.parametrize("given", ["a b", "a/b", "", "x" * 1_025])
def test_an_id_that_no_address_can_name_is_refused(given: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(WHOLE | {"id": given})
