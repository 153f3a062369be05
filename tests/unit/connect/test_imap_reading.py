"""What IMAP servers write, read without a server; and the cursor under every order of events."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from workbench.connect import FetchLimits, Folder
from workbench.connect.imap.answers import Head, read_bodies, read_heads, read_uids, write_day
from workbench.connect.imap.cursor import ImapCursor, resume
from workbench.connect.imap.fetch import _read_folder
from workbench.connect.imap.names import ListedFolder, decode_name, quote, read_list
from workbench.connect.imap.session import Examined, _write_set
from workbench.domain.connections import Mailbox
from workbench.domain.mail import FolderState

pieces = st.one_of(
    st.none(), st.binary(max_size=80), st.tuples(st.binary(max_size=80), st.binary(max_size=40))
)


def _encode(text: str) -> str:
    """Modified UTF-7, written down from RFC 3501 5.1.3."""
    out, run = "", ""
    for letter in [*text, None]:
        if letter is not None and not (0x20 <= ord(letter) <= 0x7E):
            run += letter
            continue
        if run:
            out += (
                "&" + base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
            )
            run = ""
        out += "&-" if letter == "&" else letter or ""
    return out


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_folder_names_come_back(name: str) -> None:
    assert decode_name(_encode(name)) == name


def test_names_that_break_the_rules_stay() -> None:
    assert decode_name("&AOk") == "&AOk"
    assert decode_name("&!!!-") == "&!!!-"
    assert decode_name("&AA-") == "&AA-"
    assert decode_name("~peter/mail/&U,BTFw-/&ZeVnLIqe-") == "~peter/mail/台北/日本語"


@given(st.lists(pieces, max_size=8))
@settings(max_examples=300)
def test_no_answer_breaks_the_readers(answers: list[object]) -> None:
    for head in read_heads(answers).values():
        assert head.uid > 0 or head.uid == 0
    read_bodies(answers)
    read_list(answers)
    assert all(0 < uid < 10**10 for uid in read_uids(answers))


def test_lists_in_every_dress() -> None:
    found = read_list(
        [
            rb'(\HasNoChildren) "/" INBOX',
            rb'(\Sent) "." "a.b &AOk-.\"q\""',
            (rb'(\Junk \HasNoChildren) "/" {4}', b"Spam"),
            b"",
            rb'(\NoSelect) "/" Top',
            rb"() NIL flat/name",
            (rb'() "/" {6}', b"a\r\nb c"),
            None,
            b"gibberish",
        ]
    )
    assert [(f.folder.path, f.folder.role) for f in found] == [
        (("INBOX",), "inbox"), (("a", "b é", '"q"'), "sent"), (("Spam",), "junk"), (("flat/name",), None),
    ]  # fmt: skip
    assert quote(found[1].raw) == rb'"a.b &AOk-.\"q\""'


@given(st.sets(st.integers(1, 60), min_size=1))
def test_sets_of_uids_are_written_short_and_whole(uids: set[int]) -> None:
    read: list[int] = []
    for part in _write_set(sorted(uids, reverse=True)).split(","):
        low, _, high = part.partition(":")
        read += range(int(low), int(high or low) + 1)
    assert read == sorted(uids)


def test_days_are_english() -> None:
    assert write_day(datetime(2026, 3, 4, tzinfo=UTC)) == "04-Mar-2026"


@given(st.text())
def test_a_foreign_cursor_begins_anew(text: str) -> None:
    cursor = resume(text, validity=3, next_uid=9, start_at=None, order="newest")
    assert cursor == ImapCursor(validity=3, low=9, high=8)


@dataclass
class _Folder:
    """A folder of a mailbox that changes between calls; stands in for a session."""

    validity: int = 1
    next_uid: int = 1
    mails: dict[int, int] = field(default_factory=dict)
    n_ever: int = 0

    def arrive(self, n_mails: int) -> None:
        for _ in range(n_mails):
            self.mails[self.next_uid] = self.n_ever
            self.n_ever += 1
            self.next_uid += 1

    def examine(self, _raw: bytes) -> Examined:
        return Examined(validity=self.validity, next_uid=self.next_uid, n_mails=len(self.mails))

    def uids(self, examined: Examined, *, above: int, start_at: datetime | None) -> NDArray[np.int64]:
        return np.array(sorted(u for u in self.mails if above < u < examined.next_uid), np.int64)

    def heads(self, uids: list[int]) -> tuple[dict[int, Head], list[int]]:
        found = {
            u: Head(uid=u, n_bytes=1, received_at=None, is_read=False, participants=())
            for u in uids
            if u in self.mails
        }
        return found, []

    def bodies(self, uids: list[int]) -> tuple[dict[int, bytes], list[int]]:
        return {u: str(self.mails[u]).encode() for u in uids if u in self.mails}, []


events = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(1, 9)),
        st.tuples(st.just("delete"), st.integers(0, 30)),
        st.tuples(st.just("renumber"), st.just(0)),
        st.tuples(st.just("read"), st.integers(1, 3)),
    ),
    max_size=25,
)


@given(events, st.sampled_from(["newest", "oldest"]), st.integers(1, 4))
@settings(max_examples=400)
def test_whatever_happens_every_mail_that_stays_is_read_once(
    happenings: list[tuple[str, int]], order: str, page_size: int
) -> None:
    """Mail arrives and goes, the folder is numbered anew, the reader dies after any page: nothing is lost."""
    folder, limits = _Folder(), FetchLimits(page_size=page_size)
    mailbox = Mailbox(address="m", order=order)  # type: ignore[arg-type]
    listed = ListedFolder(folder=Folder(path=("INBOX",)), raw=b"INBOX")
    state = FolderState(mailbox="m", folder=("INBOX",))
    stored: list[tuple[int, int]] = []
    for what, number in [*happenings, ("read", 10**6)]:
        if what == "arrive":
            folder.arrive(number)
        elif what == "delete" and folder.mails:
            del folder.mails[sorted(folder.mails)[number % len(folder.mails)]]
        elif what == "renumber":
            folder.validity += 1
            folder.mails = dict(enumerate(folder.mails.values(), 1))
            folder.next_uid = len(folder.mails) + 1
        elif what == "read":
            for page, _ in zip(
                _read_folder(folder, listed, mailbox, state, limits), range(number), strict=False
            ):  # type: ignore[arg-type]
                stored += [(folder.validity, int(mail.content)) for mail in page.mails]
                state = page.state
    assert set(folder.mails.values()) <= {number for _, number in stored}
    assert state.up_to_date
    assert len(stored) == len(set(stored))  # once under each numbering
