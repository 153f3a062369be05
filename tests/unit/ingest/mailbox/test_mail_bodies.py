"""The best text of a mail, its attachments, and what stands around it."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.mails import HEAD, multipart, part, raw_mail, read_mail
from workbench.errors import InputError
from workbench.ingest.mailbox import MailLimits, parse
from workbench.ingest.mailbox.flowed import unflow
from workbench.ingest.mailbox.page import page_to_text

PDF = part("application/pdf; name=a.pdf", "JVBERg==", "Content-Transfer-Encoding: base64")


def test_alternative_prefers_plain_text() -> None:
    mail = read_mail(
        HEAD + multipart("alternative", part("text/plain", "plain"), part("text/html", "<p>page</p>"))
    )
    assert (mail.full_text, mail.attachments, mail.problems) == ("plain", (), ())


@pytest.mark.parametrize("stub", ["", "  ", "Your program cannot show HTML."])
def test_alternative_takes_the_page_where_plain_text_is_a_stub(stub: str) -> None:
    page = "<p>" + "A long letter. " * 60 + "</p>"
    mail = read_mail(HEAD + multipart("alternative", part("text/plain", stub), part("text/html", page)))
    assert mail.full_text.startswith("A long letter.")


def test_mixed_joins_texts_and_keeps_files_between_them() -> None:
    mail = read_mail(
        HEAD + multipart("mixed", part("text/plain", "first"), PDF, part("text/plain", "second"))
    )
    assert mail.full_text == "first\nsecond"
    (file,) = mail.attachments
    assert (file.name, file.content_type, file.content, file.inline) == (
        "a.pdf",
        "application/pdf",
        b"%PDF",
        False,
    )
    assert file.content_hash == hashlib.sha256(b"%PDF").hexdigest()


def test_related_within_alternative() -> None:
    image = part("image/png", "iVBO", "Content-ID: <i>", "Content-Transfer-Encoding: base64")
    related = multipart("related", part("text/html", "<p>page <img src=cid:i></p>"), image, boundary="b2")
    mail = read_mail(HEAD + multipart("alternative", part("text/plain", ""), related))
    assert mail.full_text == "page"
    assert [(file.content_type, file.inline) for file in mail.attachments] == [("image/png", True)]


def test_related_names_its_root() -> None:
    related = (
        'Content-Type: multipart/related; boundary=b1; start="<r>"\n\n'
        "--b1\nContent-Type: text/html\n\nwrong\n--b1\nContent-ID: <r>\nContent-Type: text/html\n\nright\n--b1--\n"
    )
    assert read_mail(HEAD + related).full_text == "right"


def test_a_text_file_is_no_body() -> None:
    log = part("text/plain; name=log.txt", "line", "Content-Disposition: attachment")
    mail = read_mail(HEAD + multipart("mixed", part("text/plain", "see the log"), log))
    assert mail.full_text == "see the log"
    assert [file.name for file in mail.attachments] == ["log.txt"]


def test_a_mail_within_a_mail_is_one_attachment() -> None:
    inner = "Subject: inner\n" + multipart("mixed", part("text/plain", "deep"), PDF, boundary="in")
    mail = read_mail(
        HEAD + multipart("mixed", part("text/plain", "see below"), part("message/rfc822", inner))
    )
    assert mail.full_text == "see below"
    (file,) = mail.attachments
    assert file.name == "message.eml"
    assert file.content.startswith(b"Subject: inner")


def test_a_mail_with_nothing_but_a_mail_has_its_text() -> None:
    inner = "From: b@c.example\nSubject: inner\n\ndeep text"
    mail = read_mail(HEAD + multipart("mixed", part("message/rfc822", inner)))
    assert "deep text" in mail.body
    assert "From: b@c.example" in mail.body


def test_digest_parts_are_mails() -> None:
    mail = read_mail(HEAD + multipart("digest", "\nSubject: one\n\nfirst", "\nSubject: two\n\nsecond"))
    assert [file.content_type for file in mail.attachments] == ["message/rfc822"] * 2


def test_invitation_alone_gives_its_text() -> None:
    calendar = "BEGIN:VCALENDAR\nSUMMARY;LANGUAGE=en:Review\nLOCATION:Room 2\nDESCRIPTION:First line\\nsecond\\, li\n ne\nEND:VCALENDAR"
    mail = read_mail(HEAD + part("text/calendar; method=REQUEST", calendar))
    assert mail.full_text == "Review\nRoom 2\nFirst line\nsecond, line"
    assert [file.name for file in mail.attachments] == ["invitation.ics"]
    assert "it carries a calendar invitation, kept as an attachment" in mail.problems


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (multipart("signed", part("text/plain", "hi"), part("application/pgp-signature", "x")), "digital signature"),
        (multipart("encrypted", part("application/pgp-encrypted", "Version: 1"), part("application/octet-stream", "x")), "encrypted with PGP"),
        (part("application/pkcs7-mime; smime-type=enveloped-data", "x"), "encrypted with S/MIME"),
        (part("application/pkcs7-mime; smime-type=signed-data", "x"), "wrapped in an S/MIME signature"),
        (part("text/plain", "-----BEGIN PGP MESSAGE-----\nx"), "encrypted with PGP"),
        (part("application/ms-tnef", "x"), "winmail.dat"),
    ],
)  # fmt: skip
def test_wrappers_are_said(content: str, problem: str) -> None:
    mail = read_mail(HEAD + content)
    assert any(problem in text for text in mail.problems)


def test_a_signed_mail_has_its_text() -> None:
    signed = multipart("signed", part("text/plain", "hi"), part("application/pkcs7-signature", "x"))
    mail = read_mail(HEAD + signed)
    assert mail.body == "hi"
    assert [file.name for file in mail.attachments] == ["smime.p7s"]


@pytest.mark.parametrize(
    ("encoding", "text", "expected"),
    [
        ("base64", base64.b64encode("größe".encode()).decode(), "größe"),
        ("BASE64", "Z3LDtsOfZQ", "größe"),
        ("base64", "Z3LD!!tsOf\n  ZQ==", "größe"),
        ("base64", "Z3I=w7bDn2U=", "größe"),
        ("quoted-printable", "gr=C3=B6=\n=C3=9Fe", "größe"),
        ("quoted-printable", "a=ZZb=", "a=ZZb"),
        ("x-uuencode", "begin 644 a\n%9W+#MB  \n`\nend", "grö"),
        ("rot13", "text", "text"),
    ],
)
def test_transfer_encodings(encoding: str, text: str, expected: str) -> None:
    mail = read_mail(HEAD + part("text/plain; charset=utf-8", text, f"Content-Transfer-Encoding: {encoding}"))
    assert mail.full_text.rstrip("\0 ") == expected


def test_names_of_attachments_are_harmless() -> None:
    def name_of(disposition: str) -> str:
        file = part("application/octet-stream", "x", f"Content-Disposition: attachment; {disposition}")
        return read_mail(HEAD + multipart("mixed", part("text/plain", "hi"), file)).attachments[0].name

    assert name_of('filename="../../etc/passwd"') == "passwd"
    assert name_of('filename="C:\\\\temp\\\\a.txt"') == "a.txt"
    assert name_of("filename*=utf-8''a%E2%80%AEfdp.exe") == "afdp.exe"
    assert name_of('filename="=?utf-8?q?F=C3=BCr.txt?="') == "Für.txt"
    assert name_of('filename=".."') == "part-1"
    assert name_of("filename*=utf-8''a%00b%0Ac.txt") == "ab c.txt"
    long_name = name_of(f'filename="{"a" * 1_000}.pdf"')
    assert len(long_name) <= 256
    assert long_name.endswith(".pdf")


def test_texts_are_cut_at_the_limit_and_it_is_said() -> None:
    mail = read_mail(HEAD + "\n" + "word " * 20_000)
    assert len(mail.full_text) <= 65_536
    assert "its text is longer than 65,536 characters; the rest was left out" in mail.problems
    assert "its body is longer than 65,536 characters; the rest was left out" in mail.problems


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0\0", b" \r\n\t"])
def test_an_empty_mail_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="is empty"):
        parse(raw_mail(content))


def test_a_mail_that_is_too_large_is_refused() -> None:
    with pytest.raises(InputError, match="has 5,000 bytes; at most 100 are read"):
        read_mail("x" * 5_000, limits=MailLimits(mail_bytes=100))


def test_a_mail_without_text_is_said() -> None:
    mail = read_mail(HEAD + "\n")
    assert (mail.body, mail.full_text) == ("", "")
    assert "it has no text" in mail.problems


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One<div>Two</div>Three</div>", "One\nTwo\nThree"),
        ("a<br>b<br/><br>c", "a\nb\n\nc"),
        ("<ul><li>x<li>y</ul>z", "- x\n- y\n\nz"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("x&nbsp;&lt;b&gt; &#8364; &bogus; &#" + "9" * 5_000 + ";", "x <b> € &bogus; \ufffd"),
        ("<style>p{}</style><script>alert(1)</script><title>t</title>seen", "seen"),
        ("<div style='display:none'>pre<div>view</div></div>seen", "seen"),
        ("<span style='font-size:0px'>x</span><span style='font-size:0.9em'>seen</span>", "seen"),
        ("<!-- <p>no</p> -->yes<!-- open", "yes"),
        ("a<!-- b -- > c", "a c"),
        ("<blockquote type=cite>old<blockquote type='cite'>older</blockquote></blockquote>new", "> old\n>> older\nnew"),
        ("<blockquote style='margin:0 0 0 40px'>indented</blockquote>", "indented"),
        ("hi<div class='gmail_signature'>Kim</div>", "hi\n-- \nKim"),
        ("hi<div class='gmail_signature'>--<br>Kim</div>", "hi\n-- \n-- \nKim"),
        ("1 < 2 and <3", "1 < 2 and <3"),
        ("<img onerror=alert(1) src=x>text<a href='javascript:x'>link</a>", "textlink"),
        ("zero\u200bwidth", "zerowidth"),
        ("<p", ""),
        ("</blockquote></pre></div>x", "x"),
    ],
)  # fmt: skip
def test_page_to_text(page: str, text: str) -> None:
    assert page_to_text(page, max_characters=10_000) == text


def test_a_page_is_read_until_enough_was_found() -> None:
    assert len(page_to_text("<p>word</p>" * 100_000, max_characters=1_000)) < 2_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a \nb\nc", "a b\nc"),
        ("> a \n> b\n>> c \nd", "> a b\n>> c \nd"),
        ("a \n-- \nKim", "a \n-- \nKim"),
        (" >no quote\n From x", ">no quote\nFrom x"),
        ("a \n\nb", "a \nb"),
    ],
)
def test_flowed(text: str, expected: str) -> None:
    assert unflow(text) == expected


def test_flowed_with_deleted_spaces() -> None:
    assert unflow("ab \ncd", delete_space=True) == "abcd"


def test_flowed_mail() -> None:
    mail = read_mail(HEAD + part("text/plain; format=flowed; delsp=yes", "one \ntwo\n-- \nKim"))
    assert mail.body == "onetwo"
    assert mail.signature == "--\nKim"


def test_a_problem_of_many_parts_is_said_once() -> None:
    odd = part("text/plain; charset=klingon", "text")
    mail = read_mail(HEAD + multipart("mixed", odd, odd, odd))
    assert mail.problems == (
        "the charset 'klingon' is not known; the text was read as UTF-8 or Windows-1252",
    )
