"""Outlook ``.msg`` files as RFC 5322 text, so that one parser reads every mail.

A ``.msg`` is an OLE compound file of MAPI properties (MS-OXMSG). The container is opened by ``olefile``
(BSD licence, no dependencies), an optional extra; the few properties that a mail needs are read here.
"""

from __future__ import annotations

import importlib
import re
import struct
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

from workbench.errors import FileFormatError, MissingExtraError
from workbench.ingest.mailbox.charsets import decode_text
from workbench.ingest.mailbox.compose import mime_headers, mime_mail, mime_multipart, mime_part
from workbench.ingest.mailbox.limits import MailLimits
from workbench.ingest.text import sanitise

_INSTALL = "pip install 'workbench-comms[mail]'"
_UNICODE, _STRING8, _BINARY, _TIME, _OBJECT = 0x001F, 0x001E, 0x0102, 0x0040, 0x000D
_SUBJECT, _HEADERS, _BODY, _HTML = 0x0037, 0x007D, 0x1000, 0x1013
_MESSAGE_ID, _REFERENCES, _IN_REPLY_TO = 0x1035, 0x1039, 0x1042
_SENDER_NAME, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_SENT_AT, _RECEIVED_AT, _CODE_PAGE = 0x0039, 0x0E06, 0x3FFD
_RECIPIENT_KIND, _NAME, _ADDRESS, _SMTP = 0x0C15, 0x3001, 0x3003, 0x39FE
_FILE_NAME, _LONG_FILE_NAME, _MIME_TYPE, _CONTENT_ID, _DATA = 0x3704, 0x3707, 0x370E, 0x3712, 0x3701
_FIELDS = {1: "To", 2: "Cc", 3: "Bcc"}
_MIME = re.compile(r"[a-z0-9]{1,60}/[a-z0-9.+-]{1,100}")
_HEADER_SIZES = {"top": 32, "inner": 24, "other": 8}
_MAX_DEPTH = 10
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_KEPT = (
    "from",
    "to",
    "cc",
    "bcc",
    "subject",
    "date",
    "message-id",
    "references",
    "in-reply-to",
    "reply-to",
    "received",
)


class _Stream(Protocol):
    def read(self, n_bytes: int) -> bytes: ...


class _Container(Protocol):
    def listdir(self, *, streams: bool, storages: bool) -> list[list[str]]: ...
    def get_size(self, name: list[str]) -> int: ...
    def openstream(self, name: list[str]) -> _Stream: ...
    def close(self) -> None: ...


def read_msg(path: Path, *, limits: MailLimits) -> bytes:
    """Read a ``.msg`` file; text, HTML, people, ids and attachments become one MIME mail.

    Raises
    ------
    MissingExtraError
        ``olefile`` is not installed.
    FileFormatError
        The file is damaged or no mail.
    """
    try:
        ole = importlib.import_module("olefile")
    except ImportError:
        raise MissingExtraError("olefile, which opens .msg files,", _INSTALL) from None
    try:
        container: _Container = ole.OleFileIO(str(path))
        try:
            return _Msg(container, limits).mail()
        finally:
            container.close()
    except FileFormatError:
        raise
    except (
        OSError,
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
        struct.error,
        RecursionError,
    ) as error:
        raise FileFormatError(
            f"{path.name!r} is a damaged .msg file: {error}.",
            next_step="Save the mail again in Outlook, or export it as .eml.",
        ) from None


