"""Which form a file has, and its table as a text file beside it."""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from workbench.domain import FileKind
from workbench.errors import FileFormatError
from workbench.ingest.packed.limit import UNPACKED_BYTES, Allowance
from workbench.ingest.packed.parquet import write_parquet_as_csv
from workbench.ingest.packed.workbook import Workbook, is_workbook
from workbench.primitives import hex_digest, write_atomically

_PIECE = 1 << 20
_GZIP, _PARQUET, _ZIP = b"\x1f\x8b", b"PAR1", b"PK\x03\x04"


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """A file as the readers take it.

    Attributes
    ----------
    path
        CSV or JSON lines: the file itself, or what was made of it, in the same folder.
    kind
        ``xlsx`` or ``parquet``; None when the text itself says what it is.
    sheets, sheet
        Of a workbook: names of all sheets, and the one that was read.
    """

    path: Path
    kind: FileKind | None = None
    sheets: tuple[str, ...] = ()
    sheet: str = ""

    @property
    def is_typed(self) -> bool:
        """Whether texts were told from other values by their type."""
        return self.kind == "parquet"


def unpack(path: Path, *, sheet: str | None = None, max_bytes: int = UNPACKED_BYTES) -> Unpacked:
    """The table of ``path``; what was unpacked before is not unpacked again.

    Parameters
    ----------
    sheet
        Of a workbook; None = the first visible one.
    max_bytes
        Most bytes the unpacked text may have.

    Raises
    ------
    FileFormatError
        It is damaged, too large unpacked, nested, or has no such sheet.
    """
    with path.open("rb") as file:
        head = file.read(4)
    allowance = Allowance(max_bytes)
    if head.startswith(_GZIP):
        return Unpacked(path=_made(path, "text", lambda target: _inflate(path, target, allowance)))
    if head == _PARQUET:
        made = _made(path, "csv", lambda target: write_parquet_as_csv(path, target, allowance))
        return Unpacked(path=made, kind="parquet")
    if head == _ZIP and is_workbook(path):
        with Workbook(path, allowance) as book:
            chosen = book.choose(sheet)

            def write(target: Path) -> None:
                _write_rows(book.rows(chosen), target, allowance)

            made = _made(path, f"{hex_digest(chosen, n_digits=8)}.csv", write)
            return Unpacked(path=made, kind="xlsx", sheets=book.sheets, sheet=chosen)
    return Unpacked(path=path)


def _made(path: Path, name: str, write: Callable[[Path], None]) -> Path:
    target = path.with_name(f".{path.name}.unpacked.{name}")
    if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
        write_atomically(target, write)
    return target


def _inflate(path: Path, target: Path, allowance: Allowance) -> None:
    try:
        with gzip.open(path) as packed, target.open("wb") as text:
            while piece := packed.read(_PIECE):
                allowance.take(len(piece))
                text.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile) as failure:
        raise FileFormatError(
            f"the gzip archive is damaged: {failure}.",
            next_step="Compress the file again, or import it as it is.",
            details={"found": "a gzip archive"},
        ) from None


def _write_rows(rows: Iterable[list[str]], target: Path, allowance: Allowance) -> None:
    with target.open("w", newline="", encoding="utf-8", errors="replace") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows:
            allowance.take(sum(map(len, row)))
            writer.writerow(row)
