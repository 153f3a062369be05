"""Threads rebuilt from the mails themselves.

After the algorithm of Jamie Zawinski (jwz, "message threading"): a mail belongs with the mails that its
``References`` and ``In-Reply-To`` name, whether or not those ever arrive; what is left, replies that name no
mail, is put together by subject. Two things differ, so that the result depends on the mails alone and
neither on their order nor on how they were cut into batches: links are kept as sets (union-find) and not as
a tree, which also makes circles harmless; and equal subjects join two mails only when they share a person
and lie within some days of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from workbench.domain.mail import MailMessage, ThreadEntry
from workbench.ingest.mailbox.identity import bare_subject, message_id_of
from workbench.primitives import hex_digest

SUBJECT_DAYS = 14
"""Replies that name no mail join mails of the same subject and a common person within so many days."""
_PEOPLE = 50
_SUBJECT_CHARACTERS = 1_000


@dataclass(frozen=True, kw_only=True)
class Threads:
    """The outcome of one call.

    Attributes
    ----------
    entries
        By message id, the new mails and the ids they name. To be kept and handed to the next call.
    merges
        Thread ids known before that are no longer used, each with the one that took its place.
    """

    entries: dict[str, ThreadEntry] = field(default_factory=dict)
    merges: dict[str, str] = field(default_factory=dict)

    def thread_of(self, message_id: str) -> str:
        """Thread id of a mail of this call."""
        return self.entries[message_id].thread_id


def thread_keys(mails: Iterable[MailMessage]) -> tuple[set[str], set[str]]:
    """(message ids, bare subjects) whose known entries ``assign_threads`` needs for these mails."""
    ids: set[str] = set()
    subjects: set[str] = set()
    for mail in mails:
        ids.update((mail.message_id, *map(message_id_of, mail.references)))
        subjects.add(bare_subject(mail.subject)[0])
    subjects.discard("")
    return ids, subjects


def thread_spans(mails: Iterable[MailMessage]) -> dict[str, tuple[datetime | None, datetime | None]]:
    """The first and the last time at which mails of each bare subject were sent; None = unknown, counts as 1970."""
    spans: dict[str, tuple[datetime | None, datetime | None]] = {}
    for mail in mails:
        subject = bare_subject(mail.subject)[0][:_SUBJECT_CHARACTERS]
        if subject:
            first, last = spans.get(subject, (mail.sent_at, mail.sent_at))
            known = [when for when in (last, mail.sent_at) if when is not None]
            earliest = None if first is None or mail.sent_at is None else min(first, mail.sent_at)
            spans[subject] = (earliest, max(known, default=None))
    return spans


def assign_threads(
    mails: Sequence[MailMessage],
    known: Mapping[str, ThreadEntry] | None = None,
    *,
    subject_days: int = SUBJECT_DAYS,
) -> Threads:
    """Place mails in threads.

    The same mails end up together whatever their order and however they are spread over calls, provided
    that each call gets the entries of earlier ones. A thread is named after its first mail where replies
    name it, so its id seldom changes; where it does, or two threads turn out to be one, ``merges`` says so.

    Parameters
    ----------
    mails
        New ones. One that is known already may come again.
    known
        Entries of earlier calls by message id: all, or those that ``thread_keys`` names.
    subject_days
        Days that a reply without references may lie apart from a mail of its subject; 0 joins none.
    """
    known = known or {}
    sets = _Sets()
    names: dict[str, str] = {}
    for message_id, entry in known.items():
        sets.join(message_id, f"thread:{entry.thread_id}")
        names[f"thread:{entry.thread_id}"] = entry.thread_id
    entries: dict[str, ThreadEntry] = dict(known)
    fresh: dict[str, ThreadEntry] = {}
    proposed: list[tuple[str, str]] = []
    for mail in sorted(mails, key=lambda mail: (mail.message_id, mail.references, mail.subject)):
        ids = [message_id_of(reference) for reference in mail.references]
        for other in ids:
            sets.join(mail.message_id, other)
            fresh.setdefault(other, entries.get(other) or ThreadEntry(thread_id=""))
        proposed.append((mail.message_id, hex_digest(ids[0] if ids else mail.message_id)))
        before = entries.get(mail.message_id)
        fresh[mail.message_id] = entries[mail.message_id] = _described(mail, before)
    if subject_days > 0:
        _join_by_subject(entries, fresh, sets, timedelta(days=subject_days))
    best: dict[str, str] = {}
    for key, name in [*names.items(), *proposed]:
        root = sets.find(key)
        best[root] = min(best.get(root, name), name)
    placed = {
        message_id: ThreadEntry(
            thread_id=best[sets.find(message_id)],
            subject=entry.subject,
            sent_at=entry.sent_at,
            people=entry.people,
            joins_by_subject=entry.joins_by_subject,
        )
        for message_id, entry in sorted(fresh.items())
    }
    merges = {
        name: best[sets.find(key)] for key, name in sorted(names.items()) if best[sets.find(key)] != name
    }
    return Threads(entries=placed, merges=merges)


def _described(mail: MailMessage, before: ThreadEntry | None) -> ThreadEntry:
    subject, replied = bare_subject(mail.subject)
    people = [mail.sender or "", *mail.to, *mail.cc]
    sent_at = mail.sent_at
    if before is not None and before.sent_at is not None:
        sent_at = min(sent_at or before.sent_at, before.sent_at)
    return ThreadEntry(
        thread_id="",
        subject=subject[:_SUBJECT_CHARACTERS],
        sent_at=sent_at,
        people=frozenset(person.casefold() for person in people[:_PEOPLE] if "@" in person),
        joins_by_subject=replied and not mail.references and bool(subject),
    )


def _join_by_subject(
    entries: Mapping[str, ThreadEntry], fresh: Mapping[str, ThreadEntry], sets: _Sets, window: timedelta
) -> None:
    """Join each reply without references with all mails of its subject and a common person near it in time.

    Within one subject and person the mails are gone through in order of time. A reply joins those since
    the reply before it, and that reply: whoever is near both was joined with the earlier one already.
    """
    wanted = {entry.subject for entry in fresh.values() if entry.subject}
    groups: dict[tuple[str, str], list[tuple[datetime, str, bool]]] = {}
    for message_id, entry in entries.items():
        if entry.subject in wanted:
            when = entry.sent_at or datetime(1970, 1, 1, tzinfo=UTC)
            for person in entry.people:
                key = (entry.subject, person)
                groups.setdefault(key, []).append((when, message_id, entry.joins_by_subject))
    for group in groups.values():
        if any(joins for _, _, joins in group):
            _join_group(sorted(group), sets, window)


def _join_group(group: list[tuple[datetime, str, bool]], sets: _Sets, window: timedelta) -> None:
    since: list[tuple[datetime, str]] = []  # mails since the last reply, that reply first
    last: tuple[datetime, str] | None = None
    for when, message_id, joins in group:
        if joins:
            for other_when, other in since:
                if when - other_when <= window:
                    sets.join(message_id, other)
            last = (when, message_id)
            since = [last]
        else:
            if last is not None and when - last[0] <= window:
                sets.join(message_id, last[1])
            since.append((when, message_id))


class _Sets:
    """Union-find without recursion."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._size: dict[str, int] = {}

    def find(self, key: str) -> str:
        parent = self._parent
        root = parent.setdefault(key, key)
        while parent[root] != root:
            root = parent[root]
        while parent[key] != root:
            parent[key], key = root, parent[key]
        return root

    def join(self, one: str, other: str) -> None:
        first, second = self.find(one), self.find(other)
        if first != second:
            if self._size.get(first, 1) < self._size.get(second, 1):
                first, second = second, first
            self._parent[second] = first
            self._size[first] = self._size.get(first, 1) + self._size.get(second, 1)
