"""Mail that lies in folders: single mails, Maildirs and mbox files at any depth, one in memory at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from workbench.domain.mail import RawMail
from workbench.domain.messages import PropertyValue
from workbench.errors import FileFormatError
from workbench.ingest.mailbox.kinds import find_mailbox_kind, is_maildir
from workbench.ingest.mailbox.limits import MailLimits
from workbench.ingest.mailbox.mbox import is_mbox, mbox_mails
from workbench.ingest.mailbox.outlook import read_msg

T = TypeVar("T")
Told = Callable[[str, str], None]
"""Told where a file lies and why it cannot be read."""

_MAX_DEPTH = 50
_SUFFIXES = (".eml", ".msg")
_PACKED = (".7z", ".bz2", ".gz", ".ost", ".pst", ".rar", ".tar", ".tgz", ".xz", ".zip")
_TABLES = (".csv", ".tsv", ".jsonl", ".xlsx", ".parquet")
_FLAGS = {"S": ("string:Is Read", "Yes"), "R": ("string:Replied", "Yes"), "F": ("string:Flagged", "Yes")}


def single_mail(
    path: Path, mailbox: str, folder: tuple[str, ...], limits: MailLimits, *, is_msg: bool
) -> RawMail:
    """One mail that is a file; ``FileFormatError`` where it is too large or damaged."""
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


def folder_mails(
    top: Path, mailbox: str, limits: MailLimits, unpacked_bytes: int, on_problem: Told | None
) -> Iterator[RawMail]:
    """The mails below a folder, sorted by path.

    Read are files called ``.eml`` and ``.msg``, whole Maildirs, and mbox files whatever they are called. What is
    packed within (``.gz``, ``.zip``, ``.pst``) stays so and is a problem; other files are passed over.

    Raises
    ------
    FileFormatError
        There is no mail, a file is bad and ``on_problem`` is None, or folders lie too deep.
    """
    n_found, tables = 0, []
    for path, folder in _files(top):
        if path.is_dir():
            n_found += 1
            yield from maildir_mails(path, mailbox, limits, on_problem, top=top, within=folder)
        elif path.suffix.lower() in _SUFFIXES:
            n_found += 1
            raw = _told(
                on_problem, path.relative_to(top), partial(_of_folder, top, path, mailbox, folder, limits)
            )
            if raw is not None:
                yield raw
        elif path.suffix.lower() in _PACKED:
            n_found += 1
            _told(on_problem, path.relative_to(top), partial(_refuse_packed, path.relative_to(top)))
        elif is_mbox(path):
            n_found += 1
            yield from _mbox(top, path, mailbox, folder, limits, unpacked_bytes, on_problem)
        elif path.suffix.lower() in _TABLES:
            tables.append(path.relative_to(top))
    if not n_found and tables:
        raise FileFormatError(
            f"{mailbox!r} holds no mail, but {len(tables):,} tables such as {str(tables[0])!r}.",
            next_step="Unpack it and import the tables themselves; several of the same columns go in one after the other.",
        )
    if not n_found:
        raise FileFormatError(
            f"{mailbox!r} holds no mail: no .eml, .msg or mbox file and no Maildir.",
            next_step="Name the folder that holds them, or the mbox file itself.",
        )


def _refuse_packed(place: Path) -> None:
    raise FileFormatError(
        f"{str(place)!r} is packed within the folder or archive, and is not opened there.",
        next_step="Unpack it, or import it by itself.",
    )


def _mbox(
    top: Path,
    path: Path,
    mailbox: str,
    folder: tuple[str, ...],
    limits: MailLimits,
    unpacked_bytes: int,
    on_problem: Told | None,
) -> Iterator[RawMail]:
    """The mails of an mbox file in a folder of its name; those before a damage are handed over."""
    place = path.relative_to(top)
    within = (*folder, path.stem or path.name)
    contents = mbox_mails(path, mail_bytes=limits.mail_bytes, unpacked_bytes=unpacked_bytes)
    number = 0
    while (content := _told(on_problem, place, lambda: next(contents, None))) is not None:
        number += 1
        yield RawMail(content=content, mailbox=mailbox, folder=within, remote_id=f"{path.name} {number}")


def _of_folder(top: Path, path: Path, mailbox: str, folder: tuple[str, ...], limits: MailLimits) -> RawMail:
    kind = find_mailbox_kind(path)
    if kind not in ("eml", "msg"):
        raise FileFormatError(
            f"{str(path.relative_to(top))!r} is called {path.suffix} and is {kind}.",
            next_step="Rename it, or read it by itself.",
        )
    return single_mail(path, mailbox, folder, limits, is_msg=kind == "msg")


def _told(on_problem: Told | None, place: Path, read: Callable[[], T]) -> T | None:
    """What ``read`` gives; None where that fails and somebody wants to hear why."""
    try:
        return read()
    except FileFormatError as error:
        if on_problem is None:
            raise
        on_problem(str(place), error.message)
        return None


def _files(top: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Files and Maildirs below ``top`` with the folders they lie in, sorted by path; links are left out."""
    stack: list[tuple[Path, tuple[str, ...]]] = [(top, ())]
    while stack:
        path, folder = stack.pop()
        if not path.is_dir():
            yield path, folder[:-1]
            continue
        if is_maildir(path):
            yield path, folder
            continue
        if len(folder) > _MAX_DEPTH:
            raise FileFormatError(
                f"{str(path)!r} lies more than {_MAX_DEPTH} folders deep.",
                next_step="Name a folder further down.",
            )
        with os.scandir(path) as entries:
            names = sorted((entry.name for entry in entries if not entry.is_symlink()), reverse=True)
        stack.extend((path / name, (*folder, name)) for name in names)


def maildir_mails(
    box: Path,
    mailbox: str,
    limits: MailLimits,
    on_problem: Told | None,
    *,
    top: Path | None = None,
    within: tuple[str, ...] = (),
) -> Iterator[RawMail]:
    """The Maildir itself, then its subfolders (``.Claims.Motor``), each with ``cur`` before ``new``.

    ``top`` is the folder that places are told from, ``within`` the folders down to the Maildir.
    """
    top = top or box
    boxes: list[tuple[Path, tuple[str, ...]]] = [(box, within or ("INBOX",))]
    with os.scandir(box) as entries:
        names = sorted(
            entry.name for entry in entries if entry.name.startswith(".") and not entry.is_symlink()
        )
    boxes += [(box / name, (*within, *name[1:].split("."))) for name in names if is_maildir(box / name)]
    for home, folder in boxes:
        for part in ("cur", "new"):
            with os.scandir(home / part) as entries:
                files = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
            for name in files:
                if name.startswith("."):
                    continue
                path = home / part / name
                raw = _told(
                    on_problem,
                    path.relative_to(top),
                    partial(single_mail, path, mailbox, folder, limits, is_msg=False),
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
