"""Comments: messages as the clients of this field write and read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.shapes.times import Moment
from workbench.domain import (
    COMMENT_PROPERTIES,
    Attachment,
    Message,
    MessageId,
    MessagePart,
    NewAttachment,
    NewMessage,
    PartText,
    PropertyValue,
)
from workbench.errors import InputError

COMMENT_ID = r"^[\w!-.:-@\[-`{-~]{1,1024}$"
"""Printable, without spaces and ``/``."""
Address = Annotated[str, Meta(min_length=1, max_length=512)]
Addresses = Annotated[list[Address], Meta(max_length=2_048)]
_HTML_TREE = Any
_DOTS = frozenset({".", ".."})


class Text(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A body, subject or signature; markups are trees that are kept and given back as they came."""

    text: Annotated[str, Meta(max_length=65_536)]
    translated_from: Annotated[str, Meta(max_length=65_536)] | UnsetType | None = UNSET
    text_markup: _HTML_TREE | UnsetType = UNSET
    translated_from_markup: _HTML_TREE | UnsetType = UNSET


class Turn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    """One of the messages that a comment consists of."""

    body: Text
    subject: Text | UnsetType | None = UNSET
    signature: Text | UnsetType | None = UNSET
    sender: Address | UnsetType | None = UNSET
    to: Addresses | UnsetType | None = UNSET
    cc: Addresses | UnsetType | None = UNSET
    bcc: Addresses | UnsetType | None = UNSET
    sent_at: Moment | UnsetType | None = UNSET
    language: Annotated[str, Meta(min_length=1, max_length=8)] | UnsetType | None = UNSET


class NewFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of an attachment; its content comes by an address of its own."""

    name: Annotated[str, Meta(max_length=256)]
    size: Annotated[int, Meta(ge=0)]
    content_type: Annotated[str, Meta(max_length=256)]
    attachment_reference: str | None = None
    content_hash: str | None = None
    inline: bool = False


class CommentNew(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment that is handed in. Keys of properties begin ``string:`` or ``number:``."""

    id: Annotated[str, Meta(pattern=COMMENT_ID)]
    timestamp: Moment
    messages: Annotated[list[Turn], Meta(min_length=1, max_length=2_048)]
    thread_id: str | None = None
    user_properties: dict[str, str | float] | None = None
    attachments: Annotated[list[NewFile], Meta(max_length=128)] = []
    text_format: Literal["plain", "markdown"] | None = None
    context: str | None = None


