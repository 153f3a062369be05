"""Which values there are to filter by, by every way in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from workbench.domain import (
    AddressFilter,
    DatasetId,
    MessageFilter,
    MessageId,
    MessagePart,
    NewAttachment,
    NewMessage,
    Operations,
    PartText,
    PropertyFilter,
    address_of,
    domain_of,
    message_batch,
)
from workbench.errors import InputError, UnknownNameError

SENDERS = (
    "Kim Lee <Kim@Shop.example>",
    "kim@shop.example",
    " team@b.example ",
    "nobody",
    "<>",
    "x < y <z@q@r.Σ>",
)
AT = datetime(2026, 3, 1, tzinfo=UTC)
LATE = (MessagePart(body=PartText(text="late"), to=("ann@x.example",)),)


@pytest.fixture
def dataset_id(operations: Operations) -> DatasetId:
    """Six messages of one source, and one of a source beside the dataset."""
    source, beside = (operations.create_source("demo", name) for name in ("mail", "beside"))
    file = NewAttachment(name="a.pdf", content_type="Application/PDF", size=3)
    rows = [
        NewMessage(
            message_id=MessageId(f"m{place}"),
            timestamp=AT,
            parts=(
                MessagePart(
                    body=PartText(text=f"message {place}"),
                    sender=sender,
                    to=("Ann <ann@x.example>", "ann@x.example", "bo@x.example"),
                    cc=("cy@y.example",) * (place % 2),
                ),
            ),
            properties={"string:Team": ("North", "South")[place % 2], "number:NPS": float(place)},
            attachments=(file, replace(file, name="b.pdf")) if place == 0 else (),
        )
        for place, sender in enumerate(SENDERS)
    ]
    operations.put_messages(source.source_id, message_batch(rows), "a", len(rows))
    other = replace(rows[0], properties={"string:Elsewhere": "yes"})
    operations.put_messages(beside.source_id, message_batch([other]), "b", 1)
    return operations.create_dataset("demo", "all", (source.source_id,)).dataset_id


def test_values_with_counts_that_the_filter_confirms(operations: Operations, dataset_id: DatasetId) -> None:
    def listed(of: str, part: str = "", n_most: int = 50) -> list[tuple[str, int]]:
        found = operations.filter_values(dataset_id, of, part, n_most)
        return [(one.value, one.n_messages) for one in found.values]

    def passes(where: MessageFilter) -> int:
        return operations.count_messages(dataset_id, where)

    assert {value for value, _ in listed("sender")} == {address_of(one) for one in SENDERS} - {""}
    assert {value for value, _ in listed("sender-domain")} == {domain_of(one) for one in SENDERS} - {""}
    assert listed("sender")[0] == ("kim@shop.example", 2)
    assert listed("sender", "TEAM") == [("team@b.example", 1)]
    assert listed("recipient") == [("ann@x.example", 6), ("bo@x.example", 6)]
    assert listed("recipient-domain") == [("x.example", 6)] and listed("bcc") == []
    for value, n in listed("sender"):
        assert passes(MessageFilter(sender=AddressFilter(one_of=(value,)))) == n
    for value, n in listed("cc-domain"):
        assert passes(MessageFilter(cc=AddressFilter(domain_one_of=(value,)))) == n == 3
    assert listed("property") == [("number:NPS", 6), ("string:Team", 6)]
    assert listed("string:Team") == [("North", 3), ("South", 3)]
    assert listed("string:Elsewhere") == [] and listed("attachment") == [("application/pdf", 1)]
    for value, n in listed("string:Team"):
        assert passes(MessageFilter(properties=(PropertyFilter(name="string:Team", one_of=(value,)),))) == n
    found = operations.filter_values(dataset_id, "sender", n_most=1)
    assert (len(found.values), found.n_values) == (1, len({address_of(one) for one in SENDERS} - {""}))
    before = listed("recipient")
    source = next(one for one in operations.sources() if one.name == "mail")
    batch = message_batch([NewMessage(message_id=MessageId("late"), timestamp=AT, parts=LATE)])
    operations.put_messages(source.source_id, batch, "c", 1)
    assert listed("recipient") == [("ann@x.example", 7), *before[1:]]
    numbers = operations.filter_values(dataset_id, "number:NPS")
    assert (numbers.values, numbers.n_values, numbers.lowest, numbers.highest) == ((), 6, 0.0, 5.0)


def test_what_cannot_be_listed_says_what_can(operations: Operations, dataset_id: DatasetId) -> None:
    with pytest.raises(UnknownNameError, match=r"kind of value 'weather'.*sender"):
        operations.filter_values(dataset_id, "weather")
    with pytest.raises(InputError, match=r"0 values cannot be listed at once.*1-1,000"):
        operations.filter_values(dataset_id, "sender", n_most=0)
