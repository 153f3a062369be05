"""A folder of mail that travelled as a ZIP archive: unpacked under names of our own making, to a bounded size."""

from __future__ import annotations

import lzma
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import IO

from workbench.errors import FileFormatError

MAX_ENTRIES = 200_000
MAX_RATIO = 250
"""Bytes that may come out of one byte of the archive; mail gives 2 to 20, a bomb a thousand and more."""
_FREE_BYTES = 16 << 20
"""As many may come out whatever the ratio: small files of equal bytes are no bomb."""
_MAX_DEPTH = 20
_FOLDER_BYTES, _NAME_BYTES, _TAIL_BYTES = 100, 200, 60
_PIECE = 1 << 20
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_ENTRY = b"PK\x01\x02"
_IS_UTF8, _IS_ENCRYPTED = 0x800, 0x1
_JUNK = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_OFFICE = "[Content_Types].xml"
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError)


def is_zip(path: Path) -> bool:
    """Whether a file is a ZIP archive, by its content."""
    with path.open("rb") as file:
        return file.read(4) in _MAGIC


def unpack_zip(
    path: Path, target: Path, *, unpacked_bytes: int, progress: Callable[[int], None] = lambda _n: None
) -> int:
    """Write the files of a ZIP archive below ``target``; returns how many.

    A name in the archive is only ever a wish: ``..``, roots and drives are dropped, control characters
    replaced, long ones shortened, and of equal ones all but the first get a number. Links, devices and what the
    programs of Apple and Windows add are passed over; archives within it are not opened.

    Parameters
    ----------
    unpacked_bytes
        Most bytes that may come out, counted as they come; what the archive says of itself is not believed.
    progress
        Told the number of files so far; it may raise to stop.

    Raises
    ------
    FileFormatError
        It is damaged, protected by a password, an Office document, holds more than 200,000 entries or
        ``unpacked_bytes``, or unpacks to more than 250 times its size.
    """
    _refuse_many(path)
    n_files = 0
    allowance = _Allowance(path, unpacked_bytes)
    try:
        with zipfile.ZipFile(path) as archive:
            if _OFFICE in archive.NameToInfo:
                raise FileFormatError(
                    f"{path.name!r} is an Office document, not a folder of mails.",
                    next_step="Upload a workbook (.xlsx) as a table.",
                )
            for entry in archive.infolist():
                parts = _parts(entry)
                if not parts or not _is_file(entry):
                    continue
                if entry.flag_bits & _IS_ENCRYPTED:
                    raise FileFormatError(
                        f"{path.name!r} is protected by a password.",
                        next_step="Pack it again without a password.",
                    )
                with archive.open(entry) as packed, _free(target, parts) as file:
                    for piece in iter(lambda: packed.read(_PIECE), b""):
                        allowance.take(len(piece))
                        file.write(piece)
                n_files += 1
                progress(n_files)
    except _DAMAGE as error:
        raise FileFormatError(
            f"{path.name!r} is a damaged ZIP archive after {n_files:,} files: {error}.",
            next_step="Pack it again, as ZIP with deflate.",
            details={"n_files": n_files},
        ) from None
    return n_files


class _Allowance:
    """How much may still come out of an archive."""

    def __init__(self, path: Path, most: int) -> None:
        self._name, self._most = path.name, most
        self._n_packed, self._n_out = path.stat().st_size, 0

    def take(self, n_bytes: int) -> None:
        """Count bytes that came out; ``FileFormatError`` when they are too many."""
        self._n_out += n_bytes
        if self._n_out > self._most:
            raise FileFormatError(
                f"{self._name!r} holds more than {self._most:,} bytes.",
                next_step="Split it, or raise the setting 'import_unpacked_max_bytes'.",
                details={"max_bytes": self._most},
            )
        if self._n_out > _FREE_BYTES and self._n_out > MAX_RATIO * self._n_packed:
            raise FileFormatError(
                f"{self._name!r} unpacks to more than {MAX_RATIO} times its size, as no mail does.",
                next_step="Unpack it where it can do no harm and look at it; import the mail in it as a folder.",
                details={"max_ratio": MAX_RATIO},
            )


def _refuse_many(path: Path) -> None:
    """Count the entries before the list of them is read into memory."""
    n_entries, tail = 0, b""
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(_PIECE), b""):
            n_entries += (tail + piece).count(_ENTRY)
            tail = piece[-(len(_ENTRY) - 1) :]
    if n_entries > MAX_ENTRIES:
        raise FileFormatError(
            f"{path.name!r} has more than {MAX_ENTRIES:,} entries.",
            next_step="Split it.",
            details={"n_entries": n_entries, "max_entries": MAX_ENTRIES},
        )


def _is_file(entry: zipfile.ZipInfo) -> bool:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    return not entry.is_dir() and kind in (0, stat.S_IFREG)


def _parts(entry: zipfile.ZipInfo) -> tuple[str, ...]:
    """Folders and name, harmless; empty for what is not to be unpacked."""
    name = entry.filename
    if not entry.flag_bits & _IS_UTF8:
        name = _as_utf8(name)
    parts = [_plain(part) for part in name.replace("\\", "/").split("/")]
    parts = [part for part in parts if part.strip(". ") and not part.endswith(":")]
    if not parts or parts[-1].startswith("._") or any(part in _JUNK for part in parts):
        return ()
    *folders, last = parts
    return (*(_short(part, _FOLDER_BYTES) for part in folders[-_MAX_DEPTH:]), _short(last, _NAME_BYTES))


def _as_utf8(name: str) -> str:
    """Names that a program wrote in UTF-8 without saying so."""
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name


def _short(name: str, n_bytes: int) -> str:
    """A name without its middle, where it is too long for a file."""
    raw = name.encode()
    if len(raw) <= n_bytes:
        return name
    return (raw[: n_bytes - _TAIL_BYTES] + raw[-_TAIL_BYTES:]).decode("utf-8", "ignore")


def _plain(part: str) -> str:
    return "".join(one if one.isprintable() else "_" for one in part.encode("utf-8", "replace").decode())


def _free(target: Path, parts: tuple[str, ...]) -> IO[bytes]:
    """A new file at the place, or beside it under a number where that is taken."""
    return next(file for place in _places(target, parts) if (file := _opened(place)) is not None)


def _opened(place: Path) -> IO[bytes] | None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        file = place.open("xb")
    except (FileExistsError, NotADirectoryError):
        return None
    _complete(place)
    return file


def _places(target: Path, parts: tuple[str, ...]) -> Iterator[Path]:
    *folders, last = parts
    yield target.joinpath(*parts)
    for number in count(2):
        yield target.joinpath(*folders, f"{number}-{last}")
        yield target.joinpath(*(f"{number}-{folder}" for folder in folders), last)


def _complete(place: Path) -> None:
    """The other folder of a Maildir, which archives leave out while it is empty."""
    other = {"cur": "new", "new": "cur"}.get(place.parent.name)
    if other and place.suffix.lower() not in (".eml", ".msg"):
        (place.parent.parent / other).mkdir(exist_ok=True)
