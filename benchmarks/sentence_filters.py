"""How much of an analyst's sentences the rules read: wholly, partly or not (the rest is told), wrongly (must be none).

Run: ``python benchmarks/sentence_filters.py``; exits with 1 when a sentence is read wrongly.
"""

from __future__ import annotations

import sys
from dataclasses import fields
from datetime import UTC, datetime
from math import inf, nextafter

from workbench.domain import (
    KnownNames,
    LabelId,
    MessageFilter,
    SentenceReading,
    SourceId,
    filter_from_query,
    filter_to_query,
    understand,
)

NOW = datetime(2026, 4, 15, 12, 30, tzinfo=UTC)
REFUND, LATE, MAIL, CHAT = "a" * 16, "b" * 16, "c" * 16, "d" * 16
KNOWN = KnownNames(
    labels={"Refund": LabelId(REFUND), "Delivery > Late": LabelId(LATE), "Late": LabelId(LATE)},
    sources={"demo/mail": SourceId(MAIL), "mail": SourceId(MAIL), "chat": SourceId(CHAT)},
    properties={"string:Team": ("North", "South"), "number:NPS": ()},
)
WEEK = "since=2026-04-06&until=2026-04-13"
EVERYTHING = MessageFilter()
SENTENCES = {
    "unreviewed mails about refunds from last week": f"reviewed=no&text=refunds&{WEEK}",
    "show me everything that is unreviewed": "reviewed=no",
    "unreviewed messages labelled Refund": f"reviewed=no&label=present:{REFUND}",
    "emails from last week": WEEK,
    "conversations from yesterday": "since=2026-04-14",
    "messages in March": "since=2026-03-01&until=2026-04-01",
    "messages in March 2025 about invoices": "since=2025-03-01&until=2025-04-01&text=invoices",
    "mails since 1 March": "since=2026-03-01",
    "mails between 1 March and 5 March": "since=2026-03-01&until=2026-03-06",
    "mails from 1.3.2026": "since=2026-03-01",
    "the last 7 days": "since=2026-04-08",
    "this month, not yet reviewed": "since=2026-04-01&until=2026-05-01&reviewed=no",
    "before 2025-06-01": "until=2025-06-01",
    "older than 30 days": "until=2026-03-16",
    "before last week": "until=2026-04-06",
    "since last month": "since=2026-03-01",
    "in the first quarter": "since=2026-01-01&until=2026-04-01",
    "Q1 2026": "since=2026-01-01&until=2026-04-01",
    "on 5 and 6 March": "since=2026-03-05&until=2026-03-07",
    "March and April": "since=2026-03-01&until=2026-05-01",
    "from kim@shop.example": "sender=kim@shop.example",
    "everything from @shop.example with attachments": "sender-domain=shop.example&attachments=1..",
    "sent to help@carrier.example by kim@shop.example": "recipient=help@carrier.example&sender=kim@shop.example",
    "from a@x.example or b@x.example": "sender=a@x.example&sender=b@x.example",
    "not from spam.example": "sender-domain-not=spam.example",
    "with help@carrier.example in cc": "cc=help@carrier.example",
    "mails without attachments": "attachments=0..0",
    "mails with 2 attachments": "attachments=2..2",
    "mails with PDF attachments": "attachment=application/pdf",
    "messages in German": "language=de",
    "German mails": "language=de",
    "in German or French": "language=de&language=fr",
    "not in German": "language=en",
    "from mail": f"source={MAIL}",
    "in mail and chat": f"source={MAIL}&source={CHAT}",
    "chats about parcels": "text=parcels",
    "Team is North": "string:Team=North",
    "where the team is North or South": "string:Team=North&string:Team=South",
    "team North, NPS at least 8": "string:Team=North&min.number:NPS=8",
    "NPS below 5": f"max.number:NPS={nextafter(5, -inf)}",
    "NPS between 0 and 6 in the last 2 weeks": "min.number:NPS=0&max.number:NPS=6&since=2026-04-01",
    "NPS 9 or 10": "number:NPS=9&number:NPS=10",
    "without a team": "missing.string:Team=only",
    "labelled Delivery > Late": f"label=present:{LATE}",
    "predicted Late above 70%": f"label=predicted@0.7..1:{LATE}",
    "predicted as Refund between 40% and 60%, unreviewed": f"label=predicted@0.4..0.6:{REFUND}&reviewed=no",
    "not labelled Refund but about refunds": f"label=absent:{REFUND}&text=refunds",
    "labelled Refund or labelled Late": f"label=present:{REFUND}&label=present:{LATE}&labels=any",
    "labelled Refund and labelled Late": f"label=present:{REFUND}&label=present:{LATE}",
    "dismissed as Refund last week": f"label=dismissed:{REFUND}&{WEEK}",
    'mentioning "lost parcel"': "text=%22lost+parcel%22",
    "about lost or late parcels": "text=lost+OR+late+parcels",
    "about refunds but not deliveries": "text=refunds+-deliveries",
    "mails that do not mention refunds": "text=-refunds",
    "reviewed mails by Kim": "reviewed=yes",
    "mails to be reviewed": "reviewed=no",
    "angry customers from last week": WEEK,
    "unreviewed or from last week": "",
    "everything except German mails": "",
    "translated mails since March": "translated=yes&since=2026-03-01",
    "ungeprüfte Mails der letzten Woche": f"reviewed=no&{WEEK}",
    "correos sin revisar de ayer": "reviewed=no&since=2026-04-14&until=2026-04-15",
}

