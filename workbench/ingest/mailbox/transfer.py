"""Undo the transfer encoding of a part: base64, quoted-printable, uuencode. Damage is repaired and said."""

from __future__ import annotations

import binascii
import re

_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]+")
_UUENCODE = re.compile(rb"^begin [0-7]{3,4} [^\r\n]{1,255}\r?\n", re.MULTILINE)
_IDENTITY = ("", "7bit", "8bit", "binary", "7-bit", "8-bit", "7 bit", "8 bit", "none")


def decoded_bytes_bound(n_bytes: int, encoding: str) -> int:
    """The most bytes that ``n_bytes`` of that encoding can become; no known encoding makes text longer."""
    return n_bytes * 3 // 4 + 3 if encoding == "base64" else n_bytes


def decode_transfer(raw: bytes, encoding: str, problems: list[str]) -> bytes:
    """Decode ``raw``; never fails. An unknown encoding leaves it as it is."""
    if encoding in _IDENTITY:
        return raw
    if encoding == "quoted-printable":
        return binascii.a2b_qp(raw)
    if encoding == "base64":
        return _base64(raw, problems)
    if encoding in ("x-uuencode", "uuencode", "x-uue", "uue"):
        return _uuencode(raw, problems)
    _say(problems, f"a part has the unknown transfer encoding {encoding[:40]!r}; it was kept as it came")
    return raw


def _base64(raw: bytes, problems: list[str]) -> bytes:
    try:
        return binascii.a2b_base64(raw, strict_mode=False) if _whole(raw) else _repaired(raw, problems)
    except binascii.Error:
        return _repaired(raw, problems)


def _whole(raw: bytes) -> bool:
    """Whether padding stands at the end only: a decoder stops at padding and would lose the rest."""
    first = raw.find(b"=")
    return first < 0 or not raw[first:].strip(b"=\r\n \t")


def _repaired(raw: bytes, problems: list[str]) -> bytes:
    _say(problems, "a part is damaged base64; what could be decoded was kept")
    pieces = []
    for piece in _NOT_BASE64.sub(b"", raw).split(b"="):
        if len(piece) > 1:
            text = piece[:-1] if len(piece) % 4 == 1 else piece
            pieces.append(binascii.a2b_base64(text + b"=" * (-len(text) % 4)))
    return b"".join(pieces)


def _uuencode(raw: bytes, problems: list[str]) -> bytes:
    begin = _UUENCODE.search(raw)
    if begin is None:
        _say(problems, "a part is damaged uuencode; it was kept as it came")
        return raw
    pieces = []
    for line in raw[begin.end() :].splitlines():
        if line in (b"end", b"`", b" "):
            break
        n_characters = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        try:
            pieces.append(binascii.a2b_uu(line[: n_characters + 1]))
        except binascii.Error:
            _say(problems, "a part is damaged uuencode; what could be decoded was kept")
    return b"".join(pieces)


def _say(problems: list[str], text: str) -> None:
    if text not in problems:
        problems.append(text)
