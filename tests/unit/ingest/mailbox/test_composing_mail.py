"""Mails whose headers and bodies come apart."""

from __future__ import annotations

import pytest

from tests.mails import read_mail
from workbench.errors import InputError
from workbench.ingest.mailbox import compose_mail

PARSED = {"From": "Jörg <j@shop.example>", "Subject": "Für dich", "Message-ID": "<7@shop.example>"}
RAW = "From: =?utf-8?q?J=C3=B6rg?= <j@shop.example>\r\nSubject: Für\r\n dich\r\nMessage-ID: <7@shop.example>\r\nContent-Type: text/html\r\n"


@pytest.mark.parametrize("headers", [PARSED, RAW], ids=["parsed", "raw"])
@pytest.mark.parametrize(
    ("plain", "html"), [("Hallo ü", ""), ("", "<p>Hallo &uuml;</p>"), ("Hallo ü", "<p>page</p>")]
)
def test_headers_and_bodies(headers: str | dict[str, str], plain: str, html: str) -> None:
    mail = read_mail(compose_mail(headers=headers, plain=plain, html=html))
    assert (mail.subject, mail.sender, mail.sender_name) == ("Für dich", "j@shop.example", "Jörg")
    assert (mail.full_text, mail.attachments) == ("Hallo ü", ())
    assert bytes.fromhex(mail.message_id) == b"7@shop.example"


def test_values_cannot_add_headers() -> None:
    mail = read_mail(compose_mail(headers={"Subject": "x\r\nBcc: a@b.example\r\n\r\nbody"}, plain="hi"))
    assert (mail.bcc, mail.full_text) == ((), "hi")
    assert mail.subject == "x Bcc: a@b.example body"


def test_a_body_in_the_headers_is_left_out() -> None:
    assert read_mail(compose_mail(headers="Subject: x\n\nsmuggled", plain="hi")).full_text == "hi"


@pytest.mark.parametrize("name", ["", "Sub ject", "Subject:", "Sub\nject", "Für"])
def test_header_names(name: str) -> None:
    with pytest.raises(InputError, match="is no header name"):
        compose_mail(headers={name: "x"}, plain="hi")


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"headers": "X: " + "y" * 65_536}, "the header of a mail has 65,541 characters; at most 65,536"),
        (
            {"headers": "X: y", "plain": "y" * 65_537},
            "the plain body of a mail has 65,537 characters; at most 65,536",
        ),
        (
            {"headers": "X: y", "html": "y" * 33_554_433},
            "the HTML body of a mail has 33,554,433 characters; at most 33,554,432",
        ),
    ],
)
def test_limits(parts: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        compose_mail(**parts)
