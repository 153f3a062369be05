"""Mails kept as MAPI properties (Outlook) as RFC 5322 text, so that one parser reads every mail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Protocol

from workbench.ingest.mailbox.charsets import decode_text
from workbench.ingest.mailbox.compose import (
    mime_headers,
    mime_mail,
    mime_multipart,
    mime_part,
    unfolded_lines,
)
from workbench.ingest.text import sanitise

INTEGER, TIME, UNICODE, STRING8, BINARY = 0x0003, 0x0040, 0x001F, 0x001E, 0x0102
"""Kinds of property values."""
DATA = 0x3701
"""The property that holds the content of an attachment."""
_SUBJECT, _HEADERS, _BODY, _HTML = 0x0037, 0x007D, 0x1000, 0x1013
_MESSAGE_ID, _REFERENCES, _IN_REPLY_TO = 0x1035, 0x1039, 0x1042
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_SENT_AT, _RECEIVED_AT, _CODE_PAGE = 0x0039, 0x0E06, 0x3FFD
_RECIPIENT_KIND, _NAME, _ADDRESS, _SMTP = 0x0C15, 0x3001, 0x3003, 0x39FE
_FILE_NAME, _LONG_FILE_NAME, _MIME_TYPE, _CONTENT_ID = 0x3704, 0x3707, 0x370E, 0x3712
_FIELDS = {1: "To", 2: "Cc", 3: "Bcc"}
_MIME = re.compile(r"[a-z0-9]{1,60}/[a-z0-9.+-]{1,100}")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_LAST_TICKS = 10**18 * 2
_KEPT = frozenset(
    ["from", "to", "cc", "bcc", "subject", "date", "message-id", "references", "in-reply-to", "reply-to", "received"]
)  # fmt: skip
_MAX_DEPTH = 10


class MapiObject(Protocol):
    """A mail, recipient or attachment: values by property tag, and what it holds."""

    def raw(self, tag: int) -> tuple[int, bytes] | None:
        """Kind and bytes of a property; None when it is absent."""
        ...

    def recipients(self) -> Iterator[MapiObject]:
        """Recipients of a mail, in order."""
        ...

    def attachments(self) -> Iterator[tuple[MapiObject, MapiObject | None]]:
        """Attachments of a mail, in order, each with the mail that it is, if it is one."""
        ...


def mapi_mail(mail: MapiObject, *, max_recipients: int, depth: int = 0) -> bytes:
    """The mail as MIME: text, HTML, people, ids and attachments. A body kept as RTF alone is left out."""
    charset = f"cp{page}" if (page := _number(mail, _CODE_PAGE)) else "cp1252"
    text, html = _text(mail, _BODY, charset), _text(mail, _HTML, charset)
    bodies = [mime_part(text.encode(), "text/plain; charset=utf-8")] if text or not html else []
    if html:
        bodies.append(mime_part(html.encode(), "text/html; charset=utf-8"))
    parts = [bodies[0] if len(bodies) == 1 else mime_multipart("alternative", bodies)]
    for attachment, inner in mail.attachments():
        if inner is not None and depth < _MAX_DEPTH:
            parts.append(mime_mail(mapi_mail(inner, max_recipients=max_recipients, depth=depth + 1)))
        elif (data := attachment.raw(DATA)) is not None:
            parts.append(_file(attachment, data[1], charset))
    whole = parts[0] if len(parts) == 1 else mime_multipart("mixed", parts)
    return mime_headers(_head(mail, charset, max_recipients)) + b"MIME-Version: 1.0\r\n" + whole


def _text(thing: MapiObject, tag: int, charset: str) -> str:
    found = thing.raw(tag)
    if found is None:
        return ""
    kind, raw = found
    text = raw.decode("utf-16-le", "replace") if kind == UNICODE else decode_text(raw, charset)
    return sanitise(text.rstrip("\0"))


def _number(thing: MapiObject, tag: int) -> int:
    found = thing.raw(tag)
    return int.from_bytes(found[1][:8], "little") if found and found[0] in (INTEGER, TIME) else 0


def _head(mail: MapiObject, charset: str, max_recipients: int) -> dict[str, str]:
    """Headers: those of the way it came, else from its properties."""
    values: dict[str, str] = {}
    for line in unfolded_lines(_text(mail, _HEADERS, charset)):
        name, colon, value = line.partition(":")
        if colon and name.strip().lower() in _KEPT:
            values.setdefault(name.strip().lower(), value.strip())
    people: dict[str, list[str]] = {}
    for number, person in enumerate(mail.recipients()):
        if number >= max_recipients:
            break
        field = _FIELDS.get(_number(person, _RECIPIENT_KIND) & 0xF, "To")
        address = _text(person, _SMTP, charset) or _text(person, _ADDRESS, charset)
        people.setdefault(field, []).append(_person(_text(person, _NAME, charset), address))
    sender = _text(mail, _SENDER_SMTP, charset) or _text(mail, _SENDER_ADDRESS, charset)
    own = {
        "From": _person(_text(mail, _SENDER_NAME, charset), sender),
        "Subject": _subject(mail, charset),
        "Date": _date(_number(mail, _SENT_AT) or _number(mail, _RECEIVED_AT)),
        "Message-ID": _text(mail, _MESSAGE_ID, charset),
        "References": _text(mail, _REFERENCES, charset),
        "In-Reply-To": _text(mail, _IN_REPLY_TO, charset),
        **{field: ", ".join(persons) for field, persons in people.items()},
    }
    found = {name: values.pop(name.lower(), "") or value for name, value in own.items()}
    return found | {name.title(): value for name, value in values.items()}


def _subject(mail: MapiObject, charset: str) -> str:
    """The subject; one that begins with U+0001 has the length of its prefix in the next character."""
    found = mail.raw(_SUBJECT)
    text = _text(mail, _SUBJECT, charset)
    marked = found is not None and found[0] == UNICODE and found[1][:2] == b"\x01\x00"
    if not marked or found is None:
        return text
    return sanitise(found[1][4:].decode("utf-16-le", "replace").rstrip("\0"))


def _date(ticks: int) -> str:
    """Steps of 100 ns since 1601 as a Date header; empty when there are none."""
    return format_datetime(_EPOCH + timedelta(microseconds=ticks // 10)) if 0 < ticks < _LAST_TICKS else ""


def _file(attachment: MapiObject, data: bytes, charset: str) -> bytes:
    names = (_text(attachment, tag, charset) for tag in (_LONG_FILE_NAME, _FILE_NAME, _NAME))
    kind = _text(attachment, _MIME_TYPE, charset).lower()
    if _MIME.fullmatch(kind) is None or kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    inline = bool(_text(attachment, _CONTENT_ID, charset))
    return mime_part(data, kind, name=next(filter(None, names), "file"), inline=inline)


def _person(name: str, address: str) -> str:
    name = name.replace('"', "").replace("\\", "").replace("\n", " ").strip()
    if not address:
        return f'"{name}"' if name else ""
    return f'"{name}" <{address}>' if name and name != address else address
