"""Buckets over HTTP (``/api/_private/buckets``)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.comments import utc
from workbench.api.shapes.names import find_bucket, require_project
from workbench.api.shapes.times import Moment
from workbench.domain import Bucket, BucketSyncState, check_name
from workbench.errors import DuplicateNameError, UnknownNameError

Title = Annotated[str, Meta(max_length=128)]


class ShownBucket(msgspec.Struct, kw_only=True):
    """A bucket as clients read it."""

    id: str
    owner: str
    name: str
    title: str
    bucket_type: str
    created_at: Moment
    updated_at: Moment


class Buckets(Ok, kw_only=True):
    """All that the caller sees."""

    buckets: list[ShownBucket]


class OneBucket(Ok, kw_only=True):
    """One."""

    bucket: ShownBucket


class BucketToMake(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a new bucket is to be."""

    bucket_type: Literal["emails"] = "emails"
    title: Title | None = None


class NewBucket(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A bucket to create."""

    bucket: BucketToMake


class BucketChanges(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change of a bucket; left out = as it is."""

    title: Title | None = None


class ChangedBucket(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A bucket to change."""

    bucket: BucketChanges


class BucketCount(msgspec.Struct, kw_only=True):
    """A number that was counted."""

    value: int
    kind: Literal["exact", "lower_bound"] = "exact"


class BucketNumbers(msgspec.Struct, kw_only=True):
    """Numbers of a bucket."""

    count: BucketCount


class BucketStatistics(Ok, kw_only=True):
    """How many mails a bucket has."""

    statistics: BucketNumbers


class SyncBookmark(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How far a program that fills a bucket has come."""

    sync_state: Annotated[str, Meta(max_length=1_048_576)]
    progress_timestamp: Moment | None = None
    last_synced_at: Moment | None = None


class SyncBookmarkToSet(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A bookmark to set."""

    bucket_sync_state: SyncBookmark


class OneSyncBookmark(Ok, kw_only=True):
    """The bookmark of the program that fills a bucket."""

    bucket_sync_state: SyncBookmark


def _shown(bucket: Bucket) -> ShownBucket:
    return ShownBucket(
        id=bucket.bucket_id,
        owner=bucket.project,
        name=bucket.name,
        title=bucket.title,
        bucket_type="emails",
        created_at=bucket.created_at,
        updated_at=bucket.updated_at or bucket.created_at,
    )


def _listed(asked: Asked) -> Buckets:
    return Buckets(buckets=[_shown(one) for one in asked.operations.buckets()])


def _listed_of_owner(asked: Asked) -> Buckets:
    found = asked.operations.buckets(check_name("project", asked.path["owner"]))
    return Buckets(buckets=[_shown(one) for one in found])


def _one(asked: Asked) -> OneBucket:
    return OneBucket(bucket=_shown(find_bucket(asked)))


def _create(asked: Asked) -> OneBucket:
    title = asked.body.bucket.title or ""
    there = _there(asked)
    if there is None:
        owner, name = asked.path["owner"], asked.path["bucket"]
        require_project(asked, owner)
        try:
            return OneBucket(bucket=_shown(asked.operations.create_bucket(owner, name, title)))
        except DuplicateNameError:  # somebody else was faster, perhaps with the same
            there = find_bucket(asked)
    if there.title != (title or there.name):
        raise DuplicateNameError("bucket", there.full_name)
    return OneBucket(bucket=_shown(there))


def _there(asked: Asked) -> Bucket | None:
    try:
        return find_bucket(asked)
    except UnknownNameError:
        return None


def _change(asked: Asked) -> OneBucket:
    there, title = find_bucket(asked), asked.body.bucket.title
    if title is not None and title != there.title:
        there = asked.operations.amend_bucket(there.bucket_id, title)
    return OneBucket(bucket=_shown(there))


def _delete(asked: Asked) -> Ok:
    doomed = find_bucket(asked)
    asked.operations.delete_bucket(doomed.bucket_id, doomed.full_name)
    return Ok()


def _statistics(asked: Asked) -> BucketStatistics:
    found = find_bucket(asked)
    counted = {one.bucket_id: one.n_mails for one in asked.operations.buckets(found.project)}
    return BucketStatistics(
        statistics=BucketNumbers(count=BucketCount(value=counted.get(found.bucket_id, 0)))
    )


def _bookmark(asked: Asked) -> OneSyncBookmark:
    found = find_bucket(asked)
    state = asked.operations.bucket_sync_state(found.bucket_id)
    if state is None:
        raise UnknownNameError("sync state of bucket", found.full_name, ())
    return OneSyncBookmark(bucket_sync_state=_shown_bookmark(state))


def _set_bookmark(asked: Asked) -> OneSyncBookmark:
    told = asked.body.bucket_sync_state
    state = BucketSyncState(
        sync_state=told.sync_state,
        progress_at=None if told.progress_timestamp is None else utc(told.progress_timestamp),
        last_synced_at=None if told.last_synced_at is None else utc(told.last_synced_at),
    )
    kept = asked.operations.set_bucket_sync_state(find_bucket(asked).bucket_id, state)
    return OneSyncBookmark(bucket_sync_state=_shown_bookmark(kept))


def _shown_bookmark(state: BucketSyncState) -> SyncBookmark:
    return SyncBookmark(
        sync_state=state.sync_state,
        progress_timestamp=state.progress_at,
        last_synced_at=state.last_synced_at,
    )


_ALL = "/api/_private/buckets"
_ONE = "/api/_private/buckets/{bucket}"
_BOOKMARK = "/api/_private/bucket-sync-state/{bucket}"

ENDPOINTS = (
    Endpoint(method="GET", path=_ALL, summary="Buckets", handle=_listed, reply=Buckets),
    Endpoint(
        method="GET",
        path=f"{_ALL}/{{owner}}",
        summary="Buckets of a project",
        handle=_listed_of_owner,
        reply=Buckets,
        names={"owner": NAME},
    ),
    Endpoint(method="GET", path=_ONE, summary="One bucket", handle=_one, reply=OneBucket),
    Endpoint(
        method="PUT",
        path=_ONE,
        by_id=False,
        summary="Create a bucket",
        handle=_create,
        reply=OneBucket,
        body=NewBucket,
    ),
    Endpoint(
        method="POST",
        path=_ONE,
        summary="Change the title of a bucket",
        handle=_change,
        reply=OneBucket,
        body=ChangedBucket,
    ),
    Endpoint(method="DELETE", path=_ONE, summary="Delete a bucket with its mails", handle=_delete),
    Endpoint(
        method="GET",
        path=f"{_ONE}/statistics",
        summary="How many mails a bucket has",
        handle=_statistics,
        reply=BucketStatistics,
    ),
    Endpoint(
        method="GET",
        path=_BOOKMARK,
        summary="The bookmark of the program that fills a bucket",
        handle=_bookmark,
        reply=OneSyncBookmark,
    ),
    Endpoint(
        method="PUT",
        path=_BOOKMARK,
        summary="Set the bookmark of the program that fills a bucket",
        handle=_set_bookmark,
        reply=OneSyncBookmark,
        body=SyncBookmarkToSet,
    ),
)
