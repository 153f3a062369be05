"""A filter in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf, nextafter
from typing import Any

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
    filter_words,
)

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
WORDS: dict[str, dict[str, Any]] = {
    "all messages": {},
    "unreviewed, from 1 March 2026, sender at example.com, about “refund”": {
        "reviewed": False,
        "since": MARCH,
        "sender": AddressFilter(domain_one_of=("example.com",)),
        "text": "refund",
    },
    "reviewed, from 1 March 2026 to 3 March 2026": {
        "reviewed": True,
        "since": MARCH,
        "until": MARCH + timedelta(days=3),
    },
    "on 1 March 2026": {"since": MARCH, "until": MARCH + timedelta(days=1)},
    "from 1 March 2026, 09:30 before 1 March 2026, 10:00:05": {
        "since": MARCH + timedelta(hours=9.5),
        "until": MARCH + timedelta(hours=10, seconds=5),
    },
    "in Mail or s2": {"sources": (SourceId("s1"), SourceId("s2"))},
    "sender a@b.example or b@b.example and not at c.example": {
        "sender": AddressFilter(one_of=("a@b.example", "b@b.example"), domain_not_one_of=("c.example",))
    },
    "no sender, with a recipient": {
        "sender": AddressFilter(missing="only"),
        "recipient": AddressFilter(missing="exclude"),
    },
    "cc at a.example, no bcc": {
        "cc": AddressFilter(domain_one_of=("a.example",)),
        "bcc": AddressFilter(missing="only"),
    },
    "NPS below 5": {"properties": (PropertyFilter(name="number:NPS", at_most=nextafter(5, -inf)),)},
    "NPS above 0.3": {"properties": (PropertyFilter(name="number:NPS", at_least=nextafter(0.3, inf)),)},
    "NPS 0.333333 or more": {"properties": (PropertyFilter(name="number:NPS", at_least=1 / 3),)},
    "with an attachment": {"attachments": AttachmentFilter()},
    "without attachments, not translated": {
        "attachments": AttachmentFilter(at_least=0, at_most=0),
        "translated": False,
    },
    "with 2 or more attachments, with a file of type image/* or .pdf": {
        "attachments": AttachmentFilter(at_least=2, types=("image/*", ".pdf"))
    },
    "tagged as an exception": {"exceptions": ExceptionFilter()},
    "not tagged as an exception of type “A” or “B” in the stream refunds": {
        "exceptions": ExceptionFilter(tagged=False, types=("A", "B"), streams=("refunds",))
    },
    "with 1 attachment": {"attachments": AttachmentFilter(at_most=1)},
    "with 1 to 3 attachments, translated, about “refund” in text or translation": {
        "attachments": AttachmentFilter(at_most=3),
        "translated": True,
        "text": "refund",
        "text_in": "any",
    },
    "recipient not a or no recipient": {"recipient": AddressFilter(not_one_of=("a",), missing="include")},
    "Team A, B, C or 2 more, NPS 3 to 9.5": {
        "properties": (
            PropertyFilter(name="string:Team", one_of=("A", "B", "C", "D", "E")),
            PropertyFilter(name="number:NPS", at_least=3, at_most=9.5),
        )
    },
    "NPS 8 or more, NPS 2 or less or no NPS, no Team, with Owner": {
        "properties": (
            PropertyFilter(name="number:NPS", at_least=8),
            PropertyFilter(name="number:NPS", at_most=2, missing="include"),
            PropertyFilter(name="string:Team", missing="only"),
            PropertyFilter(name="string:Owner"),
        )
    },
    "“Late” assigned or “l2” predicted at 70% or more": {
        "labels": (
            LabelFilter(label_id=LabelId("l1"), status="assigned"),
            LabelFilter(label_id=LabelId("l2"), status="predicted", at_least=0.7),
        ),
        "labels_match": "any",
    },
    "“Late” neither assigned nor predicted between 50% and 70% and “Late” dismissed": {
        "labels": (
            LabelFilter(label_id=LabelId("l1"), status="absent", at_most=0.7),
            LabelFilter(label_id=LabelId("l1"), status="dismissed"),
        )
    },
    "“Late” not assigned and “Late” not predicted at 50% or more and “Late” assigned or predicted at 50% or more": {
        "labels": tuple(
            LabelFilter(label_id=LabelId("l1"), status=status)
            for status in ("not_assigned", "not_predicted", "present")
        )
    },
    "in the language de, in the thread t, in the cluster Parcels, 7 or none": {
        "languages": ("de",),
        "thread_id": "t",
        "clusters": (3, 7, -1),
    },
    "in a thread": {"thread": ThreadFilter()},
    "in a thread of 3 or more messages, first of its thread, in a thread that lasted 2 days or less": {
        "thread": ThreadFilter(
            n_messages=Bounds(at_least=3), position=Bounds(at_most=1), duration_s=Bounds(at_most=172_800)
        )
    },
    "in a thread of 1 message, number 2 to 4 in its thread, in a thread answered after 90 minutes to 3 hours": {
        "thread": ThreadFilter(
            n_messages=Bounds(at_least=1, at_most=1),
            position=Bounds(at_least=2, at_most=4),
            response_s=Bounds(at_least=5_400, at_most=10_800),
        )
    },
    "in a thread of 9 or fewer messages, in a thread that lasted 1 hour, in a thread answered after 0 seconds or more": {
        "thread": ThreadFilter(
            n_messages=Bounds(at_most=9),
            duration_s=Bounds(at_least=3_600, at_most=3_600),
            response_s=Bounds(at_least=0),
        )
    },
    "in a thread with an answer, first sender of the thread at a.example": {
        "thread": ThreadFilter(answered=True, first_sender=AddressFilter(domain_one_of=("a.example",)))
    },
    "in a thread without an answer": {"thread": ThreadFilter(answered=False)},
    "2 chosen messages": {"uids": (Uid("a.1"), Uid("a.2"))},
    "no message": {"uids": ()},
}


@pytest.mark.parametrize("words", WORDS)
def test_a_filter_in_words(words: str) -> None:
    where = MessageFilter(**WORDS[words])
    names = {LabelId("l1"): "Late"}
    assert (
        filter_words(where, labels=names, sources={SourceId("s1"): "Mail"}, clusters={3: "Parcels"}) == words
    )
