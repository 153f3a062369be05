"""The parts of a message at full fidelity, as they travel and are stored: JSON in the exchange format.

A mail or a chat turn has one part and needs none of this; a conversation that came as one message has many.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from workbench.errors import InputError


@dataclass(frozen=True, kw_only=True)
class PartText:
    """A body, subject or signature.

    Attributes
    ----------
    translated_from
        The text in its own language, where ``text`` is a translation; annotations are made on the original.
    text_markup, translated_from_markup
        The text with its layout, a tree as JSON text; kept and given back byte for byte, None = none.
    """

    text: str
    translated_from: str | None = None
    text_markup: str | None = None
    translated_from_markup: str | None = None


@dataclass(frozen=True, kw_only=True)
class MessagePart:
    """One turn of a message; ``sent_at`` is aware, in UTC."""

    body: PartText
    subject: PartText | None = None
    signature: PartText | None = None
    sender: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    language: str | None = None

    @property
    def texts(self) -> tuple[PartText, ...]:
        """Subject, body and signature, those that are there."""
        return tuple(one for one in (self.subject, self.body, self.signature) if one is not None)


@dataclass(frozen=True, kw_only=True)
class PartColumns:
    """Parts as the plain columns of a message: what encoders, search and lists read.

    Attributes
    ----------
    subject, sender, sent_at, language
        The first that any part has.
    body
        All bodies, a blank line between them.
    signature
        Of the last part that has one.
    full_text
        Everything in order: later subjects, bodies and signatures too.
    recipients, cc, bcc
        Of all parts, each address once, in order.
    """

    subject: str
    body: str
    signature: str
    full_text: str
    sender: str | None
    recipients: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    sent_at: datetime | None
    language: str | None


def plain_columns(parts: Sequence[MessagePart]) -> PartColumns:
    """The plain columns of a message of these parts (1 or more)."""
    subjects = [part.subject.text for part in parts if part.subject is not None]
    signatures = [part.signature.text for part in parts if part.signature is not None]
    pieces = [one.text for number, part in enumerate(parts) for one in part.texts[_skipped(number, part) :]]
    return PartColumns(
        subject=next((text for text in subjects if text), ""),
        body="\n\n".join(part.body.text for part in parts),
        signature=signatures[-1] if signatures else "",
        full_text="\n\n".join(piece for piece in pieces if piece),
        sender=next((part.sender for part in parts if part.sender is not None), None),
        recipients=tuple(dict.fromkeys(one for part in parts for one in part.to)),
        cc=tuple(dict.fromkeys(one for part in parts for one in part.cc)),
        bcc=tuple(dict.fromkeys(one for part in parts for one in part.bcc)),
        sent_at=next((part.sent_at for part in parts if part.sent_at is not None), None),
        language=next((part.language for part in parts if part.language is not None), None),
    )


def _skipped(number: int, part: MessagePart) -> int:
    # The first subject stands in a column of its own.
    return 1 if number == 0 and part.subject is not None else 0


class _Text(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    text: str
    translated_from: str | None = None
    text_markup: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    translated_from_markup: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Part(
    msgspec.Struct,
    kw_only=True,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    rename={"sender": "from"},
):
    body: _Text
    subject: _Text | None = None
    signature: _Text | None = None
    sender: str | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    language: str | None = None


_decoder = msgspec.json.Decoder(tuple[_Part, ...])
_anything = msgspec.json.Decoder()


def read_parts(text: str) -> tuple[MessagePart, ...]:
    """Decode a list of parts; a ``sent_at`` without zone is UTC.

    Raises
    ------
    InputError
        It is not such a list; the text says where.
    """
    try:
        found = _decoder.decode(text)
        return tuple(_from_wire(part) for part in found)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise InputError(
            f"the parts of a message cannot be read: {error}.",
            next_step="Use a list of objects with 'body' and, where known, 'subject', 'signature', 'from', 'to',"
            " 'cc', 'bcc', 'sent_at', 'language'.",
            details={"value": text[:200]},
        ) from error


def write_parts(parts: Sequence[MessagePart]) -> str:
    """Encode parts; ``read_parts`` gives the same ones back.

    Raises
    ------
    InputError
        A markup is not JSON.
    """
    try:
        return msgspec.json.encode([_to_wire(part) for part in parts]).decode()
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(
            f"the markup of a part is not JSON: {error}.", next_step="Hand the tree in as JSON text."
        ) from error


def _to_wire(part: MessagePart) -> _Part:
    return _Part(
        body=_text_to_wire(part.body),
        subject=None if part.subject is None else _text_to_wire(part.subject),
        signature=None if part.signature is None else _text_to_wire(part.signature),
        sender=part.sender,
        to=part.to,
        cc=part.cc,
        bcc=part.bcc,
        sent_at=part.sent_at,
        language=part.language,
    )


def _text_to_wire(text: PartText) -> _Text:
    return _Text(
        text=text.text,
        translated_from=text.translated_from,
        text_markup=_tree(text.text_markup),
        translated_from_markup=_tree(text.translated_from_markup),
    )


def _tree(markup: str | None) -> msgspec.Raw | msgspec.UnsetType:
    if markup is None:
        return msgspec.UNSET
    _anything.decode(markup)
    return msgspec.Raw(markup.encode())


def _from_wire(part: _Part) -> MessagePart:
    sent_at = part.sent_at
    return MessagePart(
        body=_text_from_wire(part.body),
        subject=None if part.subject is None else _text_from_wire(part.subject),
        signature=None if part.signature is None else _text_from_wire(part.signature),
        sender=part.sender,
        to=part.to,
        cc=part.cc,
        bcc=part.bcc,
        sent_at=sent_at if sent_at is None else _utc(sent_at),
        language=part.language,
    )


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _text_from_wire(text: _Text) -> PartText:
    return PartText(
        text=text.text,
        translated_from=text.translated_from,
        text_markup=_markup(text.text_markup),
        translated_from_markup=_markup(text.translated_from_markup),
    )


def _markup(raw: msgspec.Raw | msgspec.UnsetType) -> str | None:
    if isinstance(raw, msgspec.UnsetType):
        return None
    text = bytes(raw).decode()
    _anything.decode(text)  # a tree nested too deeply for anybody is refused here
    return None if text == "null" else text
