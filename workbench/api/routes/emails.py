"""Mails of a bucket over HTTP: handed in under names of their own, and read back as received."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.routes.comments import UploadQuery
from workbench.api.shapes.comments import utc
from workbench.api.shapes.names import find_bucket
from workbench.api.shapes.times import Moment
from workbench.domain import Email
from workbench.errors import InputError

MOST_NAMED = 128
Id = Annotated[str, Meta(min_length=1, max_length=1_024)]


class EmailFacts(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a mailbox knows of a mail; each may be left out or null."""

    sensitivity: str | UnsetType | None = UNSET
    size: int | UnsetType | None = UNSET
    categories: list[str] | UnsetType | None = UNSET
    importance: str | UnsetType | None = UNSET
    has_attachments: bool | UnsetType | None = UNSET
    conversation_id: str | UnsetType | None = UNSET
    conversation_topic: str | UnsetType | None = UNSET
    is_read: bool | UnsetType | None = UNSET
    folder: list[str] | UnsetType | None = UNSET
    received_at: Moment | UnsetType | None = UNSET


class EmailNew(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A mail that is handed in; the keys of a reply are taken, and mean nothing."""

    id: Id
    mailbox: Annotated[str, Meta(max_length=1_024)]
    timestamp: Moment
    mime_content: str
    metadata: EmailFacts | None = None
    attachments: list[dict[str, Any]] = []
    created_at: Moment | None = None
    updated_at: Moment | None = None


class EmailsToPut(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Mails to hand in."""

    emails: Annotated[list[EmailNew], Meta(max_length=4_096)]


class EmailsPut(Ok, kw_only=True):
    """What was new to the bucket, and what it had."""

    new: int
    unchanged: int


class ShownEmail(msgspec.Struct, kw_only=True):
    """A mail as clients read it."""

    id: str
    mailbox: str
    timestamp: Moment
    mime_content: str
    attachments: list[dict[str, Any]]
    created_at: Moment | None
    metadata: EmailFacts | UnsetType = UNSET


class Emails(Ok, kw_only=True):
    """Some mails; ``continuation`` is null at the end."""

    emails: list[ShownEmail]
    continuation: str | None = None


class EmailsAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which page."""

    limit: Annotated[int, Meta(ge=1, le=256)] = 64
    continuation: str | None = None


class EmailQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Ids of mails."""

    id: list[Id]


class _Told(msgspec.Struct, kw_only=True, omit_defaults=True):
    metadata: EmailFacts | UnsetType = UNSET
    attachments: list[dict[str, Any]] = []


def _put(asked: Asked) -> EmailsPut:
    emails = tuple(map(_email, asked.body.emails))
    bucket_id = find_bucket(asked).bucket_id
    if not emails:
        return EmailsPut(new=0, unchanged=0)
    report = asked.operations.put_emails(bucket_id, emails, asked.query.no_charge)
    return EmailsPut(new=report.n_stored, unchanged=report.n_known)


def _email(given: EmailNew) -> Email:
    facts = given.metadata
    told = _Told(metadata=UNSET if facts is None else facts, attachments=given.attachments)
    folder = facts.folder if facts is not None and facts.folder is not UNSET else None
    return Email(
        email_id=given.id,
        mailbox=given.mailbox,
        received_at=utc(given.timestamp),
        content=given.mime_content.encode(),
        folder=tuple(folder or ()),
        told=msgspec.json.encode(told).decode(),
    )


def _page(asked: Asked) -> Emails:
    told = asked.body.continuation or None
    if told is not None and not (told.isascii() and told.isdigit() and len(told) < 19):  # noqa: PLR2004 - 64 bits
        raise InputError(
            f"the continuation {told[:100]!r} is none that was given here.",
            next_step="Hand in the one of the last page as it is, or none to begin anew.",
        )
    found = asked.operations.emails(find_bucket(asked).bucket_id, int(told or 0), asked.body.limit)
    return Emails(
        emails=[_shown(one) for one in found.emails],
        continuation=None if found.next is None else str(found.next),
    )


def _some(asked: Asked) -> Emails:
    named = tuple(asked.query.id)
    if len(named) > MOST_NAMED:
        raise InputError(
            f"{len(named)} mails are asked for.", next_step=f"Ask for {MOST_NAMED} at most at once."
        )
    found = asked.operations.emails(find_bucket(asked).bucket_id, email_ids=named)
    return Emails(emails=[_shown(one) for one in found.emails])


def _shown(email: Email) -> ShownEmail:
    told = msgspec.json.decode(email.told, type=_Told)
    return ShownEmail(
        id=email.email_id,
        mailbox=email.mailbox,
        timestamp=email.received_at,
        mime_content=_text(email.content),
        attachments=told.attachments,
        created_at=email.stored_at,
        metadata=told.metadata,
    )


def _text(content: bytes) -> str:
    """A mail as text: UTF-8 where it is, else a character for each byte."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


_PATH = "/api/_private/buckets/{bucket}/emails"

ENDPOINTS = (
    Endpoint(
        method="PUT",
        path=_PATH,
        summary="Hand mails in; known ones change nothing",
        handle=_put,
        reply=EmailsPut,
        body=EmailsToPut,
        query=UploadQuery,
    ),
    Endpoint(
        method="POST",
        path=_PATH,
        summary="Mails of a bucket, in order of arrival",
        handle=_page,
        reply=Emails,
        body=EmailsAsked,
    ),
    Endpoint(
        method="GET",
        path=_PATH,
        summary="Mails of a bucket by id",
        handle=_some,
        reply=Emails,
        query=EmailQuery,
    ),
)
