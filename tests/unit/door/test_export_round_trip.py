"""What is exported from one workspace and imported into another is the same there: messages and annotations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from workbench.door import Dataset, Workspace
from workbench.errors import FileFormatError, InputError, LimitError
from workbench.settings import Settings
from workbench.workspace import open_workspace

ROWS = (
    "id,time,text,from,to,subject,thread,lang,stars,Team\n"
    '1,2026-03-04T10:00:00.5+02:00,"Where is it?\n\nBest regards\nAnn\n\nOn 3 March Kim wrote:\n> old",'
    'a@x,"b@x; c@x",Parcel,t1,en,4.5,North\n'
    "2,2026-03-05,the parcel is late 漢字,,,,,,,\n"
    "3,2026-03-06,nobody has looked at this,,,,,,0,\n"
)
SETTINGS = Settings(encoder="hash-test", fast_encoder="", retrain_after_reviews=0, labels_per_dataset=4)


def opened(folder: Path) -> Iterator[Workspace]:
    folder.mkdir()
    with open_workspace(folder / "w.duckdb", settings=SETTINGS) as workspace:
        yield Workspace(workspace.operations("tester"), address="w")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Workspace]:
    yield from opened(tmp_path / "here")


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Workspace]:
    yield from opened(tmp_path / "there")


@pytest.fixture
def exported(here: Workspace, tmp_path: Path) -> Path:
    (tmp_path / "m.csv").write_text(ROWS, "utf-8")
    here.import_(tmp_path / "m.csv", source="demo/mail", progress=False)
    ds = here.create_dataset("demo/support", sources=["demo/mail"])
    ds.create_label("Praise")
    uids = ds.messages()["uid"]
    ds.annotate(uids[0], ["Delivery > Late", "Delivery > Lost"], dismissed=["Praise"], create=True)
    ds.annotate(uids[1], [])
    return ds.export(tmp_path / "out.jsonl")


def state(ds: Dataset) -> list[dict[str, object]]:
    messages = ds.operations.get_messages(ds.dataset_id, tuple(ds.messages()["uid"]))
    names = {label.label_id: label.name for label in ds.operations.labels(ds.dataset_id)}
    kept = ("message_id", "timestamp", "thread_id", "subject", "body", "signature", "full_text", "sender",
            "recipients", "language", "properties", "reviewed")  # fmt: skip
    return [
        {name: getattr(message, name) for name in kept}
        | {
            "assigned": sorted(names[label] for label in message.assigned),
            "dismissed": sorted(names[label] for label in message.dismissed),
        }
        for message in messages
    ]


def empty_dataset(there: Workspace, tmp_path: Path) -> Dataset:
    there.operations.create_source("demo", "mail")
    return there.create_dataset("demo/support", sources=["demo/mail"])


def test_messages_and_annotations_come_back(
    here: Workspace, there: Workspace, exported: Path, tmp_path: Path
) -> None:
    ds = empty_dataset(there, tmp_path)
    report = there.import_(exported, source="demo/mail", annotate="demo/support", progress=False)
    assert (report.counts.new, report.n_annotated) == (3, 2)
    expected = state(here.dataset("demo/support"))
    assert state(ds) == expected
    assert expected[0]["assigned"] == ["Delivery", "Delivery > Late", "Delivery > Lost"]
    assert [one["reviewed"] for one in expected] == [True, True, False]
    assert expected[0]["signature"] == "Best regards\nAnn"
    # once more changes nothing, in either workspace
    for workspace in (there, here):
        again = workspace.import_(exported, source="demo/mail", annotate="demo/support", progress=False)
        assert (again.counts.unchanged, again.counts.units, again.n_annotated) == (3, 0, 0)


def test_a_backup_restores_what_was_changed_since(here: Workspace, exported: Path) -> None:
    ds = here.dataset("demo/support")
    before = state(ds)
    ds.annotate(ds.messages()["uid"][0], ["Praise"])
    report = here.import_(exported, source="demo/mail", annotate="demo/support", progress=False)
    assert report.n_annotated == 1
    assert state(ds) == before


def test_without_a_dataset_annotations_are_left_out(there: Workspace, exported: Path, tmp_path: Path) -> None:
    ds = empty_dataset(there, tmp_path)
    assert there.import_(exported, source="demo/mail", progress=False).n_annotated == 0
    assert not any(one["reviewed"] for one in state(ds))
    assert there.look(exported).left_out == ("annotations",)


def test_parquet_comes_back_with_its_types(
    here: Workspace, there: Workspace, exported: Path, tmp_path: Path
) -> None:
    del exported
    path = here.dataset("demo/support").export(tmp_path / "out.parquet")
    ds = empty_dataset(there, tmp_path)
    mapping = there.look(path).guess
    assert mapping is not None
    assert mapping.id == "message_id"
    assert {name: kind for name, kind in mapping.properties.items() if ":" in name} == {
        "number:stars": "number", "string:Team": "string",
    }  # fmt: skip
    there.import_(path, source="demo/mail", progress=False)
    assert ds.messages()["body"].to_list() == here.dataset("demo/support").messages()["body"].to_list()
    assert pl.read_parquet(path)["number:stars"].to_list() == [4.5, None, 0.0]


def lines(path: Path, **labelling: object) -> Path:
    comment = {"id": "1", "timestamp": "2026-03-04T00:00:00Z", "messages": [{"body": {"text": "x"}}]}
    path.write_text(json.dumps({"comment": comment, "labelling": [labelling]}), "utf-8")
    return path


def test_label_names_may_be_lists_and_sentiments_are_left_out(there: Workspace, tmp_path: Path) -> None:
    ds = empty_dataset(there, tmp_path)
    path = lines(
        tmp_path / "c.jsonl",
        assigned=[{"name": ["A", "B"], "sentiment": "negative"}],
        dismissed=["A > B", "C"],
    )
    there.import_(path, source="demo/mail", annotate="demo/support", progress=False)
    assert [(one["assigned"], one["dismissed"]) for one in state(ds)] == [(["A", "A > B"], ["C"])]


@pytest.mark.parametrize(
    ("labelling", "error", "fragment"),
    [
        ({"assigned": [{"name": "A > "}]}, FileFormatError, "message '1' has a label that cannot be"),
        ({"assigned": [{"sentiment": "positive"}]}, FileFormatError, "a label that cannot be"),
        ({"assigned": ["A", "B", "C", "D", "E"]}, LimitError, "would have 5 labels"),
    ],
)
def test_annotations_that_cannot_be_load_nothing(
    there: Workspace, tmp_path: Path, labelling: dict[str, object], error: type[Exception], fragment: str
) -> None:
    ds = empty_dataset(there, tmp_path)
    path = lines(tmp_path / "c.jsonl", **labelling)
    with pytest.raises(error, match=fragment):
        there.import_(path, source="demo/mail", annotate="demo/support", progress=False)
    assert (ds.info.n_messages, ds.info.n_labels) == (0, 0)


def test_the_dataset_must_have_the_source(there: Workspace, exported: Path, tmp_path: Path) -> None:
    empty_dataset(there, tmp_path)
    with pytest.raises(InputError, match="does not have the source"):
        there.import_(exported, source="demo/other", annotate="demo/support", progress=False)


def test_places_in_threads_are_columns_that_an_import_passes_over(here: Workspace, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "id,time,text,from,thread\n"
        "1,2026-03-04T10:00:00Z,where is it,ann@x,t1\n"
        "2,2026-03-04T10:00:01.5Z,it is on its way,kim@y,t1\n"
        "3,2026-03-04T09:00:00Z,it was sent today,kim@y,t1\n"
        "4,2026-03-05T10:00:00Z,thanks,ann@x,t1\n"
        "5,2026-03-05T11:00:00Z,alone,,\n",
        "utf-8",
    )
    here.import_(tmp_path / "t.csv", source="demo/mail", progress=False)
    ds = here.create_dataset("demo/support", sources=["demo/mail"])
    uids = ds.messages()["uid"].to_list()
    names = [
        "thread_messages",
        "thread_position",
        "thread_duration_s",
        "thread_response_s",
        "thread_first_sender",
    ]
    read = ds.operations.get_messages(ds.dataset_id, tuple(uids))
    expected = [
        (None,) * 5
        if (place := message.thread) is None
        else (place.n_messages, place.position, place.duration_s, place.response_s, place.first_sender)
        for message in read
    ]
    assert expected[3] == (4, 4, 90_000.0, 3_600.0, "kim@y")
    assert ds.messages().select(names).rows() == expected
    for kind in ("csv", "jsonl", "parquet", "xlsx"):
        # A part of the thread is exported, and told its place in all of it.
        path = ds.export(tmp_path / f"part.{kind}", text="thanks OR alone")
        if kind == "jsonl":
            told = [
                json.loads(line).get("thread_properties") for line in path.read_text("utf-8").splitlines()
            ]
            first = dict(zip(("num_messages", "thread_position", "duration", "response_time", "first_sender"),
                             expected[3], strict=True))  # fmt: skip
            assert told == [first, None]
        elif kind == "parquet":
            assert pl.read_parquet(path).select(names).rows() == expected[3:]
        again = here.import_(path, source="demo/mail", progress=False)
        assert (again.counts.new, again.counts.updated, again.counts.unchanged) == (0, 0, 2), kind


def test_an_unchanged_export_changes_nothing_whatever_texts_begin_with(
    here: Workspace, tmp_path: Path
) -> None:
    begins = [
        "=1+1",
        "+1",
        "-x",
        "@x",
        "\t=x",
        " =x",
        "'=x",
        "''x",
        "'quoted'",
        "＝x",
        "'",
        "\n-x",
        "= x\n- y",
    ]
    rows = [
        {"id": f"m{place}", "date": "2026-03-04T10:00:00Z", "text": f"{text} text", "subject": text, "from": text,
         "to": [text.strip(), "b@x"], "thread": text, "string:Team": text}
        for place, text in enumerate(begins)
    ]  # fmt: skip
    file = tmp_path / "m.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    here.import_(file, source="demo/mail", clean_mail=False, progress=False)
    ds = here.create_dataset("demo/support", sources=["demo/mail"])
    for kind in ("csv", "xlsx", "parquet", "jsonl"):
        path = ds.export(tmp_path / f"out.{kind}")
        again = here.import_(path, source="demo/mail", progress=False)
        assert (again.counts.unchanged, again.counts.updated, again.counts.new) == (len(begins), 0, 0), kind


def test_a_text_that_a_workbook_cut_does_not_replace_the_whole(here: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    lines = [{"id": f"m{n}", "date": "2026-03-04", "text": "x" * n} for n in (40_000, 5, 40)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    here.import_(file, source="demo/mail", progress=False)
    path = here.create_dataset("demo/support", sources=["demo/mail"]).export(tmp_path / "out.xlsx")
    again = here.import_(path, source="demo/mail", on_bad_row="skip", progress=False)
    assert (again.n_bad_rows, again.counts.unchanged, again.counts.updated) == (1, 2, 0)
    assert "was cut by the export; use CSV, JSONL or Parquet" in again.bad_rows[0].problem


def test_text_format_and_context_come_back(here: Workspace, there: Workspace, tmp_path: Path) -> None:
    hostile = '<img src=x onerror="alert(1)">\n\n> **cited**\n\n-- \nAnn'
    given = [
        {"messages": [{"body": {"text": hostile}}], "text_format": "markdown", "context": "c-1"},
        {"messages": [{"body": {"text": "Where is it?\n\nBest regards\nAnn"}}], "context": "c-2",
         "user_properties": {"string:Team": "North"}},
        {"messages": [{"body": {"text": "<b>Hello</b>"}}], "text_format": "html"},
        {"messages": [{"body": {"text": "plainly"}}], "text_format": "plain", "context": None},
    ]  # fmt: skip
    kept = ("messages", "text_format", "context", "user_properties")
    file = tmp_path / "c.jsonl"
    lines = [
        {"comment": {"id": f"m{n}", "timestamp": "2026-03-04T00:00:00Z"} | one} for n, one in enumerate(given)
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    here.import_(file, source="demo/mail", progress=False)
    ds = here.create_dataset("demo/support", sources=["demo/mail"])
    assert ds.messages()["body"].to_list() == [hostile, "Where is it?", "<b>Hello</b>", "plainly"]
    exported = ds.export(tmp_path / "out.jsonl")
    again = [json.loads(line)["comment"] for line in exported.read_text("utf-8").splitlines()]
    cut = {
        "body": {"text": "Where is it?"},
        "signature": {"text": "Best regards\nAnn"},
    }  # mail, unless it is told
    expected = [given[0], given[1] | {"messages": [cut]}, given[2], {"messages": given[3]["messages"]}]
    assert [{key: one[key] for key in kept if key in one} for one in again] == expected
    there.import_(exported, source="demo/mail", progress=False)
    copied = there.create_dataset("demo/support", sources=["demo/mail"])
    assert state(copied) == state(ds)
    counts = here.import_(exported, source="demo/mail", progress=False).counts
    assert (counts.unchanged, counts.updated, counts.new) == (4, 0, 0)
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({"comment": lines[1]["comment"] | {"context": {"x": 1}}}), "utf-8")
    with pytest.raises(FileFormatError, match="row 1 is an object; a text is needed"):
        here.import_(bad, source="demo/mail", progress=False)
