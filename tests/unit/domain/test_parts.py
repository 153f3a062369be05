"""Parts of messages: JSON and back, and the plain columns they make."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from workbench.domain import MessagePart, PartText, plain_columns, read_parts, write_parts
from workbench.errors import InputError

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = MessagePart(
    body=PartText(text="Where is it?", translated_from="Wo ist es?", text_markup='{"p": ["Where", 1.50]}'),
    subject=PartText(text="Parcel"),
    signature=PartText(text="Kim"),
    sender="kim@shop.example",
    to=("help@carrier.example",),
    cc=("boss@shop.example",),
    sent_at=AT,
    language="en",
)
SECOND = MessagePart(
    body=PartText(text="On its way."),
    subject=PartText(text="Re: Parcel"),
    signature=PartText(text="Help"),
    sender="help@carrier.example",
    to=("kim@shop.example", "help@carrier.example"),
    bcc=("archive@carrier.example",),
)


def test_parts_and_their_markup_come_back_unchanged() -> None:
    text = write_parts((FIRST, SECOND))
    assert '"text_markup":{"p": ["Where", 1.50]}' in text
    assert '"from":"kim@shop.example"' in text
    assert read_parts(text) == (FIRST, SECOND)


def test_markup_that_is_null_is_none() -> None:
    (part,) = read_parts('[{"body":{"text":"a","text_markup":null}}]')
    assert part == MessagePart(body=PartText(text="a"))


def test_a_time_without_zone_is_utc() -> None:
    (part,) = read_parts('[{"body":{"text":"a"},"sent_at":"2026-03-02T09:00:00"}]')
    assert part.sent_at == AT


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[{}]",
        '[{"body":{}}]',
        '[{"body":{"text":1}}]',
        '[{"body":{"text":"a"},"frm":"b"}]',
        '[{"body":{"text":"a"},"to":"b"}]',
        '[{"body":{"text":"a"},"sent_at":"yesterday"}]',
        '[{"body":{"text":"a","text_markup":' + "[" * 50_000 + "]" * 50_000 + "}}]",
    ],
)
def test_what_is_no_list_of_parts_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="parts of a message cannot be read"):
        read_parts(text)


def test_markup_that_is_no_json_is_refused() -> None:
    with pytest.raises(InputError, match="markup of a part is not JSON"):
        write_parts((MessagePart(body=PartText(text="a", text_markup="<p>")),))


def test_plain_columns_gather_the_parts() -> None:
    columns = plain_columns((FIRST, SECOND))
    assert (columns.subject, columns.sender, columns.language) == ("Parcel", "kim@shop.example", "en")
    assert columns.body == "Where is it?\n\nOn its way."
    assert columns.full_text == "Where is it?\n\nKim\n\nRe: Parcel\n\nOn its way.\n\nHelp"
    assert columns.signature == "Help"
    assert columns.recipients == ("help@carrier.example", "kim@shop.example")
    assert (columns.cc, columns.bcc) == (("boss@shop.example",), ("archive@carrier.example",))
    assert columns.sent_at == AT


def test_plain_columns_of_a_bare_part() -> None:
    columns = plain_columns((MessagePart(body=PartText(text="a")),))
    assert (columns.subject, columns.body, columns.signature, columns.full_text) == ("", "a", "", "a")
    assert (columns.sender, columns.sent_at, columns.language) == (None, None, None)
