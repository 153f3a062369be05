"""The parts of a workbook, its sheets by name, and the rows of one."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from workbench.errors import FileFormatError
from workbench.ingest.packed.limit import Allowance
from workbench.ingest.packed.workbook.sheet import sheet_rows
from workbench.ingest.packed.workbook.strings import SharedStrings
from workbench.ingest.packed.workbook.styles import Dates, read_dates
from workbench.ingest.packed.workbook.xml import Attributes, Part, damaged, local

_BOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_MOST_SHEETS = 1_000


def is_workbook(path: Path) -> bool:
    """Whether a ZIP archive has the parts of a workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _BOOK in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


class Workbook:
    """An open workbook; use it in a ``with`` block.

    Attributes
    ----------
    sheets
        Names of the worksheets, in their order, hidden ones last.
    """

    def __init__(self, path: Path, allowance: Allowance) -> None:
        self._archive = zipfile.ZipFile(path)
        self._allowance = allowance
        self._targets: dict[str, str] = {}
        self._epoch_1904 = False
        try:
            self._read_index()
        except BaseException:
            self._archive.close()
            raise
        self.sheets = tuple(self._targets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def choose(self, sheet: str | None) -> str:
        """``sheet`` when there is one of that name, the first for None.

        Raises
        ------
        FileFormatError
            There is no such sheet.
        """
        if not self.sheets:
            raise FileFormatError(
                "the workbook has no sheet with cells.",
                next_step="Export the table as CSV, or save it on a worksheet.",
            )
        if sheet is None:
            return self.sheets[0]
        if sheet not in self._targets:
            raise FileFormatError(
                f"the workbook has no sheet {sheet[:100]!r}.",
                next_step=f"Choose one of: {', '.join(self.sheets[:50])}.",
                details={"sheet": sheet[:300], "sheets": list(self.sheets[:50])},
            )
        return sheet

    def rows(self, sheet: str) -> Iterator[list[str]]:
        """Rows of a sheet as texts, without blank ones, from the column where the first row begins.

        Numbers in a date format become ``2026-03-04`` or ``2026-03-04T10:00:00``; of a formula the value that
        was stored with it is taken, nothing is computed.

        Raises
        ------
        FileFormatError
            The sheet is damaged, has merged cells, or is larger than a sheet can be.
        """
        strings = SharedStrings(self._archive, self._allowance)
        dates = self._dates()
        yield from sheet_rows(
            Part(self._archive, self._targets[sheet], self._allowance),
            strings=strings,
            dates=dates,
            sheet=sheet,
        )

    def _dates(self) -> Dates:
        return read_dates(self._archive, self._allowance, epoch_1904=self._epoch_1904)

    def _read_index(self) -> None:
        index = _Index()
        for path, start in ((_LINKS, index.link), (_BOOK, index.part)):
            for _ in Part(self._archive, path, self._allowance).feed(start, _nothing, _nothing):
                if len(index.sheets) > _MOST_SHEETS:
                    raise damaged(f"it has more than {_MOST_SHEETS:,} sheets")
        self._epoch_1904 = index.epoch_1904
        for name, link_id, _ in sorted(index.sheets, key=lambda sheet: sheet[2]):
            if link_id in index.links:
                self._targets.setdefault(name, index.links[link_id])


class _Index:
    """Sheets (name, link, hidden) and where their links lead, from parser events."""

    def __init__(self) -> None:
        self.links: dict[str, str] = {}
        self.sheets: list[tuple[str, str, bool]] = []
        self.epoch_1904 = False

    def link(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            self.links[attributes.get("Id", "")] = _member(attributes.get("Target", ""))

    def part(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            found = local(attributes)
            hidden = found.get("state", "visible") != "visible"
            self.sheets.append((found.get("name", ""), found.get("id", ""), hidden))
        elif name == "workbookPr":
            self.epoch_1904 = attributes.get("date1904") in ("1", "true")


def _member(target: str) -> str:
    """Name in the archive of what ``xl/workbook.xml`` links to."""
    return posixpath.normpath(target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target))


def _nothing(_: str) -> None:
    """Most parts have nothing to say at an end."""
