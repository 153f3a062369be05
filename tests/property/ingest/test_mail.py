"""Any bytes give a whole mail or a clear error; what a mail says comes back; threads do not know order."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from workbench.domain.mail import MailMessage, RawMail
from workbench.errors import InputError
from workbench.ingest import clean_mail
from workbench.ingest.mail import MailContext, line_kinds
from workbench.ingest.mailbox import ThreadEntry, assign_threads, parse, to_batch
from workbench.ingest.mailbox.charsets import decode_text
from workbench.ingest.mailbox.page import page_to_text
from workbench.ingest.mailbox.words import decode_header, split_parameters
from workbench.ingest.text import sanitise

PIECES = st.sampled_from(
    [b"From: a@b.example\n", b"Subject: =?utf-8?q?", b"Content-Type: multipart/mixed; boundary=b\n", b"\n\n", b"--b\n", b"--b--\n",
     b"Content-Type: text/html\n", b"<blockquote type=cite>", b"Content-Transfer-Encoding: base64\n", b"=\n", b"=C3", b"> x\n",
     b"On 3 March 2024 10:00 K wrote:\n", b"-- \n", b"Content-Type: message/rfc822\n\n", b"Date: Tue, 5 Mar 2024 10:15:00 +0100\n",
     b"References: <1@a> <2@a>\n", b"Content-Disposition: attachment; filename*=utf-8''a%", b"\r\n", b"\r", b"\0", b";", b'"']
)  # fmt: skip
MAILS = st.lists(PIECES | st.binary(max_size=20), max_size=40).map(b"".join)
FIRST, LAST = datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2200-01-01")
WORDS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12)
LINES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)


@settings(deadline=None, max_examples=200)
@given(MAILS)
@example(b"\xff\xfe")
def test_any_bytes_give_a_mail_that_can_be_stored(content: bytes) -> None:
    raw = RawMail(content=content, mailbox="m")
    try:
        mail = parse(raw)
    except InputError as error:
        assert error.next_step  # noqa: PT017
        return
    assert parse(raw) == mail
    texts = (
        mail.subject,
        mail.body,
        mail.signature,
        mail.full_text,
        *(file.name for file in mail.attachments),
    )
    assert all(sanitise(text) == text for text in texts)
    assert bool(mail.body.strip()) == bool(mail.full_text.strip())
    to_batch([mail], assign_threads([mail]), undated_at=datetime(2024, 1, 1, tzinfo=UTC))


@settings(deadline=None, max_examples=60)
@given(
    LINES, st.lists(LINES, min_size=1, max_size=5), WORDS, st.binary(max_size=200), st.datetimes(FIRST, LAST),
    st.sampled_from(["7bit", "8bit", "quoted-printable", "base64"]), st.booleans(),
)  # fmt: skip
def test_what_the_standard_library_writes_comes_back(
    subject: str, lines: list[str], name: str, data: bytes, when: datetime, encoding: str, crlf: bool
) -> None:
    mail = EmailMessage(policy=email.policy.SMTP if crlf else email.policy.default)
    mail["From"] = "Kim <kim@shop.example>"
    mail["Subject"] = subject
    mail["Date"] = format_datetime(when.replace(tzinfo=UTC, microsecond=0))
    mail["Message-ID"] = "<1@a.example>"
    text = "\n".join(lines)
    ascii_only = text.isascii() and encoding == "7bit"
    mail.set_content(text, cte=encoding if ascii_only or encoding != "7bit" else "base64")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    found = parse(RawMail(content=bytes(mail), mailbox="m"))
    read_back = email.message_from_bytes(bytes(mail), policy=email.policy.default)[
        "Subject"
    ]  # it loses spaces
    assert found.subject == " ".join(decode_header(str(read_back).encode()).split())
    assert "".join(found.subject.split()) == "".join(decode_header(subject.encode()).split())
    assert found.full_text.split() == text.split()
    assert found.sent_at == when.replace(tzinfo=UTC, microsecond=0)
    assert [file.content for file in found.attachments] == [data]


@given(st.binary(max_size=300), st.text(max_size=20))
def test_decoding_never_fails(raw: bytes, charset: str) -> None:
    decode_text(raw, charset, [])
    decode_header(raw)
    kind, parameters = split_parameters(raw)
    assert kind == kind.lower()
    assert all(parameters)


@given(st.lists(st.sampled_from(["<p>", "</p>", "<blockquote type=cite>", "</blockquote>", "<pre>", "<!--", "-->", "<div style='display:none'>",
                                 "</div>", "<br>", "&#", "&lt;", "<script>", "</script>", "text", " ", "\n", "<"]) | st.text(max_size=5)))  # fmt: skip
def test_pages_give_text(pieces: list[str]) -> None:
    text = page_to_text("".join(pieces), max_characters=1_000)
    assert sanitise(text) == text


CLEANED = st.lists(
    st.sampled_from(
        ["> old", "On 3 March 2024 10:00 Jane wrote:", "-- ", "Best regards,", "Jane", "J", "", "From: a", "Sent: b", "To: c", "Hello.",
         "---------- Forwarded message ---------", "[1] https://a.example", "To unsubscribe, e-mail: x", "-----", "---"]
    ) | st.text(st.characters(exclude_characters="\n"), max_size=20),
    max_size=25,
)  # fmt: skip


@given(CLEANED, st.booleans(), st.booleans(), st.booleans())
def test_every_line_is_one_thing(lines: list[str], answers: bool, forwarded: bool, keep: bool) -> None:
    context = MailContext(author="Jane Doe", answers=answers, forwarded=forwarded, keep_forwarded=keep)
    kinds = line_kinds(lines, context=context)
    assert len(kinds) == len(lines)
    text = "\n".join(lines)
    found = clean_mail(text, context=context)
    assert bool(found.body.strip()) == bool(text.strip())
    parts = f"{found.body}\n{found.signature}\n{found.quoted}".split("\n")
    assert sorted(line.strip() for line in parts if line.strip()) == sorted(
        line.strip() for line in text.split("\n") if line.strip()
    )


NAMES = [f"{n:02d}" for n in range(12)]
THREADED = st.lists(
    st.builds(
        lambda name, references, subject, day, people: MailMessage(
            message_id=name, subject=subject, body="", signature="", full_text="", sender=people[0], to=(people[1],),
            references=tuple(bytes.fromhex(r).decode("latin-1") for r in references if r != name),
            sent_at=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day),
        ),
        st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), max_size=3), st.sampled_from(["A", "Re: A", "Re: B", "B", ""]),
        st.integers(0, 40), st.sampled_from([("a@x", "b@x"), ("b@x", "a@x"), ("c@x", "d@x")]),
    ),
    max_size=12, unique_by=lambda mail: mail.message_id,
)  # fmt: skip


@settings(deadline=None)
@given(THREADED, st.randoms(use_true_random=False), st.integers(1, 5))
def test_threads_do_not_know_order_or_batches(mails: list[MailMessage], chance: object, size: int) -> None:
    whole = assign_threads(mails)
    shuffled = list(mails)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert assign_threads(shuffled).entries == whole.entries
    known: dict[str, ThreadEntry] = {}
    for start in range(0, len(shuffled), size):
        step = assign_threads(shuffled[start : start + size], known)
        known = {
            key: ThreadEntry(
                thread_id=step.merges.get(entry.thread_id, entry.thread_id), subject=entry.subject, sent_at=entry.sent_at,
                people=entry.people, joins_by_subject=entry.joins_by_subject,
            )
            for key, entry in {**known, **step.entries}.items()
        }  # fmt: skip
    assert known == whole.entries
