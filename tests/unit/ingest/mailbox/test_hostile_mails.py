"""Hostile mails: none crashes, none costs more than its length, each gives a whole mail that can be stored."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from tests.hostile_mails import HOSTILE
from tests.mails import HEAD, raw_mail, read_mail
from workbench.domain import is_message_id
from workbench.domain.mail import MailMessage
from workbench.errors import InputError
from workbench.ingest.mailbox import DEFAULT_LIMITS, MailLimits, assign_threads, parse, to_batch
from workbench.ingest.times import EARLIEST, LATEST

SMALL, LARGE = 3_000, 12_000
HUGE = 300_000


def n_lines_executed(work: Callable[[], object]) -> int:
    count = 0

    def trace(_frame: FrameType, event: str, _arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def assert_storable(mail: MailMessage) -> None:
    limit = DEFAULT_LIMITS
    for text in (mail.subject, mail.body, mail.signature, mail.full_text):
        assert len(text) <= limit.text_characters
    people = [mail.sender or "x", *mail.to, *mail.cc, *mail.bcc]
    assert all(0 < len(person) <= 512 for person in people)
    assert max(len(mail.to), len(mail.cc), len(mail.bcc)) <= limit.addresses
    assert len(mail.references) <= limit.references
    assert len(mail.attachments) <= limit.attachments
    assert all(len(file.name) <= 256 and file.name and "/" not in file.name for file in mail.attachments)
    assert all(len(file.content_type) <= 256 for file in mail.attachments)
    assert is_message_id(mail.message_id)
    assert mail.sent_at is None or EARLIEST <= mail.sent_at < LATEST
    assert len(mail.problems) == len(set(mail.problems))
    texts = [
        mail.subject,
        mail.body,
        mail.signature,
        mail.full_text,
        *people,
        *mail.references,
        *mail.problems,
    ]
    texts += [file.name + file.content_type for file in mail.attachments]
    texts += [f"{key}{value}" for key, value in mail.properties.items()]
    for text in texts:
        text.encode("utf-8")
        assert not {c for c in set(text) if unicodedata.category(c) == "Cc"} - {"\n", "\t"}
    assert bool(mail.body.strip()) == bool(mail.full_text.strip())
    table = to_batch([mail], assign_threads([mail]), undated_at=EARLIEST)
    assert table.num_rows == 1


def test_the_corpus_is_large() -> None:
    assert len(HOSTILE) >= 90


@pytest.mark.parametrize("name", HOSTILE)
def test_work_grows_with_the_size_and_no_faster(name: str) -> None:
    small, large = (raw_mail(HOSTILE[name](size)) for size in (SMALL, LARGE))
    for raw in (small, large):
        assert_storable(parse(raw))
    ratio = max(1.0, len(large.content) / len(small.content))
    n_small, n_large = (n_lines_executed(lambda raw=raw: parse(raw)) for raw in (small, large))
    assert n_large <= 1.5 * ratio * n_small + 2_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_large_one_is_read_whole(name: str) -> None:
    assert_storable(parse(raw_mail(HOSTILE[name](HUGE))))


def test_ten_thousand_nested_multiparts() -> None:
    mail = read_mail(HOSTILE["nested multiparts"](600_000))
    assert any("nested more than 30 deep" in problem for problem in mail.problems)
    assert len(mail.attachments) == 1


def test_ten_thousand_nested_mails() -> None:
    mail = read_mail(HOSTILE["nested mails"](450_000))
    assert any("nested more than 30 deep" in problem for problem in mail.problems)


def test_a_hundred_thousand_parts() -> None:
    mail = read_mail(HOSTILE["very many parts"](800_000))
    assert "it has more than 1,000 parts; the later ones were left out" in mail.problems
    assert mail.full_text.count("x") == 999


def test_more_attachments_than_are_kept() -> None:
    mail = read_mail(HOSTILE["very many files"](1))
    assert len(mail.attachments) == 128
    assert "it has more than 128 attachments; the later ones were left out" in mail.problems


def test_a_header_of_ten_megabytes() -> None:
    mail = read_mail(HEAD + "X: " + "y" * 10_000_000 + "\nCc: late@a.example\n\nhello")
    assert "its header is longer than 65,536 bytes; the rest of it was not read" in mail.problems
    assert (mail.subject, mail.full_text, mail.cc) == ("Late parcel", "hello", ())


@pytest.mark.parametrize("size", range(65_500, 65_700, 7))
def test_a_header_of_many_lines_is_cut_between_lines(size: int) -> None:
    mail = read_mail(HEAD + f"X: {'y' * (size - len(HEAD) - 4)}\n" + "Cc: late@a.example\n" * 3 + "\nhello")
    assert (mail.subject, mail.full_text) == ("Late parcel", "hello")
    many = read_mail(HOSTILE["many header lines"](size * 2))
    assert many.full_text == "hello"
    assert any("header is longer" in problem for problem in many.problems)


def test_a_hundred_megabytes_of_soft_breaks() -> None:
    head = (HEAD + "Content-Transfer-Encoding: quoted-printable\n\n").encode()
    mail = parse(raw_mail(head + b"=\n" * 50_000_000 + b"end"))
    assert mail.full_text == "end"


def test_zip_bombs_stay_packed() -> None:
    content = HOSTILE["zip bomb"](100_000)
    mail = parse(raw_mail(content))
    (file,) = mail.attachments
    assert file.name == "bomb.zip"
    assert len(file.content) < len(content)


def test_all_parts_together_are_bounded() -> None:
    from tests.mails import multipart, part

    files = [part("application/zip; name=a.zip", "x" * 600) for _ in range(5)]
    mail = read_mail(
        HEAD + multipart("mixed", part("text/plain", "hi"), *files), limits=MailLimits(decoded_bytes=2_000)
    )
    assert mail.full_text == "hi"
    assert len(mail.attachments) == 3
    assert "its parts are larger than 2,000 bytes together; the last ones were left out" in mail.problems


def test_pages_and_texts_are_bounded() -> None:
    limits = MailLimits(html_bytes=1_000, text_characters=100)
    mail = read_mail(HOSTILE["breaks"](5_000), limits=limits)
    assert "its HTML text is longer than 1,000 bytes; the rest was left out" in mail.problems
    mail = read_mail(HOSTILE["no line end"](50_000), limits=limits)
    assert "its text is longer than 6,400 bytes; the rest was left out" in mail.problems
    assert len(mail.full_text) == 100


def test_too_large_is_a_clear_error() -> None:
    with pytest.raises(InputError, match=r"a mail in 'care' has 200,001,000 bytes; at most 157,286,400"):
        parse(raw_mail(HEAD.encode() + b"\n" + b"x" * (200_000_000 + 1_000 - len(HEAD) - 1)))


def test_addresses_cannot_inject() -> None:
    mail = read_mail(HOSTILE["from that injects"](10))
    assert mail.sender == "a@b.example"
    assert mail.bcc == ()


def test_scripts_leave_no_trace() -> None:
    mail = read_mail(HOSTILE["script"](100) + b"seen")
    assert mail.full_text == "seen"


def test_reversing_characters_are_removed_and_said() -> None:
    mail = read_mail(HOSTILE["reversing text"](100))
    assert "\u202e" not in mail.full_text
    assert any("reverse the reading direction" in problem for problem in mail.problems)
