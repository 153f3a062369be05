"""The header block of a mail or of one of its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.ingest.mailbox.words import decode_header

_NAME = re.compile(rb"[!-9;-~]{1,200}?(?=[ \t]{0,20}:)")
_BLANK = re.compile(rb"(?:^|\n)\r?\n")


@dataclass
class Headers:
    """Raw header values by lower-case name, in order of appearance; ``cut`` when the block was too long."""

    values: dict[str, list[bytes]] = field(default_factory=dict)
    cut: bool = False
    unseparated: bool = False

    def raw(self, name: str) -> bytes:
        """First value of that name; empty when there is none."""
        found = self.values.get(name)
        return found[0] if found else b""

    def text(self, name: str) -> str:
        """First value of that name as text."""
        raw = self.raw(name)
        return decode_header(raw) if raw else ""


def read_headers(
    content: bytes, start: int, *, limit: int, boundaries: Mapping[bytes, object] | None = None
) -> tuple[Headers, int]:
    """Read the block that begins at ``start``; returns it and where the body begins.

    The block ends at a blank line, at a line that is no header (mails without the blank line exist), or at
    a delimiter of an enclosing part. Only ``limit`` bytes of it are read.
    """
    found = Headers()
    place, end = start, min(len(content), start + limit)
    name = ""
    lines: list[bytes] = []
    while place < end and (stop := _line_end(content, place, end)):
        text = content[place:stop].rstrip(b"\r\n")
        if not text:
            _keep(found, name, lines)
            return found, stop
        if text[:1] in b" \t" and name:
            lines.append(text)
        else:
            if boundaries and text.startswith(b"--") and _delimits(text, boundaries):
                _keep(found, name, lines)
                return found, place
            match = _NAME.match(text)
            _keep(found, name, lines)
            name, lines = "", []
            if match is None:
                if place == start and text.startswith((b"From ", b">From ")):
                    place = stop
                    continue
                found.unseparated = bool(found.values)
                return found, place
            name = match[0].decode("ascii").lower()
            lines = [text[text.index(b":", match.end()) + 1 :].lstrip(b" \t")]
        place = stop
    if end == len(content):
        _keep(found, name, lines)
        return found, end
    found.cut = True
    if content[place : place + 1] not in (b" ", b"\t"):  # else the last header goes on beyond the limit
        _keep(found, name, lines)
    if boundaries is not None:
        return found, place
    blank = _BLANK.search(content, max(start, place - 1))
    return found, blank.end() if blank else len(content)


def _line_end(content: bytes, place: int, end: int) -> int:
    """Where the line at ``place`` ends; 0 when only part of it lies before ``end``."""
    stop = content.find(b"\n", place, end) + 1
    return stop or (end if end == len(content) else 0)


def _keep(found: Headers, name: str, lines: list[bytes]) -> None:
    if name:
        found.values.setdefault(name, []).append(lines[0] if len(lines) == 1 else b"\n".join(lines))


def _delimits(line: bytes, boundaries: Mapping[bytes, object]) -> bool:
    text = line[2:].rstrip()
    return text in boundaries or (text.endswith(b"--") and text[:-2] in boundaries)
