"""Comment filters: what each key means, what is refused, and that what is read means what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.domain.test_filter_query import filters, labels
from workbench.api.shapes.attributes import AttributeFilter
from workbench.api.shapes.filters import CommentFilter, comment_filter_of, message_filter
from workbench.api.shapes.labels import joined, split_name
from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    Bounds,
    Dataset,
    ExceptionFilter,
    LabelFilter,
    LabelId,
    MessageFilter,
    Operations,
    PropertyFilter,
    SourceId,
    ThreadFilter,
)
from workbench.errors import FilterError, LabelPathError, UnknownNameError, UnsupportedError

A, B, C = (LabelId(f"{digit:016x}") for digit in (1, 2, 3))
NAMES = {A: "A", B: "A > B", C: "C"}
THERE = cast(
    Operations,
    SimpleNamespace(
        labels=lambda _dataset_id: [
            SimpleNamespace(label_id=label_id, name=name) for label_id, name in NAMES.items()
        ],
        streams=lambda _dataset_id: [SimpleNamespace(name="refunds")],
    ),
)
DATASET = cast(Dataset, SimpleNamespace(dataset_id="0" * 16))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def meant(body: dict[str, Any], attributes: Sequence[dict[str, Any]] = ()) -> MessageFilter:
    read = msgspec.convert(body, CommentFilter)
    return message_filter(read, THERE, DATASET, msgspec.convert(attributes, list[AttributeFilter]))


def attribute(name: str, kind: str, **values: Any) -> dict[str, Any]:
    return {"attribute": name, "filter": {"kind": kind, **values}}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, MessageFilter()),
        (
            {
                "timestamp": {},
                "messages": {"from": {}, "to": {}, "recipient": {}},
                "user_properties": {"string:Team": {}},
                "annotations": {"labels": {}},
                "thread_properties": {"num_messages": {}},
                "trigger_exceptions": {},
                "entities": {"one_of": []},
            },
            MessageFilter(),
        ),
        ({"trigger_exceptions": {"tagged": True}}, MessageFilter(exceptions=ExceptionFilter())),
        ({"trigger_exceptions": {"tagged": False}}, MessageFilter(exceptions=ExceptionFilter(tagged=False))),
        (
            {"trigger_exceptions": {"types": ["No Prediction"], "streams": ["refunds"]}},
            MessageFilter(exceptions=ExceptionFilter(types=("No Prediction",), streams=("refunds",))),
        ),
        ({"reviewed": "only_reviewed"}, MessageFilter(reviewed=True)),
        ({"reviewed": "only_unreviewed"}, MessageFilter(reviewed=False)),
        ({"timestamp": {"minimum": "2026-03-01T12:00:00"}}, MessageFilter(since=NOON)),
        (
            {"timestamp": {"minimum": "2026-03-01T13:00:00+01:00", "maximum": "2026-03-01T12:00:00Z"}},
            MessageFilter(since=NOON, until=NOON + timedelta(microseconds=1)),
        ),
        ({"sources": ["0" * 16]}, MessageFilter(sources=(SourceId("0" * 16),))),
        (
            {
                "messages": {
                    "from": {"one_of": ["a@x.example"], "include_missing": True},
                    "to": {"domain_not_one_of": ["x.example"]},
                    "cc": {"not_one_of": ["b@x.example"], "include_missing": False},
                    "bcc": {"domain_one_of": ["y.example"]},
                }
            },
            MessageFilter(
                sender=AddressFilter(one_of=("a@x.example",), missing="include"),
                recipient=AddressFilter(domain_not_one_of=("x.example",)),
                cc=AddressFilter(not_one_of=("b@x.example",), missing="exclude"),
                bcc=AddressFilter(domain_one_of=("y.example",)),
            ),
        ),
        (
            {
                "user_properties": {
                    "string:Team": {"one_of": ["N"], "not_one_of": ["S"], "domain_not_one_of": ["x.example"]},
                    "number:NPS": {"minimum": 3, "maximum": 8, "one_of": [4]},
                }
            },
            MessageFilter(
                properties=(
                    PropertyFilter(
                        name="string:Team", one_of=("N",), not_one_of=("S",), domain_not_one_of=("x.example",)
                    ),
                    PropertyFilter(name="number:NPS", at_least=3, at_most=8, one_of=(4,)),
                )
            ),
        ),
        (
            {"annotations": {"labels": {"one_of": ["A > B"], "not_one_of": ["A", "C"]}}},
            MessageFilter(
                labels=(
                    LabelFilter(label_id=B, status="assigned"),
                    LabelFilter(label_id=A, status="not_assigned"),
                    LabelFilter(label_id=C, status="not_assigned"),
                )
            ),
        ),
        (
            {"annotations": {"labels": {"one_of": ["A", "C"]}}},
            MessageFilter(
                labels=(
                    LabelFilter(label_id=A, status="assigned"),
                    LabelFilter(label_id=C, status="assigned"),
                ),
                labels_match="any",
            ),
        ),
        (
            {
                "thread_properties": {
                    "num_messages": {"minimum": 2},
                    "response_time": {"maximum": 60},
                    "first_sender": {"one_of": ["a@x.example"]},
                }
            },
            MessageFilter(
                thread=ThreadFilter(
                    n_messages=Bounds(at_least=2),
                    response_s=Bounds(at_most=60),
                    first_sender=AddressFilter(one_of=("a@x.example",)),
                )
            ),
        ),
        ({"_query": "text=refund", "reviewed": "only_reviewed"}, MessageFilter(text="refund", reviewed=True)),
    ],
)
def test_each_key_means_what_it_says(body: dict[str, Any], where: MessageFilter) -> None:
    assert meant(body) == where


@pytest.mark.parametrize(
    ("attributes", "where"),
    [
        (
            [attribute("labels", "string_any_of", any_of=["A", "C"])],
            MessageFilter(labels=(LabelFilter(label_id=A), LabelFilter(label_id=C)), labels_match="any"),
        ),
        (
            [
                attribute("labels", "string_any_of", any_of=["A"]),
                attribute("labels", "string_none_of", none_of=["C"]),
            ],
            MessageFilter(labels=(LabelFilter(label_id=A), LabelFilter(label_id=C, status="absent"))),
        ),
        (
            [
                attribute(
                    "labels",
                    "assigned_predicted_present",
                    any_assigned=["A"],
                    any_predicted=["C"],
                )
            ],
            MessageFilter(
                labels=(
                    LabelFilter(label_id=A, status="assigned"),
                    LabelFilter(label_id=C, status="predicted"),
                ),
                labels_match="any",
            ),
        ),
        (
            [
                attribute("attachment_property_types", "string_any_of", any_of=[".pdf"]),
                attribute("attachment_property_num_attachments", "number_range", minimum=2, maximum=None),
            ],
            MessageFilter(attachments=AttachmentFilter(at_least=2, types=(".pdf",))),
        ),
    ],
)
def test_attribute_filters(attributes: list[dict[str, Any]], where: MessageFilter) -> None:
    assert meant({}, attributes) == where


@pytest.mark.parametrize(
    ("body", "attributes", "words"),
    [
        ({"entities": {"one_of": ["x"]}}, [], "'entities'"),
        ({"messages": {"recipient": {"one_of": ["a@x.example"]}}}, [], "'messages.recipient'"),
        ({"annotations": {"labels": {"one_of": ["A", "C"], "not_one_of": ["A > B"]}}}, [], "'labels'"),
        ({}, [attribute("entities", "string_any_of", any_of=["x"])], "'entities'.*'string_any_of'"),
        ({}, [attribute("labels", "number_range", minimum=1)], "'labels'.*'number_range'"),
        ({}, 2 * [attribute("attachment_property_types", "string_any_of", any_of=["x"])], "not twice"),
    ],
)
def test_what_no_filter_can_say_is_refused_by_name(
    body: dict[str, Any], attributes: list[dict[str, Any]], words: str
) -> None:
    with pytest.raises(UnsupportedError, match=words):
        meant(body, attributes)


def test_what_contradicts_itself_is_refused() -> None:
    with pytest.raises(FilterError, match="says 'reviewed' twice"):
        meant({"_query": "reviewed=no", "reviewed": "only_reviewed"})
    with pytest.raises(FilterError, match="number of attachments"):
        meant({}, [attribute("attachment_property_num_attachments", "number_range", minimum=0.5)])
    with pytest.raises(UnknownNameError, match="unknown stream 'other'"):
        meant({"trigger_exceptions": {"streams": ["other"]}})
    with pytest.raises(UnsupportedError, match="'trigger_exceptions'"):
        read = msgspec.convert({"trigger_exceptions": {"tagged": True}}, CommentFilter)
        message_filter(read, THERE, None)
    with pytest.raises(UnknownNameError, match="unknown label 'D'"):
        meant({"annotations": {"labels": {"one_of": ["D"]}}})
    with pytest.raises(UnsupportedError, match="'labels'"):
        read = msgspec.convert({"annotations": {"labels": {"one_of": ["A"]}}}, CommentFilter)
        message_filter(read, THERE, None)
    for wrong in (
        {"sources": []},
        {"reviewed": "all"},
        {"colour": 1},
        {"trigger_exceptions": {"names": ["x"]}},
        {"messages": {"to": {"one_of": []}}},
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, CommentFilter)


KNOWN = st.builds(
    lambda label_id, label: replace(label, label_id=label_id),
    st.sampled_from([A, B, C]),
    labels
    | st.builds(LabelFilter, label_id=st.just(A), status=st.sampled_from(["assigned", "not_assigned"])),
)


@settings(max_examples=60, deadline=None)
@given(filters, st.lists(KNOWN, max_size=3).map(tuple))
def test_what_is_read_means_what_was_said(where: MessageFilter, known: tuple[LabelFilter, ...]) -> None:
    where = replace(where, labels=where.labels + known)
    shown = comment_filter_of(where, NAMES)
    sent = msgspec.json.decode(msgspec.json.encode(shown), type=CommentFilter)
    assert message_filter(sent, THERE, DATASET) == where


def test_labels_are_read_in_their_shape() -> None:
    where = MessageFilter(
        labels=(LabelFilter(label_id=B, status="assigned"), LabelFilter(label_id=C, status="not_assigned"))
    )
    shown = msgspec.to_builtins(comment_filter_of(where, NAMES))
    assert shown == {"annotations": {"labels": {"one_of": ["A > B"], "not_one_of": ["C"]}}}
    predicted = replace(where, labels=(LabelFilter(label_id=B, at_least=0.7),))
    assert set(msgspec.to_builtins(comment_filter_of(predicted, NAMES))) == {"_query"}


def test_names_are_split_and_joined() -> None:
    assert split_name("Parcel >  Late") == ["Parcel", "Late"]
    assert joined(["Parcel", "Late"]) == "Parcel > Late"
    with pytest.raises(LabelPathError, match="empty level"):
        split_name("Parcel > ")
