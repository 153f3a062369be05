"""Messages at full fidelity through files: into a workspace, out of it, and in again."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import polars as pl
import pytest

from workbench.domain import (
    Message,
    MessageId,
    MessagePart,
    NewAttachment,
    NewMessage,
    PartText,
    message_batch,
)
from workbench.door import Dataset, Workspace
from workbench.errors import BadRowsError
from workbench.settings import Settings
from workbench.workspace import open_workspace

SETTINGS = Settings(
    encoder="hash-test", fast_encoder="", retrain_after_reviews=0, import_batch_rows=2, languages_after_s=-1.0
)
AT = datetime(2026, 3, 4, 10, 0, 0, 250_000, tzinfo=UTC)
LETTER = MessagePart(
    body=PartText(text="Where is it?\n\nBest regards\nAnn"),
    subject=PartText(text="Parcel"),
    sender="a@x",
    to=("b@x", '"Doe, Jane" <j@x>'),
    cc=("Doe, Jane",),
    bcc=("hidden@x", "other@x"),
    sent_at=AT,
    language="en",
)
TURN = MessagePart(
    body=PartText(text="late", translated_from="en retard", text_markup='{ "b": [1, 2.50] }'), to=("c@x",)
)
MESSAGES = (
    NewMessage(message_id=MessageId("one"), timestamp=AT, parts=(LETTER,), properties={"string:Team": "North", "number:NPS": 3.0}),
    NewMessage(message_id=MessageId("chat"), timestamp=AT, parts=(LETTER, TURN), thread_id="t"),
    NewMessage(
        message_id=MessageId("files"), timestamp=AT, parts=(MessagePart(body=PartText(text="see the slip")),),
        attachments=(
            NewAttachment(name="slip.pdf", content=b"slip", content_type=".pdf"),
            NewAttachment(name="unknown", size=5, inline=True),
        ),
    ),
    NewMessage(message_id=MessageId("bare"), timestamp=AT, parts=(MessagePart(body=PartText(text="nothing else")),)),
)  # fmt: skip


def opened(folder: Path) -> Iterator[Workspace]:
    folder.mkdir()
    with open_workspace(folder / "w.duckdb", settings=SETTINGS) as workspace:
        yield Workspace(workspace.operations("tester"), address="w")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Workspace]:
    for workspace in opened(tmp_path / "here"):
        source = workspace.operations.create_source("demo", "mail")
        workspace.operations.put_messages(source.source_id, message_batch(MESSAGES), "a", len(MESSAGES))
        workspace.create_dataset("demo/support", sources=["demo/mail"])
        yield workspace


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Workspace]:
    for workspace in opened(tmp_path / "there"):
        workspace.operations.create_source("demo", "mail")
        workspace.create_dataset("demo/support", sources=["demo/mail"])
        yield workspace


def state(ds: Dataset) -> dict[str, Message]:
    uids = tuple(ds.messages()["uid"])
    return {
        one.message_id: replace(one, uid="", source_id="", created_at=None, updated_at=None, thread=None)
        for one in ds.operations.get_messages(ds.dataset_id, uids)
    }  # fmt: skip


def test_an_export_of_lines_is_the_same_messages(here: Workspace, there: Workspace, tmp_path: Path) -> None:
    ds = here.dataset("demo/support")
    path = ds.export(tmp_path / "m.jsonl")
    assert here.look(path).left_out == ()
    assert here.import_(path, source="demo/mail", progress=False).counts.unchanged == 4
    before = state(ds)
    (slip, _) = before["files"].attachments
    assert slip.stored  # its content did not stand in the file, and stayed
    assert there.import_(path, source="demo/mail", progress=False).counts.new == 4
    found = state(there.dataset("demo/support"))
    described = tuple(replace(one, stored=False) for one in before["files"].attachments)
    assert found == before | {"files": replace(before["files"], attachments=described)}
    assert found["chat"].parts == (LETTER, TURN)
    assert (found["one"].parts, found["bare"].parts) == ((), ())
    # the content comes later, with the same hash: nothing changed but that it is there
    source = there.operations.sources()[0]
    counts = there.operations.put_messages(source.source_id, message_batch(MESSAGES), "b", len(MESSAGES))
    assert (counts.unchanged, counts.units) == (4, 0)
    late = there.dataset("demo/support")
    assert state(late) == before
    (uid,) = [one for one in late.messages()["uid"] if one.endswith(".files")]
    assert there.operations.attachment_content(late.dataset_id, uid, 0) == b"slip"


@pytest.mark.parametrize("kind", ["csv", "parquet", "xlsx"])
def test_a_table_gives_back_what_a_table_can_say(
    here: Workspace, there: Workspace, tmp_path: Path, kind: str
) -> None:
    path = here.dataset("demo/support").export(tmp_path / f"m.{kind}")
    guess = there.look(path).guess
    assert guess is not None
    assert set(guess.properties) == {"string:Team", "number:NPS"}
    there.import_(path, source="demo/mail", progress=False)
    before, found = state(here.dataset("demo/support")), state(there.dataset("demo/support"))
    for one in before.values():
        before[one.message_id] = replace(one, parts=(), attachments=())
    assert found == before


def test_a_csv_export_counts_attachments(here: Workspace, tmp_path: Path) -> None:
    path = here.dataset("demo/support").export(tmp_path / "m.csv")
    rows = {
        row["message_id"]: row
        for row in csv.DictReader(path.read_text("utf-8-sig").splitlines(keepends=True))
    }
    assert [rows[name]["attachments"] for name in ("one", "files")] == ["0", "2"]
    assert rows["one"]["sent_at"] == "2026-03-04T10:00:00.250Z"
    assert rows["one"]["bcc"] == "hidden@x; other@x"
    frame = pl.read_parquet(here.dataset("demo/support").export(tmp_path / "m.parquet"))
    assert frame["cc"].to_list()[0] == ["Doe, Jane"]
    assert frame["sent_at"].to_list() == [AT, AT, None, None]


def test_what_the_text_was_found_to_be_does_not_become_what_it_came_as(
    here: Workspace, tmp_path: Path
) -> None:
    rows = "id,date,text\nx,2026-03-04,Where is my parcel? It should have arrived on Monday and nobody answers.\n"
    (tmp_path / "m.csv").write_text(rows)
    here.import_(tmp_path / "m.csv", source="demo/mail", progress=False)
    ds = here.dataset("demo/support")
    path = ds.export(tmp_path / "m.jsonl")
    assert here.import_(path, source="demo/mail", progress=False).counts.unchanged == 5


def test_values_of_sensitive_properties_stand_in_no_refusal(here: Workspace, tmp_path: Path) -> None:
    here.operations.create_source("demo", "bank", sensitive_properties=("number:Balance",))
    path = tmp_path / "m.csv"
    path.write_text("id,date,text,Balance\na1,2026-03-04,Hello there,4711x\na2,2026-03-05,Bye for now,5\n")
    mapping = replace(here.look(path).guess, properties={"Balance": "number"})  # type: ignore[type-var]
    with pytest.raises(BadRowsError) as caught:
        here.import_(path, source="demo/bank", mapping=mapping, progress=False)
    assert caught.value.details["rows"][0]["value"] == "(hidden)"  # type: ignore[index, call-overload]
    report = here.import_(path, source="demo/bank", mapping=mapping, on_bad_row="skip", progress=False)
    assert [(row.row, row.column, row.value) for row in report.bad_rows] == [(1, "Balance", "(hidden)")]
    assert b"4711x" not in msgspec.json.encode(here.operations.jobs())
    with pytest.raises(BadRowsError, match="4711x"):  # where nothing is sensitive, the value helps
        here.import_(path, source="demo/mail", mapping=mapping, progress=False)


def test_texts_that_are_no_mail_can_stay_whole(here: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text('id,date,text\n1,2026-03-04,"Fine shop.\n\nBest regards\nAnn"\n', "utf-8")
    here.import_(file, source="demo/cut", progress=False)
    here.import_(file, source="demo/whole", clean_mail=False, progress=False)
    more = tmp_path / "more.csv"
    more.write_text('id,date,text\n2,2026-03-05,"Dear shop.\n\nBest regards\nBob"\n', "utf-8")
    both = here.create_dataset("demo/both", sources=["demo/whole"])
    both.import_(more, clean_mail=False, progress=False)
    found = here.sql(
        "SELECT s.name, m.body, m.signature FROM message m JOIN source s USING (source_id)"
        " WHERE s.name IN ('cut', 'whole') ORDER BY s.name, m.body"
    )
    assert found.rows() == [
        ("cut", "Fine shop.", "Best regards\nAnn"),
        ("whole", "Dear shop.\n\nBest regards\nBob", ""),
        ("whole", "Fine shop.\n\nBest regards\nAnn", ""),
    ]
