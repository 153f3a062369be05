"""Filter → address → filter."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    filter_from_query,
    filter_to_query,
)
from workbench.errors import FilterError

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
lists = st.lists(texts, max_size=3).map(tuple)
missing = st.sampled_from(["auto", "include", "exclude", "only"])
numbers = st.floats(allow_nan=False)
zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
# Whole days are written as such.
times = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=zones) | st.dates(  # noqa: DTZ001
    datetime(1990, 1, 1).date(),  # noqa: DTZ001
    datetime(2100, 1, 1).date(),  # noqa: DTZ001
).map(lambda day: datetime(day.year, day.month, day.day, tzinfo=UTC))
people = st.none() | st.builds(
    AddressFilter,
    one_of=lists,
    not_one_of=lists,
    domain_one_of=lists,
    domain_not_one_of=lists,
    missing=missing,
)
attachments = st.none() | st.builds(
    lambda low, more, types: AttachmentFilter(
        at_least=low, at_most=None if more is None else low + more, types=types
    ),
    st.integers(0, 9),
    st.none() | st.integers(0, 9),
    lists,
)
bounds = st.none() | st.builds(
    lambda low, more, kind: Bounds(
        at_least=None if kind == "at_most" else low, at_most=None if kind == "at_least" else low + more
    ),
    st.floats(-1e18, 1e18) | st.integers(0, 99).map((3600.0).__mul__),
    st.just(0.0) | st.floats(0, 1e18),
    st.sampled_from(["at_least", "at_most", "both"]),
)
threads = st.none() | st.builds(
    ThreadFilter,
    n_messages=bounds,
    position=bounds,
    duration_s=bounds,
    response_s=bounds,
    answered=st.sampled_from([None, True, False]),
    first_sender=people,
)
names = st.sampled_from(["Team", "not.string:Team", "~2.x", "a&b=c", "min.number:x", "Ä %", "a-b"])
properties = st.builds(
    PropertyFilter,
    name=names.map("string:".__add__),
    one_of=lists,
    not_one_of=lists,
    domain_one_of=lists,
    domain_not_one_of=lists,
    missing=missing,
) | st.builds(
    PropertyFilter,
    name=names.map("number:".__add__),
    one_of=st.lists(numbers | st.integers(-5, 5), max_size=3).map(tuple),
    at_least=st.none() | numbers,
    at_most=st.none() | numbers,
    missing=missing,
)
labels = st.builds(
    lambda label_id, status, bounds: LabelFilter(
        label_id=LabelId(label_id), status=status, at_least=min(bounds), at_most=max(bounds)
    ),
    texts,
    st.sampled_from(
        ["assigned", "dismissed", "predicted", "present", "absent", "not_assigned", "not_predicted"]
    ),
    st.just((0.5, 1.0)) | st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
filters = st.builds(
    lambda bounds, **values: MessageFilter(since=bounds[0], until=bounds[1], **values),
    bounds=st.just((None, None))
    | st.tuples(times, times).filter(lambda two: two[0] != two[1]).map(sorted)
    | st.tuples(times, st.none())
    | st.tuples(st.none(), times),
    text=texts,
    reviewed=st.sampled_from([None, True, False]),
    sources=lists.map(lambda ids: tuple(map(SourceId, ids))),
    languages=lists,
    thread_id=st.none() | texts,
    thread=threads,
    sender=people,
    recipient=people,
    cc=people,
    bcc=people,
    attachments=attachments,
    translated=st.sampled_from([None, True, False]),
    exceptions=st.none() | st.builds(ExceptionFilter, tagged=st.booleans(), types=lists, streams=lists),
    text_in=st.sampled_from(["original", "any"]),
    clusters=st.lists(st.integers(-1, 99), max_size=3).map(tuple),
    properties=st.lists(properties, max_size=3).map(tuple),
    labels=st.lists(labels, max_size=3).map(tuple),
    labels_match=st.sampled_from(["all", "any"]),
    uids=st.none() | st.lists(texts.filter(bool).map(Uid), max_size=3).map(tuple),
)


PARTS = {
    "text", "reviewed", "sources", "languages", "thread_id", "thread", "sender", "recipient", "cc", "bcc", "attachments", "translated", "exceptions", "text_in", "clusters", "properties", "labels",
    "labels_match", "uids", "since", "until",
}  # fmt: skip


def test_every_part_of_a_filter_is_tried() -> None:
    assert {field.name for field in fields(MessageFilter)} == PARTS


@settings(max_examples=100, deadline=None)
@given(where=filters)
def test_a_filter_comes_back_from_the_address(where: MessageFilter) -> None:
    query = filter_to_query(where)
    assert filter_from_query(query) == where
    assert filter_from_query("?" + query, lenient=True) == where
    assert query.isascii()
    assert not set(query) & set(" \"'<>#\n")


@settings(max_examples=100, deadline=None)
@given(query=st.text(st.sampled_from("sender-ot.~2&=string:number,min@%20+uidlabe9"), max_size=40))
def test_any_address_is_read_leniently(query: str) -> None:
    assert isinstance(filter_from_query(query, lenient=True), MessageFilter)


@pytest.mark.parametrize(
    "query",
    ["colour=red", "attachments=many", "attachments=3..1", "translated=perhaps", "threaded=no", "thread-answered=maybe", "thread-messages=few", "thread-messages=..", "thread-duration=2h..1h", "thread-response=1y", "first-sender-near=x", "first-senders=x", "text-in=title", "cc-near=x", "since=yesterday", "since=2026-01-01T10:00", "reviewed=maybe", "label=seen:l1", "string:=x",
     "~0.string:a=x", "min.string:a=1", "min.number:a=x", "sender-near=x", "cluster=x", "label=present@1..0:l1",
     "since=0001-01-01T00:00:00%2B10:00", "since=2026-02-01&until=2026-01-01"],
)  # fmt: skip
def test_what_cannot_be_read_is_said(query: str) -> None:
    with pytest.raises(FilterError) as told:
        filter_from_query(query)
    assert told.value.next_step


def test_a_page_passes_over_what_it_does_not_know() -> None:
    query = "since=x&colour=red&version=3&text=late"
    assert filter_from_query(query, lenient=True) == MessageFilter(text="late")


def test_an_address_reads_well() -> None:
    where = MessageFilter(
        reviewed=False,
        since=datetime(2026, 3, 1, tzinfo=UTC),
        sender=AddressFilter(domain_one_of=("shop.example",)),
        properties=(
            PropertyFilter(name="string:Team", one_of=("North", "South")),
            PropertyFilter(name="number:NPS", at_least=8),
        ),
        labels=(LabelFilter(label_id=LabelId("0a1b"), status="predicted", at_least=0.7),),
        text='refund "not received"',
    )
    assert filter_to_query(where) == (
        "reviewed=no&since=2026-03-01&sender-domain=shop.example&string:Team=North&string:Team=South"
        "&min.number:NPS=8&label=predicted@0.7..1:0a1b&text=refund+%22not+received%22"
    )
