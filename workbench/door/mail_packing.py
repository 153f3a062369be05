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
_MAILDIR = ("cur", "new")
_BLOCK = 1024
"""An archive needs a header and padding for each file."""


def packed_folder(folder: Path, *, archive_bytes: int = ARCHIVE_BYTES) -> Iterator[Path]:
    """Archives of the mail files below ``folder``, each a file that is gone when the next is asked for.

    Of a Maildir (``cur``, ``new``) every file is packed, of other folders ``.eml`` and ``.msg`` files. Links are
    not followed. The same folder gives the same archives, so that a broken upload goes on where it broke.

    Raises
    ------
    FileFormatError
        The folder holds no mail.
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
            next_step="Name a Maildir, a folder with .eml or .msg files, or the mail file itself.",
            details={"path": str(folder)},
        )


def _runs(files: Iterator[Path], archive_bytes: int) -> Iterator[list[Path]]:
    held: list[Path] = []
    n_bytes = 0
    for file in files:
        size = file.stat().st_size + _BLOCK
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
            wanted = in_maildir or file.suffix.lower() in _SUFFIXES
            if wanted and not file.is_symlink() and file.is_file():
                yield file


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
            with file.open("rb") as content:
                entry.size = os.fstat(content.fileno()).st_size
                made.addfile(entry, content)


def _is_maildir(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in _MAILDIR)