HELD_OUT = {
    "unreviewed chats older than 2 weeks": "reviewed=no&until=2026-04-01",
    "messages older than 90 days": "until=2026-01-15",
    "more than 3 months old": "until=2026-01-15",
    "newer than 10 days": "since=2026-04-05",
    "in Q2 2025": "since=2025-04-01&until=2025-07-01",
    "second quarter of 2025": "since=2025-04-01&until=2025-07-01",
    "last quarter": "since=2026-01-01&until=2026-04-01",
    "this quarter, about invoices": "since=2026-04-01&until=2026-07-01&text=invoices",
    "since Q3": "since=2025-07-01",
    "on 24.12.2025": "since=2025-12-24&until=2025-12-25",
    "between 1.2.2026 and 15.2.2026": "since=2026-02-01&until=2026-02-16",
    "before 31.01.2026": "until=2026-01-31",
    "since 1.13.2026": "",
    "NPS under 7": f"max.number:NPS={nextafter(7, -inf)}",
    "NPS over 8 this month": f"min.number:NPS={nextafter(8, inf)}&since=2026-04-01&until=2026-05-01",
    "NPS less than 0": f"max.number:NPS={nextafter(0, -inf)}",
    "NPS more than 9": f"min.number:NPS={nextafter(9, inf)}",
    "NPS 1, 2 or 3": "number:NPS=1&number:NPS=2&number:NPS=3",
    "NPS is 0 or 10": "number:NPS=0&number:NPS=10",
    "labelled Refund or Late": f"label=present:{REFUND}&label=present:{LATE}&labels=any",
    "with the label Late or with the label Refund": f"label=present:{LATE}&label=present:{REFUND}&labels=any",
    "labelled Refund or unreviewed": "",
    "labelled Refund or Broken": "",
    "unreviewed, labelled Late or Refund": f"reviewed=no&label=present:{LATE}&label=present:{REFUND}&labels=any",
    "from mail or chat": f"source={MAIL}&source={CHAT}",
    "in the source mail or in the source chat": f"source={MAIL}&source={CHAT}",
    "from mail or from kim@shop.example": "",
    "from kim@shop.example or lee@shop.example": "sender=kim@shop.example&sender=lee@shop.example",
    "to @a.example or @b.example": "recipient-domain=a.example&recipient-domain=b.example",
    "not from a@x.example or b@x.example": "sender-not=a@x.example&sender-not=b@x.example",
    "from a@x.example or to b@x.example": "",
    "not older than 30 days": "since=2026-03-16",
}
"""Written before the rules for quarters, ages, alternatives and bounds of numbers were; read as the rest, told apart."""


def judge(read: SentenceReading, wanted: MessageFilter) -> str:
    """How a sentence was read.

    ``wholly``; ``partly``: what is set is right, of a search some of the words, and the rest is told; ``not``: all
    of it is told and nothing set; ``wrongly``: anything else.
    """
    if read.where == wanted and not read.left:
        return "wholly"
    if read.where == EVERYTHING:
        return "not" if read.left else "wrongly"
    is_right = set(read.where.text.split()) <= set(wanted.text.split()) and all(
        getattr(read.where, one.name) in (getattr(wanted, one.name), getattr(EVERYTHING, one.name))
        for one in fields(wanted)
        if one.name != "text"
    )
    return "partly" if is_right and read.left else "wrongly"


def measure(title: str, sentences: dict[str, str]) -> int:
    """Print the counts and what was not read wholly; returns how many were read wrongly."""
    counts = {"wholly": 0, "partly": 0, "not": 0, "wrongly": 0}
    for sentence, query in sentences.items():
        read = understand(sentence, KNOWN, now=NOW)
        found = judge(read, filter_from_query(query))
        counts[found] += 1
        if found != "wholly":
            print(
                f"{found:8} {sentence!r}: {filter_to_query(read.where)!r}, left {[one.text for one in read.left]}"
            )
    n = sum(counts.values())
    print(f"{title}:", ", ".join(f"{found} {k} ({k / n:.0%})" for found, k in counts.items()), f"of n = {n}")
    return counts["wrongly"]


def main() -> int:
    """Measure both lists."""
    return 1 if measure("known", SENTENCES) + measure("held out", HELD_OUT) else 0


if __name__ == "__main__":
    sys.exit(main())
