"""Which encoding a file has, and where it stops being that.

UTF-8, UTF-16 and UTF-32 are read, with or without a byte order mark. Single-byte encodings such as
Windows-1252 are refused: every byte sequence is valid in them, so a guess can be wrong without any sign
and would store damaged names and ids for good, while saving the file again as UTF-8 takes seconds.
"""

from __future__ import annotations

import codecs
import io
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import FileFormatError

HEAD_BYTES = 65_536
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """``name`` as shown to people, the ``codec`` that decodes, and the bytes of mark to skip."""

    name: str
    codec: str
    n_mark_bytes: int = 0


_MARKS = (
    (codecs.BOM_UTF32_LE, Encoding(name="utf-32", codec="utf-32-le", n_mark_bytes=4)),
    (codecs.BOM_UTF32_BE, Encoding(name="utf-32", codec="utf-32-be", n_mark_bytes=4)),
    (codecs.BOM_UTF8, Encoding(name="utf-8-sig", codec="utf-8", n_mark_bytes=3)),
    (codecs.BOM_UTF16_LE, Encoding(name="utf-16", codec="utf-16-le", n_mark_bytes=2)),
    (codecs.BOM_UTF16_BE, Encoding(name="utf-16", codec="utf-16-be", n_mark_bytes=2)),
)


def find_encoding(head: bytes) -> Encoding:
    """Decide from the first bytes of a file; text without marks and zero bytes counts as UTF-8.

    Without a mark UTF-16 and UTF-32 show in where the zero bytes of ASCII characters (delimiters, digits,
    line ends) lie: always on the same side.
    """
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    sample = head[: len(head) // 4 * 4]
    if 0 not in sample:
        return Encoding(name="utf-8", codec="utf-8")
    share = [sample[place::4].count(0) * 4 / len(sample) for place in range(4)]
    few, many = 0.02, 0.1
    if min(share[1:]) >= many and share[0] <= few and min(share[2:]) > 1 - few:
        return Encoding(name="utf-32-le", codec="utf-32-le")
    if min(share[:3]) >= many and share[3] <= few and min(share[:2]) > 1 - few:
        return Encoding(name="utf-32-be", codec="utf-32-be")
    even, odd = share[0] + share[2], share[1] + share[3]
    if odd >= 2 * many and even <= odd / 4:
        return Encoding(name="utf-16-le", codec="utf-16-le")
    if even >= 2 * many and odd <= even / 4:
        return Encoding(name="utf-16-be", codec="utf-16-be")
    return Encoding(name="utf-8", codec="utf-8")


class _Prefix(io.RawIOBase):
    """The bytes of a file before ``end``, as a raw stream."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._file.seek(start)
        self._left = end - start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        piece = self._file.read(min(len(buffer), self._left))
        buffer[: len(piece)] = piece
        self._left -= len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()


def open_text(path: Path, encoding: Encoding, *, newline: str, end: int | None = None) -> io.TextIOWrapper:
    """Open as text after the byte order mark; with ``end``, only the bytes before that offset."""
    raw: io.BufferedIOBase
    if end is None:
        raw = path.open("rb")
        raw.seek(encoding.n_mark_bytes)
    else:
        raw = io.BufferedReader(_Prefix(path, encoding.n_mark_bytes, end))
    return io.TextIOWrapper(raw, encoding=encoding.codec, errors="strict", newline=newline)


def first_bad_byte(path: Path, encoding: Encoding) -> int | None:
    """Absolute offset of the first byte that ``encoding`` cannot decode, None when there is none."""
    decoder = codecs.getincrementaldecoder(encoding.codec)("strict")
    with path.open("rb") as file:
        file.seek(encoding.n_mark_bytes)
        position = encoding.n_mark_bytes
        while True:
            piece = file.read(_CHUNK)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as failure:
                return position - pending + failure.start
            if not piece:
                return None
            position += len(piece)


def decoding_error(path: Path, encoding: Encoding, offset: int, row: int) -> FileFormatError:
    """The error for a byte that does not decode; ``row`` is the data row it lies in, 0 = the header."""
    with path.open("rb") as file:
        file.seek(offset)
        bad = file.read(1)
        file.seek(max(0, offset - 12))
        around = file.read(24)
    place = f"row {row}" if row else "the header"
    if encoding.codec == "utf-8":
        what = f"byte {offset:,} (0x{bad.hex()}) in {place} is not {encoding.name}"
        hint = f"; read as Windows-1252 it says {around.decode('cp1252', 'replace')!r}"
    else:
        what = f"byte {offset:,} in {place} is not {encoding.name}"
        hint = "; the file may be cut off"
    return FileFormatError(
        f"the file is not in one encoding: {what}{hint}.",
        next_step="Save it again as UTF-8 (in Excel: 'CSV UTF-8', in an editor: 'Save with encoding').",
        details={"offset": offset, "row": row, "encoding": encoding.name, "byte": bad.hex()},
    )
