"""A folder of mail that travelled as one file: an archive, unpacked where nothing in it can reach out."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from workbench.errors import FileFormatError
from workbench.ingest.mailbox.zipped import is_zip, unpack_zip

_MAGIC_AT = 257
_MAGIC = b"ustar"
_MAX_DEPTH = 60
_NAME_BYTES = 255
_PIECE = 1 << 20


def is_archive(path: Path) -> bool:
    """Whether a file is a tar or ZIP archive, by its content."""
    if is_zip(path):
        return True
    with path.open("rb") as file:
        file.seek(_MAGIC_AT)
        return file.read(len(_MAGIC)) == _MAGIC


def unpack_archive(
    path: Path, target: Path, *, unpacked_bytes: int, progress: Callable[[int], None] = lambda _n: None
) -> int:
    """Write the files of a tar archive, or as ``unpack_zip`` those of a ZIP archive, below ``target``; returns how many.

    Only plain files and folders are taken; what else an archive can hold (links, devices) is passed over.

    Parameters
    ----------
    progress
        Told the number of files so far; it may raise to stop.

    Raises
    ------
    FileFormatError
        It is damaged, a name leads out of the folder or cannot be one, or it holds more than ``unpacked_bytes``.
    """
    if is_zip(path):
        return unpack_zip(path, target, unpacked_bytes=unpacked_bytes, progress=progress)
    n_files = n_bytes = 0
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                place = target.joinpath(*_inner(path, member.name))
                if member.isdir():
                    place.mkdir(parents=True, exist_ok=True)
                if not member.isreg():
                    continue
                n_bytes += member.size
                if n_bytes > unpacked_bytes:
                    raise FileFormatError(
                        f"{path.name!r} holds more than {unpacked_bytes:,} bytes.",
                        next_step="Split it.",
                        details={"max_bytes": unpacked_bytes},
                    )
                content = archive.extractfile(member)
                if content is None:
                    continue
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("wb") as file:
                    shutil.copyfileobj(content, file, _PIECE)
                n_files += 1
                progress(n_files)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise FileFormatError(
            f"{path.name!r} is a damaged archive after {n_files:,} files: {error}.",
            next_step="Pack it again, as a tar archive without compression.",
            details={"n_files": n_files},
        ) from None
    return n_files


def _inner(path: Path, name: str) -> tuple[str, ...]:
    parts = PurePosixPath(name).parts
    wrong = (
        not parts
        or name.startswith("/")
        or ".." in parts
        or len(parts) > _MAX_DEPTH
        or any("\0" in part or len(part.encode("utf-8", "surrogateescape")) > _NAME_BYTES for part in parts)
    )
    if wrong and parts:
        raise FileFormatError(
            f"{path.name!r} holds a file called {name[:200]!r}, which cannot be unpacked.",
            next_step="Pack the folder again: names within it, at most 60 folders deep.",
            details={"name": name[:300].encode("utf-8", "replace").decode()},
        )
    return parts