class _Msg:
    """One mail in the container; a mail within a mail has its storages below ``prefix``."""

    def __init__(self, container: _Container, limits: MailLimits, prefix: str = "", used: int = 0) -> None:
        self.container, self.limits, self.prefix, self.used = container, limits, prefix, used
        streams = container.listdir(streams=True, storages=False)
        self.streams = {"/".join(name).lower(): name for name in streams}
        if f"{prefix}__properties_version1.0" not in self.streams:
            raise FileFormatError(
                "the file is no Outlook mail: it has no message properties.",
                next_step="Only .msg files with a mail are read.",
            )
        page = self.fixed("", _CODE_PAGE)
        self.charset = f"cp{page}" if page else "cp1252"

    def raw(self, storage: str, tag: int, kind: int) -> bytes | None:
        """One property stream; None when it is absent."""
        name = self.streams.get(f"{self.prefix}{storage}__substg1.0_{tag:04x}{kind:04x}")
        if name is None:
            return None
        size = self.container.get_size(name)
        self.used += size
        if self.used > self.limits.decoded_bytes:
            raise FileFormatError(
                f"the parts of the .msg file have more than {self.limits.decoded_bytes:,} bytes together.",
                next_step="Raise the limit decoded_bytes.",
                details={"max_bytes": self.limits.decoded_bytes},
            )
        return self.container.openstream(name).read(size)

    def text(self, storage: str, tag: int) -> str:
        """A text property, empty when absent."""
        raw = self.raw(storage, tag, _UNICODE)
        if raw is not None:
            return sanitise(raw.decode("utf-16-le", "replace").rstrip("\0"))
        raw = self.raw(storage, tag, _STRING8)
        return sanitise(decode_text(raw.rstrip(b"\0"), self.charset)) if raw else ""

    def fixed(self, storage: str, tag: int) -> int:
        """A number or time among the fixed-length properties; 0 when absent."""
        name = self.streams.get(f"{self.prefix}{storage}__properties_version1.0")
        if name is None:
            return 0
        table = self.container.openstream(name).read(min(self.container.get_size(name), 1 << 20))
        start = _HEADER_SIZES["other" if storage else "inner" if self.prefix else "top"]
        for place in range(start, len(table) - 15, 16):
            kind, found, _, value = struct.unpack_from("<HHIQ", table, place)
            if found == tag:
                return int(value) if kind == _TIME else int(value & 0xFFFFFFFF)
        return 0

    def mail(self) -> bytes:
        """The mail as MIME."""
        text, page = self.text("", _BODY), self.raw("", _HTML, _BINARY)
        html = decode_text(page, self.charset) if page else self.text("", _HTML)
        bodies = [mime_part(text.encode(), "text/plain; charset=utf-8")] if text or not html else []
        if html:
            bodies.append(mime_part(html.encode("utf-8", "replace"), "text/html; charset=utf-8"))
        parts = [bodies[0] if len(bodies) == 1 else mime_multipart("alternative", bodies)]
        parts += [
            part for storage in self._storages("__attach_version1.0_") if (part := self._attached(storage))
        ]
        whole = parts[0] if len(parts) == 1 else mime_multipart("mixed", parts)
        return mime_headers(self._head()) + b"MIME-Version: 1.0\r\n" + whole

    def _storages(self, prefix: str) -> list[str]:
        start = len(self.prefix)
        names = (name[start:] for name in self.streams if name.startswith(self.prefix + prefix))
        return sorted({name.split("/", 1)[0] + "/" for name in names})

    def _head(self) -> dict[str, str]:
        """Headers: those of the way it came, else from its properties."""
        values: dict[str, str] = {}
        for line in _unfolded(self.text("", _HEADERS)):
            name, colon, value = line.partition(":")
            if colon and name.strip().lower() in _KEPT:
                values.setdefault(name.strip().lower(), value.strip())
        people: dict[str, list[str]] = {}
        for storage in self._storages("__recip_version1.0_")[: self.limits.addresses]:
            field = _FIELDS.get(self.fixed(storage, _RECIPIENT_KIND) & 0xF, "To")
            address = self.text(storage, _SMTP) or self.text(storage, _ADDRESS)
            people.setdefault(field, []).append(_person(self.text(storage, _NAME), address))
        sender = self.text("", _SENDER_SMTP) or self.text("", _SENDER_ADDRESS)
        sent = self.fixed("", _SENT_AT) or self.fixed("", _RECEIVED_AT)
        own = {
            "From": _person(self.text("", _SENDER_NAME), sender),
            "Subject": self.text("", _SUBJECT),
            "Date": format_datetime(_EPOCH + timedelta(microseconds=sent // 10)) if sent else "",
            "Message-ID": self.text("", _MESSAGE_ID),
            "References": self.text("", _REFERENCES),
            "In-Reply-To": self.text("", _IN_REPLY_TO),
            **{field: ", ".join(persons) for field, persons in people.items()},
        }
        found = {name: values.pop(name.lower(), "") or value for name, value in own.items()}
        return found | {name.title(): value for name, value in values.items()}

    def _attached(self, storage: str) -> bytes:
        """One attachment, or a mail within the mail; empty for an object without bytes of its own."""
        data = self.raw(storage, _DATA, _BINARY)
        if data is None:
            return self._inner_mail(f"{self.prefix}{storage}__substg1.0_{_DATA:04x}{_OBJECT:04x}/")
        name = (
            self.text(storage, _LONG_FILE_NAME) or self.text(storage, _FILE_NAME) or self.text(storage, _NAME)
        )
        kind = self.text(storage, _MIME_TYPE).lower()
        if _MIME.fullmatch(kind) is None or kind.startswith(("multipart/", "message/")):
            kind = "application/octet-stream"
        return mime_part(data, kind, name=name or "file", inline=bool(self.text(storage, _CONTENT_ID)))

    def _inner_mail(self, prefix: str) -> bytes:
        if f"{prefix}__properties_version1.0" not in self.streams or prefix.count("/") > 2 * _MAX_DEPTH:
            return b""
        inner = _Msg(self.container, self.limits, prefix, self.used)
        content = inner.mail()
        self.used = inner.used
        return mime_mail(content)


def _unfolded(headers: str) -> list[str]:
    lines: list[list[str]] = []
    for line in headers.split("\n"):
        if line[:1] in (" ", "\t") and lines:
            lines[-1].append(line.strip())
        else:
            lines.append([line])
    return [" ".join(line) for line in lines]


def _person(name: str, address: str) -> str:
    name = name.replace('"', "").replace("\\", "").replace("\n", " ").strip()
    if not address:
        return f'"{name}"' if name else ""
    return f'"{name}" <{address}>' if name and name != address else address
