"""Address lists of headers (RFC 5322 section 3.4) in one pass, without recursion."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workbench.ingest.mailbox.words import decode_header, decode_words, without_reordering

_CHARACTERS = 512
_TOKEN = re.compile(r'[,;:<>()"\\]|[^,;:<>()"\\]+')
_BARE = re.compile(r"[^\s<>@,;]{1,320}@[^\s<>@,;]{1,255}")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, kw_only=True)
class Address:
    """``address`` as ``name@domain`` (domain in lower case), or the bare text where there is none."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What follows the last ``@``; empty when there is none."""
        return self.address.rpartition("@")[2] if "@" in self.address else ""


def read_addresses(raw: bytes, *, limit: int) -> tuple[list[Address], bool]:
    """The addresses of one header, each once, at most ``limit``; True when there are more."""
    text = raw.decode("ascii") if raw.isascii() else decode_header(raw)
    found: dict[str, Address] = {}
    for name, angle in _split(text):
        address = _address(name, angle)
        if address is None or address.address.casefold() in found:
            continue
        if len(found) >= limit:
            return list(found.values()), True
        found[address.address.casefold()] = address
    return list(found.values()), False


@dataclass
class _Splitter:
    """Entries of a list as (text outside, text inside angle brackets), piece by piece."""

    entries: list[tuple[str, str]] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    n_comments: int = 0
    quoted: bool = False
    angle: bool = False
    escaped: bool = False

    def take(self, piece: str) -> None:
        """Go on with one special character, or a run of ordinary ones."""
        if self.escaped:
            self.keep(piece)
            self.escaped = False
        elif piece == "\\":
            self.escaped = True
        elif piece == '"' and not self.n_comments:
            self.quoted = not self.quoted
        elif self.quoted:
            self.keep(piece)
        elif piece == "(":
            self.n_comments += 1
        elif piece == ")":
            self.n_comments = max(0, self.n_comments - 1)
        elif self.n_comments:
            self.comment.append(piece)
        else:
            self.structure(piece)

    def structure(self, piece: str) -> None:
        """Brackets and separators outside of quotes and comments."""
        if piece in ("<", ">"):
            self.angle = piece == "<"
        elif piece == ";" or (piece == "," and not self.angle):
            self.finish()
        elif piece == ":" and not self.angle:
            self.outside.clear()  # the name of a group
        else:
            self.keep(piece)

    def keep(self, piece: str) -> None:
        """Text of the entry."""
        (self.comment if self.n_comments else self.inside if self.angle else self.outside).append(piece)

    def finish(self) -> None:
        """An entry is complete."""
        name = "".join(self.outside).strip() or ("" if self.inside else "".join(self.comment).strip())
        if name or self.inside:
            self.entries.append((name, "".join(self.inside)))
        self.outside.clear()
        self.inside.clear()
        self.comment.clear()
        self.angle = False


def _split(text: str) -> list[tuple[str, str]]:
    splitter = _Splitter()
    for piece in _TOKEN.findall(text):
        splitter.take(piece)
    splitter.finish()
    return splitter.entries


def _address(outside: str, inside: str) -> Address | None:
    name = _clean(outside)
    text = inside
    if not inside:
        bare = _BARE.search(outside) or _BARE.search(name)
        text = bare[0] if bare else outside
        name = "" if bare else name
    if "=?" in text:
        text = decode_words(text)
    if inside:
        text = text.rpartition(":")[2] if text.startswith("@") else text  # a source route
    text = without_reordering(decode_header(text.encode("utf-8", "replace")))
    if "@" in text:
        local, _, domain = _SPACE.sub("", text).rpartition("@")
        text = f"{local}@{domain.lower().rstrip('.')}"
    else:
        text = _SPACE.sub(" ", text).strip()
    text = text[:_CHARACTERS].strip()
    return Address(address=text, name=name) if text.strip("@") else None


def _clean(text: str) -> str:
    decoded = decode_words(text) if "=?" in text else text
    clean = without_reordering(decode_header(decoded.encode("utf-8", "replace")))
    return _SPACE.sub(" ", clean).strip(" '\"")[:_CHARACTERS]
