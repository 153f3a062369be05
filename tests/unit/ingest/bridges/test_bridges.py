"""Ten files of every tool, there and back, and ten messages of ours through each of them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import FileFormatError
from workbench.ingest.bridges import (
    Argilla,
    Bridge,
    LabelStudio,
    Prodigy,
    Spacy,
    Tool,
    labelling_config,
    read_items,
    said_of,
    write_items,
)

FIXTURES = Path(__file__).parent / "fixtures"
WHEN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
FILLED = "2026-01-31T09:30:00Z"
TOOLS: dict[str, Tool] = {
    "prodigy": Prodigy(), "argilla": Argilla(), "label_studio": LabelStudio(), "spacy": Spacy(),
}  # fmt: skip
FILES = sorted(path for name in TOOLS for path in (FIXTURES / name).iterdir())
OURS = [line for _, line in read_items(FIXTURES / "ours.jsonl")]

NO: tuple[list[str], list[str]] = ([], [])
SAYS: dict[str, dict[str, list[tuple[list[str], list[str]] | None]]] = {
    "prodigy": {
        "01-binary-accept": [(["Delivery damage"], [])],
        "02-binary-reject": [([], ["Complaint"])],
        "03-binary-ignore": [None],
        "04-choice-multiple": [(["Wrong item", "Late"], [])],
        "05-choice-single": [(["CANCEL"], [])],
        "06-choice-numbered": [(["Billing > Invoice"], [])],
        "07-choice-none": [NO, None],
        "08-spans": [None],
        "09-not-yet-answered": [None],
        "10-same-text-twice": [(["Late"], []), ([], ["Refund"]), (["Parcel > Lost"], [])],
    },
    "argilla": {
        "01-multi-label": [(["Parcel > Late", "Parcel > Damaged"], [])],
        "02-single-label": [(["Cancel"], [])],
        "03-suggestion": [None],
        "04-two-annotators": [(["Quality"], [])],
        "05-other-questions": [(["Price"], [])],
        "06-two-fields": [None],
        "07-other-field-name": [(["Complaint"], [])],
        "08-vectors": [None],
        "09-spans": [(["Callback"], [])],
        "10-several-records": [None, (["Größe > Falsch"], [])],
    },
    "label_studio": {
        "01-choices-single": [(["Cancel"], [])],
        "02-choices-multiple": [(["Late", "Damaged"], [])],
        "03-taxonomy": [(["Billing", "Billing > Invoice"], [])],
        "04-two-annotations": [(["Quality"], [])],
        "05-skipped": [None],
        "06-nothing-applies": [NO],
        "07-predictions": [None],
        "08-spans-and-rating": [(["Payment"], [])],
        "09-dismissed": [(["Praise"], ["Parcel > Late"])],
        "10-several-tasks": [None, (["Größe > Falsch"], [])],
    },
    "spacy": {
        "01-exclusive": [(["CANCEL"], [])],
        "02-multilabel": [(["Parcel > Late", "Parcel > Damaged"], [])],
        "03-pair": [(["POSITIVE"], [])],
        "04-pair-with-entities": [(["PAYMENT"], [])],
        "05-doc-to-json": [(["PAYMENT"], [])],
        "06-version-2": [(["BILLING"], [])],
        "07-nothing-applies": [NO],
        "08-no-cats": [None],
        "09-array-of-pairs": [(["LATE"], []), NO],
        "10-span-groups": [(["Größe > Falsch"], [])],
    },
}
TWICE = "ids that stood on more than one message"
LOST: dict[str, dict[str, dict[str, int]]] = {
    "prodigy": {
        "07-choice-none": {"choices that were rejected as a whole": 1},
        "08-spans": {"spans (marked in the text)": 2},
        "10-same-text-twice": {TWICE: 1},
    },
    "argilla": {
        "03-suggestion": {"suggestions for 'labels'": 1},
        "04-two-annotators": {"labels that another annotator gave": 1},
        "05-other-questions": {
            "responses to 'quality'": 1, "responses to 'order'": 1, "suggestions for 'quality'": 1,
        },
        "08-vectors": {"the vector 'minilm'": 1},
        "09-spans": {"responses to 'names'": 1},
    },
    "label_studio": {
        "04-two-annotations": {"annotations of another annotator": 1},
        "05-skipped": {"annotations that were skipped": 1},
        "07-predictions": {"predictions": 1},
        "08-spans-and-rating": {"results of 'marks'": 1, "results of 'stars'": 1},
    },
    "spacy": {
        "04-pair-with-entities": {"entities (marked in the text)": 2},
        "05-doc-to-json": {
            "scores between 0 and 1": 2, "ents (marked in the text)": 1, "tokens of the text": 1,
            "sents of the text": 1,
        },
        "06-version-2": {"sentences of the text": 1},
        "09-array-of-pairs": {TWICE: 1},
        "10-span-groups": {"spans (marked in the text)": 1},
    },
}  # fmt: skip


def case(path: Path) -> tuple[str, str]:
    return path.parent.name, path.stem


def lines_of(path: Path) -> tuple[Bridge, list[dict[str, Any]]]:
    bridge = Bridge(TOOLS[path.parent.name], when=WHEN)
    return bridge, [bridge.to_line(item, place) for place, item in read_items(path)]


def test_every_tool_has_ten_fixtures_and_each_is_expected() -> None:
    for name in TOOLS:
        found = sorted(path.stem for path in FILES if path.parent.name == name)
        assert len(found) == 10
        assert found == sorted(SAYS[name])
    assert len(OURS) == 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_theirs_to_ours_and_back(path: Path) -> None:
    """Labels, losses and ids are what they should be, and every field comes back as it was."""
    name, stem = case(path)
    bridge, lines = lines_of(path)
    said = [said_of(line, "") for line in lines]
    expected = SAYS[name][stem]
    assert [one and (list(one.assigned), list(one.dismissed)) for one in said] == expected
    assert bridge.losses.counts == LOST[name].get(stem, {})
    ids = [line["comment"]["id"] for line in lines]
    assert len(set(ids)) == len(ids)
    items = [item for _, item in read_items(path)]
    back = [Bridge(TOOLS[name]).to_item(line, "") for line in lines]
    assert back == items


@pytest.mark.parametrize("name", TOOLS)
@pytest.mark.parametrize("line", OURS, ids=lambda line: line["comment"]["id"])
def test_ours_to_theirs_and_back(name: str, line: dict[str, Any]) -> None:
    labels = sorted({"Parcel > Late", "Refund", *_assigned(line)})
    bridge = Bridge(TOOLS[name], labels=labels)
    item = bridge.to_item(line, "line 1")
    assert bridge.to_line(item, "line 1") == line
    assert not bridge.losses


@pytest.mark.parametrize("name", TOOLS)
def test_fields_that_a_message_has_a_place_for(name: str) -> None:
    found = {}
    for path in FILES:
        if path.parent.name == name:
            for line in lines_of(path)[1]:
                comment = line["comment"]
                remembered = Bridge(TOOLS[name]).property
                properties = {
                    key: value for key, value in comment["user_properties"].items() if key != remembered
                }
                found[comment["id"]] = (
                    comment["timestamp"],
                    comment["messages"][0]["body"]["text"],
                    properties,
                )
    expected = {
        "prodigy": ("mail-1", FILLED, "The driver left my parcel in the rain.",
                    {"string:Annotator": "dlv-ana", "string:source": "support mail", "string:id": "mail-1"}),
        "argilla": ("r-6", "2025-01-06T08:30:00Z", "I paid twice.",
                    {"string:subject": "Invoice 20", "string:date": "2025-01-06T08:30:00Z"}),
        "label_studio": ("mail-9", FILLED, "It came, thanks.", {"string:team": "north", "number:stars": 5}),
        "spacy": ("mail-2", FILLED, "Late and wet.", {"string:id": "mail-2", "string:team": "north"}),
    }[name]  # fmt: skip
    assert found[expected[0]] == expected[1:]


@pytest.mark.parametrize("name", TOOLS)
def test_labels_that_people_changed_there_arrive(name: str) -> None:
    """Ours goes out, somebody assigns another label there, and it comes back with it; sentiments stay."""
    line = next(one for one in OURS if one["comment"]["id"] == "sentiment")
    bridge = Bridge(TOOLS[name], labels=["Price", "Parcel > Late", "Refund"])
    item = bridge.to_item(line, "")
    there = Bridge(TOOLS[name]).tool.labelled(item, _said(["Price", "Refund"]), "")
    assert there != item
    back = bridge.to_line(there, "")
    assert back["labelling"] == [
        {"group": "default", "assigned": [{"name": "Price", "sentiment": "positive"}, {"name": "Refund"}],
         "dismissed": []},
    ]  # fmt: skip
    assert back["comment"] == line["comment"]


@pytest.mark.parametrize("name", TOOLS)
def test_labels_that_people_changed_here_arrive(name: str) -> None:
    """Theirs comes in, somebody labels it here, and it goes back with the label and all that it had."""
    path = next(path for path in FILES if path.parent.name == name)
    ((_, item),) = read_items(path)
    (line,) = lines_of(path)[1]
    changed = line | {
        "labelling": [{"group": "default", "assigned": [{"name": "New > One"}], "dismissed": []}]
    }
    bridge = Bridge(TOOLS[name])
    out = bridge.to_item(changed, "")
    assert said_of(bridge.to_line(out, ""), "") == _said(["New > One"])
    bare = TOOLS[name].keep(out, None)
    assert set(bare) == set(item)


@pytest.mark.parametrize("name", ["prodigy", "argilla", "spacy"])
def test_dismissed_labels_stay_where_the_tool_has_no_place_for_them(name: str) -> None:
    line = next(one for one in OURS if one["comment"]["id"] == "dismissed")
    bridge = Bridge(TOOLS[name])
    there = TOOLS[name].labelled(bridge.to_item(line, ""), _said(["Refund"]), "")
    assert said_of(bridge.to_line(there, ""), "") == _said(["Refund"], ["Parcel > Late"])


def test_what_another_tool_adds_is_remembered() -> None:
    """A task of ours that was answered there goes back with the hashes and the session that it got."""
    line = OURS[3]
    bridge = Bridge(Prodigy(), labels=["Price"])
    there = bridge.to_item(line, "") | {"_task_hash": 5, "_session_id": "set-bo", "answer": "accept"}
    back = bridge.to_line(there, "")
    assert back["labelling"] == line["labelling"]
    again = bridge.to_item(back, "")
    assert Prodigy().keep(again, None) == Prodigy().keep(there, None)
    assert bridge.to_line(again, "") == back
    taken = line["comment"] | {"user_properties": {bridge.property: "a word of somebody"}}
    there = bridge.to_item(line | {"comment": taken}, "") | {"_task_hash": 5}
    assert bridge.to_line(there, "")["comment"] == taken
    assert list(bridge.losses.counts) == [
        "what Prodigy added, for the property 'string:Prodigy task' is taken"
    ]


def test_a_text_that_was_changed_in_a_message_of_parts_is_named() -> None:
    line = next(one for one in OURS if one["comment"]["id"] == "parts")
    bridge = Bridge(Prodigy())
    back = bridge.to_line(bridge.to_item(line, "") | {"text": "Something else"}, "")
    assert back["comment"]["messages"] == line["comment"]["messages"]
    assert bridge.losses.counts == {"a text that was changed in a message of several parts": 1}


def test_an_item_too_long_to_remember_is_a_named_loss() -> None:
    item = {"text": "Hi", "label": "Late", "answer": "accept", "tokens": ["word"] * 20_000}
    bridge = Bridge(Prodigy(), when=WHEN)
    line = bridge.to_line(item, "")
    assert bridge.losses.counts == {"tokens of more than 65,536 characters": 1}
    assert Bridge(Prodigy()).to_item(line, "") == {"text": "Hi", "label": "Late", "answer": "accept"}


def test_a_long_text_is_carried() -> None:
    text = "é" * 10_000_000
    bridge = Bridge(Prodigy(), when=WHEN)
    line = bridge.to_line({"text": text, "label": "Late", "answer": "accept"}, "")
    assert line["comment"]["messages"][0]["body"]["text"] == text
    assert len(str(line["comment"]["user_properties"])) < 1_000
    assert bridge.to_item(line, "")["text"] == text


def test_the_labelling_configuration_is_the_tree_and_steers_nothing() -> None:
    config = labelling_config(["A", "A > B", 'C "x" <y & z'])
    assert config.count('<Choice value="A">\n      <Choice value="B"/>') == 2
    assert "<Choice value='C \"x\" &lt;y &amp; z'/>" in config
    assert '<Taxonomy name="labels" toName="text">' in config


def test_questions_and_texts_are_chosen_by_name(tmp_path: Path) -> None:
    record: dict[str, Any] = {
        "id": "1", "fields": {"prompt": "Why?", "reply": "Because."},
        "responses": {"topic": [{"value": ["A"], "user_id": "u"}], "mood": [{"value": "Bad", "user_id": "u"}]},
    }  # fmt: skip
    with pytest.raises(FileFormatError, match="2 texts in 'fields'") as failure:
        Bridge(Argilla(), when=WHEN).to_line(record, "record 1 (line 1)")
    assert "--text" in failure.value.next_step
    with pytest.raises(FileFormatError, match="several questions") as failure:
        Bridge(Argilla(text="reply"), when=WHEN).to_line(record, "record 1 (line 1)")
    assert "--question topic or mood" in failure.value.next_step
    bridge = Bridge(Argilla(text="reply", question="mood"), when=WHEN)
    line = bridge.to_line(record, "")
    assert line["comment"]["messages"] == [{"body": {"text": "Because."}}]
    assert said_of(line, "") == _said(["Bad"])
    assert line["comment"]["user_properties"]["string:prompt"] == "Why?"
    assert bridge.to_item(line, "") == record
    del tmp_path


def test_files_written_are_read_again(tmp_path: Path) -> None:
    for as_array in (False, True):
        path = tmp_path / f"items-{as_array}"
        items = [{"text": "a\u2028b", "n": 1}, {"text": "\ud800 lone", "n": [2.5, None]}]
        assert write_items(path, items, as_array=as_array) == 2
        assert [item for _, item in read_items(path)] == items


def _assigned(line: dict[str, Any]) -> tuple[str, ...]:
    said = said_of(line, "")
    return () if said is None else said.assigned


def _said(assigned: list[str], dismissed: list[str] | None = None) -> Any:
    line = {
        "labelling": [{"assigned": [{"name": name} for name in assigned],
                       "dismissed": [{"name": name} for name in dismissed or []]}]
    }  # fmt: skip
    return said_of(line, "")
