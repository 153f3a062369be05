"""Malformed and hostile workbooks, Parquet files, gzip archives and comment lines; as ``cases``, for other forms."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq

from tests.badfiles.cases import GOOD, HEADER, BadFile, bad, raw, refused, unusable
from tests.badfiles.workbooks import LINKS, MAIN, sheet, workbook
from workbench.domain import ColumnMapping

HEAD = ("id", "date", "text", "stars")
FIRST = ("a1", "2026-01-31", "Where is my parcel?", 3.0)
XLSX = {"suffix": ".xlsx"}
PARQUET = {"suffix": ".parquet"}
GZIP = {"suffix": ".csv.gz"}
Row = tuple[str | float | tuple[str, str], ...]


# ---- workbooks


def book(*rows: Row, **options: object) -> Callable[[], bytes]:
    """A workbook of the header, one good row, and these."""
    return lambda: workbook(("Data", sheet(HEAD, FIRST, *rows)), **options)  # type: ignore[arg-type]


def only(xml: str, **options: object) -> Callable[[], bytes]:
    """A workbook whose sheet is this XML."""
    return lambda: workbook(("Data", xml), **options)  # type: ignore[arg-type]


def parts(**replaced: str | bytes | None) -> Callable[[], bytes]:
    """A good workbook with some parts replaced; ``__`` in a name stands for ``/``, None leaves a part out."""
    names = {
        "links": "xl/_rels/workbook.xml.rels",
        "book": "xl/workbook.xml",
        "sheet": "xl/worksheets/sheet1.xml",
        "styles": "xl/styles.xml",
    }
    return lambda: workbook(
        ("Data", sheet(HEAD, FIRST)), parts={names[name]: content for name, content in replaced.items()}
    )


def rows_xml(inner: str) -> str:
    """A sheet with this inside its data."""
    return f"<worksheet {MAIN}><sheetData>{inner}</sheetData></worksheet>"


def patched(change: Callable[[bytearray], None]) -> Callable[[], bytes]:
    """A good workbook with some bytes changed."""

    def make() -> bytes:
        content = bytearray(workbook(("Data", sheet(HEAD, FIRST))))
        change(content)
        return bytes(content)

    return make


def _in_every_header(content: bytearray, central: int, local: int, value: int) -> None:
    """Set a two-byte field of all ZIP headers, at these offsets."""
    for mark, offset in ((b"PK\x01\x02", central), (b"PK\x03\x04", local)):
        place = content.find(mark)
        while place >= 0:
            content[place + offset : place + offset + 2] = struct.pack("<H", value)
            place = content.find(mark, place + 4)


def _damage_sheet(content: bytearray) -> None:
    place = content.find(b"xl/worksheets/sheet1.xml") + 60
    content[place] ^= 0xFF


LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/passwd">]>'


def other_archive(*names: str) -> Callable[[], bytes]:
    """A ZIP archive that is no workbook."""

    def make() -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name in names:
                file.writestr(name, "x")
        return buffer.getvalue()

    return make


WORKBOOKS = (
    bad("cell in the last corner", only(rows_xml(
        '<row r="1"><c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>date</v></c><c r="C1" t="str"><v>text</v></c>'
        '<c r="D1" t="str"><v>stars</v></c></row><row r="2"><c r="A2" t="str"><v>a1</v></c><c r="B2" t="str">'
        '<v>2026-01-31</v></c><c r="C2" t="str"><v>Where?</v></c><c r="D2"><v>3</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )), "has 16384 cells, the header has 4", 2, **XLSX),
    bad("cell right of the table", book(("b", "2026-01-31", "x", 1.0, "hanging")), "has 5 cells", 2, **XLSX),
    bad("cell left of the table", only(sheet(("", *HEAD), ("", *FIRST), ("stray", "b", "2026-01-31", "x", 1.0))),
        "has 5 cells", 2, **XLSX),
    bad("formula without a value", book(("b", "2026-01-31", ("", "<f>HYPERLINK(A1)</f>"), 1.0)),
        "is empty; a text is needed", 2, "text", **XLSX),
    bad("error value as time", book(("b", ('t="e"', "<v>#N/A</v>"), "x", 1.0)), "is no time", 2, "date", **XLSX),
    bad("number without a date format", book(("b", 46085.0, "x", 1.0)), "is no time", 2, "date", **XLSX),
    bad("negative day", book(("b", ('s="1"', "<v>-5</v>"), "x", 1.0)), "is no time", 2, "date", **XLSX),
    bad("day beyond the calendar", book(("b", ('s="1"', "<v>2958466</v>"), "x", 1.0)), "is no time", 2, "date", **XLSX),
    bad("time without a day", book(("b", ('s="2"', "<v>0.5</v>"), "x", 1.0)), "lies before 1970", 2, "date", **XLSX),
    bad("infinite number in a cell", book(("b", "2026-01-31", "x", ("", "<v>1e999</v>"))), "is not a finite number", 2,
        "stars", **XLSX),
    bad("NaN in a cell", book(("b", "2026-01-31", "x", ("", "<v>nan</v>"))), "is not a finite number", 2, "stars",
        **XLSX),
    bad("true for a number", book(("b", "2026-01-31", "x", ('t="b"', "<v>1</v>"))), "is not a number", 2, "stars",
        **XLSX),
    bad("number twice as id", book((7.0, "2026-01-31", "x", 1.0), (7.0, "2026-01-31", "y", 1.0)), "is a duplicate id",
        3, "id", **XLSX),
    bad("NUL by its escape", book(("b", "2026-01-31", "x_x0000_y", 1.0)), "has a NUL byte", 2, "text", **XLSX),
    bad("text of 70,000 characters in a cell", book(("b", "2026-01-31", "x" * 70_000, 1.0)),
        "has 70,000 characters", 2, "text", **XLSX),
    refused("entities that multiply", parts(sheet=LAUGHS + rows_xml("<row/>")), "declares XML entities", **XLSX),
    refused("entity that reads a file", parts(sheet=OUTSIDE + rows_xml("<row/>")), "declares XML entities", **XLSX),
    refused("entities in the index", parts(book=LAUGHS + f"<workbook {MAIN}/>"), "declares XML entities", **XLSX),
    refused("sheet that is no XML", parts(sheet="id,date,text\n"), "damaged: xl/worksheets/sheet1.xml", **XLSX),
    refused("sheet cut off", parts(sheet=sheet(HEAD, FIRST)[:200]), "damaged: xl/worksheets/sheet1.xml", **XLSX),
    refused("sheet missing", parts(sheet=None), "has no part 'xl/worksheets/sheet1.xml'", **XLSX),
    refused("links missing", parts(links=None), "has no part 'xl/_rels/workbook.xml.rels'", **XLSX),
    refused("styles that are no XML", parts(styles="<a><b></a>"), "damaged: xl/styles.xml", **XLSX),
    refused("no sheet at all", workbook, "has no sheet with cells", **XLSX),
    refused("charts only", parts(links=f'<Relationships><Relationship Id="rId1" Type="{LINKS}/chartsheet" '
            'Target="worksheets/sheet1.xml"/></Relationships>'), "has no sheet with cells", **XLSX),
    refused("link out of the archive", parts(links=f'<Relationships><Relationship Id="rId1" Type="{LINKS}/worksheet" '
            'Target="../../etc/passwd"/></Relationships>'), "has no part '../etc/passwd'", **XLSX),
    refused("2,000 sheets", parts(book=f'<workbook {MAIN} xmlns:r="{LINKS}"><sheets>'
            + '<sheet name="s" r:id="rId1"/>' * 2_000 + "</sheets></workbook>"), "more than 1,000 sheets", **XLSX),
    refused("merged cells", only(sheet(HEAD, FIRST, tail='<mergeCells><mergeCell ref="A2:A3"/></mergeCells>')),
            "has merged cells (A2:A3)", **XLSX),
    refused("shared text that is missing", book(("b", "2026-01-31", ('t="s"', "<v>99</v>"), 1.0)),
            "names the shared text '99'", **XLSX),
    refused("shared text before the first", book(("b", "2026-01-31", ('t="s"', "<v>-1</v>"), 1.0),
            strings=f"<sst {MAIN}><si><t>x</t></si></sst>"), "names the shared text '-1'", **XLSX),
    refused("shared text without number", book(("b", "2026-01-31", ('t="s"', "<v>x</v>"), 1.0)),
            "names the shared text 'x'", **XLSX),
    refused("cell nowhere", only(rows_xml('<row><c r="??"><v>1</v></c></row>')), "has a cell at '??'", **XLSX),
    refused("column behind the last", only(rows_xml('<row><c r="XFE1"><v>1</v></c></row>')),
            "more than 16,384 columns", **XLSX),
    refused("damaged bytes", patched(_damage_sheet), "the workbook is damaged", **XLSX),
    refused("password", patched(lambda content: _in_every_header(content, 8, 6, 1)), "cannot be unpacked", **XLSX),
    refused("unknown compression", patched(lambda content: _in_every_header(content, 10, 8, 99)), "cannot be unpacked",
            **XLSX),
    refused("archive cut off", lambda: workbook(("Data", sheet(HEAD, FIRST)))[:-40], "is an Excel workbook", **XLSX),
    refused("empty sheet", only(rows_xml("")), "the file is empty", **XLSX),
    refused("100,000 nested elements", only(rows_xml("<a>" * 100_000 + "</a>" * 100_000)), "the file is empty", **XLSX),
    refused("header without rows", only(sheet(HEAD)), "has a header and no rows", **XLSX),
    refused("two columns in a sheet", only(sheet(("id", "text"), ("a", "b"))), "has 2 columns", **XLSX),
    refused("header twice in a sheet", only(sheet(("id", "date", "id"), ("a", "b", "c"))), "names 'id' more than once",
            **XLSX),
    refused("gap in the header", only(sheet(("id", "", "text", "stars"), FIRST)), "has no name in column 2", **XLSX),
    unusable("sheet of another name", book(), "has no sheet 'Nope'",
             mapping=ColumnMapping(id="id", timestamp="date", body="text", sheet="Nope"), **XLSX),
    refused("text document", other_archive("[Content_Types].xml", "word/document.xml"), "another Office file", **XLSX),
    refused("open document", other_archive("mimetype", "content.xml"), "is a ZIP archive", **XLSX),
    refused("old workbook", raw(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)), "is an old Office file", **XLSX),
)  # fmt: skip


# ---- Parquet


def parquet(**columns: pa.Array) -> Callable[[], bytes]:
    """A table of one good row (row 1) and one bad; columns are replaced by name."""

    def make() -> bytes:
        table = {
            "id": pa.array(["a1", "b"]),
            "date": pa.array(["2026-01-31", "2026-01-31"]),
            "text": pa.array(["Where?", "x"]),
            "stars": pa.array([3.0, 1.0]),
        } | columns
        buffer = io.BytesIO()
        pq.write_table(pa.table(table), buffer, compression="gzip")
        return buffer.getvalue()

    return make


def changed(make: Callable[[], bytes], change: Callable[[bytearray], None]) -> Callable[[], bytes]:
    """Some bytes of a file changed."""

    def made() -> bytes:
        content = bytearray(make())
        change(content)
        return bytes(content)

    return made


def _flip_a_page(content: bytearray) -> None:
    place = content.find(b"\x1f\x8b\x08") + 12
    for offset in range(4):
        content[place + offset] ^= 0xFF


def _same_names() -> bytes:
    buffer = io.BytesIO()
    columns = [pa.array(["a1"]), pa.array(["2026-01-31"]), pa.array(["x"])]
    pq.write_table(pa.Table.from_arrays(columns, names=["id", "date", "id"]), buffer)
    return buffer.getvalue()


def _two_columns() -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table({"id": ["a1"], "text": ["x"]}), buffer)
    return buffer.getvalue()


NONE = pa.array([], pa.string())
PARQUETS = (
    refused("magic alone", raw(b"PAR1"), "the Parquet file cannot be read", **PARQUET),
    refused("Parquet cut off", lambda: parquet()()[:-30], "the Parquet file cannot be read", **PARQUET),
    refused("footer of 4 GB", changed(parquet(), lambda content: content.__setitem__(slice(-8, -4), b"\xff" * 4)),
            "the Parquet file cannot be read", **PARQUET),
    refused("damaged page", changed(parquet(), _flip_a_page), "the Parquet file cannot be read", **PARQUET),
    refused("struct", parquet(extra=pa.array([{"a": 1}, None])), "column 'extra' holds nested values", **PARQUET),
    refused("list of numbers", parquet(extra=pa.array([[1], None])), "column 'extra' holds nested values", **PARQUET),
    refused("map", parquet(extra=pa.array([[("a", 1)], None], pa.map_(pa.string(), pa.int64()))),
            "column 'extra' holds nested values", **PARQUET),
    refused("bytes", parquet(extra=pa.array([b"\x00", None])), "column 'extra' holds bytes", **PARQUET),
    refused("Parquet without rows", parquet(id=NONE, date=NONE, text=NONE, stars=NONE), "has a header and no rows",
            **PARQUET),
    refused("Parquet of two columns", _two_columns, "has 2 columns", **PARQUET),
    refused("Parquet with a name twice", _same_names, "names 'id' more than once", **PARQUET),
    bad("no id", parquet(id=pa.array(["a1", None])), "an id is needed", 2, "id", **PARQUET),
    bad("no text", parquet(text=pa.array(["x", None])), "a text is needed", 2, "text", **PARQUET),
    bad("infinite number in Parquet", parquet(stars=pa.array([1.0, float("-inf")])), "is not a finite number", 2,
        "stars", **PARQUET),
    bad("time long ago", parquet(date=pa.array([datetime(2026, 1, 31, tzinfo=UTC), datetime(1900, 1, 1, tzinfo=UTC)])),
        "lies before 1970", 2, "date", **PARQUET),
    bad("day far ahead", parquet(date=pa.array([date(2026, 1, 31), date(9999, 1, 1)])), "lies after the year 2200", 2,
        "date", **PARQUET),
    bad("false for a number", parquet(stars=pa.array(["1", "false"])), "is not a number", 2, "stars", **PARQUET),
)  # fmt: skip


# ---- gzip

ARCHIVES = (
    refused("gzip cut off", lambda: gzip.compress((HEADER + GOOD).encode())[:-12], "the gzip archive is damaged", **GZIP),
    refused("gzip of another sum", changed(lambda: gzip.compress((HEADER + GOOD).encode()),
            lambda content: content.__setitem__(-8, content[-8] ^ 0xFF)), "the gzip archive is damaged", **GZIP),
    refused("garbage behind gzip", lambda: gzip.compress((HEADER + GOOD).encode()) + b"garbage",
            "the gzip archive is damaged", **GZIP),
    refused("gzip in gzip", lambda: gzip.compress(gzip.compress((HEADER + GOOD).encode())), "is a gzip archive", **GZIP),
    refused("workbook in gzip", lambda: gzip.compress(book()()), "is an Excel workbook", **GZIP),
    refused("nothing in gzip", lambda: gzip.compress(b""), "the file is empty", **GZIP),
    refused("20 MB of one line in gzip", lambda: gzip.compress(b"x" * 20_000_000, 1), "is longer than", **GZIP),
    bad("bad row in gzip", lambda: gzip.compress((HEADER + GOOD + "b,never,x,1\n").encode()), "is no time", 2, "date",
        **GZIP),
)  # fmt: skip


# ---- comments

COMMENTS = ColumnMapping(
    id="id", timestamp="timestamp", body="body", recipients="recipients", properties={"number:NPS": "number"}
)
OF_COMMENTS = {"suffix": ".jsonl", "mapping": COMMENTS}


def comments(*lines: object) -> Callable[[], bytes]:
    """One good comment (row 1) and these lines."""
    return lambda: "\n".join(
        line if isinstance(line, str) else json.dumps(line) for line in (comment("a1"), *lines)
    ).encode()


def comment(comment_id: object, **changes: object) -> dict[str, object]:
    """A comment with some keys changed; None takes one away."""
    found: dict[str, object] = {
        "id": comment_id,
        "timestamp": "2026-01-31T00:00:00Z",
        "messages": [{"body": {"text": "Where is it?"}, "to": ["a@x"]}],
        "user_properties": {"number:NPS": 3},
    }
    found.update(changes)
    return {"comment": {key: value for key, value in found.items() if value is not None}}


LINES = (
    bad("line that is no comment", comments({"id": "b"}), "is no comment", 2, "comment", **OF_COMMENTS),
    bad("comment that is null", comments({"comment": None}), "is no comment", 2, "comment", **OF_COMMENTS),
    bad("comment without messages", comments(comment("b", messages=[])), "misses the key 'body'", 2, "body",
        **OF_COMMENTS),
    bad("messages that are a text", comments(comment("b", messages="x")), "misses the key 'body'", 2, "body",
        **OF_COMMENTS),
    bad("body that is a number", comments(comment("b", messages=[{"body": {"text": 5}}])), "is a number", 2, "body",
        **OF_COMMENTS),
    bad("blank body", comments(comment("b", messages=[{"body": {"text": " \n"}}])), "is empty; a text", 2, "body",
        **OF_COMMENTS),
    bad("comment without time", comments(comment("b", timestamp=None)), "misses the key 'timestamp'", 2, "timestamp",
        **OF_COMMENTS),
    bad("comment at no time", comments(comment("b", timestamp="soon")), "is no time", 2, "timestamp", **OF_COMMENTS),
    bad("comment id with a slash", comments(comment("b/c")), "has a slash at character 2", 2, "id", **OF_COMMENTS),
    bad("comment twice", comments(comment("b"), comment("a1")), "is a duplicate id; row 1", 3, "id", **OF_COMMENTS),
    bad("recipients that are numbers", comments(comment("b", messages=[{"body": {"text": "x"}, "to": [1]}])),
        "is a list of other things", 2, "recipients", **OF_COMMENTS),
    bad("property that is an object", comments(comment("b", user_properties={"number:NPS": {}})), "is an object", 2,
        "number:NPS", **OF_COMMENTS),
    bad("property that is no number", comments(comment("b", user_properties={"number:NPS": "many"})),
        "is not a number", 2, "number:NPS", **OF_COMMENTS),
    bad("comment that is not JSON", comments('{"comment": {'), "is not JSON", 2, **OF_COMMENTS),
)  # fmt: skip

SAME = ColumnMapping(
    id="id", timestamp="date", body="text", properties={"Team": "string", "string:Team": "string"}
)
COLUMNS = (
    refused("key that is no text", raw(b'{"id": "a", "date": "2026-01-31", "text": "x", "\\ud800": 1}\n'),
            "holds characters that no name can", suffix=".jsonl"),
    refused("property key that is no text", comments(comment("b", user_properties={"string:\ud800": "x"})),
            "holds characters that no name can", suffix=".jsonl"),
    refused("endless key", lambda: json.dumps({"id": "a", "date": "x", "text": "x", "k" * 5_000: 1}).encode(),
            "or more than 1,000", suffix=".jsonl"),
    unusable("two columns of one property", raw(b"id,date,text,Team,string:Team\na,2026-01-31,x,N,S\n"),
             "would both become the property 'string:Team'", mapping=SAME),
)  # fmt: skip

TABLES: tuple[BadFile, ...] = (*WORKBOOKS, *PARQUETS, *ARCHIVES, *LINES, *COLUMNS)
