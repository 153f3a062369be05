"""Which numbers of a workbook are dates, and which ones."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta

from workbench.ingest.packed.limit import Allowance
from workbench.ingest.packed.workbook.xml import Attributes, Part

_PART = "xl/styles.xml"
_BUILT_IN = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
"""Number formats that mean a date or time in every workbook (ECMA-376, 18.8.30)."""
_QUOTED = re.compile(r'"[^"]*"?|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_SIGNS = re.compile(r"[ymdhs]", re.IGNORECASE)
_LAST_DAY = 2_958_466
"""The day after 9999-12-31."""
_LEAP_BUG = 60
_SHIFT_1904 = 1_462
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (days have no zone)


@dataclass(frozen=True, kw_only=True)
class Dates:
    """Turns numbers into dates where their style says so.

    Attributes
    ----------
    styles
        Places of cell styles whose number format is a date or time.
    epoch_1904
        Days count from 1904 instead of 1900.
    """

    styles: frozenset[str]
    epoch_1904: bool

    def text(self, number: float) -> str | None:
        """``2026-03-04`` or ``2026-03-04T10:00:00``; None when the number is no day of the calendar."""
        days = number + (_SHIFT_1904 if self.epoch_1904 else 0)
        if not 0 <= days < _LAST_DAY:
            return None
        if days < _LEAP_BUG and not self.epoch_1904:
            days += 1  # the day 29 February 1900 exists in spreadsheets only
        whole = int(days)
        seconds = round((days - whole) * 86_400, 3)
        moment = _EPOCH + timedelta(days=whole, seconds=seconds)
        if not seconds:
            return moment.strftime("%Y-%m-%d")
        return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def read_dates(archive: zipfile.ZipFile, allowance: Allowance, *, epoch_1904: bool) -> Dates:
    """Read the styles; a workbook may have none."""
    formats: dict[str, str] = {}
    cells: list[str] = []
    inside = False

    def start(name: str, attributes: Attributes) -> None:
        nonlocal inside
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            cells.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        nonlocal inside
        if name == "cellXfs":
            inside = False

    if _PART in archive.namelist():
        for _ in Part(archive, _PART, allowance).feed(start, end, lambda _: None):
            pass
    return Dates(
        styles=frozenset(str(place) for place, number in enumerate(cells) if _is_date(number, formats)),
        epoch_1904=epoch_1904,
    )


def _is_date(number: str, formats: dict[str, str]) -> bool:
    if number in formats:
        first = formats[number].split(";")[0]
        return _DATE_SIGNS.search(_QUOTED.sub("", first)) is not None
    return number.isascii() and number.isdigit() and int(number[:4]) in _BUILT_IN
