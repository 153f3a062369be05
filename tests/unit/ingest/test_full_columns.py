"""Columns beyond the plain ones: copies, the time of sending, parts, attachments, and values that stay hidden."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from workbench.domain import (
    LIMITS,
    MESSAGE_EXTRAS,
    MESSAGE_SCHEMA,
    ColumnMapping,
    FilePreview,
    ImportOptions,
    UploadId,
    read_parts,
)
from workbench.errors import BadRowsError, FileFormatError
from workbench.ingest import check, look, read

HEADER = ("ID", "Date", "Text", "To", "CC", "Bcc", "Sent At")
ROWS = (
    ("a", "2026-03-04T10:00:00Z", "Hello there", "x@y", "boss@b; Doe <d@b>", "hidden@b", "2026-03-04T09:58:30Z"),
    ("b", "2026-03-05T10:00:00Z", "Bye for now", "", "", "", " "),
)  # fmt: skip
MAPPING = ColumnMapping(
    id="ID", timestamp="Date", body="Text", recipients="To", cc="CC", bcc="Bcc", sent_at="Sent At"
)


def previewed(path: Path) -> FilePreview:
    return look(path, name=path.name, upload_id=UploadId("u"), max_bytes=1 << 27)


def table(path: Path, mapping: ColumnMapping, **options: Any) -> pa.Table:
    batches = read(path, mapping=mapping, options=ImportOptions(**options), batch_rows=1)
    return pa.concat_tables([batch.table for batch in batches])


def saved(folder: Path, kind: str) -> Path:
    path = folder / f"m.{kind}"
    if kind == "parquet":
        columns = {name: [row[place] for row in ROWS] for place, name in enumerate(HEADER)}
        lists = pa.array([["boss@b", "Doe <d@b>"], []], pa.list_(pa.string()))
        sent = pa.array([datetime(2026, 3, 4, 9, 58, 30, tzinfo=UTC), None], pa.timestamp("ms", tz="UTC"))
        pq.write_table(pa.table(columns | {"CC": lists, "Sent At": sent}), path)
    elif kind == "xlsx":
        with xlsxwriter.Workbook(str(path)) as book:
            sheet = book.add_worksheet()
            for place, row in enumerate((HEADER, *ROWS)):
                sheet.write_row(place, 0, row)
    elif kind == "jsonl":
        rows = [dict(zip(HEADER, row, strict=True)) for row in ROWS]
        rows[0]["CC"] = ["boss@b", "Doe <d@b>"]  # type: ignore[assignment]
        rows[1]["Sent At"] = None  # type: ignore[assignment]
        path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    else:
        mark = {"csv": ",", "tsv": "\t"}[kind]
        path.write_text("\n".join(mark.join(row) for row in (HEADER, *ROWS)) + "\n", "utf-8")
    return path


@pytest.mark.parametrize("kind", ["csv", "tsv", "xlsx", "parquet", "jsonl"])
def test_copies_and_the_time_of_sending_are_read_from_every_kind_of_file(kind: str, tmp_path: Path) -> None:
    path = saved(tmp_path, kind)
    guess = previewed(path).guess
    assert guess is not None
    assert replace(guess, sheet=None) == MAPPING
    found = table(path, guess)
    assert found.schema.names == [*MESSAGE_SCHEMA.names, "cc", "bcc", "sent_at"]
    assert [found.schema.field(name) for name in ("cc", "bcc", "sent_at")] == [
        MESSAGE_EXTRAS.field(name) for name in ("cc", "bcc", "sent_at")
    ]
    first, second = found.to_pylist()
    assert (first["cc"], first["bcc"]) == (["boss@b", "Doe <d@b>"], ["hidden@b"])
    assert first["sent_at"] == datetime(2026, 3, 4, 9, 58, 30, tzinfo=UTC)
    assert (second["cc"], second["bcc"], second["sent_at"]) == (None, None, None)


def test_a_file_without_them_gets_no_such_columns(tmp_path: Path) -> None:
    path = saved(tmp_path, "csv")
    plain = replace(MAPPING, cc=None, bcc=None, sent_at=None)
    assert table(path, plain).schema == MESSAGE_SCHEMA


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("Kopie,Blindkopie,Gesendet am", ("Kopie", "Blindkopie", "Gesendet am")),
        ("Copie,Cci,Envoyé le", ("Copie", "Cci", "Envoyé le")),
        ("Copia,CCO,Enviado el", ("Copia", "CCO", "Enviado el")),
        ("CC,CCN,Inviato il", ("CC", "CCN", "Inviato il")),
        ("cc,bcc,Verzonden op", ("cc", "bcc", "Verzonden op")),
    ],
)
def test_names_in_several_languages_are_guessed(header: str, found: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        f"id,date,text,{header}\na,2026-03-04,Hello there,x@y,z@y,2026-03-03\nb,2026-03-04,Bye,,,\n", "utf-8"
    )
    guess = previewed(path).guess
    assert guess is not None
    assert (guess.cc, guess.bcc, guess.sent_at) == found
    assert guess.properties == {}


def test_a_name_alone_makes_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text,CC,Sent\na,2026-03-04,Hello there,4711,yes\nb,2026-03-04,Bye now,12,no\n")
    guess = previewed(path).guess
    assert guess is not None
    assert (guess.cc, guess.sent_at) == (None, None)
    assert guess.properties == {"CC": "number", "Sent": "string"}


@pytest.mark.parametrize(
    ("column", "value", "fragment"),
    [
        ("cc", ";".join(f"a{n}@b" for n in range(2_049)), "has 2,049 recipients in cc; at most 2,048"),
        ("bcc", "x" * 513, "has a recipient in bcc of more than 512 characters"),
        ("sent", "yesterday", "is no time"),
        ("sent", "1969-12-31", "lies before 1970"),
        ("sent", "31.12.2026", "mixes date orders: it has the day first, column 'date' says month first"),
    ],
)
def test_bad_cells_name_row_and_column(column: str, value: str, fragment: str, tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    rows = [
        {"id": f"a{n}", "date": "12/31/2026", "text": "Hello", "cc": "", "bcc": "", "sent": ""}
        for n in (1, 2)
    ]
    rows[1][column] = value
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    mapping = ColumnMapping(id="id", timestamp="date", body="text", cc="cc", bcc="bcc", sent_at="sent")
    with pytest.raises(BadRowsError) as caught:
        read(path, mapping=mapping, options=ImportOptions(), batch_rows=10)
    (row,) = caught.value.details["rows"]  # type: ignore[union-attr]
    assert (row["row"], row["column"]) == (2, column)  # type: ignore[index, call-overload]
    assert fragment in row["problem"]  # type: ignore[index, call-overload]
    (kept,) = table(path, mapping, on_bad_row="skip").to_pylist()
    assert (kept["message_id"], kept["sent_at"]) == ("a1", None)


@pytest.mark.parametrize(
    ("date", "sent", "chosen", "expected"),
    [
        ("31/12/2026", "03/04/2026", None, (4, 3)),  # the column of times settles it
        ("12/31/2026", "03/04/2026", None, (3, 4)),
        ("2026-12-31", "13/04/2026", None, (4, 13)),  # it settles nothing: the other column does
        ("2026-12-31", "04/13/2026", None, (4, 13)),
        ("2026-12-31", "03/04/2026", True, (4, 3)),  # a person does
        ("2026-12-31", "03/04/2026", False, (3, 4)),
    ],
)
def test_the_order_of_day_and_month(
    date: str, sent: str, chosen: bool | None, expected: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "m.csv"
    path.write_text(f"id,date,text,sent\na,{date},Hello,{sent}\nb,{date},Bye,\n")
    mapping = ColumnMapping(id="id", timestamp="date", body="text", sent_at="sent", day_first=chosen)
    first, second = table(path, mapping).to_pylist()
    assert (first["sent_at"].month, first["sent_at"].day) == expected
    assert second["sent_at"] is None


def test_an_order_that_nothing_settles_is_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text,sent\na,2026-12-31,Hello,03/04/2026\nb,2026-12-31,Bye,\n")
    mapping = ColumnMapping(id="id", timestamp="date", body="text", sent_at="sent")
    (error,) = check(path, mapping, ImportOptions()).errors
    assert (error.row, error.column) == (1, "sent")
    assert "day or month first? No row settles it" in error.problem


def test_a_lone_address_with_a_comma_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    line = {"id": "a", "date": "2026-03-04", "text": "Hi", "cc": ["Doe, Jane"], "bcc": ["a;b", "c"]}
    path.write_text(json.dumps(line), "utf-8")
    mapping = ColumnMapping(id="id", timestamp="date", body="text", cc="cc", bcc="bcc")
    (row,) = table(path, mapping).to_pylist()
    assert (row["cc"], row["bcc"]) == (["Doe, Jane"], ["a;b", "c"])


# ---- comments


def comment(**values: Any) -> dict[str, Any]:
    first = {"id": "a1", "timestamp": "2026-03-04T00:00:00Z", "messages": [{"body": {"text": "Hello"}}]}
    return {"comment": first | values}


def commented(folder: Path, *lines: dict[str, Any] | str) -> tuple[Path, ColumnMapping]:
    path = folder / "c.jsonl"
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), "utf-8")
    guess = previewed(path).guess
    assert guess is not None
    return path, guess


def test_layout_is_kept_byte_for_byte_and_unknown_keys_are_not(tmp_path: Path) -> None:
    tree = '{ "b":[1, 2.50,"\\u00e9"],"b":{} }'
    line = (
        '{"comment":{"id":"a1","timestamp":"2026-03-04T00:00:00Z","messages":['
        f'{{"body":{{"text":"hi","translated_from":"salut","text_markup":{tree},"new":1}},"from":"","score":0.5}}]}}}}'
    )
    path, guess = commented(tmp_path, line.replace(',"b":{} }', " }"))
    (row,) = table(path, guess).to_pylist()
    (part,) = read_parts(row["parts"])
    assert part.body.text_markup == tree.replace(',"b":{} }', " }")
    assert (part.body.translated_from, part.sender) == ("salut", None)
    assert (row["body"], row["full_text"], row["sender"]) == ("hi", "hi", None)


def test_one_plain_part_is_the_same_message_as_in_a_csv_file(tmp_path: Path) -> None:
    part = {
        "subject": {"text": "Parcel", "translated_from": None},
        "body": {"text": "Hello\n> old"},
        "signature": None,
        "from": "a@x",
        "cc": ["boss@b"],
        "sent_at": "2026-03-04T09:58:30Z",
    }
    path, guess = commented(tmp_path, comment(messages=[part]))
    assert guess.parts is None
    (tmp_path / "m.csv").write_text(
        'id,date,text,subject,from,cc,sent\na1,2026-03-04,"Hello\n> old",Parcel,a@x,boss@b,2026-03-04T09:58:30Z\n'
    )
    other = ColumnMapping(
        id="id", timestamp="date", body="text", subject="subject", sender="from", cc="cc", sent_at="sent"
    )
    assert table(path, guess).equals(table(tmp_path / "m.csv", other))


def test_attachments_are_described(tmp_path: Path) -> None:
    slip = {"name": "slip.pdf", "size": 5120, "content_type": ".pdf", "content_hash": "ab", "inline": True}
    path, guess = commented(tmp_path, comment(attachments=[slip, {"name": "b", "size": 0}]), comment(id="a2"))
    first, second = table(path, guess).to_pylist()
    assert first["attachments"] == [
        slip | {"content": None},
        {"name": "b", "size": 0, "content_type": "", "content_hash": None, "inline": False, "content": None},
    ]
    assert second["attachments"] is None
    assert previewed(path).left_out == ()


LONG = LIMITS["text_characters"].most + 1


@pytest.mark.parametrize(
    ("values", "column", "fragment"),
    [
        (
            {"messages": [{"body": {"text": ""}}, {"body": {"text": " "}}]},
            "parts",
            "is empty; a text is needed",
        ),
        ({"messages": [{"body": {"text": "x" * LONG}}, {}]}, "parts", "has a text of 65,537 characters"),
        ({"messages": [{"to": [""]}, {"body": {"text": "x"}}]}, "parts", "has a recipient of 0 characters"),
        ({"messages": [{"body": {"text": "x"}}] * 2_049}, "parts", "has 2,049 parts"),
        ({"messages": [{"body": {"text": 5}}, {}]}, "body", "is a number; a text is needed"),
        (
            {"messages": [{"body": {"text": "x", "translated_from": 5}}]},
            "parts",
            "parts of a message cannot be read",
        ),
        ({"messages": [{"body": {"text": "x\0"}}, {}]}, "parts", "has a NUL byte"),
        ({"messages": ["x", "y"]}, "body", "misses the key 'body'"),
        ({"messages": [{"body": {"text": "x"}}, "y"]}, "parts", "cannot be read"),
        (
            {"attachments": [{"size": 1}]},
            "attachments",
            "cannot be read: Object missing required field `name`",
        ),
        ({"attachments": [{"name": "x", "size": -1}]}, "attachments", "of -1 bytes; a size is 0 or more"),
        ({"attachments": [{"name": "x" * 257, "size": 1}]}, "attachments", "whose name has 257 characters"),
        ({"attachments": [{"name": "x", "size": 1}] * 129}, "attachments", "has 129 attachments"),
        ({"attachments": [{"name": "\0", "size": 1}]}, "attachments", "has a NUL byte"),
    ],
)
def test_bad_parts_and_attachments_name_the_row(
    values: dict[str, Any], column: str, fragment: str, tmp_path: Path
) -> None:
    path, guess = commented(tmp_path, comment(id="a1"), comment(id="a2", **values))
    (error,) = check(path, guess, ImportOptions()).errors
    assert (error.row, error.column) == (2, column)
    assert fragment in error.problem
    assert len(error.value) <= 200
    (kept,) = table(path, guess, on_bad_row="skip").to_pylist()
    assert kept["message_id"] == "a1"


def test_what_cannot_be_kept_is_said(tmp_path: Path) -> None:
    line = comment(text_format="markdown", context="x", user_properties={"other": 1}) | {
        "entities": {"assigned": [1]}, "moon_forms": [1], "audio_path": "a.flac",
    }  # fmt: skip
    path, _ = commented(tmp_path, line, comment(id="a2", text_format="plain"))
    assert set(previewed(path).left_out) == {
        "general fields", "extractions", "recordings", "the property 'other'",
    }  # fmt: skip


# ---- what stays hidden


HIDDEN = frozenset(("string:Account", "number:Balance"))


def test_values_of_sensitive_properties_stand_in_no_error(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "id,date,text,Balance,stars\na1,2026-03-04,Hello,1,1\na2,2026-03-04,Bye,secret,open\n"
        "a3,2026-03-04,secret,more,cells,here\n"
    )
    mapping = ColumnMapping(
        id="id", timestamp="date", body="text", properties={"Balance": "number", "stars": "number"}
    )
    found = check(path, mapping, ImportOptions(), hidden=HIDDEN)
    assert [(error.row, error.column, error.value) for error in found.errors] == [
        (2, "Balance", "(hidden)"), (2, "stars", "open"), (3, "", "(hidden)"),
    ]  # fmt: skip
    with pytest.raises(BadRowsError) as caught:
        read(path, mapping=mapping, options=ImportOptions(), batch_rows=10, report=found)
    assert "secret" not in str(caught.value) + str(caught.value.details)
    # nor when the column is taken for something else, or for nothing at all
    for other in ({"properties": {}, "sent_at": "Balance"}, {"properties": {"stars": "number"}}):
        found = check(path, replace(mapping, **other), ImportOptions(), hidden=HIDDEN)  # type: ignore[arg-type]
        assert [error.value for error in found.errors if "secret" in error.value] == []
        assert found.errors[-1].value == "(hidden)"
    # what other sources mark does not matter here
    assert "secret" in check(path, mapping, ImportOptions(), hidden=frozenset(("string:X",))).errors[-1].value


def test_lines_hide_them_whatever_their_type(tmp_path: Path) -> None:
    path, guess = commented(
        tmp_path,
        comment(user_properties={"string:Account": "DE1"}),
        comment(id="a2", user_properties={"string:Account": ["secret"]}),
        json.dumps(comment(id="a3", user_properties={"string:Account": "secret"}))[:-1],
    )
    found = check(path, guess, ImportOptions(), hidden=HIDDEN)
    assert [(error.row, error.value) for error in found.errors] == [(2, "(hidden)"), (3, "(hidden)")]


def test_a_file_of_bad_rows_only_hides_them_too(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text,Balance\na1,2026-03-04,secret,secret,secret\n")
    mapping = ColumnMapping(id="id", timestamp="date", body="text", properties={"Balance": "number"})
    with pytest.raises(FileFormatError) as caught:
        check(path, mapping, ImportOptions(), hidden=HIDDEN)
    assert "secret" not in str(caught.value) + str(caught.value.details)
