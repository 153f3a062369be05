"""The tree of MIME parts, found in one pass over the delimiter lines.

The parser of the standard library compares every line with the boundary of every open part and calls
itself for each level; here a delimiter line is looked up once, and the tree is bounded in depth and number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workbench.ingest.mailbox.headers import Headers, read_headers
from workbench.ingest.mailbox.limits import MailLimits
from workbench.ingest.mailbox.words import split_parameters

_DELIMITER = re.compile(rb"^--([^\r\n]{1,202})[^\n]*(?:\n|\Z)", re.MULTILINE)
_MAX_BOUNDARY = 200
_IDENTITY = ("", "7bit", "8bit", "binary")


@dataclass
class Part:
    """One part; ``content[start:end]`` is its body.

    Attributes
    ----------
    children
        Parts of a multipart, or the one mail within ``message/rfc822``.
    undivided
        A multipart or mail that was not looked into, for one of the limits.
    """

    headers: Headers
    start: int
    end: int
    content_type: str
    parameters: dict[str, str]
    depth: int
    header_start: int = 0
    boundary: bytes = b""
    children: list[Part] = field(default_factory=list)
    undivided: bool = False

    @property
    def encoding(self) -> str:
        """Transfer encoding, lower case."""
        return self.headers.text("content-transfer-encoding").lower().strip(" \t;\"'")


@dataclass
class _Scan:
    content: bytes
    limits: MailLimits
    problems: list[str]
    open: dict[bytes, Part] = field(default_factory=dict)
    stack: list[Part] = field(default_factory=list)
    leaf: Part | None = None
    n_parts: int = 0

    def read(self, place: int, depth: int, default: str) -> tuple[Part, int]:
        root = self.n_parts == 0
        self.n_parts += 1
        headers, start = read_headers(
            self.content,
            place,
            limit=self.limits.header_bytes,
            boundaries=None if root else self.open,
        )
        if headers.cut:
            what = "its header" if root else "the header of a part"
            _say(
                self.problems,
                f"{what} is longer than {self.limits.header_bytes:,} bytes; the rest of it was not read",
            )
        if root and headers.unseparated:
            _say(self.problems, "the blank line after its header is missing")
        kind, parameters = split_parameters(headers.raw("content-type"))
        if kind.count("/") != 1 or len(kind) < 3 or kind[0] == "/":  # noqa: PLR2004
            kind = default
        part = Part(
            headers=headers,
            start=start,
            end=len(self.content),
            content_type=kind[:256],
            parameters=parameters,
            depth=depth,
            header_start=place,
        )
        return part, start

    def enter(self, part: Part) -> None:
        """Make ``part`` the current one: open it when it has parts of its own."""
        while True:
            self.leaf = part
            is_mail = part.content_type in ("message/rfc822", "message/global")
            if not is_mail and not part.content_type.startswith("multipart/"):
                return
            if is_mail and part.encoding not in _IDENTITY:
                part.undivided = True
                return
            if part.depth + 1 >= self.limits.depth:
                part.undivided = True
                _say(
                    self.problems,
                    f"its parts are nested more than {self.limits.depth} deep; the inner ones were kept as one attachment",
                )
                return
            if is_mail:
                self.stack.append(part)
                inner, _ = self.read(part.start, part.depth + 1, "text/plain")
                part.children.append(inner)
                part = inner
                continue
            boundary = part.parameters.get("boundary", "").encode("utf-8", "replace").rstrip()
            if not boundary or len(boundary) > _MAX_BOUNDARY or boundary in self.open:
                part.undivided = True
                _say(self.problems, "a multipart has no usable boundary; it was read as one text")
                return
            part.boundary = boundary
            self.open[boundary] = part
            self.stack.append(part)
            self.leaf = None
            return

    def close_to(self, owner: Part, end: int) -> None:
        """End everything inside ``owner``."""
        if self.leaf is not None:
            self.leaf.end = max(self.leaf.start, end)
            self.leaf = None
        while self.stack and self.stack[-1] is not owner:
            self.close_top(end)

    def close_top(self, end: int) -> None:
        """End the innermost open part."""
        part = self.stack.pop()
        part.end = max(part.start, end)
        if part.boundary:
            del self.open[part.boundary]


def read_parts(content: bytes, limits: MailLimits, problems: list[str]) -> Part:
    """The root part with all parts below it."""
    scan = _Scan(content=content, limits=limits, problems=problems)
    root, start = scan.read(0, 0, "text/plain")
    scan.enter(root)
    if not scan.open:
        return root
    for match in _DELIMITER.finditer(content, start):
        text = match[1].rstrip()
        owner, last = scan.open.get(text), False
        if owner is None and text.endswith(b"--"):
            owner, last = scan.open.get(text[:-2].rstrip()), True
        if owner is None:
            continue
        end = match.start()
        end -= content[end - 1 : end] == b"\n"
        end -= content[end - 1 : end] == b"\r"
        scan.close_to(owner, end)
        if last:
            scan.close_top(end)
            if not scan.open:
                break
            continue
        if scan.n_parts >= limits.parts:
            problems.append(f"it has more than {limits.parts:,} parts; the later ones were left out")
            break
        default = "message/rfc822" if owner.content_type == "multipart/digest" else "text/plain"
        part, _ = scan.read(match.end(), owner.depth + 1, default)
        owner.children.append(part)
        scan.enter(part)
    if scan.open:
        _say(problems, "a multipart is not closed; the mail may have been cut off")
    return root


def _say(problems: list[str], text: str) -> None:
    if text not in problems:
        problems.append(text)
