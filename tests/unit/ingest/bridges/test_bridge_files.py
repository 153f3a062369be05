"""Hostile files: every refusal names line, value and next step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import FileFormatError, InputError
from workbench.ingest.bridges import Argilla, Bridge, LabelStudio, Prodigy, Spacy, Tool, items, read_items
from workbench.workspace.converting import convert_file

WHEN = datetime(2026, 1, 31, tzinfo=UTC)
GOOD = '{"text": "fine", "label": "A", "answer": "accept"}\n'

BROKEN_FILES = {
    "cut line": (GOOD + '{"text": "half', "line 2 is not JSON (Unterminated", '\\"half'),
    "no JSON": (GOOD + "\n\nhello\n", "line 4 is not JSON", "hello"),
    "two on a line": ('{"a": 1} {"b": 2}\n', "line 1 has more than one JSON value", "b"),
    "key twice": ('{"text": "a", "text": "b"}\n', "line 1 has a key twice", '"text"'),
    "not a number": ('{"text": "a", "score": NaN}\n', "line 1 has a number that is not JSON", "NaN"),
    "digits": (f'{{"n": {"9" * 5_000}}}\n', "line 1 has a number of too many digits", "999"),
    "nested": ('{"n": ' + "[" * 100_000 + "\n", "line 1 is nested too deeply", "[["),
    "raw NUL": (GOOD * 20 + '{"text": "a\0b"}\n', "line 21 is not JSON", "Invalid control character"),
    "cut array": ('[{"text": "a"},\n {"text": ', "entry 2 (line 2) is not JSON", "Expecting value"),
    "open array": ('[{"text": "a"}\n', "after entry 1 (line 1) the array", "does not go on"),
    "no comma": ('[{"text": "a"} {"text": "b"}]', "after entry 1 (line 1) the array", "{"),
    "after the array": ('[{"text": "a"}]\nhello', "after the array the file goes on", "h"),
    "fault in an array": ('[{"text": oops, "more": "' + "x" * 100 + '"}]', "entry 1 (line 1) is not JSON", "oops"),
    "empty": (" \n", "the file is empty", "items.json"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_names_the_place_and_the_value(name: str, tmp_path: Path) -> None:
    text, place, value = BROKEN_FILES[name]
    path = tmp_path / "items.json"
    path.write_text(text, "utf-8", newline="")
    with pytest.raises(FileFormatError) as failure:
        list(read_items(path))
    assert place in failure.value.message
    assert value in failure.value.message
    assert failure.value.next_step
    assert len(failure.value.message) < 300


def test_a_file_that_is_packed_or_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "items.json"
    path.write_bytes(b"\x1f\x8b\x08\x00rest")
    with pytest.raises(FileFormatError, match="packed as gzip") as failure:
        list(read_items(path))
    assert failure.value.next_step == "Unpack it first."
    path.write_bytes(GOOD.encode() + b'{"text": "caf\xe9"}\n')
    with pytest.raises(FileFormatError, match=r"byte \d+ \(0xe9\) in row 2"):
        list(read_items(path))


def test_an_entry_without_end_is_refused_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "LINE_CHARACTERS", 100_000)
    path = tmp_path / "items.json"
    for start in ('{"text": "', '[{"text": "'):
        path.write_text(start + "x" * 1_000_000, "utf-8")
        with pytest.raises(FileFormatError, match="begins an entry of more than 100,000 characters"):
            list(read_items(path))


@pytest.mark.parametrize("size", [1, 7, 65_536])
def test_items_do_not_depend_on_the_pieces_they_are_read_in(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "_PIECE", size)
    path = tmp_path / "items.json"
    path.write_text('\ufeff [ {"a": "x\\u00e9\\"y", "b": [1, -2.5e3, true]} ,\n\n{"a": {}}\n]\n', "utf-8")
    assert list(read_items(path, item="task")) == [
        ("task 1 (line 1)", {"a": 'xé"y', "b": [1, -2500.0, True]}),
        ("task 2 (line 3)", {"a": {}}),
    ]
    path.write_text('["x", {"cats": {}}]\n["y", {}]', "utf-8")
    assert [place for place, _ in read_items(path)] == ["line 1", "line 2"]
    path.write_text("[ ]", "utf-8")
    assert list(read_items(path)) == []


BAD_ITEMS: list[tuple[Tool, Any, str, str]] = [
    (Prodigy(), 3, "is no task", "3"),
    (Prodigy(), {"label": "A"}, "has no text under 'text'", "null"),
    (Prodigy(), {"text": ["a"]}, "has no text under 'text'", "a list of 1"),
    (Prodigy(), {"text": " \n"}, "has an empty text", '" \\n"'),
    (Prodigy(), {"text": "a\0b"}, "has a NUL character in its text", "a\\u0000b"),
    (Prodigy(), {"text": "a", "answer": "maybe"}, "has an answer that is none", "maybe"),
    (Prodigy(), {"text": "a", "label": 7, "answer": "accept"}, "has a label that cannot be", "7"),
    (Prodigy(), {"text": "a", "label": "x" * 200}, "at most 64 are allowed", "xxx"),
    (Prodigy(), {"text": "a", "accept": "A", "answer": "accept"}, "has 'accept' that is no list", '"A"'),
    (Prodigy(), {"text": "a", "accept": [4], "answer": "accept"}, "accepts an option that has no name", "4"),
    (Prodigy(), {"text": "a", "options": [{"text": "A"}]}, "has an option without an id", "an object with 'text'"),
    (Prodigy(), {"text": "a", "options": ["A"]}, "has an entry of 'options' that is no object", '"A"'),
    (Prodigy(), {"text": "a", "meta": "web"}, "has 'meta' that is no object", '"web"'),
    (Argilla(), {"text": "a"}, "is no record with 'fields'", "an object with 'text'"),
    (Argilla(), {"fields": {"a": "x", "b": "y"}}, "has 2 texts in 'fields'", "'a', 'b'"),
    (Argilla(), {"fields": {"text": 5}}, "has no text under 'text'", "5"),
    (Argilla(), {"fields": {"text": "a"}, "responses": {"labels": {"value": "A"}}}, "has 'labels' that is no list", "value"),
    (Argilla(), {"fields": {"text": "a"}, "responses": {"labels": [{"value": [3]}]}}, "has a label that cannot be", "null"),
    (LabelStudio(), {"text": "a"}, "is no task with 'data'", "an object with 'text'"),
    (LabelStudio(), {"data": {}}, "has 0 texts in 'data'", "no keys"),
    (LabelStudio(), {"data": {"text": "a"}, "annotations": [5]}, "has an entry of 'annotations'", "5"),
    (LabelStudio(), {"data": {"text": "a"}, "annotations": [{"result": [
        {"type": "choices", "from_name": one, "value": {"choices": ["A"]}} for one in ("x", "y")]}]},
     "has several controls that may hold labels", "x"),
    (Spacy(), "a", "is no document", '"a"'),
    (Spacy(), ["a", 5], "is no document", "a list of 2"),
    (Spacy(), {"text": "a", "cats": {"A": 2}}, "has the category 'A' with a value that is none", "2"),
    (Spacy(), {"text": "a", "cats": {"A": "yes"}}, "has the category 'A' with a value that is none", "yes"),
    (Spacy(), {"paragraphs": [{"raw": "a"}, {"raw": "b"}]}, "has other than one paragraph", "a list of 2"),
]  # fmt: skip


@pytest.mark.parametrize(("tool", "item", "problem", "value"), BAD_ITEMS)
def test_a_bad_item_names_its_place_value_and_next_step(
    tool: Tool, item: Any, problem: str, value: str
) -> None:
    with pytest.raises(FileFormatError) as failure:
        Bridge(tool, when=WHEN).to_line(item, "line 7")
    assert failure.value.message.startswith("line 7 ")
    assert problem in failure.value.message
    assert value in failure.value.message
    assert failure.value.next_step
    assert failure.value.details["place"] == "line 7"


BAD_LINES: list[tuple[Any, str]] = [
    ({"text": "a"}, "is no comment"),
    ([{"comment": {}}], "is no comment"),
    ({"comment": {"id": "a"}}, "has no text under 'messages'"),
    ({"comment": {"messages": [{"subject": {"text": "a"}}]}}, "has a message without a text under 'body'"),
    ({"comment": {"messages": [{"body": {"text": 5}}]}}, "has a message without a text under 'body'"),
    ({"comment": {"messages": ["a"]}}, "has an entry of 'messages' that is no object"),
    ({"comment": {"messages": [{"body": {"text": "a"}}]}, "labelling": [{"assigned": [{}]}]}, "label that cannot be"),
    ({"comment": {"messages": [{"body": {"text": "a"}}]}, "labelling": [{"assigned": 5}]}, "that is no list"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "problem"), BAD_LINES)
def test_a_bad_line_of_ours_is_refused(line: Any, problem: str) -> None:
    with pytest.raises(FileFormatError, match=f"line 3 .*{problem}"):
        Bridge(Prodigy()).to_item(line, "line 3")


def test_a_message_without_a_time_is_refused_with_the_way_out() -> None:
    with pytest.raises(FileFormatError, match="line 1 has no time") as failure:
        Bridge(Prodigy()).to_line({"text": "a"}, "line 1")
    assert "--time" in failure.value.next_step


def test_nothing_is_left_of_a_conversion_that_failed(tmp_path: Path) -> None:
    path, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    path.write_text(GOOD + "broken\n", "utf-8")
    target.write_text("what was there", "utf-8")
    with pytest.raises(FileFormatError, match="line 2"):
        convert_file(path, target, source="prodigy", goal="comments", when=WHEN)
    assert target.read_text("utf-8") == "what was there"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


def test_one_tool_to_another_and_what_cannot_be_asked(tmp_path: Path) -> None:
    path, target, config = (tmp_path / name for name in ("in.jsonl", "out.json", "config.xml"))
    path.write_text(GOOD * 2, "utf-8")
    told: list[tuple[int, int]] = []
    done = convert_file(
        path, target, source="prodigy", goal="label-studio", when=WHEN, config=config,
        progress=lambda at, total: told.append((at, total)),
    )  # fmt: skip
    assert (done.n_items, done.n_timed, done.labels) == (2, 2, ("A",))
    assert done.losses == {"ids that stood on more than one message": 1}
    assert [task["data"]["text"] for _, task in read_items(target)] == ["fine", "fine"]
    assert '<Choice value="A"/>' in config.read_text("utf-8")
    assert told[-1][0] == told[-1][1] == 2 * path.stat().st_size
    for given, problem in (
        ({"source": "prodigy", "goal": "prodigy"}, "is of 'prodigy' already"),
        ({"source": "brat", "goal": "comments"}, "no bridge to 'brat'"),
    ):
        with pytest.raises(InputError, match=problem) as failure:
            convert_file(path, target, **given)  # type: ignore[arg-type]
        assert failure.value.next_step
    with pytest.raises(InputError, match="is the file to be read"):
        convert_file(path, path, source="prodigy", goal="comments")
    with pytest.raises(InputError, match="there is no file"):
        convert_file(tmp_path / "none", target, source="prodigy", goal="comments")
