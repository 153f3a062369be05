"""Folder names and list answers as IMAP writes them (RFC 3501 5.1.3, RFC 6154)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.connect.protocol import Folder
from workbench.domain.connections import FolderRole

_LIST = re.compile(rb'\((?P<flags>[^)]*)\) (?P<separator>NIL|"(?:\\.|[^"\\])*") (?P<name>.*)', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_SHIFTED = re.compile(r"&([^-]*)-")
_ROLES: dict[bytes, FolderRole] = {
    rb"\all": "all", rb"\archive": "archive", rb"\drafts": "drafts", rb"\flagged": "flagged", rb"\junk": "junk",
    rb"\sent": "sent", rb"\trash": "trash",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ListedFolder:
    """A folder as the server listed it; ``raw`` is the name to send back."""

    folder: Folder
    raw: bytes


def decode_name(text: str) -> str:
    """Decode modified UTF-7; a name that breaks its rules stays as it is."""
    try:
        return _SHIFTED.sub(lambda match: _decode_run(match[1]), text)
    except (ValueError, binascii.Error):
        return text


def _decode_run(run: str) -> str:
    if not run:
        return "&"
    padded = run.replace(",", "/") + "=" * (-len(run) % 4)
    return binascii.a2b_base64(padded, strict_mode=True).decode("utf-16-be")


def quote(raw: bytes) -> bytes:
    """A name as a quoted string; for names without control characters."""
    return b'"' + raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def is_sendable(raw: bytes) -> bool:
    """Whether the name can be sent back without becoming a command of its own."""
    return bool(raw) and _CONTROL.search(raw) is None


def read_list(answers: Sequence[object]) -> tuple[ListedFolder, ...]:
    """Folders that can be opened, in the server's order; lines that are no list answer are left out.

    Of two names that read the same the first counts: a folder is known by its path.
    """
    found: dict[tuple[str, ...], ListedFolder] = {}
    for answer in answers:
        head, literal = answer[:2] if isinstance(answer, tuple) else (answer, None)
        match = _LIST.match(head) if isinstance(head, bytes) else None
        if match is None:
            continue
        raw = literal if literal is not None else _unquote(match["name"].strip())
        flags = set(match["flags"].lower().split())
        if flags & {rb"\noselect", rb"\nonexistent"} or not is_sendable(raw):
            continue
        separator = b"" if match["separator"] == b"NIL" else _unquote(match["separator"])
        text = raw.decode("utf-8", "replace")
        names = text.split(separator.decode("utf-8", "replace")) if separator else [text]
        path = tuple(decode_name(name) for name in names if name)
        if path:
            found.setdefault(path, ListedFolder(folder=Folder(path=path, role=_role(path, flags)), raw=raw))
    return tuple(found.values())


def _unquote(raw: bytes) -> bytes:
    if len(raw) > 1 and raw[:1] == raw[-1:] == b'"':
        return re.sub(rb"\\(.)", rb"\1", raw[1:-1], flags=re.DOTALL)
    return raw


def _role(path: tuple[str, ...], flags: set[bytes]) -> FolderRole | None:
    if len(path) == 1 and path[0].casefold() == "inbox":
        return "inbox"
    return next((role for flag, role in _ROLES.items() if flag in flags), None)
