"""Mails over HTTP that become comments of a source without being kept as received."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.routes.comments import Synced, UploadQuery, shown_comments, synced
from workbench.api.shapes.comments import Comment, named_properties
from workbench.api.shapes.documents import MailDocument, mail_of
from workbench.api.shapes.names import find_source
from workbench.domain import RawMail, check_transform_tag
from workbench.errors import UnsupportedError


class MailsToSync(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Mails; ``transform_tag`` says how they are read, and there is one way."""

    documents: Annotated[list[MailDocument], Meta(max_length=4_096)]
    include_comments: bool = False
    transform_tag: str | None = None
    override_user_properties: list[str] | None = None


class SyncedMails(Synced, kw_only=True):
    """What the upload changed, and when asked the comments as they stand now."""

    comments: list[Comment] | UnsetType = UNSET


def _sync(asked: Asked) -> SyncedMails:
    body = asked.body
    check_transform_tag(body.transform_tag or "")
    if body.override_user_properties:
        raise UnsupportedError(
            "'override_user_properties' cannot be told apart here: the properties of a document win over its mail's.",
            next_step="Leave it out, or empty.",
        )
    source_id = find_source(asked).source_id
    mails = tuple(_mail(number, one) for number, one in enumerate(body.documents))
    given = tuple(one.comment_id or "" for one in body.documents)
    told = asked.operations.sync_mails(source_id, mails, given, asked.query.no_charge)
    shown: list[Comment] | UnsetType = UNSET
    if body.include_comments:
        ids = tuple(dict.fromkeys(told.message_ids))
        shown = shown_comments(asked.operations.source_messages(source_id, ids), markup=False)
    counts = synced(told.counts)
    return SyncedMails(**msgspec.structs.asdict(counts), comments=shown)


def _mail(number: int, document: MailDocument) -> RawMail:
    if document.raw_email.attachments:
        raise UnsupportedError(
            f"document {number} names attachments: files of mails that are handed in by their parts cannot be kept.",
            next_step="Leave 'attachments' out, or hand the mail in whole, into a bucket.",
        )
    where = f"document {number}"
    properties = named_properties(where, document.user_properties or {})
    return replace(mail_of(document.raw_email, number), properties=properties)


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/v1/sources/{source}/sync-raw-emails",
        summary="Upload mails as comments; those that are there are written over",
        handle=_sync,
        reply=SyncedMails,
        body=MailsToSync,
        query=UploadQuery,
    ),
)
