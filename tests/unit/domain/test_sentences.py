"""Sentences become filters; what is not understood is told."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from math import inf, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.domain import (
    AddressFilter,
    AttachmentFilter,
    KnownNames,
    Label,
    LabelFilter,
    LabelId,
    MessageFilter,
    PropertyFilter,
    Remark,
    SentenceReading,
    SourceId,
    known_names,
    understand,
)
from workbench.domain.ids import DatasetId

NOW = datetime(2026, 4, 15, 12, 30, tzinfo=UTC)  # a Wednesday
KNOWN = KnownNames(
    labels={"Claims > Motor": LabelId("l1"), "Motor": LabelId("l1"), "Refund": LabelId("l2")},
    sources={"acme/mail": SourceId("s1"), "mail": SourceId("s1"), "shop": SourceId("s2")},
    properties={"string:Team": ("North", "South", "North West"), "number:NPS": (), "string:Empty": ()},
)


def day(year: int, month: int, number: int) -> datetime:
    return datetime(year, month, number, tzinfo=UTC)


def label(label_id: str, status: str, **bounds: float) -> dict[str, Any]:
    return {"labels": (LabelFilter(label_id=LabelId(label_id), status=status, **bounds),)}


def prop(name: str, **parts: Any) -> dict[str, Any]:
    return {"properties": (PropertyFilter(name=name, **parts),)}


UNDERSTOOD: dict[str, dict[str, Any]] = {
    "": {},
    "show me all messages please": {},
    "unreviewed": {"reviewed": False},
    "mails that are not yet reviewed": {"reviewed": False},
    "reviewed messages": {"reviewed": True},
    "since 1 March": {"since": day(2026, 3, 1)},
    "since 1 May": {"since": day(2025, 5, 1)},
    "from March 3rd, 2025 until 4th of March 2025": {"since": day(2025, 3, 3), "until": day(2025, 3, 5)},
    "after 2026-03-01": {"since": day(2026, 3, 2)},
    "before 2026-03-01": {"until": day(2026, 3, 1)},
    "before March": {"until": day(2026, 3, 1)},
    "between 5 March and 1 March 2026": {"since": day(2026, 3, 1), "until": day(2026, 3, 6)},
    "5 March to 9 March": {"since": day(2026, 3, 5), "until": day(2026, 3, 10)},
    "2026-03-05 - 2026-03-09": {"since": day(2026, 3, 5), "until": day(2026, 3, 10)},
    "from yesterday": {"since": day(2026, 4, 14)},
    "yesterday": {"since": day(2026, 4, 14), "until": day(2026, 4, 15)},
    "today": {"since": day(2026, 4, 15), "until": day(2026, 4, 16)},
    "in the last 7 days": {"since": day(2026, 4, 8)},
    "last 2 months": {"since": day(2026, 2, 15)},
    "last week": {"since": day(2026, 4, 6), "until": day(2026, 4, 13)},
    "this month": {"since": day(2026, 4, 1), "until": day(2026, 5, 1)},
    "last year": {"since": day(2025, 1, 1), "until": day(2026, 1, 1)},
    "in March": {"since": day(2026, 3, 1), "until": day(2026, 4, 1)},
    "in December": {"since": day(2025, 12, 1), "until": day(2026, 1, 1)},
    "before 2025": {"until": day(2025, 1, 1)},
    "since March 2025": {"since": day(2025, 3, 1)},
    "this week": {"since": day(2026, 4, 13), "until": day(2026, 4, 20)},
    "last 3 weeks": {"since": day(2026, 3, 25)},
    "up to yesterday": {"until": day(2026, 4, 15)},
    "in 2025": {"since": day(2025, 1, 1), "until": day(2026, 1, 1)},
    "from Kim@Shop.example": {"sender": AddressFilter(one_of=("kim@shop.example",))},
    "from someone at shop.example": {"sender": AddressFilter(domain_one_of=("shop.example",))},
    "not from @spam.example to help@b.example": {
        "sender": AddressFilter(domain_not_one_of=("spam.example",)),
        "recipient": AddressFilter(one_of=("help@b.example",)),
    },
    "cc help@b.example": {"cc": AddressFilter(one_of=("help@b.example",))},
    "not in bcc at b.example": {"bcc": AddressFilter(domain_not_one_of=("b.example",))},
    "with attachments": {"attachments": AttachmentFilter()},
    "with at least 3 attachments": {"attachments": AttachmentFilter(at_least=3)},
    "with no attachments": {"attachments": AttachmentFilter(at_least=0, at_most=0)},
    "that were not translated": {"translated": False},
    "translated": {"translated": True},
    "in German": {"languages": ("de",)},
    "in German or in French": {"languages": ("de", "fr")},
    "in german, French and Dutch": {"languages": ("de", "fr", "nl")},
    "before last week": {"until": day(2026, 4, 6)},
    "since last month": {"since": day(2026, 3, 1)},
    "in mail": {"sources": (SourceId("s1"),)},
    "from the source acme/mail": {"sources": (SourceId("s1"),)},
    "labelled Refund": label("l2", "present"),
    'with the label "Claims > Motor"': label("l1", "present"),
    "assigned motor": label("l1", "assigned"),
    "dismissed as Refund": label("l2", "dismissed"),
    "not labelled Refund": label("l2", "absent"),
    "predicted Refund": label("l2", "predicted"),
    "predicted refund above 70%": label("l2", "predicted", at_least=0.7),
    "predicted as Refund between 80 % and 60 percent": label("l2", "predicted", at_least=0.6, at_most=0.8),
    "Team is North": prop("string:Team", one_of=("North",)),
    "where the team is south or north west": prop("string:Team", one_of=("South", "North West")),
    "Team is not South": prop("string:Team", not_one_of=("South",)),
    "without a Team": prop("string:Team", missing="only"),
    "NPS at least 8": prop("number:NPS", at_least=8.0),
    "NPS 3 or less": prop("number:NPS", at_most=3.0),
    "NPS between 6 and 3.5": prop("number:NPS", at_least=3.5, at_most=6.0),
    "NPS = 10": prop("number:NPS", one_of=(10.0,)),
    "NPS below 5": prop("number:NPS", at_most=nextafter(5, -inf)),
    "NPS is more than 8": prop("number:NPS", at_least=nextafter(8, inf)),
    "NPS 1, 2 or 3": prop("number:NPS", one_of=(1.0, 2.0, 3.0)),
    "this quarter": {"since": day(2026, 4, 1), "until": day(2026, 7, 1)},
    "before last quarter": {"until": day(2026, 1, 1)},
    "in Q3": {"since": day(2025, 7, 1), "until": day(2025, 10, 1)},
    "since the second quarter of 2025": {"since": day(2025, 4, 1)},
    "before Q1 2026": {"until": day(2026, 1, 1)},
    "older than 30 days": {"until": day(2026, 3, 16)},
    "more than a month old": {"until": day(2026, 3, 15)},
    "newer than 2 weeks": {"since": day(2026, 4, 1)},
    "less than one week old": {"since": day(2026, 4, 8)},
    "on 1.3.2026": {"since": day(2026, 3, 1), "until": day(2026, 3, 2)},
    "labelled Refund or Motor": label("l2", "present")
    | {"labels": tuple(LabelFilter(label_id=LabelId(one), status="present") for one in ("l2", "l1"))}
    | {"labels_match": "any"},
    "dismissed as Refund or dismissed as Motor": {
        "labels": tuple(LabelFilter(label_id=LabelId(one), status="dismissed") for one in ("l2", "l1")),
        "labels_match": "any",
    },
    "from mail or shop": {"sources": (SourceId("s1"), SourceId("s2"))},
    "in the source mail and in the source shop": {"sources": (SourceId("s1"), SourceId("s2"))},
    "from a@x.example or from b@x.example": {"sender": AddressFilter(one_of=("a@x.example", "b@x.example"))},
    "not to @a.example or b.example": {
        "recipient": AddressFilter(domain_not_one_of=("a.example", "b.example"))
    },
    'about "late parcel"': {"text": '"late parcel"'},
    "about late delivery of parcels": {"text": "late delivery parcels"},
    "mentioning refund or return": {"text": "refund OR return"},
    "about or refund or": {"text": "refund"},
    "unreviewed mails about refunds from last week": {
        "reviewed": False,
        "text": "refunds",
        "since": day(2026, 4, 6),
        "until": day(2026, 4, 13),
    },
}


@pytest.mark.parametrize("sentence", UNDERSTOOD)
def test_what_rules_understand(sentence: str) -> None:
    found = understand(sentence, KNOWN, now=NOW)
    assert found.where == MessageFilter(**UNDERSTOOD[sentence])
    assert found.left == ()
    assert bool(found.understood) == bool(UNDERSTOOD[sentence])


@pytest.mark.parametrize(
    ("sentence", "left"),
    [
        ("angry customers", ["angry customers"]),
        ("not in German", ["not in German"]),
        ("mails to be reviewed", ["be reviewed"]),
        ('labelled "Praise"', ['labelled "Praise']),
        ("containing attachments", ["containing attachments"]),
        ("from a@x.example and b@x.example", ["a@x.example and b@x.example"]),
        ("Team is North and South", ["Team is North and South"]),
        ("Team is North East", ["Team is North East"]),
        ("NPS 8-10", ["NPS 8-10"]),
        ("NPS 8+", ["NPS 8+"]),
        ("labelled Refund Request", ["labelled Refund Request"]),
        ("predicted Refund below 30%", ["predicted Refund below 30"]),
        ("about 50 messages", ["about 50"]),
        ("a total of 2025 messages", ["total of 2025"]),
        ("no team of the South", ["no team of the South"]),
        ("no team answered", ["no team answered"]),
        ("unreviewed or from last week", ["unreviewed or from last week"]),
        ("reviewed or angry, yesterday", ["reviewed or angry"]),
        ("in German or Latin", ["German or Latin"]),
        ("until last week", ["until last week"]),
        ("5 and 6 March", ["5 and 6 March"]),
        ("in March and April", ["March and April"]),
        ("last week and this week", ["last week and this week"]),
        ("labelled Refund or Motor or unreviewed", ["labelled Refund or Motor or unreviewed"]),
        ("labelled Refund or Motor, dismissed as Refund", ["labelled Refund or Motor"]),
        ("labelled Refund, labelled Motor or Refund", ["labelled Refund"]),
        ("without label Refund or Motor", ["without label Refund or Motor"]),
        ("from a@x.example or @b.example", ["a@x.example or @b.example"]),
        ("from shop or elsewhere", ["shop or elsewhere"]),
        ("to a@x.example, b@x.example", ["b@x.example"]),
        ("from shop, mail or a@x.example", ["shop", "a@x.example"]),
        ("first quarter of last year", ["first quarter of last year"]),
        ("after Q2", ["after Q2"]),
        ("Q1 and Q2", ["Q1 and Q2"]),
        ("at the end of March", ["end of March"]),
        ("late in 2025", ["late in 2025"]),
        ("not older than 30 days", ["not older than 30 days"]),
        ("since 1.13.2026", ["since 1.13.2026"]),
        ("version 10.1.3.2026", ["version 10.1.3.2026"]),
        ("NPS 8, 9", ["NPS 8", "9"]),
        ("NPS below 5%", ["NPS below 5"]),
        ("NPS over 1,000", ["NPS over 1", "000"]),
        ("about refunds but not deliveries", ["not deliveries"]),
        ("everything except those from last week", ["except those from last week"]),
        ("mails that aren't about refunds", ["aren't about refunds"]),
        ("unreviewed, angry customers", ["angry customers"]),
        ("on 30 February", ["30 February"]),
        ("since 1/3/2026", ["since 1/3/2026"]),
        ("Empty is x", ["Empty is x"]),
        ("yesterday or today", ["yesterday or today"]),
        ("labelled Praise", ["labelled Praise"]),
        ("predicted Refund above 170%", ["predicted Refund above 170"]),
        ("since 5 March before 1 March", ["before 1 March"]),
    ],
)
def test_what_is_left_is_told(sentence: str, left: list[str]) -> None:
    assert [one.text for one in understand(sentence, KNOWN, now=NOW).left] == left


def test_without_known_names() -> None:
    found = understand("unreviewed, labelled Refund", KnownNames(), now=NOW)
    assert found.where == MessageFilter(reviewed=False)
    assert [one.text for one in found.left] == ["labelled Refund"]


def test_a_reader_is_asked_about_the_rest_only() -> None:
    class Model:
        def read(
            self, sentence: str, reading: SentenceReading, known: KnownNames, now: datetime
        ) -> SentenceReading:
            assert [one.text for one in reading.left] == ["angry customers"]
            return SentenceReading(where=MessageFilter(text="angry"), understood=reading.left, left=())

    assert understand("angry customers", KNOWN, now=NOW, reader=Model()).where.text == "angry"
    assert understand("unreviewed", KNOWN, now=NOW, reader=Model()).where == MessageFilter(reviewed=False)


def test_a_name_is_known_by_its_end_where_that_is_clear() -> None:
    labels = [
        Label(label_id=LabelId(str(place)), dataset_id=DatasetId("d"), path=path)
        for place, path in enumerate([("A",), ("A", "Late"), ("B", "Late"), ("B", "Lost")])
    ]
    assert set(known_names(labels, []).labels) == {"A", "A > Late", "B > Late", "B > Lost", "Lost"}


@given(
    sentence=st.text(max_size=30)
    | st.lists(st.sampled_from([*UNDERSTOOD, "not", "or", '"', ",", "99 May 2026"]), max_size=4).map(" ".join)
)
def test_any_sentence_is_read_and_pieces_are_true(sentence: str) -> None:
    found = understand(sentence, KNOWN, now=NOW)
    for piece in (*found.understood, *found.left):
        assert isinstance(piece, Remark)
        assert piece.text in sentence[piece.start : piece.end]
    spans = sorted((one.start, one.end) for one in (*found.understood, *found.left))
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
