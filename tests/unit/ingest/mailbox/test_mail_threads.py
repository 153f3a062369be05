"""Threads: from references, from subjects, in any order, in any batches."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from workbench.domain.mail import MailMessage
from workbench.ingest.mailbox import ThreadEntry, Threads, assign_threads, thread_keys
from workbench.ingest.mailbox.identity import message_id_of

START = datetime(2024, 3, 5, tzinfo=UTC)
KIM, CARE, JO = "kim@shop.example", "care@carrier.example", "jo@else.example"


def mail(
    name: str, *references: str, subject: str = "Parcel", day: float = 0, sender: str = KIM, to: str = CARE
) -> MailMessage:
    return MailMessage(
        message_id=message_id_of(name), subject=subject, body="", signature="", full_text="", sender=sender, to=(to,),
        references=references, sent_at=START + timedelta(days=day),
    )  # fmt: skip


def groups(threads: Threads, mails: list[MailMessage]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in mails:
        found.setdefault(threads.thread_of(one.message_id), set()).add(bytes.fromhex(one.message_id).decode())
    return set(map(frozenset, found.values()))


def sets(*names: str) -> set[frozenset[str]]:
    return {frozenset(name.split()) for name in names}


def test_references_join_even_where_the_parent_is_missing() -> None:
    mails = [
        mail("a"),
        mail("b", "a", subject="Re: Parcel"),
        mail("c", "x"),
        mail("d", "x", "y"),
        mail("e", subject="Other"),
    ]
    assert groups(assign_threads(mails), mails) == sets("a b", "c d", "e")


def test_equal_subjects_alone_do_not_join() -> None:
    mails = [mail("a"), mail("b", day=1)]
    assert groups(assign_threads(mails), mails) == sets("a", "b")


@pytest.mark.parametrize(
    ("reply", "joined"),
    [
        (mail("b", subject="Re: Parcel", day=1, sender=CARE, to=KIM), True),
        (mail("b", subject="AW: [care] PARCEL", day=13, sender=CARE, to=KIM), True),
        (mail("b", subject="Re: Parcel", day=-1, sender=CARE, to=KIM), True),
        (mail("b", subject="Re: Parcel", day=15, sender=CARE, to=KIM), False),
        (mail("b", subject="Re: Parcel", day=1, sender=JO, to=JO), False),
        (mail("b", subject="Re: Parcels", day=1, sender=CARE, to=KIM), False),
        (mail("b", "x", subject="Re: Parcel", day=1, sender=CARE, to=KIM), False),
    ],
)
def test_a_reply_without_references_joins_by_subject_person_and_time(
    reply: MailMessage, joined: bool
) -> None:
    mails = [mail("a"), reply]
    assert groups(assign_threads(mails), mails) == (sets("a b") if joined else sets("a", "b"))
    assert groups(assign_threads(mails, subject_days=0), mails) == sets("a", "b")


def test_empty_subjects_never_join() -> None:
    mails = [mail("a", subject=""), mail("b", subject="Re:"), mail("c", subject="Re: ")]
    assert groups(assign_threads(mails), mails) == sets("a", "b", "c")


def test_circles_are_harmless() -> None:
    mails = [mail("a", "b"), mail("b", "c"), mail("c", "a"), mail("d", "d")]
    assert groups(assign_threads(mails), mails) == sets("a b c", "d")


def test_a_late_link_merges_two_threads_and_says_so() -> None:
    first = assign_threads([mail("a"), mail("c", "b")])
    known = first.entries
    a, c = (first.thread_of(message_id_of(name)) for name in "ac")
    assert a != c
    second = assign_threads([mail("b", "a")], known)
    (gone,) = second.merges
    assert {gone, second.merges[gone]} == {a, c}
    assert second.thread_of(message_id_of("b")) == second.merges[gone] == min(a, c)


def test_a_known_thread_keeps_its_id() -> None:
    first = assign_threads([mail("a"), mail("b", "a")])
    second = assign_threads([mail("c", "a", "b")], first.entries)
    assert second.merges == {}
    assert second.thread_of(message_id_of("c")) == first.thread_of(message_id_of("a"))


def test_the_same_mail_again_changes_nothing() -> None:
    first = assign_threads([mail("a"), mail("b", "a")])
    again = assign_threads([mail("b", "a")], first.entries)
    assert again.merges == {}
    assert again.entries.items() <= first.entries.items()


def test_only_the_named_entries_are_needed() -> None:
    first = assign_threads([mail("a"), mail("z", subject="Other"), mail("s", subject="Late")])
    fresh = [mail("b", "a"), mail("c", subject="Re: Late", day=2)]
    ids, subjects = thread_keys(fresh)
    needed = {key: entry for key, entry in first.entries.items() if key in ids or entry.subject in subjects}
    assert len(needed) == 2
    found = assign_threads(fresh, needed)
    assert found.thread_of(message_id_of("b")) == first.thread_of(message_id_of("a"))
    assert found.thread_of(message_id_of("c")) == assign_threads(fresh, first.entries).thread_of(
        message_id_of("c")
    )


def random_mails(seed: int) -> list[MailMessage]:
    chance = random.Random(seed)
    mails = []
    for number in range(25):
        references = [str(chance.randrange(35)) for _ in range(chance.choice([0, 0, 1, 2]))]
        subject = chance.choice(["A", "Re: A", "Re: B", "B", "C", ""])
        people = chance.sample([KIM, CARE, JO], 2)
        mails.append(
            mail(
                str(number),
                *references,
                subject=subject,
                day=chance.uniform(0, 60),
                sender=people[0],
                to=people[1],
            )
        )
    return mails


@pytest.mark.parametrize("seed", range(30))
def test_order_and_batches_do_not_matter(seed: int) -> None:
    mails = random_mails(seed)
    whole = assign_threads(mails)
    chance = random.Random(seed)
    chance.shuffle(mails)
    assert assign_threads(mails).entries == whole.entries
    known: dict[str, ThreadEntry] = {}
    while mails:
        batch, mails = mails[:4], mails[4:]
        step = assign_threads(batch, known)
        known.update(step.entries)
        known = {
            key: ThreadEntry(
                thread_id=step.merges.get(entry.thread_id, entry.thread_id), subject=entry.subject, sent_at=entry.sent_at,
                people=entry.people, joins_by_subject=entry.joins_by_subject,
            )
            for key, entry in known.items()
        }  # fmt: skip
    assert known == whole.entries


def test_many_replies_of_one_subject_are_one_pass() -> None:
    mails = [mail(str(n), subject="Re: A", day=n / 1_000, sender=f"{n}@x.example") for n in range(5_000)]
    assert len(groups(assign_threads(mails), mails)) == 1
