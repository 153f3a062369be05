"""A folder of mail as tar archives of a bounded size, so that neither side holds it in memory."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from workbench.errors import FileFormatError

ARCHIVE_BYTES = 64 * 1024 * 1024
_SUFFIXES = (".eml", ".msg")
_PACKED = (".7z", ".bz2", ".gz", ".ost", ".pst", ".rar", ".tar", ".tgz", ".xz", ".zip")
_MAILDIR = ("cur", "new")
_BLOCK = 1024
"""An archive needs a header and padding for each file."""
_HEAD = 64


def packed_folder(folder: Path, *, archive_bytes: int = ARCHIVE_BYTES) -> Iterator[Path]:
    """Archives of the mail files below ``folder``, each a file that is gone when the next is asked for.

    Of a Maildir (``cur``, ``new``) every file is packed, of other folders ``.eml`` and ``.msg`` files, and mbox files
    whatever they are called. Of packed files (``.zip``, ``.gz``, ``.pst``) only the names go along, for the import to
    list them: none is opened there. Links are not followed. The same folder gives the same archives, so that a
    broken upload goes on where it broke.

    Raises
    ------
    FileFormatError
        The folder holds no mail, or a file of it may not be read.
    """
    n_archives = 0
    for files in _runs(_mail_files(folder), archive_bytes):
        n_archives += 1
        with tempfile.TemporaryDirectory() as spare:
            archive = Path(spare) / f"{folder.resolve().name or 'folder'}.{n_archives:04d}.tar"
            _pack(archive, folder, files)
            yield archive
    if not n_archives:
        raise FileFormatError(
            f"{str(folder)!r} holds no mail.",
            next_step="Name a Maildir, a folder with .eml, .msg or mbox files, or the mail file itself.",
            details={"path": str(folder)},
        )


def _runs(files: Iterator[Path], archive_bytes: int) -> Iterator[list[Path]]:
    held: list[Path] = []
    n_bytes = 0
    for file in files:
        size = (0 if _is_packed(file) else file.stat().st_size) + _BLOCK
        if held and n_bytes + size > archive_bytes:
            yield held
            held, n_bytes = [], 0
        held.append(file)
        n_bytes += size
    if held:
        yield held


def _mail_files(folder: Path) -> Iterator[Path]:
    for here, names, files in os.walk(folder):
        names.sort()
        place = Path(here)
        in_maildir = place.name in _MAILDIR and all((place.parent / name).is_dir() for name in _MAILDIR)
        for name in sorted(files):
            file = place / name
            if file.is_symlink() or not file.is_file():
                continue
            if in_maildir or file.suffix.lower() in _SUFFIXES or _is_packed(file) or _may_be_mbox(file):
                yield file


def _is_packed(file: Path) -> bool:
    return file.parent.name not in _MAILDIR and file.suffix.lower() in _PACKED


def _may_be_mbox(file: Path) -> bool:
    """Whether a file begins as mbox does; the import looks closer."""
    try:
        with file.open("rb") as content:
            head = content.read(_HEAD)
    except OSError as error:
        raise FileFormatError(
            f"{str(file)!r} cannot be read: {error.strerror}.",
            next_step="Allow reading it, or move it out of the folder.",
            details={"path": str(file)},
        ) from None
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").startswith(b"From ")


def _pack(archive: Path, folder: Path, files: list[Path]) -> None:
    boxes = {file.parent.parent for file in files if file.parent.name in _MAILDIR}
    with closing(tarfile.open(archive, "w", format=tarfile.PAX_FORMAT)) as made:
        # The top folder of a Maildir is one even where a piece has only files of its subfolders.
        tops = {folder} if _is_maildir(folder) else set()
        for box in sorted(tops | {box for box in boxes if _is_maildir(box)}):
            for name in _MAILDIR:
                entry = tarfile.TarInfo(str((box / name).relative_to(folder)))
                entry.type, entry.mode = tarfile.DIRTYPE, 0o700
                made.addfile(entry)
        for file in files:
            entry = tarfile.TarInfo(str(file.relative_to(folder)))
            if _is_packed(file):
                made.addfile(entry)
                continue
            with file.open("rb") as content:
                entry.size = os.fstat(content.fileno()).st_size
                made.addfile(entry, content)


def _is_maildir(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in _MAILDIR)
