"""Small mails for tests."""

from __future__ import annotations


def mail(number: int, *, sender: str = "ann@buyer.example", body: str = "hello") -> bytes:
    return (
        f"From: Ann <{sender}>\r\nTo: care@shop.example\r\nSubject: Mail {number}\r\n"
        f"Message-ID: <{number}@buyer.example>\r\n\r\n{body}\r\n"
    ).encode()


def number_of(content: bytes) -> int:
    return int(content.partition(b"Message-ID: <")[2].partition(b"@")[0])
