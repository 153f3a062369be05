"""Mails written by hand, for tests of the mail rooms."""

from __future__ import annotations

from datetime import datetime

from workbench.domain.mail import MailMessage, RawMail
from workbench.ingest.mailbox import DEFAULT_LIMITS, MailLimits, parse

HEAD = (
    "From: Kim <kim@shop.example>\nTo: Care <help@carrier.example>\nSubject: Late parcel\n"
    "Date: Tue, 5 Mar 2024 10:15:00 +0100\nMessage-ID: <7@shop.example>\n"
)


def raw_mail(content: str | bytes, *, received_at: datetime | None = None, **more: object) -> RawMail:
    """A raw mail; text is encoded as UTF-8."""
    data = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
    return RawMail(content=data, mailbox="care", received_at=received_at, **more)  # type: ignore[arg-type]


def read_mail(
    content: str | bytes, *, limits: MailLimits = DEFAULT_LIMITS, received_at: datetime | None = None
) -> MailMessage:
    """Parse a mail."""
    return parse(raw_mail(content, received_at=received_at), limits=limits)


def multipart(kind: str, *parts: str, boundary: str = "b1") -> str:
    """A multipart with its Content-Type header; each part begins with its own headers."""
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{body}--{boundary}--\n'


def part(content_type: str, text: str, *headers: str) -> str:
    """A part with its headers."""
    return "\n".join((f"Content-Type: {content_type}", *headers, "", text))
