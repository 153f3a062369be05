"""Header values to text: encoded words (RFC 2047), raw 8-bit bytes, and parameters (RFC 2045, RFC 2231)."""

from __future__ import annotations

import binascii
import re

from workbench.ingest.mailbox.charsets import decode_text
from workbench.ingest.text import sanitise

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,65536})\?=")
_FOLD = re.compile(r"[\r\n]+[ \t]*")
_REORDERS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_PARAMETER = re.compile(
    r';[ \t]{0,50}([^\s=;"\x00-\x1f]{1,80})[ \t]{0,20}=[ \t]{0,20}(?:"((?:[^"\\]|\\.){0,8192})"?|([^;]{0,8192}))'
)
_ESCAPED = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"(.{1,60}?)\*(?:(\d{1,3})(\*)?)?$")
_MAX_SECTIONS = 100


def decode_header(raw: bytes) -> str:
    """A header value as text: unfolded, encoded words decoded, control characters dropped."""
    text = raw.decode("ascii") if raw.isascii() else decode_text(raw, "")
    if "\n" in text or "\r" in text:
        text = _FOLD.sub(" ", text)
    if "=?" in text:
        text = decode_words(text)
    return sanitise(text).replace("\n", " ").replace("\t", " ").strip()


def decode_words(text: str) -> str:
    """Decode the encoded words in ``text``; white space between two of them vanishes.

    Neighbours of one charset are joined before they are decoded, because programs cut characters in two.
    """
    parts: list[str] = []
    held, charset, place = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[place : word.start()]
        name = word[1].partition("*")[0].lower()
        if (between.strip() and held) or (held and name != charset):
            parts.append(decode_text(held, charset))
            held = b""
        if between.strip() or not place:
            parts.append(between)
        held, charset, place = held + _word_bytes(word[2], word[3]), name, word.end()
    if held:
        parts.append(decode_text(held, charset))
    parts.append(text[place:])
    return "".join(parts)


def _word_bytes(kind: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if kind in "qQ":
        return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
    raw = _NOT_BASE64.sub(b"", raw)
    if len(raw) % 4 == 1:
        raw = raw[:-1]
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))


def without_reordering(text: str) -> str:
    """``text`` without the characters that change the order in which it is shown (for names, addresses)."""
    return _REORDERS.sub("", text)


def split_parameters(raw: bytes) -> tuple[str, dict[str, str]]:
    """A structured header (``Content-Type``) as its lower-case value and its parameters.

    The first of several parameters of one name wins; pieces and percent signs of RFC 2231 are put together.
    """
    text = _FOLD.sub(" ", raw.decode("ascii") if raw.isascii() else decode_text(raw, ""))
    value, _, rest = text.partition(";")
    found: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    if rest:
        for match in _PARAMETER.finditer(";" + rest[:65_536]):
            name = match[1].lower()
            content = _ESCAPED.sub(r"\1", match[2]) if match[2] is not None else (match[3] or "").strip()
            section = _SECTION.fullmatch(name)
            if section is None:
                found.setdefault(name, content)
            else:
                of_name = pieces.setdefault(section[1], {})
                encoded = section[2] is None or section[3] is not None
                if len(of_name) < _MAX_SECTIONS:
                    of_name.setdefault(int(section[2] or 0), (encoded, content))
    for name, of_name in pieces.items():
        found[name] = _joined(of_name)
    return value.strip().lower(), found


def _joined(pieces: dict[int, tuple[bool, str]]) -> str:
    charset, raw = "", b""
    for number in sorted(pieces):
        encoded, text = pieces[number]
        if encoded and not raw and text.count("'") >= 2:  # noqa: PLR2004  (charset'language'text)
            charset, _, text = text.split("'", 2)
        data = text.encode("utf-8", "replace")
        raw += _PERCENT.sub(lambda m: bytes.fromhex(m[1].decode()), data) if encoded else data
    return decode_text(raw, charset)
