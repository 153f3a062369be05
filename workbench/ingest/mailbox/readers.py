"""Raw mail from any kind of mailbox on disk, one at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from workbench.domain.mail import RawMail
from workbench.domain.messages import PropertyValue
from workbench.errors import FileFormatError
from workbench.ingest.mailbox.kinds import find_mailbox_kind, is_maildir
from workbench.ingest.mailbox.limits import DEFAULT_LIMITS, MailLimits
from workbench.ingest.mailbox.mbox import mbox_mails
from workbench.ingest.mailbox.outlook import read_msg
from workbench.ingest.mailbox.personal_folders import read_pst

UNPACKED_BYTES = 68_719_476_736
"""64 GiB: the most that one mbox file may hold, unpacked."""
_MAX_DEPTH = 50
_SUFFIXES = (".eml", ".msg")
_FLAGS = {"S": ("string:Read", "Yes"), "R": ("string:Replied", "Yes"), "F": ("string:Flagged", "Yes")}


def read_mailbox(
    path: Path,
    *,
    mailbox: str = "",
    limits: MailLimits = DEFAULT_LIMITS,
    unpacked_bytes: int = UNPACKED_BYTES,
    on_problem: Callable[[str, str], None] | None = None,
) -> Iterator[RawMail]:
    """Read the mails of a file or folder, in a fixed order, one in memory at a time.

    Parameters
    ----------
    path
        Anything that ``find_mailbox_kind`` knows. Links in folders are not followed.
    mailbox
        What to call it; the name of the file or folder where empty.
    limits
        ``mail_bytes`` bounds each mail.
    unpacked_bytes
        The most that an mbox file may hold, which bounds what a gzip bomb can cost.
    on_problem
        Told where a file of a folder lies and why it cannot be read, which is then passed over; None = it
        ends the reading.

    Raises
    ------
    FileFormatError
        The path is no mailbox, a mail or the whole is too large, or a file is damaged. Mails before it have
        been handed over.
    MissingExtraError
        A ``.msg`` or ``.pst`` file, and the package that opens it is not installed.
    """
    kind = find_mailbox_kind(path)
    name = mailbox or path.name
    if kind == "mbox":
        for number, content in enumerate(
            mbox_mails(path, mail_bytes=limits.mail_bytes, unpacked_bytes=unpacked_bytes), 1
        ):
            yield RawMail(content=content, mailbox=name, remote_id=str(number))
    elif kind == "maildir":
        yield from _maildir(path, name, limits, on_problem)
    elif kind == "folder":
        yield from _folder(path, name, limits, on_problem)
    elif kind == "pst":
        yield from read_pst(path, mailbox=name, limits=limits)
    else:
        yield _single(path, name, (), limits, is_msg=kind == "msg")


def _single(
    path: Path, mailbox: str, folder: tuple[str, ...], limits: MailLimits, *, is_msg: bool
) -> RawMail:
    n_bytes = path.stat().st_size
    if n_bytes > limits.mail_bytes:
        raise FileFormatError(
            f"{path.name!r} has {n_bytes:,} bytes; a mail may have at most {limits.mail_bytes:,}.",
            next_step="Leave it out, or raise the limit mail_bytes.",
            details={"n_bytes": n_bytes, "max_bytes": limits.mail_bytes},
        )
    content = read_msg(path, limits=limits) if is_msg else path.read_bytes()
    properties: dict[str, PropertyValue] = {"string:MSG NAME ID": path.name} if is_msg else {}
    return RawMail(
        content=content, mailbox=mailbox, folder=folder, remote_id=path.name, properties=properties
    )


def _folder(
    top: Path, mailbox: str, limits: MailLimits, on_problem: Callable[[str, str], None] | None
) -> Iterator[RawMail]:
    n_found = 0
    for path, folder in _files(top):
        if path.suffix.lower() not in _SUFFIXES:
            continue
        n_found += 1
        raw = _told(on_problem, path.relative_to(top), lambda: _of_folder(top, path, mailbox, folder, limits))  # noqa: B023 - called at once
        if raw is not None:
            yield raw
    if not n_found:
        raise FileFormatError(
            f"{str(top)!r} holds no .eml or .msg file.",
            next_step="Name the folder that holds them, or the mbox file itself.",
        )


def _of_folder(top: Path, path: Path, mailbox: str, folder: tuple[str, ...], limits: MailLimits) -> RawMail:
    kind = find_mailbox_kind(path)
    if kind not in ("eml", "msg"):
        raise FileFormatError(
            f"{str(path.relative_to(top))!r} is called {path.suffix} and is {kind}.",
            next_step="Rename it, or read it by itself.",
        )
    return _single(path, mailbox, folder, limits, is_msg=kind == "msg")


def _told(
    on_problem: Callable[[str, str], None] | None, place: Path, read: Callable[[], RawMail]
) -> RawMail | None:
    """What ``read`` gives; None where that fails and somebody wants to hear why."""
    try:
        return read()
    except FileFormatError as error:
        if on_problem is None:
            raise
        on_problem(str(place), error.message)
        return None


def _files(top: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Files below ``top`` with the folders they lie in, sorted by path; links are left out."""
    stack: list[tuple[Path, tuple[str, ...]]] = [(top, ())]
    while stack:
        path, folder = stack.pop()
        if not path.is_dir():
            yield path, folder[:-1]
            continue
        if len(folder) > _MAX_DEPTH:
            raise FileFormatError(
                f"{str(path)!r} lies more than {_MAX_DEPTH} folders deep.",
                next_step="Name a folder further down.",
            )
        with os.scandir(path) as entries:
            names = sorted((entry.name for entry in entries if not entry.is_symlink()), reverse=True)
        stack.extend((path / name, (*folder, name)) for name in names)


def _maildir(
    top: Path, mailbox: str, limits: MailLimits, on_problem: Callable[[str, str], None] | None
) -> Iterator[RawMail]:
    """The folder itself, then its subfolders (``.Claims.Motor``), each with ``cur`` before ``new``."""
    boxes: list[tuple[Path, tuple[str, ...]]] = [(top, ("INBOX",))]
    with os.scandir(top) as entries:
        names = sorted(
            entry.name for entry in entries if entry.name.startswith(".") and not entry.is_symlink()
        )
    boxes += [(top / name, tuple(name[1:].split("."))) for name in names if is_maildir(top / name)]
    for box, folder in boxes:
        for part in ("cur", "new"):
            with os.scandir(box / part) as entries:
                files = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
            for name in files:
                if name.startswith("."):
                    continue
                path = box / part / name
                raw = _told(
                    on_problem,
                    path.relative_to(top),
                    lambda: _single(path, mailbox, folder, limits, is_msg=False),  # noqa: B023 - called at once
                )
                if raw is None:
                    continue
                unique, _, flags = name.partition(":2,")
                yield RawMail(
                    content=raw.content,
                    mailbox=mailbox,
                    folder=folder,
                    remote_id=unique,
                    received_at=_delivered_at(unique),
                    properties=dict(_FLAGS[flag] for flag in sorted(set(flags)) if flag in _FLAGS),
                )


def _delivered_at(unique: str) -> datetime | None:
    """The seconds since 1970 that a Maildir name begins with."""
    seconds = unique.partition(".")[0]
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 10):  # noqa: PLR2004
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
