"""What a file is, by its content: kind, encoding, delimiter, columns."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.domain import FileKind
from workbench.errors import FileFormatError
from workbench.ingest.comments import CommentShape, comment_shape, is_comment
from workbench.ingest.encoding import (
    HEAD_BYTES,
    Encoding,
    decoding_error,
    find_encoding,
    first_bad_byte,
    open_text,
)
from workbench.ingest.exported import is_exported
from workbench.ingest.text import sanitise, shown

MIN_COLUMNS = 3
MAX_COLUMNS = 2_000
NAME_CHARACTERS = 1_000
DELIMITERS = (",", "\t", ";")
_SEPARATOR_LINE = re.compile('\ufeff?"?sep=(?P<mark>.)"?[\r\n]*')
"""What spreadsheets write above a table to say which delimiter follows."""
_HEAD_LINES = 200
_HEAD_LINE_CHARACTERS = 1 << 20

_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Office file (.xls, .doc or .msg)"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "an RTF document"),
)


@dataclass(frozen=True, kw_only=True)
class FileShape:
    """What ``find_shape`` found.

    For JSONL ``columns`` are the keys of the first 200 objects, or of all flattened ``comments``. ``n_before``
    lines stand before a CSV header. ``by_spreadsheet`` says that the file is a table of our export for spreadsheets,
    whose texts may stand behind an apostrophe.
    """

    kind: FileKind
    encoding: Encoding
    delimiter: str
    columns: tuple[str, ...]
    n_before: int = 0
    comments: CommentShape | None = None
    by_spreadsheet: bool = False


def find_shape(path: Path, *, typed: bool = False) -> FileShape:
    """Look at the beginning of a file.

    Parameters
    ----------
    typed
        It was made of a table that has types, whose texts need no apostrophe before them.

    Raises
    ------
    FileFormatError
        Empty, binary, of another kind, not decodable, fewer than three columns, bad header.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    _refuse_other_kinds(head)
    encoding = find_encoding(head)
    _refuse_binary(head, encoding)
    lines = _first_lines(path, encoding)
    first = next((line for line in lines if line.strip()), "").lstrip("\ufeff \t\r\n")
    if not first:
        raise FileFormatError(
            "the file is empty.",
            next_step="Export it again; it needs a header and at least one row.",
        )
    if first[0] == "[":
        raise FileFormatError(
            "the file is one JSON array, not JSON lines.",
            next_step="Write one JSON object per line.",
        )
    if first[0] == "{":
        if _begins_with_comment(first):
            comments = comment_shape(path, encoding)
            _refuse_odd_names(comments.columns)
            return FileShape(
                kind="jsonl", encoding=encoding, delimiter="", columns=comments.columns, comments=comments
            )
        return FileShape(kind="jsonl", encoding=encoding, delimiter="", columns=_keys(lines))
    _refuse_markup(first)
    told = _SEPARATOR_LINE.fullmatch(lines[0])
    if told and told["mark"] in DELIMITERS:
        found = _csv_shape(lines[1:], encoding, (told["mark"],), n_before=1)
    else:
        found = _csv_shape(lines, encoding)
    return replace(found, by_spreadsheet=not typed and is_exported(found.columns))


def _refuse_other_kinds(head: bytes) -> None:
    for magic, what in _MAGIC:
        if head.startswith(magic):
            if magic.startswith(b"PK") and (b"xl/" in head or b"[Content_Types].xml" in head):
                what = "an Excel workbook or another Office file"  # noqa: PLW2901
            next_step = (
                "Export the table as CSV (UTF-8), JSONL, Parquet or .xlsx; renaming the file is not enough."
            )
            if what == "a ZIP archive":
                next_step = (
                    "Unpack it and import the tables themselves; a ZIP of mails goes in with import-mail."
                )
            raise FileFormatError(
                f"the file is {what}, not a table that can be read.",
                next_step=next_step,
                details={"found": what},
            )


def _refuse_markup(first: str) -> None:
    start = first[:100].lower()
    kinds = {"<!doctype html": "an HTML page", "<html": "an HTML page", "<?xml": "an XML document"}
    for mark, what in kinds.items():
        if start.startswith(mark):
            raise FileFormatError(
                f"the file is {what}, not CSV or JSONL.",
                next_step="Download the table itself; a sign-in or error page may have been saved instead.",
                details={"found": what},
            )


def _refuse_binary(head: bytes, encoding: Encoding) -> None:
    if encoding.codec != "utf-8" or not head:
        return
    least, most = 16, 0.05  # a few in a short text may be somebody's marks between cells
    control = bytes(code for code in range(32) if code not in (9, 10, 11, 12, 13))
    n_control = len(head) - len(head.translate(None, control))
    if n_control >= least and n_control / len(head) > most:
        raise FileFormatError(
            f"the file is binary: {n_control:,} of its first {len(head):,} bytes are control characters.",
            next_step="Export the table as CSV (UTF-8) or JSONL.",
            details={"found": "binary"},
        )


