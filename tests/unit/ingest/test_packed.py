"""Workbooks, Parquet, gzip and comment lines read as the tables they hold."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.badfiles.workbooks import MAIN, sheet, workbook
from workbench.domain import (
    ColumnMapping,
    FilePreview,
    ImportOptions,
    MessagePart,
    PartText,
    UploadId,
    read_parts,
    read_properties,
)
from workbench.errors import FileFormatError
from workbench.ingest import look, read

HEAD = ("id", "date", "text", "stars")
PLAIN = ColumnMapping(id="id", timestamp="date", body="text")
CSV = "id,date,text\na,2026-03-04,Hello there\nb,2026-03-05,Bye\n"


def previewed(path: Path, **options: object) -> FilePreview:
    return look(path, name=path.name, upload_id=UploadId("u"), max_bytes=1 << 27, **options)  # type: ignore[arg-type]


def loaded(path: Path, mapping: ColumnMapping | None = None) -> list[dict[str, object]]:
    chosen = mapping or previewed(path).guess
    assert chosen is not None
    batches = read(path, mapping=chosen, options=ImportOptions(), batch_rows=2)
    return [row for batch in batches for row in batch.table.to_pylist()]


def saved(folder: Path, content: bytes, name: str = "table") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


# ---- workbooks


def test_a_workbook_is_read_as_it_is_shown(tmp_path: Path) -> None:
    strings = f"<sst {MAIN}><si><t>Sha</t></si><si><r><t>red </t></r><r><t>text</t></r><rPh><t>no</t></rPh></si></sst>"
    rows = [
        HEAD,
        (1001.0, ('s="1"', "<v>46085</v>"), ('t="s"', "<v>1</v>"), 3.0),
        (1002.0, ('s="2"', "<v>46085.4375</v>"), ('t="str"', '<f>A1&amp;"x"</f><v>computed</v>'), 0.1),
        ("", "", "", ""),
        (1003.0, "2026-03-06T08:00:00Z", "line_x000A_two &amp; more".replace("&amp;", "&"), 1e300),
    ]
    path = saved(tmp_path, workbook(("Data", sheet(*rows)), strings=strings))
    preview = previewed(path)
    assert (preview.kind, preview.sheets, preview.sheet, preview.n_rows) == ("xlsx", ("Data",), "Data", 3)
    found = loaded(path)
    assert [row["message_id"] for row in found] == ["1001", "1002", "1003"]
    assert [row["full_text"] for row in found] == ["red text", "computed", "line\ntwo & more"]
    assert [row["timestamp"].isoformat() for row in found] == [  # type: ignore[attr-defined]
        "2026-03-04T00:00:00+00:00", "2026-03-04T10:30:00+00:00", "2026-03-06T08:00:00+00:00",
    ]  # fmt: skip
    assert [read_properties(str(row["properties"]))["number:stars"] for row in found] == [3.0, 0.1, 1e300]


def test_the_sheet_is_chosen(tmp_path: Path) -> None:
    first = sheet(HEAD, ("a", "2026-03-04", "of the first", 1.0))
    second = sheet((), ("", *HEAD), ("", "b", "2026-03-04", "of the second", 1.0))
    content = workbook(("Hidden", first), ("Shown", second), states=("hidden", "visible"))
    path = saved(tmp_path, content)
    preview = previewed(path)
    assert (preview.sheets, preview.sheet) == (("Shown", "Hidden"), "Shown")
    assert [row["body"] for row in loaded(path)] == ["of the second"]
    other = previewed(path, sheet="Hidden")
    assert other.guess is not None
    assert other.guess.sheet == "Hidden"
    assert [row["body"] for row in loaded(path, other.guess)] == ["of the first"]
    with pytest.raises(FileFormatError, match=r"no sheet 'Third'.*Choose one of: Shown, Hidden"):
        previewed(path, sheet="Third")


def test_days_are_counted_from_1904_where_the_workbook_says_so(tmp_path: Path) -> None:
    rows = sheet(HEAD, ("a", ('s="1"', "<v>44623</v>"), "some text", 1.0))
    (row,) = loaded(saved(tmp_path, workbook(("S", rows), date1904=True)))
    assert row["timestamp"] == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_cell_far_away_costs_no_memory(tmp_path: Path) -> None:
    """The next cell after the table is the last of the sheet: 17 billion empty ones lie between."""
    far = f'<worksheet {MAIN}><sheetData><row r="1">' + "".join(
        f'<c r="{c}1" t="inlineStr"><is><t>{t}</t></is></c>' for c, t in zip("ABC", HEAD, strict=False)
    )
    far += '</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    path = saved(tmp_path, workbook(("S", far)))
    assert previewed(path).n_rows == 1
    with pytest.raises(FileFormatError, match="16384 cells"):
        loaded(path, PLAIN)


# ---- Parquet


def test_parquet_of_every_kind(tmp_path: Path) -> None:
    table = pa.table(
        {
            "id": pa.array([1, 2], pa.int32()),
            "date": pa.array(
                [datetime(2026, 3, 4, 10, tzinfo=UTC), None], pa.timestamp("ns", tz="Europe/Berlin")
            ),
            "text": pa.array(["one", 'two, with "quotes"\nand lines'], pa.large_string()),
            "day": pa.array([date(2026, 3, 4), None], pa.date32()),
            "rating": pa.array([4.5, float("nan")]),
            "price": pa.array([Decimal("1.50"), None]),
            "open": pa.array([True, None]),
            "team": pa.array(["North", "North"]).dictionary_encode(),
            "recipients": pa.array([["a@x", "b@x"], None], pa.list_(pa.string())),
        }
    )
    path = tmp_path / "t.parquet"
    pq.write_table(table, path)
    preview = previewed(path)
    assert (preview.kind, preview.columns[:3], preview.n_rows) == ("parquet", ("id", "date", "text"), 2)
    assert preview.rows[0][1:] == (
        "2026-03-04T10:00:00.000000Z", "one", "2026-03-04", "4.5", "1.50", "true", "North", "a@x\nb@x",
    )  # fmt: skip
    assert preview.rows[1] == ("2", "", 'two, with "quotes"\nand lines', "", "", "", "", "North", "")


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (pa.array([{"a": 1}]), "nested values"),
        (pa.array([[1, 2]]), "nested values"),
        (pa.array([b"\x00"]), "bytes"),
    ],
)
def test_nested_parquet_is_refused(column: pa.Array, what: str, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a"], "date": ["2026-03-04"], "text": ["x"], "bad": column}), path)
    with pytest.raises(FileFormatError, match=f"column 'bad' holds {what}.*columns of their own"):
        previewed(path)


# ---- gzip


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_gzip(codec: str, tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(CSV.encode(codec)), "m.csv.gz")
    preview = previewed(path)
    assert (preview.kind, preview.encoding, preview.n_rows) == ("csv", codec, 2)
    assert [row["body"] for row in loaded(path)] == ["Hello there", "Bye"]


def test_what_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(CSV.encode() + b"x" * 10_000_000), "m.csv.gz")
    assert path.stat().st_size < 20_000
    with pytest.raises(
        FileFormatError, match=r"unpacks to more than 1,000,000 bytes.*import_unpacked_max_bytes"
    ):
        previewed(path, unpacked_bytes=1_000_000)
    assert [file.name for file in tmp_path.iterdir()] == ["m.csv.gz"]


# ---- comments


def test_comments_as_clients_write_them(tmp_path: Path) -> None:
    lines = [
        {
            "comment": {
                "id": "c1", "timestamp": "2024-02-01T08:00:00Z", "thread_id": "t1",
                "messages": [
                    {"subject": {"text": "Refund"}, "body": {"text": "I want it back\n> old"}, "from": "ann@b.example",
                     "to": ["care@s.example"], "cc": ["x@y.example"], "language": "en"},
                    {"body": {"text": "Second part"}, "to": ["b@s.example"]},
                ],
                "user_properties": {"string:Team": "West", "number:NPS": 2, "other": 1},
            },
            "labelling": [{"group": "default", "assigned": [{"name": "Refund", "sentiment": "negative"}]}],
        },
        {"comment": {"id": "c2", "timestamp": "2024-02-02T08:00:00Z", "messages": [{"body": {"text": "Thanks"}}],
                     "user_properties": {"string:Late": "yes"}}},
    ]  # fmt: skip
    path = saved(tmp_path, "\n".join(map(json.dumps, lines)).encode())
    preview = previewed(path)
    assert preview.guess == ColumnMapping(
        id="id", timestamp="timestamp", body="body", subject="subject", thread_id="thread_id", sender="sender",
        recipients="recipients", language="language", cc="cc", parts="parts",
        properties={"string:Team": "string", "number:NPS": "number", "string:Late": "string"},
    )  # fmt: skip
    assert set(preview.left_out) == {"annotations", "the property 'other'"}
    first, second = loaded(path)
    assert (first["body"], first["full_text"]) == (
        "I want it back\n> old\n\nSecond part",
        "I want it back\n> old\n\nSecond part",
    )
    assert read_parts(str(first["parts"])) == (
        MessagePart(
            subject=PartText(text="Refund"), body=PartText(text="I want it back\n> old"), sender="ann@b.example",
            to=("care@s.example",), cc=("x@y.example",), language="en",
        ),
        MessagePart(body=PartText(text="Second part"), to=("b@s.example",)),
    )  # fmt: skip
    assert (first["cc"], second["parts"], second["cc"]) == (["x@y.example"], None, None)
    assert (first["subject"], first["sender"], first["thread_id"]) == ("Refund", "ann@b.example", "t1")
    assert first["recipients"] == ["care@s.example", "b@s.example"]
    assert read_properties(str(first["properties"])) == {"string:Team": "West", "number:NPS": 2.0}
    assert read_properties(str(second["properties"])) == {"string:Late": "yes"}


def test_texts_taken_apart_before_are_stored_as_they_are(tmp_path: Path) -> None:
    line = {
        "comment": {"id": "a", "timestamp": "2026-03-04T00:00:00Z",
                    "messages": [{"body": {"text": "Hello\n> kept"}, "signature": {"text": "Ann"}}]},
        "full_text": "Hello\n> kept\nAnn\n> old",
    }  # fmt: skip
    (row,) = loaded(saved(tmp_path, json.dumps(line).encode()))
    assert (row["body"], row["signature"], row["full_text"]) == (
        "Hello\n> kept", "Ann", "Hello\n> kept\nAnn\n> old",
    )  # fmt: skip


# ---- dates


def test_both_readings_of_dates_are_shown(tmp_path: Path) -> None:
    path = saved(tmp_path, b"id,date,text\n1,03/04/2026,one\n2,03/04/2026,one\n3,05/04/2026 10:00,two\n")
    (dates,) = previewed(path).dates
    assert dates.samples == (
        ("03/04/2026", "2026-04-03T00:00:00+00:00", "2026-03-04T00:00:00+00:00"),
        ("05/04/2026 10:00", "2026-04-05T10:00:00+00:00", "2026-05-04T10:00:00+00:00"),
    )
    assert (dates.n_either, dates.mixed) == (3, False)
    assert "says whether day or month comes first" in dates.warning


def test_mixed_dates_are_warned_of_wherever_they_stand(tmp_path: Path) -> None:
    rows = [f"{n},03/04/2026,x" for n in range(300)] + ["300,31/01/2026,x", "301,01/31/2026,x"]
    path = saved(tmp_path, ("id,date,text\n" + "\n".join(rows)).encode())
    (dates,) = previewed(path).dates
    assert (dates.n_day_first, dates.n_month_first, dates.n_either, dates.mixed) == (1, 1, 300, True)
    assert "mixes orders: 1 dates have the day first, 1 the month" in dates.warning


def test_plain_dates_need_no_choice(tmp_path: Path) -> None:
    (dates,) = previewed(saved(tmp_path, CSV.encode())).dates
    assert (dates.column, dates.samples, dates.warning) == ("date", (), "")


# ---- bombs


def test_a_sheet_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    blank = sheet(HEAD).replace("<sheetData>", "<sheetData>" + " " * 5_000_000)
    path = saved(tmp_path, workbook(("S", blank)))
    assert path.stat().st_size < 20_000
    with pytest.raises(FileFormatError, match="unpacks to more than 1,000,000 bytes"):
        previewed(path, unpacked_bytes=1_000_000)


def test_a_shared_text_named_too_often_is_refused(tmp_path: Path) -> None:
    strings = f"<sst {MAIN}><si><t>{'x' * 30_000}</t></si></sst>"
    rows = [("a", "2026-03-04", ('t="s"', "<v>0</v>"), 1.0)] * 100
    path = saved(tmp_path, workbook(("S", sheet(HEAD, *rows)), strings=strings))
    with pytest.raises(FileFormatError, match="unpacks to more than 1,000,000 bytes"):
        previewed(path, unpacked_bytes=1_000_000)
    assert [file.name for file in tmp_path.iterdir()] == ["table"]


def test_shared_texts_have_a_limit_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.ingest.packed.workbook.strings._MOST_BYTES", 100_000)
    strings = f"<sst {MAIN}>{'<si><t/></si>' * 20_000}</sst>"
    path = saved(tmp_path, workbook(("S", sheet(HEAD)), strings=strings))
    with pytest.raises(FileFormatError, match="shared texts take more than"):
        previewed(path)


def test_what_was_unpacked_is_not_unpacked_again(tmp_path: Path) -> None:
    path = saved(tmp_path, gzip.compress(CSV.encode()))
    previewed(path)
    (made,) = (file for file in tmp_path.iterdir() if file != path)
    stamp = made.stat().st_mtime_ns
    assert len(loaded(path, PLAIN)) == 2
    assert made.stat().st_mtime_ns == stamp


def test_workbooks_may_write_prefixes(tmp_path: Path) -> None:
    plain = sheet(HEAD, ("a", "2026-03-04", "some text", 1.0))
    prefixed = plain.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    (row,) = loaded(saved(tmp_path, workbook(("S", prefixed))))
    assert (row["message_id"], row["body"]) == ("a", "some text")


def test_a_sheet_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.ingest.packed.workbook.sheet.MOST_ROWS", 3)
    rows = [(str(n), "2026-03-04", "text", 1.0) for n in range(3)]
    with pytest.raises(FileFormatError, match="has more than 3 rows"):
        previewed(saved(tmp_path, workbook(("S", sheet(HEAD, *rows)))))
