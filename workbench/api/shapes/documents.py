"""Comments without ids, and mails by their parts, as the clients of this field hand them in."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
import pyarrow as pa
from msgspec import Meta

from workbench.api.shapes.comments import CommentNew, Turn, new_message
from workbench.api.shapes.times import Moment
from workbench.domain import RawMail, message_batch
from workbench.errors import InputError
from workbench.workspace.mail_syncing import compose_mail

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class PredictDocument(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment without an id."""

    messages: Annotated[list[Turn], Meta(min_length=1, max_length=2_048)]
    timestamp: Moment | None = None
    user_properties: dict[str, str | float] | None = None
    text_format: Literal["plain", "markdown"] | None = None


class MailHeaders(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Headers of a mail: the text as it came, or by name. Exactly one of both."""

    raw: Annotated[str, Meta(max_length=65_536)] | None = None
    parsed: dict[str, str] | None = None


class MailBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Body of a mail: plain text, HTML, or both."""

    plain: Annotated[str, Meta(max_length=65_536)] | None = None
    html: Annotated[str, Meta(max_length=33_554_432)] | None = None


class MailFile(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is known of an attachment."""

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