def _first_lines(path: Path, encoding: Encoding) -> list[str]:
    lines: list[str] = []
    with open_text(path, encoding, newline="") as stream:
        try:
            while len(lines) < _HEAD_LINES and (line := stream.readline(_HEAD_LINE_CHARACTERS)):
                lines.append(line)
        except UnicodeDecodeError:
            pass
        else:
            return lines
    offset = first_bad_byte(path, encoding) or 0
    lines = []
    with open_text(path, encoding, newline="", end=offset) as stream:
        while len(lines) < _HEAD_LINES and (line := stream.readline(_HEAD_LINE_CHARACTERS)):
            lines.append(line)
    if len(lines) < 2:  # noqa: PLR2004  (the header itself does not decode)
        raise decoding_error(path, encoding, offset, 0)
    return lines


def _keys(lines: list[str]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for line in lines:
        try:
            value = json.loads(line.lstrip("\ufeff"))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            names.update(dict.fromkeys(value))
    _refuse_odd_names(names)
    if names and len(names) < MIN_COLUMNS:
        raise _too_few(tuple(names), "keys")
    return tuple(names)


def _refuse_odd_names(names: Iterable[str]) -> None:
    """A name that cannot be stored as it is would be another one later."""
    for name in names:
        if sanitise(name) != name or len(name) > NAME_CHARACTERS:
            raise FileFormatError(
                f"the key {shown(name)!r} holds characters that no name can, or more than {NAME_CHARACTERS:,}.",
                next_step="Give it a name of ordinary characters.",
                details={"key": shown(name)},
            )


def _begins_with_comment(line: str) -> bool:
    try:
        return is_comment(json.loads(line))
    except (ValueError, RecursionError):
        return False


def _csv_shape(
    lines: list[str], encoding: Encoding, delimiters: tuple[str, ...] = DELIMITERS, *, n_before: int = 0
) -> FileShape:
    if lines and len(lines[0]) == _HEAD_LINE_CHARACTERS and not lines[0].endswith(("\n", "\r")):
        raise FileFormatError(
            f"the header is longer than {_HEAD_LINE_CHARACTERS:,} characters.",
            next_step="Write the names of the columns into the first line, and one message per row.",
        )
    best: list[str] = []
    best_score, chosen = (0, 0), delimiters[0]
    for delimiter in delimiters:
        header, n_alike = _try(lines, delimiter)
        if (len(header), n_alike) > best_score:
            best_score, best, chosen = (len(header), n_alike), header, delimiter
    columns = tuple(name.strip().lstrip("\ufeff").strip() for name in best)
    if len(columns) < MIN_COLUMNS:
        raise _too_few(columns, "columns")
    if len(columns) > MAX_COLUMNS:
        raise FileFormatError(
            f"the file has {len(columns):,} columns; at most {MAX_COLUMNS:,} are allowed.",
            next_step="Leave out columns that no message needs, or write one message per row.",
            details={"n_columns": len(columns)},
        )
    nameless = [str(place) for place, name in enumerate(columns, 1) if not name]
    if nameless:
        raise FileFormatError(
            f"the header has no name in column {', '.join(nameless)}.",
            next_step="Name every column, or delete columns that hang over the table.",
            details={"columns": list(columns)},
        )
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise FileFormatError(
            f"the header names {twice[0]!r} more than once.",
            next_step="Give every column its own name.",
            details={"columns": list(columns), "duplicates": twice},
        )
    return FileShape(kind="csv", encoding=encoding, delimiter=chosen, columns=columns, n_before=n_before)


def _try(lines: list[str], delimiter: str) -> tuple[list[str], int]:
    """The header under ``delimiter`` and how many of the first records have as many cells."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header: list[str] = []
    n_alike = 0
    try:
        for record in reader:
            if not header:
                header = record
            elif len(record) == len(header):
                n_alike += 1
    except csv.Error:
        pass
    return header, n_alike


def _too_few(columns: tuple[str, ...], noun: str) -> FileFormatError:
    line = shown(", ".join(columns))
    hint = " It uses '|': save it with commas." if "|" in line else ""
    return FileFormatError(
        f"the file has {len(columns)} {noun} ({line}); at least {MIN_COLUMNS} are needed: id, time and text.",
        next_step=f"Use comma, tab or semicolon between cells.{hint}"
        if noun == "columns"
        else "Write id, time and text into every object.",
        details={"columns": list(columns)},
    )
