"""Outlook ``.msg`` files: an OLE compound file of MAPI properties (MS-OXMSG).

The container is opened by ``olefile`` (BSD licence, no dependencies), an optional extra.
"""

from __future__ import annotations

import importlib
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from workbench.errors import FileFormatError, MissingExtraError
from workbench.ingest.mailbox.limits import MailLimits
from workbench.ingest.mailbox.mapi import BINARY, DATA, INTEGER, STRING8, TIME, UNICODE, MapiObject, mapi_mail

INSTALL = "pip install 'workbench-comms[mail]'"
_OBJECT = 0x000D
_STREAM_KINDS = (UNICODE, STRING8, BINARY)
_TABLE = "__properties_version1.0"
_TABLE_BYTES = 1 << 20
_TOP_HEADER, _INNER_HEADER, _OTHER_HEADER = 32, 24, 8


class _Stream(Protocol):
    def read(self, n_bytes: int) -> bytes: ...


class _Container(Protocol):
    def listdir(self, *, streams: bool, storages: bool) -> list[list[str]]: ...
    def get_size(self, name: list[str]) -> int: ...
    def openstream(self, name: list[str]) -> _Stream: ...
    def close(self) -> None: ...


def read_msg(path: Path, *, limits: MailLimits) -> bytes:
    """Read a ``.msg`` file as MIME.

    Raises
    ------
    MissingExtraError
        ``olefile`` is not installed.
    FileFormatError
        The file is damaged or no mail, or its parts are too large together.
    """
    try:
        ole = importlib.import_module("olefile")
    except ImportError:
        raise MissingExtraError("olefile, which opens .msg files,", INSTALL) from None
    try:
        container: _Container = ole.OleFileIO(str(path))
        try:
            mail = _Storage(_Streams(container, limits), "")
            if not mail.is_mail():
                raise FileFormatError(
                    f"{path.name!r} is no Outlook mail: it has no message properties.",
                    next_step="Only .msg files with a mail are read.",
                )
            return mapi_mail(mail, max_recipients=limits.addresses)
        finally:
            container.close()
    except FileFormatError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error) as error:
        raise FileFormatError(
            f"{path.name!r} is a damaged .msg file: {error}.",
            next_step="Save the mail again in Outlook, or export it as .eml.",
        ) from None


class _Streams:
    """All streams of the container by lower-case path; what is read of them is bounded together."""

    def __init__(self, container: _Container, limits: MailLimits) -> None:
        self.container, self.limits, self.used = container, limits, 0
        self.names = {
            "/".join(name).lower(): name for name in container.listdir(streams=True, storages=False)
        }

    def read(self, name: str) -> bytes | None:
        """The whole stream; None when there is none."""
        found = self.names.get(name)
        if found is None:
            return None
        size = self.container.get_size(found)
        self.used += size
        if self.used > self.limits.decoded_bytes:
            raise FileFormatError(
                f"the parts of the .msg file have more than {self.limits.decoded_bytes:,} bytes together.",
                next_step="Raise the limit decoded_bytes.",
                details={"max_bytes": self.limits.decoded_bytes},
            )
        return self.container.openstream(found).read(size)


class _Storage:
    """A mail, recipient or attachment; its streams lie below ``prefix``."""

    def __init__(self, streams: _Streams, prefix: str, header: int = _TOP_HEADER) -> None:
        self.streams, self.prefix = streams, prefix
        self._header = header
        self._fixed: dict[int, tuple[int, bytes]] | None = None

    def is_mail(self) -> bool:
        return f"{self.prefix}{_TABLE}" in self.streams.names

    def raw(self, tag: int) -> tuple[int, bytes] | None:
        for kind in _STREAM_KINDS:
            data = self.streams.read(f"{self.prefix}__substg1.0_{tag:04x}{kind:04x}")
            if data is not None:
                return kind, data
        if self._fixed is None:
            self._fixed = self._read_fixed()
        return self._fixed.get(tag)

    def _read_fixed(self) -> dict[int, tuple[int, bytes]]:
        table = (self.streams.read(f"{self.prefix}{_TABLE}") or b"")[:_TABLE_BYTES]
        found: dict[int, tuple[int, bytes]] = {}
        for place in range(self._header, len(table) - 15, 16):
            kind, tag = struct.unpack_from("<HH", table, place)
            if kind in (INTEGER, TIME):
                found[tag] = kind, table[place + 8 : place + (16 if kind == TIME else 12)]
        return found

    def _below(self, name: str) -> list[str]:
        start = len(self.prefix)
        names = (path[start:] for path in self.streams.names if path.startswith(self.prefix + name))
        return sorted({f"{self.prefix}{path.split('/', 1)[0]}/" for path in names})

    def recipients(self) -> Iterator[MapiObject]:
        for prefix in self._below("__recip_version1.0_"):
            yield _Storage(self.streams, prefix, _OTHER_HEADER)

    def attachments(self) -> Iterator[tuple[MapiObject, MapiObject | None]]:
        for prefix in self._below("__attach_version1.0_"):
            inner = _Storage(self.streams, f"{prefix}__substg1.0_{DATA:04x}{_OBJECT:04x}/", _INNER_HEADER)
            yield _Storage(self.streams, prefix, _OTHER_HEADER), inner if inner.is_mail() else None