class File(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An attachment; there is a reference where its content is stored."""

    name: str
    size: int
    content_type: str
    attachment_reference: str | UnsetType = UNSET
    content_hash: str | UnsetType = UNSET
    inline: bool = False


class Comment(msgspec.Struct, kw_only=True):
    """A comment as it is read."""

    id: str
    uid: str
    source_id: str
    timestamp: Moment
    created_at: Moment
    last_modified: Moment
    messages: list[Turn]
    user_properties: dict[str, PropertyValue]
    thread_id: str | UnsetType = UNSET
    attachments: list[File] | UnsetType = UNSET
    text_format: str | UnsetType = UNSET
    context: str | UnsetType = UNSET
    has_annotations: bool | UnsetType = UNSET


def utc(at: datetime) -> datetime:
    """A time in UTC; one without an offset is in UTC already."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


# ---- what comes in


def new_message(comment: CommentNew) -> NewMessage:
    """A comment as the message it will be.

    Raises
    ------
    InputError
        Its id cannot stand in an address, or a property has neither of the two prefixes or a value of another type.
    """
    if comment.id in _DOTS or comment.id.endswith("\n"):  # ``$`` of a pattern lets a last line end pass
        raise InputError(
            f"{comment.id!r} cannot be the id of a comment: no address could name it.",
            next_step="Give it another id.",
        )
    properties = named_properties(f"comment {comment.id[:100]!r}", comment.user_properties or {})
    for key, name in COMMENT_PROPERTIES.items():
        value = getattr(comment, key)
        if value is not None and value != "plain":
            properties[name] = value
    return NewMessage(
        message_id=MessageId(comment.id),
        timestamp=utc(comment.timestamp),
        parts=tuple(_part(turn) for turn in comment.messages),
        thread_id=comment.thread_id,
        properties=properties,
        attachments=tuple(
            NewAttachment(
                name=one.name,
                size=one.size,
                content_type=one.content_type,
                content_hash=one.content_hash,
                inline=one.inline,
            )
            for one in comment.attachments
        ),
    )


_NAMED = re.compile("^(string|number):.", re.DOTALL)


def named_properties(where: str, given: Mapping[str, str | float]) -> dict[str, PropertyValue]:
    """User properties as they are kept; ``InputError`` names ``where`` for one without a type, or of another one."""
    found: dict[str, PropertyValue] = {}
    for key, value in given.items():
        named = _NAMED.match(key)
        if named is None or isinstance(value, str) != (named[1] == "string"):
            raise InputError(
                f"the property {key[:100]!r} of {where} cannot be kept.",
                next_step="Name it 'string:…' with a text, or 'number:…' with a number.",
            )
        found[key] = value
    return found


def _part(turn: Turn) -> MessagePart:
    sent_at = turn.sent_at or None
    return MessagePart(
        body=_text(turn.body),
        subject=_text(turn.subject) if turn.subject else None,
        signature=_text(turn.signature) if turn.signature else None,
        sender=turn.sender or None,
        to=tuple(turn.to or ()),
        cc=tuple(turn.cc or ()),
        bcc=tuple(turn.bcc or ()),
        sent_at=None if sent_at is None else utc(sent_at),
        language=turn.language or None,
    )


def _text(written: Text) -> PartText:
    return PartText(
        text=written.text,
        translated_from=None if written.translated_from is UNSET else written.translated_from,
        text_markup=_tree(written.text_markup),
        translated_from_markup=_tree(written.translated_from_markup),
    )


def _tree(markup: Any) -> str | None:
    return None if markup is UNSET or markup is None else msgspec.json.encode(markup).decode()


# ---- what goes out


def comment_of(message: Message, *, markup: bool = True, has_annotations: bool | None = None) -> Comment:
    """A message as a comment.

    Parameters
    ----------
    markup
        Whether the layout of its texts comes along.
    has_annotations
        Whether people said anything of it in any dataset; None = is not told.
    """
    properties = dict(message.properties)
    apart = {
        key: value
        for key, name in COMMENT_PROPERTIES.items()
        if isinstance(value := properties.pop(name, None), str)
    }
    stored_at = message.created_at or message.timestamp
    return Comment(
        id=message.message_id,
        uid=message.uid,
        source_id=message.source_id,
        timestamp=message.timestamp,
        created_at=stored_at,
        last_modified=message.updated_at or stored_at,
        messages=[_turn(part, markup=markup) for part in message.all_parts],
        user_properties=properties,
        thread_id=UNSET if message.thread_id is None else message.thread_id,
        attachments=[_file(message, one) for one in message.attachments] or UNSET,
        has_annotations=UNSET if has_annotations is None else has_annotations,
        **apart,
    )


def _turn(part: MessagePart, *, markup: bool) -> Turn:
    return Turn(
        body=_shown(part.body, markup=markup),
        subject=_shown(part.subject, markup=markup) if part.subject else UNSET,
        signature=_shown(part.signature, markup=markup) if part.signature else UNSET,
        sender=part.sender or UNSET,
        to=list(part.to) or UNSET,
        cc=list(part.cc) or UNSET,
        bcc=list(part.bcc) or UNSET,
        sent_at=part.sent_at or UNSET,
        language=part.language or UNSET,
    )


def _shown(text: PartText, *, markup: bool) -> Text:
    def tree(written: str | None) -> Any:
        return msgspec.Raw(written.encode()) if markup and written is not None else UNSET

    return Text(
        text=text.text,
        translated_from=UNSET if text.translated_from is None else text.translated_from,
        text_markup=tree(text.text_markup),
        translated_from_markup=tree(text.translated_from_markup),
    )


def _file(message: Message, one: Attachment) -> File:
    return File(
        name=one.name,
        size=one.size,
        content_type=one.content_type,
        attachment_reference=attachment_reference(message.uid, one.position) if one.stored else UNSET,
        content_hash=one.content_hash or UNSET,
        inline=one.inline,
    )


def attachment_reference(uid: str, position: int) -> str:
    """What names an attachment in an address: ``<position>.<uid>``."""
    return f"{position}.{uid}"
