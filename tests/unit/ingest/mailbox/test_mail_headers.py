"""Headers: encoded words, charsets, addresses, dates, ids, and what is wrong with them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.mails import HEAD, read_mail
from workbench.ingest.mailbox.addresses import read_addresses
from workbench.ingest.mailbox.charsets import decode_text, find_codec
from workbench.ingest.mailbox.dates import read_date
from workbench.ingest.mailbox.identity import bare_subject, is_forward
from workbench.ingest.mailbox.words import decode_header, split_parameters


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain", "plain"),
        (b"=?utf-8?q?F=C3=BCr_dich?=", "Für dich"),
        (b"=?UTF-8?B?RsO8cg==?= =?UTF-8?B?IGRpY2g=?=", "Für dich"),
        (b"=?utf-8?b?RsM=?=\n =?utf-8?b?vHI=?=", "Für"),  # a character cut in two
        (b"=?utf-8?q?F=C3?= =?utf-8?q?=BCr?=", "Für"),
        (b"=?iso-8859-1?q?Caf=E9?= au lait =?utf-8?q?=C3=A9?=", "Café au lait é"),
        (b"=?utf-8?b?RsO8?= =?iso-8859-1?q?r?=", "Für"),
        (b"=?utf-8*de?q?F=C3=BCr?=", "Für"),
        (b"=?gb2312?b?xOO6ww==?=", "你好"),
        (b"=?iso-2022-jp?b?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?x-none-such?q?Caf=C3=A9?=", "Café"),
        (b"=?utf-8?b?RsO8c?=", "Für"[:2]),  # a letter too many
        (b"=?utf-8?q?broken", "=?utf-8?q?broken"),
        ("raw Für".encode(), "raw Für"),
        ("raw Für".encode("latin-1"), "raw Für"),
        (b"folded\n\tline", "folded line"),
        (b"a=?utf-8?q?=0D=0ABcc:_x@y.example?=", "a Bcc: x@y.example"),
        (b"nul\x00and\x07bell", "nulandbell"),
    ],
)
def test_decode_header(raw: bytes, text: str) -> None:
    assert decode_header(raw) == text


@pytest.mark.parametrize(
    ("raw", "kind", "parameters"),
    [
        (b'text/plain; charset="utf-8"', "text/plain", {"charset": "utf-8"}),
        (
            b"TEXT/HTML;charset=US-ASCII ; format=flowed",
            "text/html",
            {"charset": "US-ASCII", "format": "flowed"},
        ),
        (b'a/b; name="a\\"b;c.txt"', "a/b", {"name": 'a"b;c.txt'}),
        (b"a/b; name=my file.pdf; x=1", "a/b", {"name": "my file.pdf", "x": "1"}),
        (b"a/b; name*=utf-8'de'F%C3%BCr.txt", "a/b", {"name": "Für.txt"}),
        (b"a/b; name*1*=%BCr.txt; name*0*=utf-8''F%C3", "a/b", {"name": "Für.txt"}),
        (b'a/b; name*0="long "; name*1="name"', "a/b", {"name": "long name"}),
        (b'a/b; name="never closed', "a/b", {"name": "never closed"}),
        (b"a/b;;; ;x=1", "a/b", {"x": "1"}),
        (b"", "", {}),
    ],
)
def test_split_parameters(raw: bytes, kind: str, parameters: dict[str, str]) -> None:
    assert split_parameters(raw) == (kind, parameters)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"kim@Shop.Example", [("kim@shop.example", "")]),
        (b"Kim <kim@shop.example>", [("kim@shop.example", "Kim")]),
        (b'"Kim, of <Shop>" <kim@shop.example>, b@c.example', [("kim@shop.example", "Kim, of <Shop>"), ("b@c.example", "")]),
        (b"kim@shop.example (Kim (of) Shop)", [("kim@shop.example", "")]),
        (b"=?utf-8?q?J=C3=B6rg?= <j@a.example>", [("j@a.example", "Jörg")]),
        (b"Team: a@b.example, c@d.example;, e@f.example", [("a@b.example", ""), ("c@d.example", ""), ("e@f.example", "")]),
        (b"undisclosed-recipients:;", []),
        (b"<@relay.example:kim@shop.example>", [("kim@shop.example", "")]),
        (b"a@b.example, A@B.example", [("a@b.example", "")]),
        (b"Kim", [("Kim", "Kim")]),
        (b'"Kim <kim@shop.example>', [("kim@shop.example", "")]),
        (b"<kim@shop.example", [("kim@shop.example", "")]),
        (b"kim@sh\r\n op.example\x00", [("kim@sh", "")]),
        (b"<kim\x01\x00@shop.example>", [("kim@shop.example", "")]),
        ("Kim <kim@\u202eelpmaxe.shop>".encode(), [("kim@elpmaxe.shop", "Kim")]),
        (b",,;;,", []),
        (b"=?utf-8?q?evil=40x.example=0A?= <kim@shop.example>", [("kim@shop.example", "evil@x.example")]),
    ],
)  # fmt: skip
def test_addresses(raw: bytes, expected: list[tuple[str, str]]) -> None:
    found, more = read_addresses(raw, limit=10)
    assert [(person.address, person.name) for person in found] == expected
    assert not more


def test_more_addresses_than_the_limit_are_said() -> None:
    found, more = read_addresses(b",".join(b"a%d@b.example" % n for n in range(20)), limit=10)
    assert (len(found), more) == (10, True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 5 Mar 2024 10:15:00 +0100", "2024-03-05T09:15:00"),
        ("5 Mar 2024 10:15 EST", "2024-03-05T15:15:00"),
        ("Tue, 05 Mar 2024 10:15:00 +0100 (CET)", "2024-03-05T09:15:00"),
        ("2024-03-05T10:15:00Z", "2024-03-05T10:15:00"),
        ("Tue, 5 Mar 24 10:15:00 GMT", "2024-03-05T10:15:00"),
        ("Sat, 31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00"),
        ("Tue, 5 Mar 2024 10:15:00 -9959", "2024-03-09T14:14:00"),
    ],
)
def test_dates(text: str, expected: str) -> None:
    when = read_date(text)
    assert when == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "Tue, 5 Mar 0000 10:15:00", "1 Jan 9999 00:00:00 +0000", "32 Mar 2024 10:15:00", "1 Jan 1969 00:00:00",
     "5 Mar 2024 25:61:00", "," * 90, "0" * 10_000, "1 Jan 2024 00:00:00 +99999999999999999999", "Thu, 1 Jan 99999999999 00:00:00"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


def test_a_missing_date_falls_back_to_receipt_then_to_the_way_it_came() -> None:
    received = datetime(2024, 1, 2, tzinfo=UTC)
    text = "Received: by x; Wed, 3 Jan 2024 00:00:00 +0000\nDate: never\n\nhello"
    assert read_mail(text, received_at=received).sent_at == received
    mail = read_mail(text)
    assert mail.sent_at == datetime(2024, 1, 3, tzinfo=UTC)
    assert "its Date cannot be read" in mail.problems
    assert read_mail("Subject: x\n\nhello").sent_at is None


@pytest.mark.parametrize(
    "name",
    ["zlib", "hex", "rot13", "base64", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "mbcs",
     "../../etc/passwd", "a" * 10_000, "", "utf-8\0", "charmap", "uu", "bz2"],
)  # fmt: skip
def test_codecs_that_are_no_charsets_are_not_used(name: str) -> None:
    assert find_codec(name) is None
    problems: list[str] = []
    assert decode_text(b"caf\xc3\xa9", name, problems) == "café"
    assert bool(problems) == bool(name)


@pytest.mark.parametrize(
    ("raw", "charset", "text", "n_problems"),
    [
        (b"caf\xe9", "iso-8859-1", "café", 0),
        (b"\x93hi\x94", "iso-8859-1", "“hi”", 0),  # Windows-1252 under another name
        (b"caf\xe9", "us-ascii", "café", 0),
        (b"caf\xe9", "utf-8", "café", 1),
        ("café".encode(), "windows-1252", "cafÃ©", 0),
        (b"\xef\xbb\xbfhi", "utf-8", "hi", 0),
        ("привет".encode("koi8-r"), "KOI8-R", "привет", 0),
        ("你好".encode("gb18030"), "gb2312", "你好", 0),
        ("日本".encode("cp932"), "x-sjis", "日本", 0),
        (b"\xff\xfe", "iso-2022-jp", "\ufffd\ufffd", 1),
        (b"\x81", "windows-1252", "\ufffd", 1),
    ],
)  # fmt: skip
def test_charsets(raw: bytes, charset: str, text: str, n_problems: int) -> None:
    problems: list[str] = []
    assert decode_text(raw, charset, problems) == text
    assert len(problems) == n_problems


@pytest.mark.parametrize(
    ("subject", "bare", "replied"),
    [
        ("Late parcel", "late parcel", False),
        ("Re: Late  parcel", "late parcel", True),
        ("AW: Re: WG: Antw: Late parcel", "late parcel", True),
        ("RE[2]: [care] Re: Late parcel", "late parcel", True),
        ("[care] Late parcel", "late parcel", False),
        ("Re: [Ticket 4411] Late parcel", "[ticket 4411] late parcel", True),
        ("[care]", "[care]", False),
        ("TR : SV: RES: Fwd: x", "x", True),
        ("Regarding: x", "regarding: x", False),
        ("Re:", "", True),
    ],
)
def test_bare_subject(subject: str, bare: str, replied: bool) -> None:
    assert bare_subject(subject) == (bare, replied)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Fwd: x", True),
        ("[l] WG: x", True),
        ("Re: Fwd: x", False),
        ("x", False),
        ("TR : x", True),
        ("I: x", True),
    ],
)
def test_is_forward(subject: str, expected: bool) -> None:
    assert is_forward(subject) is expected


def test_ids_and_references() -> None:
    mail = read_mail(
        HEAD + "References: <1@a.example>\n <2@a.example> <1@a.example>\nIn-Reply-To: <2@a.example>\n\nhi"
    )
    assert bytes.fromhex(mail.message_id) == b"7@shop.example"
    assert mail.references == ("1@a.example", "2@a.example")
    assert mail.properties["string:Message ID"] == "7@shop.example"


def test_the_parent_stands_last_even_where_references_lack_it() -> None:
    mail = read_mail(HEAD + "References: <1@a.example> <2@a.example>\nIn-Reply-To: Kim's <1@a.example>\n\nhi")
    assert mail.references == ("2@a.example", "1@a.example")


def test_a_mail_without_id_gets_the_same_one_everywhere() -> None:
    text = HEAD.replace("Message-ID: <7@shop.example>\n", "") + "\nhi"
    first, second = read_mail(text), read_mail("Received: elsewhere\n" + text)
    assert first.message_id == second.message_id != read_mail(text + "!").message_id
    assert bytes.fromhex(first.message_id).startswith(b"sha256:")
    assert any("no Message-ID" in problem for problem in first.problems)


def test_a_very_long_id_fits_the_store() -> None:
    mail = read_mail(HEAD.replace("<7@", f"<{'7' * 800}@") + "\nhi")
    assert len(mail.message_id) <= 1_024


def test_duplicate_headers_are_said() -> None:
    mail = read_mail(HEAD + "Subject: Other\nFrom: evil@x.example\n\nhi")
    assert (mail.subject, mail.sender) == ("Late parcel", "kim@shop.example")
    assert {
        "it has several Subject headers; the first was used",
        "it has several From headers; the first was used",
    } <= set(mail.problems)


def test_a_header_without_blank_line_after_it() -> None:
    mail = read_mail("From: a@b.example\nSubject: x\nHello, this is text\nmore")
    assert mail.full_text == "Hello, this is text\nmore"
    assert "the blank line after its header is missing" in mail.problems


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(ending: str) -> None:
    mail = read_mail((HEAD + "\nHello\n\nWorld\n").replace("\n", ending))
    assert (mail.full_text, mail.sender) == ("Hello\n\nWorld", "kim@shop.example")
