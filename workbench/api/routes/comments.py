"""Comments of a source over HTTP: uploaded, listed, read, deleted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.comments import Comment, CommentNew, comment_of, new_message, utc
from workbench.api.shapes.names import find_source
from workbench.api.shapes.paging import continuation_of, position_of
from workbench.api.shapes.times import Moment
from workbench.domain import (
    MessageChoice,
    MessageId,
    NewMessage,
    SourceId,
    SourceMessages,
    SyncCounts,
    make_uid,
    message_batch,
)
from workbench.errors import InputError, UnknownMessageError, UnsupportedError
from workbench.primitives import new_id

MOST_DELETED = 128
COMMENT = {"comment_id": "^[^/]{1,1024}$"}


class Comments(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Comments to upload."""

    comments: Annotated[list[CommentNew], Meta(max_length=16_384)]


class UploadQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``no_charge`` records the units as not charged; of who is no administrator it is written down, and charged."""

    no_charge: bool = False


class Synced(Ok, kw_only=True):
    """What an upload changed."""

    new: int
    updated: int
    unchanged: int
    updated_properties_only: int
    updated_text_changed: int


class ListQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which comments; both times belong to the range, one without an offset is in UTC."""

    limit: Annotated[int, Meta(ge=1, le=256)] = 64
    after: str | None = None
    from_timestamp: Moment | None = None
    to_timestamp: Moment | None = None
    include_markup: bool = False
    include_thread_properties: bool = False
    direction: Literal["ascending", "descending"] = "ascending"


class CommentPage(Ok, kw_only=True):
    """Some comments; ``continuation`` is null at the end."""

    comments: list[Comment]
    continuation: str | None


class ReadQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the layout of texts comes along."""

    include_markup: bool = False


class OneComment(Ok, kw_only=True):
    """One."""

    comment: Comment


class DeleteQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Ids one by one, or in one text with commas between."""

    id: list[str] = []
    ids: str | UnsetType = UNSET


def shown_comments(found: SourceMessages, *, markup: bool) -> list[Comment]:
    """Messages of a source as comments."""
    return [
        comment_of(one, markup=markup, has_annotations=one.uid in found.annotated) for one in found.messages
    ]


def synced(counts: SyncCounts) -> Synced:
    """What was changed, in the words of the field."""
    return Synced(
        new=counts.new,
        updated=counts.updated,
        unchanged=counts.unchanged,
        updated_properties_only=counts.updated - counts.text_modified,
        updated_text_changed=counts.text_modified,
    )


def _sync(asked: Asked) -> Synced:
    source_id, messages = find_source(asked).source_id, _messages(asked)
    rounds = _rounds(messages)
    total = SyncCounts(unchanged=len(messages) - sum(map(len, rounds)))
    for once in rounds:
        counts = _put(asked, source_id, once, only_new=False)
        total = SyncCounts(
            new=total.new + counts.new,
            updated=total.updated + counts.updated,
            unchanged=total.unchanged + counts.unchanged,
            text_modified=total.text_modified + counts.text_modified,
        )
    return synced(total)


def _insert(asked: Asked) -> Ok:
    source_id, messages = find_source(asked).source_id, _messages(asked)
    if messages:
        _put(asked, source_id, messages, only_new=True)
    return Ok()


def _messages(asked: Asked) -> list[NewMessage]:
    return [new_message(one) for one in asked.body.comments]


def _rounds(messages: Sequence[NewMessage]) -> list[list[NewMessage]]:
    """Batches in which each id stands once: a comment that comes twice is written over by the later one.

    The n-th time that an id comes, it comes in the n-th batch; as it came just before, it changes nothing and waits for
    nobody: it stands in no batch.
    """
    rounds: list[list[NewMessage]] = []
    n_times: Counter[MessageId] = Counter()
    last: dict[MessageId, NewMessage] = {}
    for one in messages:
        if last.get(one.message_id) == one:
            continue
        last[one.message_id] = one
        if n_times[one.message_id] == len(rounds):
            rounds.append([])
        rounds[n_times[one.message_id]].append(one)
        n_times[one.message_id] += 1
    return rounds


def _put(asked: Asked, source_id: SourceId, messages: Sequence[NewMessage], *, only_new: bool) -> SyncCounts:
    # A batch of its own for each request: the same comments may come back after others took their place.
    return asked.operations.put_messages(
        source_id,
        message_batch(messages),
        new_id(),
        len(messages),
        no_charge=asked.query.no_charge,
        only_new=only_new,
    )


def _list(asked: Asked) -> CommentPage:
    query = asked.query
    if query.include_thread_properties:
        raise UnsupportedError(
            "comments of a source come without 'thread_properties'.",
            next_step="Leave 'include_thread_properties' out, and query a dataset over the source.",
        )
    found = asked.operations.source_page(
        find_source(asked).source_id,
        position_of(query.after) if query.after else None,
        query.limit,
        since=None if query.from_timestamp is None else utc(query.from_timestamp),
        until=None if query.to_timestamp is None else utc(query.to_timestamp),
        newest_first=query.direction == "descending",
    )
    return CommentPage(
        comments=shown_comments(found, markup=query.include_markup), continuation=continuation_of(found.next)
    )


def _one(asked: Asked) -> OneComment:
    source_id, message_id = find_source(asked).source_id, MessageId(asked.path["comment_id"])
    found = asked.operations.source_messages(source_id, (message_id,))
    if not found.messages:
        raise UnknownMessageError(make_uid(source_id, message_id))
    (shown,) = shown_comments(found, markup=asked.query.include_markup)
    return OneComment(comment=shown)


def _delete(asked: Asked) -> Ok:
    listed = () if asked.query.ids is UNSET else tuple(asked.query.ids.split(","))
    chosen = tuple(dict.fromkeys(one for one in (*asked.query.id, *listed) if one))
    if not 1 <= len(chosen) <= MOST_DELETED:
        raise InputError(
            f"{len(chosen)} comments are to be deleted.",
            next_step=f"Name 1 to {MOST_DELETED} of them, as 'id=…&id=…'.",
        )
    source_id = find_source(asked).source_id
    asked.operations.delete_messages(
        source_id, MessageChoice(message_ids=tuple(map(MessageId, chosen))), "delete"
    )
    return Ok()


_PRIVATE = "/api/_private/sources/{source}/comments"
_PUBLIC = "/api/v1/sources/{source}/comments"

ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/v1/sources/{source}/sync",
        summary="Upload comments; those that are there are written over",
        handle=_sync,
        reply=Synced,
        body=Comments,
        query=UploadQuery,
    ),
    Endpoint(
        method="PUT",
        path=_PRIVATE,
        summary="Upload comments; one that is there with another content is refused, and all with it",
        handle=_insert,
        body=Comments,
        query=UploadQuery,
    ),
    Endpoint(
        method="GET",
        path=_PRIVATE,
        summary="Comments of a source, by time and id",
        handle=_list,
        reply=CommentPage,
        query=ListQuery,
    ),
    Endpoint(
        method="GET",
        path=f"{_PUBLIC}/{{comment_id}}",
        summary="One comment",
        handle=_one,
        reply=OneComment,
        query=ReadQuery,
        names=COMMENT,
    ),
    *(
        Endpoint(method="DELETE", path=path, summary="Delete comments", handle=_delete, query=DeleteQuery)
        for path in (_PUBLIC, "/api/v1/sources/{source}/messages")
    ),
)
