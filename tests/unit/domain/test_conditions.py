"""Conditions refuse what cannot be meant, and read addresses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    Bounds,
    LabelFilter,
    LabelId,
    MessageFilter,
    PropertyFilter,
    SourceId,
    address_of,
    domain_of,
)
from workbench.errors import FilterError


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: PropertyFilter(name="Team"), "'Team' has no type"),
        (lambda: PropertyFilter(name="string:"), "'string:' has no type"),
        (lambda: PropertyFilter(name="string:Team", at_least=1), "like the other type"),
        (lambda: PropertyFilter(name="string:Team", one_of=(1,)), "like the other type"),
        (lambda: PropertyFilter(name="number:NPS", one_of=("1",)), "like the other type"),
        (lambda: PropertyFilter(name="number:NPS", domain_not_one_of=("x",)), "like the other type"),
        (lambda: PropertyFilter(name="string:T", one_of=("x",) * 129), "lists 129 values of one property"),
        (lambda: AddressFilter(not_one_of=("x",) * 129), "lists 129 values of one address"),
        (lambda: AddressFilter(one_of=("x" * 65_537,)), "has 65,537 characters"),
        (lambda: MessageFilter(sources=(SourceId("x"),) * 129), "lists 129 values of one source"),
        (lambda: MessageFilter(languages=("x",) * 129), "lists 129 values of one language"),
        (lambda: LabelFilter(label_id=LabelId("l"), at_least=0.7, at_most=0.6), "probability in"),
        (lambda: LabelFilter(label_id=LabelId("l"), at_most=1.5), "probability in"),
        (Bounds, "bounds ask for None to None"),
        (lambda: Bounds(at_least=2, at_most=1), "bounds ask for 2 to 1"),
        (lambda: Bounds(at_most=float("nan")), "bounds ask for None to nan"),
        (lambda: MessageFilter(since=datetime(2026, 1, 1)), "no time zone"),  # noqa: DTZ001
        (
            lambda: MessageFilter(
                since=datetime(2026, 1, 2, tzinfo=UTC), until=datetime(2026, 1, 1, tzinfo=UTC)
            ),
            "but ends at",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(make: Callable[[], object], problem: str) -> None:
    with pytest.raises(FilterError, match=problem) as told:
        make()
    assert told.value.next_step


@pytest.mark.parametrize(
    ("text", "address", "domain"),
    [
        ("kim@shop.example", "kim@shop.example", "shop.example"),
        (" Kim Lee <KIM@Shop.example> ", "kim@shop.example", "shop.example"),
        ("<a@b> via <c@d.example>", "c@d.example", "d.example"),
        ("Kim <kim@shop.example", "kim@shop.example", "shop.example"),
        ("x@y@Z.example", "x@y@z.example", "z.example"),
        ("Bob", "bob", ""),
        ("", "", ""),
        ("Ann <>", "", ""),
        ("İΣ@B", "iσ@b", "b"),
    ],
)
def test_the_address_in_a_text(text: str, address: str, domain: str) -> None:
    assert (address_of(text), domain_of(text)) == (address, domain)


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        (AddressFilter(), False),
        (AddressFilter(one_of=("a",)), False),
        (AddressFilter(not_one_of=("a",)), True),
        (AddressFilter(one_of=("a",), not_one_of=("b",)), False),
        (AddressFilter(not_one_of=("a",), missing="exclude"), False),
        (AddressFilter(one_of=("a",), missing="include"), True),
        (AddressFilter(missing="only"), True),
        (PropertyFilter(name="number:x", at_most=1), False),
        (PropertyFilter(name="number:x", at_most=1, missing="include"), True),
        (PropertyFilter(name="string:x", domain_not_one_of=("b",)), True),
    ],
)
def test_what_becomes_of_a_message_without_it(
    condition: AddressFilter | PropertyFilter,
    passes: bool,
) -> None:
    assert condition.passes_missing == passes


@pytest.mark.parametrize("bounds", [(2, 1), (-1, None)])
def test_attachments_in_an_empty_range_are_refused(bounds: tuple[int, int | None]) -> None:
    with pytest.raises(FilterError, match=rf"asks for {bounds[0]} to {bounds[1]} attachments\. Use 0 <="):
        AttachmentFilter(at_least=bounds[0], at_most=bounds[1])


def test_people_and_types_are_listed_up_to_128() -> None:
    values = tuple(f"{n}@b.example" for n in range(129))
    for refused in (lambda: AddressFilter(one_of=values), lambda: AttachmentFilter(types=values)):
        with pytest.raises(FilterError, match=r"lists 129 values of one .*\. List at most 128\."):
            refused()
