"""Filters as SQL: the text is golden, and values never stand in it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

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
from workbench.store.filters import compile_filter, relevance_order

GOLDEN = Path(__file__).parents[2] / "golden" / "store"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
FILTERS = {
    "nothing": MessageFilter(),
    "dates": MessageFilter(since=SINCE, until=UNTIL),
    "text": MessageFilter(text='late OR lost "not (yet) here" -chat 返金 ref*'),
    "people": MessageFilter(
        sender=AddressFilter(one_of=("Kim <Kim@Shop.example>",), domain_not_one_of=("spam.example",)),
        recipient=AddressFilter(domain_one_of=("b.example",), missing="include"),
    ),
    "people_missing": MessageFilter(
        sender=AddressFilter(not_one_of=tuple(f"{i}@b.example" for i in range(6))),
        recipient=AddressFilter(missing="only"),
    ),
    "copies_and_files": MessageFilter(
        cc=AddressFilter(one_of=("kim@shop.example",)),
        bcc=AddressFilter(missing="only"),
        attachments=AttachmentFilter(at_least=2, at_most=5, types=("application/pdf", "image/*")),
    ),
    "translated": MessageFilter(translated=True, text="late -chat", text_in="any"),
    "exceptions": MessageFilter(
        exceptions=ExceptionFilter(types=("No Prediction",), streams=("refunds", "b"))
    ),
    "no_exceptions": MessageFilter(exceptions=ExceptionFilter(tagged=False)),
    "columns": MessageFilter(
        reviewed=False, sources=(SourceId("a"), SourceId("b")), languages=("de",), thread_id="t"
    ),
    "clusters": MessageFilter(clusters=(3, -1)),
    "thread": MessageFilter(
        thread=ThreadFilter(
            n_messages=Bounds(at_least=3),
            position=Bounds(at_most=1),
            duration_s=Bounds(at_most=86_400),
            response_s=Bounds(at_least=60, at_most=3_600),
            answered=True,
            first_sender=AddressFilter(one_of=("kim@shop.example",)),
        )
    ),
    "uids": MessageFilter(uids=(Uid("a.1"),)),
    "no_uids": MessageFilter(uids=()),
    "properties": MessageFilter(
        properties=(
            PropertyFilter(name="string:Team", one_of=("A", "B")),
            PropertyFilter(name="number:NPS", at_least=1, at_most=9.5),
            PropertyFilter(name="string:Any"),
            PropertyFilter(name="string:Owner", not_one_of=("C",), domain_one_of=("b.example",)),
            PropertyFilter(name="string:Gone", missing="only"),
            PropertyFilter(name="number:Floor", one_of=(1, 2.5), missing="include"),
        )
    ),
    "labels": MessageFilter(
        labels=(
            LabelFilter(label_id=LabelId("l1")),
            LabelFilter(label_id=LabelId("l2"), status="absent", at_least=0.9),
            LabelFilter(label_id=LabelId("l3"), status="dismissed"),
            LabelFilter(label_id=LabelId("l4"), status="not_assigned"),
            LabelFilter(label_id=LabelId("l5"), status="not_predicted", at_most=0.7),
        ),
        labels_match="any",
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_compiled_filter(name: str) -> None:
    """Renew with WORKBENCH_RENEW_GOLDEN=1 and look at the difference."""
    found = compile_filter(FILTERS[name])
    order = relevance_order(FILTERS[name])
    values = [f"-- ${key} = {value!r}" for key, value in (found.parameters | order.parameters).items()]
    text = "\n".join([found.sql, "", "-- by relevance", order.sql, "", *values]) + "\n"
    file = GOLDEN / f"filter_{name}.sql"
    if os.environ.get("WORKBENCH_RENEW_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


def test_values_are_bound_never_written() -> None:
    evil = "'; DROP TABLE message; --"
    where = MessageFilter(
        text=f'"{evil}" DROPPED',
        thread_id=evil,
        thread=ThreadFilter(first_sender=AddressFilter(one_of=(evil,))),
        languages=(evil,),
        sources=(SourceId(evil),),
        uids=(Uid(evil),),
        sender=AddressFilter(one_of=(evil,), domain_one_of=(evil,)),
        recipient=AddressFilter(not_one_of=(evil,)),
        cc=AddressFilter(one_of=(evil,)),
        attachments=AttachmentFilter(types=(evil, f"{evil}/*")),
        text_in="any",
        properties=(PropertyFilter(name=f"string:{evil}", one_of=(evil,), domain_not_one_of=(evil,)),),
        labels=(LabelFilter(label_id=LabelId(evil)),),
    )
    for condition in (compile_filter(where), relevance_order(where)):
        assert "drop" not in condition.sql.lower()
        assert "drop" in repr(condition.parameters).lower()
