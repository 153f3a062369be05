"""Malformed files: what each one is, how it is mapped, and the error it must give.

``make`` returns the file's bytes. ``where`` is where the error must arise: ``look`` (at upload) or
``check`` (before loading). ``row``/``column`` are those of the first reported row, None when the error is
about the file as a whole.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from workbench.domain import ColumnMapping

MAPPING = ColumnMapping(id="id", timestamp="date", body="text", properties={"stars": "number"})
HEADER = "id,date,text,stars\n"
GOOD = "a1,2026-01-31,Where is my parcel?,3\n"
DAY_FIRST = ColumnMapping(id="id", timestamp="date", body="text", day_first=True)
PLAIN = ColumnMapping(id="id", timestamp="date", body="text")


@dataclass(frozen=True, kw_only=True)
class BadFile:
    """One malformed file and what must be said about it."""

    name: str
    make: Callable[[], bytes]
    code: Literal["file-format", "bad-rows"]
    fragment: str
    where: Literal["look", "check"] = "check"
    mapping: ColumnMapping = MAPPING
    row: int | None = None
    column: str | None = None
    suffix: str = ".csv"


def rows(*lines: str, good: bool = True) -> Callable[[], bytes]:
    """A CSV of one good row (row 1) and ``lines`` (from row 2)."""
    text = HEADER + (GOOD if good else "") + "".join(line + "\n" for line in lines)
    return text.encode


def objects(*lines: str) -> Callable[[], bytes]:
    """A JSONL of one good object (row 1) and ``lines``."""
    first = json.dumps({"id": "a1", "date": "2026-01-31", "text": "Where is it?", "stars": 3})
    return lambda: "\n".join((first, *lines, "")).encode()


def raw(content: bytes) -> Callable[[], bytes]:
    """These bytes."""
    return lambda: content


def archive(*names: str) -> Callable[[], bytes]:
    """A ZIP archive with members of these names."""

    def make() -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name in names:
                file.writestr(name, "x")
        return buffer.getvalue()

    return make


def bad(
    name: str, make: Callable[[], bytes], fragment: str, row: int, column: str = "", **more: object
) -> BadFile:
    """A file with a bad row."""
    return BadFile(name=name, make=make, code="bad-rows", fragment=fragment, row=row, column=column, **more)  # type: ignore[arg-type]


def refused(name: str, make: Callable[[], bytes], fragment: str, **more: object) -> BadFile:
    """A file that cannot be read as a whole, noticed at upload."""
    return BadFile(name=name, make=make, code="file-format", fragment=fragment, where="look", **more)  # type: ignore[arg-type]


def unusable(name: str, make: Callable[[], bytes], fragment: str, **more: object) -> BadFile:
    """A file that looks well but whose mapping or required column cannot be used."""
    return BadFile(name=name, make=make, code="file-format", fragment=fragment, **more)  # type: ignore[arg-type]


JSONL = {"suffix": ".jsonl"}
BOMB = "[" * 20_000 + "]" * 20_000

CASES: tuple[BadFile, ...] = (
    # ---- ids
    bad("empty id", rows(",2026-01-01,hello,1"), "is empty; an id is needed", 2, "id"),
    bad("slash in id", rows("a/b,2026-01-01,hello,1"), "has a slash at character 2", 2, "id"),
    bad("space in id", rows("a b,2026-01-01,hello,1"), "has a space at character 2", 2, "id"),
    bad("letter outside ASCII in id", rows("ä1,2026-01-01,hello,1"), "has U+00E4 at character 1", 2, "id"),
    bad("id too long", rows("x" * 1025 + ",2026-01-01,hello,1"), "1,025 characters", 2, "id"),
    bad("duplicate id", rows("b,2026-01-01,x,1", "a1,2026-01-01,y,1"), "row 1 has it already", 3, "id"),
    # ---- times
    bad("no time", rows("b,,hello,1"), "is empty; a time is needed", 2, "date"),
    bad("unparsable time", rows("b,soon,hello,1"), "is no time", 2, "date"),
    bad("31 February", rows("b,2026-02-31,hello,1"), "is no time of the calendar", 2, "date"),
    bad("25 o'clock", rows("b,2026-02-01 25:00,hello,1"), "is no time of the calendar", 2, "date"),
    bad("two-digit year", rows("b,03/04/26,hello,1"), "two-digit year", 2, "date"),
    bad("before 1970", rows("b,1969-12-31T23:59:59Z,hello,1"), "lies before 1970", 2, "date"),
    bad("after 2200", rows("b,2201-01-01,hello,1"), "lies after the year 2200", 2, "date"),
    bad(
        "ambiguous day and month", rows("b,03/04/2026,hello,1"), "is ambiguous: day or month first", 2, "date"
    ),
    bad(
        "both date orders",
        rows("b,31/01/2026,x,1", "c,30/01/2026,x,1", "d,01/31/2026,x,1"),
        "mixes date orders: it has the month first",
        4,
        "date",
    ),
    bad(
        "date order against the mapping",
        rows("b,01/31/2026,x,1"),
        "the mapping says day first",
        2,
        "date",
        mapping=DAY_FIRST,
    ),
    bad("bare number among dates", rows("b,1767225600,hello,1"), "bare number among dates", 2, "date"),
    unusable(
        "no time can be read", rows("b,soon,x,1", "c,later,x,1", good=False), "cannot be used as timestamp"
    ),
    # ---- texts and numbers
    bad("empty text", rows("b,2026-01-01,  ,1"), "is empty; a text is needed", 2, "text"),
    bad("text too long", rows("b,2026-01-01," + "x" * 65_537 + ",1"), "has 65,537 characters", 2, "text"),
    bad("no number", rows("b,2026-01-01,hello,three"), "is not a number", 2, "stars"),
    bad("NaN", rows("b,2026-01-01,hello,NaN"), "is not a finite number", 2, "stars"),
    bad("infinity", rows("b,2026-01-01,hello,-inf"), "is not a finite number", 2, "stars"),
    bad("decimal comma", rows('b,2026-01-01,hello,"3,5"'), "is not a number", 2, "stars"),
    bad("NUL byte", rows("b,2026-01-01,hel\0lo,1"), "has a NUL byte", 2, "text"),
    unusable("no text can be read", rows("b,2026-01-01,,1", good=False), "cannot be used as body"),
    # ---- cells and quotes
    bad("too few cells", rows("b,2026-01-01,hello"), "has 3 cells, the header has 4 (line 3)", 2),
    bad("too many cells", rows("b,2026-01-01,hello,1,1"), "has 5 cells, the header has 4", 2),
    bad("row of empty cells", rows(",,,"), "has only empty cells", 2),
    bad("text after a quote", rows('b,2026-01-01,"he said "no" twice",1'), "text after the closing quote", 2),
    refused(
        "unclosed quote", rows('b,2026-01-01,"hello,1', "c,2026-01-01,x,1"), "row 2 (line 3) opens a quote"
    ),
    refused("endless cell", rows('b,2026-01-01,"' + "x" * (1 << 20)), "opens a quote that never closes"),
    refused(
        "cell of 2 MiB", rows('b,2026-01-01,"' + "x" * (2 << 20) + '",1'), "has a cell of more than 1,048,576"
    ),
    # ---- headers
    refused(
        "header of 2 MiB", raw(b"id,date,text," + b"x" * (2 << 20)), "the header is longer than 1,048,576"
    ),
    refused("3,000 columns", raw(",".join(f"c{n}" for n in range(3_000)).encode()), "has 3,000 columns"),
    refused("header only", raw(HEADER.encode()), "has a header and no rows"),
    refused("two columns", raw(b"id,text\n1,x\n"), "has 2 columns"),
    refused("bars between cells", raw(b"id|date|text\n1|2026-01-01|x\n"), "has 1 columns"),
    refused("duplicate header", raw(b"id,date,text,id\n1,2026-01-01,x,2\n"), "names 'id' more than once"),
    refused("nameless column", raw(b"id,date,text,\n1,2026-01-01,x,\n"), "has no name in column 4"),
    unusable("unknown mapped column", raw(b"id,date,body\n1,2026-01-01,x\n"), "no column 'text'"),
    # ---- encodings and other kinds of file
    refused("empty file", raw(b""), "the file is empty"),
    refused("blank lines only", raw(b"\xef\xbb\xbf\n\n  \n"), "the file is empty"),
    refused(
        "Windows-1252",
        lambda: (HEADER + GOOD + "b,2026-01-01,café,1\n").encode("cp1252"),
        "byte 71 (0xe9) in row 2",
    ),
    refused("cut UTF-16", lambda: (HEADER + GOOD).encode("utf-16")[:-1], "is not utf-16"),
    refused(
        "workbook",
        archive("[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"),
        "the workbook is damaged: xl/_rels/workbook.xml.rels",
    ),
    refused("ZIP archive", archive("messages.csv"), "is a ZIP archive"),
    refused("PDF", raw(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"), "is a PDF document"),
    refused("image", raw(b"\x89PNG\r\n\x1a\n" + bytes(64)), "is a PNG image"),
    refused(
        "HTML page", raw(b"<!DOCTYPE html><html><body>Sign in, please, now</body></html>"), "is an HTML page"
    ),
    refused("gzip", raw(b"\x1f\x8b\x08\x00" + bytes(32)), "the gzip archive is damaged"),
    refused("binary", raw(bytes(range(256)) * 8), "the file is binary"),
    # ---- JSON lines
    bad("not JSON", objects('{"id": "b", "date": '), "line 2 is not JSON", 2, **JSONL),
    bad(
        "trailing garbage",
        objects('{"id": "b", "date": "2026-01-01", "text": "x"} x'),
        "Extra data",
        2,
        **JSONL,
    ),
    bad("not an object", objects('["b", "2026-01-01", "x"]'), "line 2 is not an object", 2, **JSONL),
    bad(
        "missing key",
        objects('{"id": "b", "date": "2026-01-01"}'),
        "misses the key 'text'",
        2,
        "text",
        **JSONL,
    ),
    bad(
        "null text",
        objects('{"id": "b", "date": "2026-01-01", "text": null}'),
        "is empty; a text",
        2,
        "text",
        **JSONL,
    ),
    bad(
        "object for text",
        objects('{"id": "b", "date": "2026-01-01", "text": {"de": "x"}}'),
        "is an object; a text is needed",
        2,
        "text",
        **JSONL,
    ),
    bad(
        "number for text",
        objects('{"id": "b", "date": "2026-01-01", "text": 5}'),
        "is a number",
        2,
        "text",
        **JSONL,
    ),
    bad(
        "bare NaN", objects('{"id": "b", "date": "2026-01-01", "text": "x", "stars": NaN}'), "NaN", 2, **JSONL
    ),
    bad(
        "infinite number",
        objects('{"id": "b", "date": "2026-01-01", "text": "x", "stars": 1e999}'),
        "is not a finite number",
        2,
        "stars",
        **JSONL,
    ),
    bad(
        "key twice",
        objects('{"id": "b", "id": "c", "date": "2026-01-01", "text": "x"}'),
        "has the key 'id' twice",
        2,
        "id",
        **JSONL,
    ),
    bad("nesting bomb", objects(BOMB), "is nested too deeply", 2, **JSONL),
    bad("endless number", objects('{"id": ' + "9" * 5_000 + "}"), "too many digits", 2, **JSONL),
    bad(
        "NUL escape",
        objects('{"id": "b", "date": "2026-01-01", "text": "x\\u0000"}'),
        "has a NUL byte",
        2,
        "text",
        **JSONL,
    ),
    refused("one JSON array", raw(b'[{"id": "b"}]'), "is one JSON array", **JSONL),
    refused("two keys", raw(b'{"id": "b", "text": "x"}\n'), "has 2 keys", **JSONL),
    refused(
        "endless line",
        lambda: b'{"id": "b", "date": "x", "text": "' + b"x" * (5 << 20),
        "is longer than",
        **JSONL,
    ),
    unusable(
        "key in no object",
        raw(b'{"id": "b", "date": "2026-01-01", "body": "x"}\n'),
        "no column 'text'",
        mapping=PLAIN,
        **JSONL,
    ),
)
