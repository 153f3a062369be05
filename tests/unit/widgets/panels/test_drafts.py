"""Conditions as fields of an editor, and back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    Bounds,
    ExceptionFilter,
    LabelFilter,
    LabelId,
    MessageFilter,
    PropertyFilter,
    SourceId,
    ThreadFilter,
    Uid,
)
from workbench.errors import FilterError
from workbench.widgets.panels.conditions import one_by_one
from workbench.widgets.panels.drafts import Draft, condition_of, draft_of, kind_of, put
from workbench.widgets.panels.fields import MENU, fields_of

A, B = (LabelFilter(label_id=LabelId(letter * 16)) for letter in "ab")
PERSON = AddressFilter(
    one_of=("a@x.example",),
    not_one_of=("b",),
    domain_one_of=("c",),
    domain_not_one_of=("d",),
    missing="include",
)
EVERYTHING = MessageFilter(
    sender=PERSON,
    recipient=AddressFilter(missing="only"),
    cc=AddressFilter(),
    bcc=PERSON,
    reviewed=False,
    translated=True,
    exceptions=ExceptionFilter(tagged=False, types=("No Prediction",), streams=("refunds",)),
    text_in="any",
    thread_id="t 1",
    languages=("en", "de"),
    sources=(SourceId("e" * 16),),
    clusters=(-1, 3),
    attachments=AttachmentFilter(at_least=0, at_most=0),
    thread=ThreadFilter(
        n_messages=Bounds(at_least=3),
        position=Bounds(at_least=1, at_most=1),
        duration_s=Bounds(at_most=5_400),
        response_s=Bounds(at_least=12.5, at_most=86_400),
        answered=False,
        first_sender=PERSON,
    ),
    properties=(
        PropertyFilter(
            name="string:Team", one_of=("North", "<b>"), domain_not_one_of=("x",), missing="exclude"
        ),
        PropertyFilter(name="string:Any"),
        PropertyFilter(name="number:NPS", at_least=-0.5, at_most=8, one_of=(1.0, 2.25)),
    ),
    labels=(A, replace(B, status="predicted", at_least=0.57, at_most=0.9)),
)


def test_every_condition_comes_back_from_its_fields() -> None:
    either = MessageFilter(labels=(A, replace(B, status="dismissed")), labels_match="any")
    alike = MessageFilter(labels=(replace(A, at_least=0.7), replace(B, at_least=0.7)), labels_match="any")
    other_files = MessageFilter(attachments=AttachmentFilter(at_most=3, types=("image/*",)))
    found = [one.condition for where in (EVERYTHING, either, alike, other_files) for one in one_by_one(where)]
    for condition in found:
        kind, draft = kind_of(condition), draft_of(condition)
        assert set(draft) <= {field["key"] for field in fields_of(kind)}, kind
        assert condition_of(kind, draft) == condition
    offered = {kind for _, kinds in MENU for kind, _ in kinds} - {"property"}
    assert offered <= {kind_of(condition) for condition in found}
    assert kind_of(MessageFilter(uids=(Uid("u"),))) == ""
    built = MessageFilter()
    for one in one_by_one(EVERYTHING):
        built = put(built, one.condition)
    assert built == EVERYTHING


def test_a_changed_condition_keeps_its_place_among_its_like() -> None:
    second = next(one for one in one_by_one(EVERYTHING) if kind_of(one.condition) == "string:Any")
    changed = put(
        second.rest, MessageFilter(properties=(PropertyFilter(name="string:Any", missing="only"),)), 1
    )
    assert [one.name for one in changed.properties] == ["string:Team", "string:Any", "number:NPS"]


def test_labels_of_which_any_is_enough_stand_alone() -> None:
    either = MessageFilter(labels=(A, B), labels_match="any")
    for rest, more in ((MessageFilter(labels=(A,)), either), (either, MessageFilter(labels=(A,)))):
        with pytest.raises(FilterError, match="cannot stand beside other labels") as refused:
            put(rest, more)
        assert refused.value.details["field"] == "match"
    alone = condition_of("label", {"values": [A.label_id], "match": "any"})
    assert alone == MessageFilter(labels=(A,)) and put(alone, MessageFilter(labels=(B,))).labels == (A, B)


@pytest.mark.parametrize(
    ("kind", "draft", "field", "words"),
    [
        ("number:NPS", {"at_least": "eight"}, "at_least", "'eight' is no number."),
        ("number:NPS", {"at_least": "nan"}, "at_least", "no number"),
        ("number:NPS", {"at_least": "8", "at_most": "2"}, "at_most", "2 is less than 8."),
        ("number:NPS", {"one_of": ["1", "x"]}, "one_of", "'x' is no number."),
        ("attachments", {"at_least": "1.5"}, "at_least", "no number of files"),
        ("attachments", {"at_least": "2", "at_most": "1"}, "at_most", "1 is less than 2"),
        ("thread", {"response_from": "soon"}, "response_from", "'soon' cannot be read. Write 90m"),
        ("thread", {"messages_from": "3", "messages_to": "2"}, "messages_to", "less than where it begins"),
        ("label", {}, "values", "no label is chosen"),
        ("label", {"values": ["a"], "at_least": "120"}, "at_least", "120 % is no probability"),
        ("label", {"values": ["a"], "at_least": "60", "at_most": "50"}, "at_most", "50 % is less than 60 %"),
        ("language", {"values": []}, "values", "nothing is chosen"),
        ("cluster", {"values": ["x"]}, "values", "'x' is no cluster"),
        ("translated", {}, "value", "nothing is given"),
    ],
)
def test_an_answer_that_cannot_be_used_is_told_at_its_field(
    kind: str, draft: Draft, field: str, words: str
) -> None:
    with pytest.raises(FilterError) as refused:
        condition_of(kind, draft)
    assert refused.value.details["field"] == field and words in str(refused.value)
