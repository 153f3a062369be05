"""Reading well-formed files: encodings, delimiters, values, batches."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.domain import (
    MESSAGE_SCHEMA,
    ColumnMapping,
    FilePreview,
    ImportOptions,
    UploadId,
    read_properties,
)
from workbench.errors import BadRowsError, FileFormatError, JobCancelledError
from workbench.ingest import check, look, read
from workbench.ingest.columns import read_addresses
from workbench.ingest.times import TimeKind, TimeProblem, parse_time

PLAIN = ColumnMapping(id="id", timestamp="date", body="text")
SAMPLE = Path(__file__).parents[3] / "data" / "sample"
TEXT = 'id,date,text\r\na,2026-03-04,Größe? 漢字 😀\r\n\r\nb,2026-03-05,"two\r\nlines, ""quoted"""\r\n'


def previewed(path: Path) -> FilePreview:
    return look(path, name=path.name, upload_id=UploadId("u"), max_bytes=1 << 27)


def loaded(path: Path, mapping: ColumnMapping = PLAIN, **options: object) -> list[dict[str, object]]:
    batches = read(path, mapping=mapping, options=ImportOptions(**options), batch_rows=3)  # type: ignore[arg-type]
    return [row for batch in batches for row in batch.table.to_pylist()]


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("utf-32-le", "utf-32-le"),
        ("utf-32-be", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters(codec: str, name: str, delimiter: str, tmp_path: Path) -> None:
    path = tmp_path / "messages.txt"
    path.write_bytes(TEXT.replace(",", delimiter).encode(codec))
    preview = previewed(path)
    assert (preview.encoding, preview.delimiter, preview.n_rows) == (name, delimiter, 2)
    assert preview.columns == ("id", "date", "text")
    assert [row["full_text"] for row in loaded(path)] == [
        "Größe? 漢字 😀",
        f'two\nlines{delimiter} "quoted"',
    ]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_jsonl_encodings(codec: str, tmp_path: Path) -> None:
    lines = [{"id": n, "date": "2026-03-04", "text": f"漢 {n}", "to": ["a <a@x>", "b,c"]} for n in (1, 2)]
    path = tmp_path / "m.csv"  # the content decides, not the extension
    text = "\r\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_bytes(text.encode(codec))
    preview = previewed(path)
    assert (preview.kind, preview.delimiter, preview.n_rows) == ("jsonl", "", 2)
    mapping = ColumnMapping(id="id", timestamp="date", body="text", recipients="to")
    rows = loaded(path, mapping)
    assert [row["message_id"] for row in rows] == ["1", "2"]
    assert rows[0]["recipients"] == ["a <a@x>", "b,c"]


def test_every_column(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "ID,When,Text,Subject,Thread,From,To,Lang,Stars,Team\n"
        'x,2026-03-04T10:00:00+02:00,"Hello\n> old",Hi , t1 ,a@x,"""Doe, J"" <j@x>; b@x",en,3,North\n'
        "y,2026-03-04,Hello,,,,,,, \n"
    )
    guess = previewed(path).guess
    assert guess == ColumnMapping(
        id="ID", timestamp="When", body="Text", subject="Subject", thread_id="Thread", sender="From",
        recipients="To", language="Lang", properties={"Stars": "number", "Team": "string"},
    )  # fmt: skip
    batch = next(iter(read(path, mapping=guess, options=ImportOptions(), batch_rows=10)))
    assert batch.table.schema == MESSAGE_SCHEMA
    first, second = batch.table.to_pylist()
    assert first.pop("timestamp") == datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert read_properties(first.pop("properties")) == {"number:Stars": 3.0, "string:Team": "North"}
    assert first == {
        "message_id": "x", "thread_id": "t1", "subject": "Hi", "body": "Hello", "signature": "",
        "full_text": "Hello\n> old", "sender": "a@x", "recipients": ['"Doe, J" <j@x>', "b@x"], "language": "en",
    }  # fmt: skip
    assert (second["properties"], second["sender"], second["thread_id"], second["subject"]) == (
        "{}",
        None,
        None,
        "",
    )


def test_mail_is_left_alone_on_request(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text('id,date,text\nx,2026-03-04,"Hello\n> old"\n')
    (row,) = loaded(path, clean_mail=False)
    assert row["body"] == row["full_text"] == "Hello\n> old"


@pytest.mark.parametrize(
    ("text", "kind", "day_first", "month_first"),
    [
        ("2026-03-04", TimeKind.PLAIN, "2026-03-04T00:00:00+00:00", None),
        ("2026-03-04 10:00", TimeKind.PLAIN, "2026-03-04T10:00:00+00:00", None),
        ("2026-03-04T10:00:00Z", TimeKind.PLAIN, "2026-03-04T10:00:00+00:00", None),
        ("2026-03-04t10:00:00z".upper(), TimeKind.PLAIN, "2026-03-04T10:00:00+00:00", None),
        ("2026-03-04T10:00:00.123456789-05:30", TimeKind.PLAIN, "2026-03-04T15:30:00.123456+00:00", None),
        ("2026-03-04 10:00:00 UTC", TimeKind.PLAIN, "2026-03-04T10:00:00+00:00", None),
        ("2026/3/4 9:05", TimeKind.PLAIN, "2026-03-04T09:05:00+00:00", None),
        ("03/04/2026 12:05 AM", TimeKind.EITHER, "2026-04-03T00:05:00+00:00", "2026-03-04T00:05:00+00:00"),
        ("3.4.2026 23:59:59", TimeKind.EITHER, "2026-04-03T23:59:59+00:00", "2026-03-04T23:59:59+00:00"),
        ("31-01-2026", TimeKind.DAY_FIRST, "2026-01-31T00:00:00+00:00", None),
        ("01/31/2026, 1:00 pm", TimeKind.MONTH_FIRST, "2026-01-31T13:00:00+00:00", None),
        ("05/05/2026", TimeKind.PLAIN, "2026-05-05T00:00:00+00:00", None),
        ("Wed, 4 Mar 2026 10:00:00 +0100 (CET)", TimeKind.PLAIN, "2026-03-04T09:00:00+00:00", None),
        ("04 Mar 2026 10:00 EDT", TimeKind.PLAIN, "2026-03-04T14:00:00+00:00", None),
        ("4-MAR-2026", TimeKind.PLAIN, "2026-03-04T00:00:00+00:00", None),
        ("1767225600", TimeKind.SECONDS, "2026-01-01T00:00:00+00:00", None),
        ("1767225600500", TimeKind.MILLIS, "2026-01-01T00:00:00.500000+00:00", None),
        ("1970-01-01", TimeKind.PLAIN, "1970-01-01T00:00:00+00:00", None),
        ("2200-12-31T23:59:59.999999Z", TimeKind.PLAIN, "2200-12-31T23:59:59.999999+00:00", None),
    ],
)
def test_times(text: str, kind: TimeKind, day_first: str, month_first: str | None) -> None:
    found, first, second = parse_time(text)
    assert (found, first.isoformat(), second.isoformat()) == (kind, day_first, month_first or day_first)


@pytest.mark.parametrize(
    "text", ["", "20260304", "2026-W10-3", "10:00", "2026-03-04T10", "0001-01-01T00:00+14:00", "03/04-2026",
             "2026-03-04 10:00 +99:00", "2026-03-04 13:00 pm", "9999999999999", "٢٠٢٦-03-04", "2026-02-30", "now"]
)  # fmt: skip
def test_other_times_are_refused(text: str) -> None:
    if text == "2026-03-04T10":
        assert parse_time(text)[1].hour == 10  # ISO 8601 allows the hour alone
        return
    with pytest.raises(TimeProblem):
        parse_time(text)


@pytest.mark.parametrize(
    ("dates", "day_first", "read_as"),
    [
        (("03/04/2026", "31/01/2026"), None, datetime(2026, 4, 3, tzinfo=UTC)),
        (("03/04/2026", "01/31/2026"), None, datetime(2026, 3, 4, tzinfo=UTC)),
        (("03/04/2026", "05/06/2026"), True, datetime(2026, 4, 3, tzinfo=UTC)),
        (("03/04/2026", "05/06/2026"), False, datetime(2026, 3, 4, tzinfo=UTC)),
    ],
)
def test_the_column_or_the_mapping_settles_the_order(
    dates: tuple[str, str], day_first: bool | None, read_as: datetime, tmp_path: Path
) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text\n" + "".join(f"{n},{date},hi\n" for n, date in enumerate(dates)))
    mapping = ColumnMapping(id="id", timestamp="date", body="text", day_first=day_first)
    assert loaded(path, mapping)[0]["timestamp"] == read_as


def test_all_ambiguous_dates_make_the_column_unusable(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text\n1,03/04/2026,hi\n2,05/06/2026,hi\n")
    with pytest.raises(FileFormatError, match="day or month first"):
        check(path, PLAIN, ImportOptions(on_bad_row="skip"))


def test_many_errors_are_counted_and_a_thousand_listed(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text(
        "id,date,text\n" + "".join(f"{n % 3},2026-01-01,{'' if n % 2 else 'hi'}\n" for n in range(3000))
    )
    report = check(path, PLAIN, ImportOptions())
    assert (report.n_rows, len(report.errors)) == (3000, 1000)
    assert report.n_errors == 1500 + 2997
    assert report.n_bad_rows == 2998  # rows 1 and 3 are good; row 2 is empty
    assert [e.row for e in report.errors] == sorted(e.row for e in report.errors)
    with pytest.raises(BadRowsError) as caught:
        read(path, mapping=PLAIN, options=ImportOptions(), batch_rows=10)
    assert len(caught.value.details["rows"]) == 1000  # type: ignore[arg-type]


def test_batches_end_at_the_row_limit_and_report_progress(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text\n" + "".join(f"{n},2026-01-01,hi\n" for n in range(7)))
    steps: list[tuple[int, int]] = []
    batches = read(
        path, mapping=PLAIN, options=ImportOptions(), batch_rows=3, progress=lambda *step: steps.append(step)
    )
    assert [batch.rows for batch in batches] == [3, 3, 1]
    assert steps == [(3, 7), (6, 7), (7, 7)]


def test_long_texts_end_a_batch_early(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text\n" + "".join(f"{n},2026-01-01,{'x' * 60_000}\n" for n in range(100)))
    sizes = [b.rows for b in read(path, mapping=PLAIN, options=ImportOptions(), batch_rows=1_000)]
    assert sum(sizes) == 100
    assert max(sizes) <= 67


def test_cancelling(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text\n1,2026-01-01,hi\n2,2026-01-01,hi\n")
    with pytest.raises(JobCancelledError):
        check(path, PLAIN, ImportOptions(), cancelled=lambda: True)
    answers = iter([False, True])
    report = check(path, PLAIN, ImportOptions())
    batches = read(
        path,
        mapping=PLAIN,
        options=ImportOptions(),
        batch_rows=1,
        report=report,
        cancelled=lambda: next(answers),
    )
    assert next(batches).rows == 1
    with pytest.raises(JobCancelledError):
        next(batches)


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,date,text\n1,2026-01-01,hi\n")
    with pytest.raises(FileFormatError, match="at most 10 are allowed"):
        look(path, name="m.csv", upload_id=UploadId("u"), max_bytes=10)


def test_bad_byte_in_the_middle_names_row_and_offset(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    head = b"id,date,text\n" + b"".join(b"%d,2026-01-01,hi\n" % n for n in range(50_000))
    path.write_bytes(head + b"bad,2026-01-01,caf\xe9\n" + head[13:])
    with pytest.raises(FileFormatError) as caught:
        previewed(path)
    assert caught.value.details["row"] == 50_001
    assert caught.value.details["offset"] == len(head) + 18


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", []),
        ("a@x", ["a@x"]),
        ("a@x, b@x;c@x", ["a@x", "b@x", "c@x"]),
        ('"Doe, Jane" <j@x>, b@x', ['"Doe, Jane" <j@x>', "b@x"]),
        ("a, b\nc", ["a, b", "c"]),
    ],
)
def test_recipients(text: str, names: list[str]) -> None:
    assert read_addresses([1], "to", [text], []) == [names]


@pytest.mark.parametrize("name", ["mailbox.csv", "reviews.csv", "chats.jsonl"])
def test_sample_corpus_is_read_as_guessed(name: str) -> None:
    path = SAMPLE / name
    if not path.exists():
        pytest.skip("the sample corpus has not been built; run 'make data'")
    preview = previewed(path)
    assert preview.guess is not None
    report = check(path, preview.guess, ImportOptions(on_bad_row="skip"))
    assert report.n_rows == preview.n_rows
    assert {error.problem for error in report.errors} <= {"is empty; a text is needed"}
    assert report.n_bad_rows < 0.01 * report.n_rows
    rows = loaded(path, preview.guess, on_bad_row="skip")
    assert len(rows) == preview.n_rows - report.n_bad_rows
    assert all(str(row["body"]).strip() for row in rows)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Wed, 4 Mrz 2026 10:00", "has the unknown month 'Mrz'"),
        ("4 Mar 2026 10:00 IST", "has the zone 'IST'"),
        ("31 Feb 2026", "is no time of the calendar"),
    ],
)
def test_mail_times_that_cannot_be_meant(text: str, problem: str) -> None:
    with pytest.raises(TimeProblem, match=problem):
        parse_time(text)


def test_known_names_are_guessed_where_no_column_fits(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("id,time,text\na,2026-01-02,x\na,yesterday,y\n")
    assert previewed(path).guess == ColumnMapping(id="id", timestamp="time", body="text")
    assert find_errors(path) == [(2, "id"), (2, "time")]


def find_errors(path: Path) -> list[tuple[int, str]]:
    """Row and column of each error under the guessed mapping."""
    guess = previewed(path).guess
    assert guess is not None
    return sorted((error.row, error.column) for error in check(path, guess, ImportOptions()).errors)


def test_nested_json_is_shown_and_left_out_of_the_guess(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(
        '{"id": "a", "time": "2026-01-02", "text": "hi", "meta": {"x": 1}, "tags": ["a"], "to": ["b@x"], "n": 3}\n'
    )
    preview = previewed(path)
    assert preview.guess == ColumnMapping(
        id="id", timestamp="time", body="text", recipients="to", properties={"n": "number"}
    )
    assert '{"x": 1}' in preview.rows[0]
    assert find_errors(path) == []


@pytest.mark.parametrize("mark", [";", "\t", ","])
def test_a_line_that_names_the_delimiter_is_no_header(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "m.csv"
    lines = [f"sep={mark}", mark.join(("id", "time", "text")), mark.join(("a", "2026-01-02", "x"))]
    path.write_text("\r\n".join([*lines, mark.join(("b", "2026-01-03")), ""]), newline="")
    preview = previewed(path)
    assert (preview.delimiter, preview.columns, preview.n_rows) == (mark, ("id", "time", "text"), 2)
    report = check(path, ColumnMapping(id="id", timestamp="time", body="text"), ImportOptions())
    assert [(error.row, "line 4" in error.problem) for error in report.errors] == [(2, True)]
