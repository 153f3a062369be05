"""What kind of mailbox or mail file a path is."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path
from typing import Literal

from workbench.errors import FileFormatError
from workbench.ingest.mailbox.mbox import GZIP_MAGIC, is_separator

MailboxKind = Literal["eml", "mbox", "maildir", "folder", "msg", "pst"]
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PST_MAGIC = b"!BDN"
_HEADER = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,5}:")
_HEAD = 4_096
_READABLE = "Mail is read from .eml, .msg, .pst and mbox files (also .gz), Maildir folders, and folders of .eml, .msg and mbox files."


def find_mailbox_kind(path: Path, *, name: str = "") -> MailboxKind:
    """Say what ``path`` is, by its content and not by its name.

    Parameters
    ----------
    name
        What errors call it; the name of the path where empty.

    Returns
    -------
    MailboxKind
        ``eml``: one mail. ``mbox``: many in one file, also packed with gzip. ``msg``: one mail of Outlook.
        ``pst``: a data file of Outlook (PST, OST).
        ``maildir``: a folder with ``cur``, ``new`` and ``tmp``. ``folder``: any other folder, whose ``.eml``,
        ``.msg`` and mbox files and Maildirs are read, at any depth.

    Raises
    ------
    FileFormatError
        It does not exist, is empty, or is something else.
    """
    if path.is_dir():
        return "maildir" if is_maildir(path) else "folder"
    if not path.is_file():
        raise FileFormatError(f"{str(path)!r} does not exist.", next_step="Check the path.")
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_OLE_MAGIC):
        return "msg"
    if head.startswith(_PST_MAGIC):
        return "pst"
    packed = head.startswith(GZIP_MAGIC)
    if packed:
        head = _unpacked(path, name or path.name)
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").split(b"\n", 1)[0]
    if is_separator(line):
        return "mbox"
    if not packed and (_HEADER.match(line) or line.startswith((b"From ", b">From "))):
        return "eml"
    what = "is empty" if not head.strip() else "is no mail and no mailbox"
    raise FileFormatError(
        f"{(name or path.name)!r} {what}{': it begins with ' + repr(head[:20]) if head.strip() else ''}.",
        next_step=_READABLE,
    )


def is_maildir(path: Path) -> bool:
    """Whether a folder holds mail as Maildir: ``cur`` and ``new`` in it."""
    return (path / "cur").is_dir() and (path / "new").is_dir()


def _unpacked(path: Path, name: str) -> bytes:
    try:
        with gzip.open(path, "rb") as file:
            return file.read(_HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFormatError(
            f"{name!r} is damaged gzip: {error}.", next_step="Fetch or pack the file again."
        ) from None
