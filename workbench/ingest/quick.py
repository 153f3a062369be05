"""What can be said of a whole column at once, so that only unusual columns are read cell by cell.

Every function here answers for all cells or not at all: None (or False) sends the caller to the cell-by-cell
way, which alone words errors. Both ways give the same values.
"""

from __future__ import annotations

import re
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from workbench.ingest.times import EARLIEST, LATEST

_ISO = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,6})?Z$"
)
_ISO_START = re.compile(_ISO, re.ASCII)
_CONTROL = bytes([*range(9), *range(11, 32), 0x7F])
_C1_LEAD = b"\xc2"
_C1 = re.compile(rb"\xc2[\x80-\x9f]")


def as_texts(cells: list[str]) -> pa.Array | None:
    """The cells as an Arrow column; None when one holds what is no Unicode text (a lone surrogate)."""
    try:
        column = pa.array(cells, pa.large_string())
    except (UnicodeEncodeError, pa.ArrowException):
        return None
    return column


def is_clean(column: pa.Array) -> bool:
    """Whether ``sanitise`` would leave every cell as it is: no control characters but tab and line feed."""
    data = column.buffers()[2]
    raw = b"" if data is None else data.to_pybytes()
    if len(raw.translate(None, _CONTROL)) != len(raw):
        return False
    return _C1_LEAD not in raw or _C1.search(raw) is None


def fits(column: pa.Array, limit: int) -> bool:
    """Whether every cell has at most ``limit`` characters."""
    widest = pc.max(pc.utf8_length(column)).as_py()
    return widest is None or widest <= limit


def iso_times(cells: list[str]) -> pa.Array | None:
    """Times of a column written as RFC 3339 in UTC (``2026-03-04T10:00:00Z``) throughout; timestamp[us, UTC]."""
    if not cells or _ISO_START.match(cells[0]) is None:
        return None
    column = pa.array(cells, pa.string())
    if not pc.all(pc.match_substring_regex(column, _ISO)).as_py():
        return None
    try:
        times = column.cast(pa.timestamp("us", tz="UTC"))
    except pa.ArrowInvalid:  # 2026-02-30
        return None
    bounds = pc.min_max(times.cast(pa.int64())).as_py()
    if bounds["min"] < _microseconds(EARLIEST) or bounds["max"] >= _microseconds(LATEST):
        return None
    return times


def _microseconds(time: datetime) -> int:
    return round(time.timestamp()) * 1_000_000
