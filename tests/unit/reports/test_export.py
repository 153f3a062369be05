"""Exports: what the columns hold, that nothing runs in a spreadsheet, and that our import reads back what went out."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.stores import AT, DATASET, SOURCE, add_model, batch, lay_out, message, uid
from workbench.domain import ImportOptions, Judgement, LabelId, MessageFilter, Operations, RowError, UploadId
from workbench.errors import InputError
from workbench.ingest import look, read
from workbench.reports import FORMATS, choose_format, export_messages, write_row_errors
from workbench.reports.export.columns import FIELDS, flat_frame
from workbench.reports.export.pieces import read_pieces
from workbench.reports.export.workbook import WorkbookWriter
from workbench.settings import Settings
from workbench.workspace import open_workspace

ALL = MessageFilter()
TEXTS = ["plain", "=1+1", 'two\nlines, "quoted"', "  +49 30", "＝full width", "漢字 😀 é"]
ROWS = [
    message(
        str(n),
        body=text,
        full_text=f"{text}\n> quoted",
        signature="Ann" if n == 0 else "",
        subject="-subject" if n == 1 else "",
        thread_id="t1" if n < 2 else None,
        sender="a@x" if n else None,
        recipients=["b@x", "c@x"] if n == 2 else [],
        language="en" if n else None,
        properties='{"number:stars":4.5,"string:Team":"@North"}' if n == 1 else "{}",
    )
    for n, text in enumerate(TEXTS)
]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Operations]:
    settings = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0)
    with open_workspace(tmp_path / "w.duckdb", settings=settings) as opened:
        with opened._workspace.store.write() as session:
            lay_out(session)
            session.messages.put(SOURCE, batch(*ROWS), at=AT)
            add_model(session, 1, {"0": [0.25, 0.0, 0.5], "1": [0.75, 0.5, 0.125]})
        operations = opened.operations("tester")
        judged = Judgement(
            event_id="e" * 16,
            uid=uid("1"),
            assigned=(LabelId("l1"),),
            dismissed=(LabelId("l2"),),
            mode="recent",
        )
        operations.judge(DATASET, (judged,))
        yield operations


def exported(here: Operations, path: Path, where: MessageFilter = ALL, **options: object) -> Path:
    export_messages(here, DATASET, where, path, kind=choose_format(path), **options)  # type: ignore[arg-type]
    return path


def test_every_label_is_a_column_of_probabilities(here: Operations, tmp_path: Path) -> None:
    path = exported(here, tmp_path / "m.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert list(rows[0]) == [
        *FIELDS, "number:stars", "string:Team", "Claims", "Claims > Home", "Claims > Motor", "Praise",
    ]  # fmt: skip
    assert [float(row["Claims"]) for row in rows] == [0.25, 0.75, 0, 0, 0, 0]
    assert [float(row["Claims > Motor"]) for row in rows] == [0, 0.5, 0, 0, 0, 0]
    assert {float(row["Claims > Home"]) for row in rows} == {0}  # the version does not know it
    second = rows[1]
    assert datetime.fromisoformat(second["Date"]) == AT
    assert second["Date"].endswith("Z")
    assert (second["annotated"], rows[0]["annotated"]) == ("true", "false")
    assert second["assigned"] == "Claims; Claims > Motor"
    assert second["dismissed"] == "Praise"
    assert second["predicted"] == "Claims; Claims > Motor"
    assert (second["number:stars"], second["source"], rows[2]["recipients"]) == (
        "4.5",
        "acme/mail",
        "b@x; c@x",
    )


def test_no_cell_runs_in_a_spreadsheet(here: Operations, tmp_path: Path) -> None:
    path = exported(here, tmp_path / "m.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert [row["body"] for row in rows] == [
        "plain",
        "'=1+1",
        TEXTS[2],
        "'  +49 30",
        "'＝full width",
        TEXTS[5],
    ]
    assert (rows[1]["subject"], rows[1]["string:Team"]) == ("'-subject", "'@North")
    sheet = exported(here, tmp_path / "m.xlsx")
    with zipfile.ZipFile(sheet) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "'=1+1" in xml


def test_a_filter_chooses(here: Operations, tmp_path: Path) -> None:
    path = exported(here, tmp_path / "m.csv", MessageFilter(text="lines"))
    assert [row["message_id"] for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))] == ["2"]
    none = exported(here, tmp_path / "none.csv", MessageFilter(text="nowhere"))
    assert none.read_text("utf-8-sig").splitlines()[0].startswith("Date,uid,")
    assert len(none.read_text("utf-8-sig").splitlines()) == 1


@pytest.mark.parametrize("kind", ["jsonl", "parquet", "xlsx"])
def test_our_import_reads_back_what_went_out(here: Operations, tmp_path: Path, kind: str) -> None:
    path = exported(here, tmp_path / f"m.{kind}")
    preview = look(path, name=path.name, upload_id=UploadId("u"), max_bytes=1 << 27)
    guess = preview.guess
    assert guess is not None
    batches = read(path, mapping=guess, options=ImportOptions(), batch_rows=4)
    found = [row for one in batches for row in one.table.to_pylist()]
    expected = batch(*ROWS).to_pylist()
    if kind == "jsonl":
        assert found == expected
        assert preview.left_out == ("annotations",)
    assert [row["message_id"] for row in found] == [row["message_id"] for row in expected]
    assert [row["timestamp"] for row in found] == [row["timestamp"] for row in expected]


def test_lines_hold_what_people_said(here: Operations, tmp_path: Path) -> None:
    lines = [
        json.loads(line) for line in exported(here, tmp_path / "m.jsonl").read_text("utf-8").splitlines()
    ]
    assert lines[1]["labelling"] == [
        {"group": "default", "assigned": [{"name": "Claims"}, {"name": "Claims > Motor"}], "dismissed": [{"name": "Praise"}]}
    ]  # fmt: skip
    assert lines[1]["comment"]["user_properties"] == {"number:stars": 4.5, "string:Team": "@North"}
    assert lines[1]["comment"]["timestamp"] == "2026-03-02T09:30:00.123456Z"
    assert "labelling" not in lines[0]


def test_parquet_keeps_types(here: Operations, tmp_path: Path) -> None:
    frame = pl.read_parquet(exported(here, tmp_path / "m.parquet"))
    assert frame["Date"].to_list() == [AT] * 6
    assert frame["recipients"].to_list()[2] == ["b@x", "c@x"]
    assert frame["number:stars"].to_list()[:2] == [None, 4.5]
    assert frame["Claims"].dtype == pl.Float32
    assert frame["body"].to_list() == TEXTS


def test_pieces_meet_without_gap_or_overlap(here: Operations) -> None:
    found, after = [], 0
    while (piece := here.export_piece(DATASET, ALL, after=after, n_rows=2)).num_rows:
        assert piece.num_rows <= 2
        found += piece.column("message_id").to_pylist()
        after = piece.column("upload_seq")[-1].as_py()
    assert found == [str(n) for n in range(6)]
    # nothing passes in the first two pieces: they are passed over in one call
    assert here.export_piece(DATASET, MessageFilter(text="😀"), n_rows=2).column(
        "message_id"
    ).to_pylist() == ["5"]
    with pytest.raises(InputError, match="cannot be had"):
        here.export_piece(DATASET, ALL, n_rows=0)


def test_a_label_made_meanwhile_gets_no_column(here: Operations) -> None:
    layout, pieces = read_pieces(here, DATASET, ALL, None)
    here.create_label(DATASET, "Aardvark")
    (piece,) = pieces
    frame = flat_frame(piece, layout, at_least=0.5)
    assert "Aardvark" not in frame.columns
    assert frame["Claims"].to_list() == [0.25, 0.75, 0, 0, 0, 0]


def test_a_label_named_like_a_field_stays_apart(here: Operations, tmp_path: Path) -> None:
    here.create_label(DATASET, "body")
    header = exported(here, tmp_path / "m.csv").read_text("utf-8-sig").splitlines()[0].split(",")
    assert header.count("body") == 1
    assert header[-1] == "body (label)"


def test_more_rows_than_a_sheet_holds_go_to_the_next(here: Operations, tmp_path: Path) -> None:
    layout, pieces = read_pieces(here, DATASET, ALL, None)
    path = tmp_path / "m.xlsx"
    writer = WorkbookWriter(path, lambda piece: flat_frame(piece, layout, at_least=0.5), layout, most_rows=4)
    for piece in pieces:
        writer.write(piece)
    writer.close()
    preview = look(path, name="m.xlsx", upload_id=UploadId("u"), max_bytes=1 << 27)
    assert preview.sheets == ("Messages", "Messages 2")
    counts = [
        look(path, name="m", upload_id=UploadId("u"), max_bytes=1 << 27, sheet=name).n_rows
        for name in preview.sheets
    ]
    assert counts == [3, 3]


def test_a_text_longer_than_a_cell_says_where_it_was_cut(here: Operations, tmp_path: Path) -> None:
    del here
    from workbench.reports.export.workbook import CELL_CHARACTERS

    writer = WorkbookWriter(tmp_path / "m.xlsx", lambda piece: piece, None)  # type: ignore[arg-type, return-value]
    writer._next_sheet(["body"])
    writer._write_row(["x" * 40_000])
    writer.close()
    with zipfile.ZipFile(tmp_path / "m.xlsx") as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "[cut: a cell holds 32,767 characters]" in xml
    assert xml.count("x" * (CELL_CHARACTERS - 100)) == 1


def test_what_cannot_be_written_is_said_first(here: Operations, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"ending of 'm\.txt'"):
        choose_format(tmp_path / "m.txt")
    with pytest.raises(InputError, match="format 'doc'"):
        choose_format(tmp_path / "m.csv", "doc")
    with pytest.raises(InputError, match="no folder"):
        choose_format(tmp_path / "none" / "m.csv")
    with pytest.raises(InputError, match="no probability"):
        exported(here, tmp_path / "m.csv", at_least=0.0)
    assert [choose_format(tmp_path / f"m.{kind.upper()}") for kind in FORMATS] == list(FORMATS)


def test_bad_rows_as_a_table(tmp_path: Path) -> None:
    errors = (RowError(row=2, column="stars", value="=x", problem="is not a number"),)
    text = write_row_errors(errors, tmp_path / "errors.csv").read_text("utf-8-sig")
    assert text == "row,column,value,problem\n2,stars,'=x,is not a number\n"
    assert AT.tzinfo is UTC
