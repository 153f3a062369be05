"""Mbox files, plain or gzip, one mail at a time at constant memory."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import FileFormatError

_SEPARATOR = re.compile(
    rb"From [^\r\n]{0,300}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? {1,3}(?:[A-Z][a-z]{2} {1,3}\d{1,2}|\d{1,2} {1,3}[A-Z][a-z]{2})\b[^\r\n]{0,80}\r?\n?$"
)
_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,5}:|>?From ")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LINE = 1 << 16
_HEAD = 4_096
GZIP_MAGIC = b"\x1f\x8b"


def is_separator(line: bytes) -> bool:
    """Whether a line is the ``From `` line between two mails: it must end in a date."""
    return line.startswith(b"From ") and _SEPARATOR.match(line) is not None


def is_mbox(path: Path) -> bool:
    """Whether a file that is not packed begins as mbox."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    return is_separator(head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n", 1)[0])


def open_mbox(path: Path) -> gzip.GzipFile | io.BufferedReader:
    """Open for reading, unpacking gzip by its first two bytes."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP_MAGIC
    return gzip.GzipFile(path, "rb") if packed else path.open("rb")


def mbox_mails(path: Path, *, mail_bytes: int, unpacked_bytes: int) -> Iterator[bytes]:
    """The mails of the file, in order, with ``>From `` lines as they were before (mboxrd and mboxo).

    A mail begins at a ``From `` line that ends in a date and follows a blank line, the start of the file, or
    is itself followed by a header.

    Raises
    ------
    FileFormatError
        A mail is larger than ``mail_bytes``, the file holds more than ``unpacked_bytes``, or it is damaged
        gzip.
    """
    with open_mbox(path) as file:
        held, n_mails = bytearray(), 0
        for line, begins in _marked(_lines(file, path, unpacked_bytes)):
            if begins:
                if n_mails:
                    yield _unquoted(held)
                held, n_mails = bytearray(), n_mails + 1
                continue
            held += line
            if len(held) > mail_bytes:
                raise FileFormatError(
                    f"mail {max(n_mails, 1):,} of {path.name!r} has more than {mail_bytes:,} bytes.",
                    next_step="Take it out of the file, or raise the limit mail_bytes.",
                    details={"mail": max(n_mails, 1), "max_bytes": mail_bytes},
                )
        if n_mails:
            yield _unquoted(held)


def _marked(lines: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each line, and whether it is the separator before a mail."""
    blank, fresh = True, True
    doubtful: bytes | None = None
    for line in lines:
        if doubtful is not None:
            yield doubtful, _HEADER.match(line) is not None
            doubtful = None
        if fresh and is_separator(line):
            if blank:
                yield line, True
            else:
                doubtful = line
        else:
            yield line, False
        blank = fresh and not line.strip(b"\r\n")
        fresh = line.endswith(b"\n")
    if doubtful is not None:
        yield doubtful, False


def _unquoted(held: bytearray) -> bytes:
    content = bytes(held)
    if content.endswith(b"\r\n\r\n"):
        content = content[:-2]
    elif content.endswith(b"\n\n"):
        content = content[:-1]  # the blank line before the next separator
    return _QUOTED.sub(rb"\1", content) if b">From " in content else content


def _lines(file: gzip.GzipFile | io.BufferedReader, path: Path, unpacked_bytes: int) -> Iterator[bytes]:
    n_bytes = 0
    try:
        while line := file.readline(_LINE):
            n_bytes += len(line)
            if n_bytes > unpacked_bytes:
                raise FileFormatError(
                    f"{path.name!r} holds more than {unpacked_bytes:,} bytes.",
                    next_step="Split it, or raise the limit unpacked_bytes.",
                    details={"max_bytes": unpacked_bytes},
                )
            yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFormatError(
            f"{path.name!r} is damaged gzip after {n_bytes:,} bytes: {error}.",
            next_step="Fetch or pack the file again.",
            details={"n_bytes": n_bytes},
        ) from None
