"""Mails that are handed in by their parts, as the clients of this field write them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from workbench.domain import RawMail
from workbench.errors import InputError
from workbench.workspace.mail_syncing import compose_mail


class MailHeaders(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Headers of a mail: the text as it came, or by name. Exactly one of both."""

    raw: Annotated[str, Meta(max_length=65_536)] | None = None
"""What is handed in to be predicted and not stored: comments and raw mails, as the clients of this field write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.generator import BytesGenerator
from email.message import Message as Mime
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from io import BytesIO
from typing import Annotated, Literal

import msgspec
import pyarrow as pa
from msgspec import Meta

from workbench.api.shapes.comments import CommentNew, Turn, new_message
from workbench.domain import RawMail, message_batch
from workbench.errors import InputError

_LONGEST_HEADERS = 65_536
_LONGEST_PLAIN = 65_536
_LONGEST_HTML = 33_554_432
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_HEADER = re.compile(r"([!-9;-~]{1,256}):(.*)", re.DOTALL)
_OF_THE_BODY = ("content-", "mime-version")


class PredictDocument(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment without an id."""

    messages: Annotated[list[Turn], Meta(min_length=1, max_length=2_048)]
    timestamp: datetime | None = None
    user_properties: dict[str, str | float] | None = None
    text_format: Literal["plain", "markdown"] | None = None


class MailHeaders(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """MailHeaders of a mail: the text as it came, or by name. Exactly one of both."""

    raw: Annotated[str, Meta(max_length=_LONGEST_HEADERS)] | None = None
    parsed: dict[str, str] | None = None


class MailBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of a mail: plain text, HTML, or both."""

    plain: Annotated[str, Meta(max_length=65_536)] | None = None
    html: Annotated[str, Meta(max_length=33_554_432)] | None = None


class MailFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of an attachment."""
    plain: Annotated[str, Meta(max_length=_LONGEST_PLAIN)] | None = None
    html: Annotated[str, Meta(max_length=_LONGEST_HTML)] | None = None


class MailFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of an attachment; a prediction does not depend on it."""

    name: Annotated[str, Meta(max_length=256)]
    size: Annotated[int, Meta(ge=0)]
    content_type: Annotated[str, Meta(max_length=256)]


class RawEmail(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A mail in its parts."""

    headers: MailHeaders
    body: MailBody
    attachments: Annotated[list[MailFile], Meta(max_length=128)] | None = None


class MailDocument(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A mail that is handed in."""

    raw_email: RawEmail
    comment_id: str | None = None
    user_properties: dict[str, str | float] | None = None


def batch_of(documents: list[PredictDocument]) -> pa.Table:
    """Documents as a batch, numbered from 0; ``InputError`` for a property that cannot be kept."""
    return message_batch([new_message(_numbered(number, one)) for number, one in enumerate(documents)])


def _numbered(number: int, one: PredictDocument) -> CommentNew:
    return CommentNew(
        id=str(number),
        timestamp=one.timestamp or _NO_TIME,
        messages=one.messages,
        user_properties=one.user_properties,
        text_format=one.text_format,
    )


def mail_of(mail: RawEmail, number: int = 0) -> RawMail:
    """A mail as it would have been received.

    Raises
    ------
    InputError
        Its headers come in both ways or in none, or a header has no proper name; or there is no body.
    """
    headers, body = mail.headers, mail.body
        Its headers come in both ways or in none, or cannot be read; or there is no body.
    """
    made = _made_body(mail.body, number)
    for name, value in _headers(mail.headers, number):
        if not name.lower().startswith(_OF_THE_BODY):
            made[name] = value
    written = BytesIO()
    BytesGenerator(written, mangle_from_=False, maxheaderlen=0).flatten(made)
    return RawMail(content=written.getvalue(), mailbox="http")


def _headers(headers: MailHeaders, number: int) -> list[tuple[str, str]]:
    if (headers.raw is None) == (headers.parsed is None):
        raise InputError(
            f"the headers of document {number} come in {'no way' if headers.raw is None else 'two ways'}.",
            next_step="Give them either as 'raw' or as 'parsed'.",
        )
    if body.plain is None and body.html is None:
        raise InputError(
            f"document {number} has no body.", next_step="Give its body as 'plain', as 'html' or both."
        )
    told = headers.raw if headers.parsed is None else headers.parsed
    content = compose_mail(headers=told or "", plain=body.plain or "", html=body.html or "")
    return RawMail(content=content, mailbox="http")
    if headers.parsed is not None:
        lines = [f"{name}: {' '.join(value.splitlines())}" for name, value in headers.parsed.items()]
    else:
        lines = []
        for line in (headers.raw or "").splitlines():
            if line[:1] in (" ", "\t") and lines:
                lines[-1] += f" {line.strip()}"
            elif line.strip():
                lines.append(line)
    found = []
    for line in lines:
        told = _HEADER.fullmatch(line)
        if told is None:
            raise InputError(
                f"the header {line[:100]!r} of document {number} cannot be read.",
                next_step="Write each header as 'Name: value'.",
            )
        found.append((told[1], told[2].strip()))
    return found


def _made_body(body: MailBody, number: int) -> Mime:
    texts = [
        MIMEText(text, kind, "utf-8")
        for text, kind in ((body.plain, "plain"), (body.html, "html"))
        if text is not None
    ]
    if not texts:
        raise InputError(
            f"document {number} has no body.", next_step="Give its body as 'plain', as 'html' or both."
        )
    return texts[0] if len(texts) == 1 else MIMEMultipart("alternative", _subparts=texts)
