"""Rows of one worksheet."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from workbench.errors import FileFormatError
from workbench.ingest.packed.workbook.strings import SharedStrings, unescaped
from workbench.ingest.packed.workbook.styles import Dates
from workbench.ingest.packed.workbook.xml import Attributes, Part, damaged

MOST_ROWS = 1_048_576
MOST_COLUMNS = 16_384
_PLACE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_EXACT = 1e15


def sheet_rows(part: Part, *, strings: SharedStrings, dates: Dates, sheet: str) -> Iterator[list[str]]:
    """See ``Workbook.rows``."""
    reader = _Reader(strings, dates, sheet)
    first: int | None = None
    width = 0
    for _ in part.feed(reader.start, reader.end, reader.text):
        for cells in reader.take():
            filled = [place for place, cell in cells.items() if cell.strip()]
            if not filled:
                continue
            if first is None:
                first, width = min(filled), max(filled) + 1
            left = min(first, *filled)  # a cell left of the header makes its row too long, which is reported
            row = [""] * (max(width, max(filled) + 1) - left)
            for place in filled:
                row[place - left] = cells[place]
            yield row


class _Reader:
    """Gathers cells from parser events; finished rows wait in ``take``."""

    def __init__(self, strings: SharedStrings, dates: Dates, sheet: str) -> None:
        self._strings = strings
        self._dates = dates
        self._sheet = sheet
        self._done: list[dict[int, str]] = []
        self._cells: dict[int, str] = {}
        self._place = -1
        self._n_rows = 0
        self._known: dict[str, int] = {}
        self._kind = self._style = ""
        self._pieces: list[str] = []
        self._inside = False
        self._spoken = False

    def take(self) -> list[dict[int, str]]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._place = self._column(attributes.get("r"))
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._pieces = []
        elif name == "v" or (name == "t" and not self._spoken):
            self._inside = True
        elif name == "row":
            self._cells, self._place = {}, -1
            self._n_rows += 1
            if self._n_rows > MOST_ROWS:
                raise damaged(f"sheet {self._sheet!r} has more than {MOST_ROWS:,} rows")
        elif name == "rPh":
            self._spoken = True
        elif name == "mergeCell":
            raise FileFormatError(
                f"sheet {self._sheet!r} has merged cells ({attributes.get('ref', '')[:40]}).",
                next_step="Unmerge them and write the value into each cell, or choose another sheet.",
                details={"sheet": self._sheet, "merged": attributes.get("ref", "")[:40]},
            )

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._inside = False
        elif name == "c":
            if self._pieces:
                self._cells[self._place] = self._value("".join(self._pieces))
        elif name == "row":
            self._done.append(self._cells)
            self._cells = {}
        elif name == "rPh":
            self._spoken = False

    def text(self, piece: str) -> None:
        if self._inside:
            self._pieces.append(piece)

    def _column(self, reference: str | None) -> int:
        """Column of a cell, from 0; a cell without a place stands right of the one before."""
        if reference is None:
            place = self._place + 1
        else:
            letters = reference.rstrip("0123456789")
            known = self._known.get(letters)
            if known is not None and len(reference) > len(letters):
                return known
            found = _PLACE.fullmatch(reference)
            if found is None:
                raise damaged(f"sheet {self._sheet!r} has a cell at {reference[:20]!r}")
            place = 0
            for letter in found[1]:
                place = place * 26 + ord(letter) - 64
            place -= 1
            if place < MOST_COLUMNS:
                self._known[letters] = place
        if place >= MOST_COLUMNS:
            raise damaged(f"sheet {self._sheet!r} has more than {MOST_COLUMNS:,} columns")
        return place

    def _value(self, raw: str) -> str:
        match self._kind:
            case "s":
                return self._strings[raw.strip()]
            case "b":
                return "true" if raw.strip() == "1" else "false"
            case "n":
                return self._number(raw)
            case _:  # inline and computed texts, errors such as #N/A, ISO dates
                return unescaped(raw)

    def _number(self, raw: str) -> str:
        try:
            number = float(raw)
        except ValueError:
            return raw
        if self._style in self._dates.styles and (date := self._dates.text(number)) is not None:
            return date
        if math.isfinite(number) and number == int(number) and abs(number) < _EXACT:
            return str(int(number))
        return repr(number)
