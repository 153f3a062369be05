"""Filters as SQL: the text is golden, and values never stand in it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from workbench.domain import LabelFilter, LabelId, MessageFilter, PropertyFilter, SourceId, Uid
from workbench.store.filters import compile_filter, relevance_order, search_terms

GOLDEN = Path(__file__).parents[2] / "golden" / "store"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
FILTERS = {
    "nothing": MessageFilter(),
    "dates": MessageFilter(since=SINCE, until=UNTIL),
    "text": MessageFilter(text='late "not (yet) here" 100%'),
    "columns": MessageFilter(
        reviewed=False, sources=(SourceId("a"), SourceId("b")), languages=("de",), thread_id="t"
    ),
    "clusters": MessageFilter(clusters=(3, -1)),
    "uids": MessageFilter(uids=(Uid("a.1"),)),
    "no_uids": MessageFilter(uids=()),
    "properties": MessageFilter(
        properties=(
            PropertyFilter(name="string:Team", one_of=("A", "B")),
            PropertyFilter(name="number:NPS", at_least=1, at_most=9.5),
            PropertyFilter(name="string:Any"),
        )
    ),
    "labels": MessageFilter(
        labels=(
            LabelFilter(label_id=LabelId("l1")),
            LabelFilter(label_id=LabelId("l2"), status="absent", at_least=0.9),
            LabelFilter(label_id=LabelId("l3"), status="dismissed"),
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
        languages=(evil,),
        sources=(SourceId(evil),),
        uids=(Uid(evil),),
        properties=(PropertyFilter(name=f"string:{evil}", one_of=(evil,)),),
        labels=(LabelFilter(label_id=LabelId(evil)),),
    )
    for condition in (compile_filter(where), relevance_order(where)):
        assert "DROP" not in condition.sql
        assert "DROP" in repr(condition.parameters)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("", []),
        ('  ""  " " ', []),
        ("late parcel", [("late",), ("parcel",)]),
        ('"late  parcel" now', [("late", "parcel"), ("now",)]),
        ('"late" x', [("late",), ("x",)]),
        ('open "quote', [("open",), ("quote",)]),
        ('a"b c"d', [("a",), ("b", "c"), ("d",)]),
    ],
)
def test_search_terms(text: str, terms: list[tuple[str, ...]]) -> None:
    assert search_terms(text) == terms
