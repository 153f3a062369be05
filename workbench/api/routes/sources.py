"""Sources over HTTP (``/api/v1/sources``)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.filters import CommentFilter, message_filter
from workbench.api.shapes.names import find_source, require_project
from workbench.api.shapes.times import Moment
from workbench.domain import MULTILINGUAL, BucketId, Source, SourceKind, check_name
from workbench.errors import DuplicateNameError, UnknownNameError

Title = Annotated[str, Meta(max_length=128)]
Description = Annotated[str, Meta(max_length=16_384)]
Kind = Literal["call", "chat", "unknown"]
Property = Annotated[str, Meta(max_length=1_024, pattern=r"^(string|number):[\s\S]")]
Properties = Annotated[list[Property], Meta(max_length=1_024)]
_PUBLISHED_MULTILINGUAL = "xlm"
_OTHER: SourceKind = "other"


class ShownSource(msgspec.Struct, kw_only=True, rename={"kind": "_kind"}):
    """A source as clients read it."""

    id: str
    owner: str
    name: str
    title: str
    description: str
    language: str
    should_translate: bool
    created_at: Moment
    updated_at: Moment
    last_modified: Moment
    bucket_id: str | None
    kind: str
    sensitive_properties: list[str]
    email_transform_tag: str | UnsetType = UNSET


class Sources(Ok, kw_only=True):
    """All that the caller sees."""

    sources: list[ShownSource]


class OneSource(Ok, kw_only=True):
    """One."""

    source: ShownSource


class SourceToMake(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"kind": "_kind"}):
    """What a new source is to be; left out or null = nothing is said of it."""

    title: Title | None = None
    description: Description | None = None
    language: Annotated[str, Meta(min_length=1, max_length=16)] | None = None
    should_translate: bool | None = None
    bucket_id: str | None = None
    sensitive_properties: Properties | None = None
    kind: Kind | None = None
    email_transform_tag: str | None = None


class NewSource(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A source to create."""

    source: SourceToMake


class SourceChanges(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change of a source; left out = as it is. ``bucket_id`` null = it reads no bucket any more."""

    title: Title | None = None
    description: Description | None = None
    should_translate: bool | None = None
    bucket_id: str | UnsetType | None = UNSET
    sensitive_properties: Properties | None = None
    email_transform_tag: str | None = None


class ChangedSource(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A source to change."""

    source: SourceChanges


class StatisticsOf(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which comments to count."""

    comment_filter: CommentFilter = msgspec.field(default_factory=CommentFilter)


class SourceNumbers(msgspec.Struct, kw_only=True):
    """Numbers of a source."""

    num_comments: int


class SourceStatistics(Ok, kw_only=True):
    """How many comments pass."""

    statistics: SourceNumbers


class SourceThread(msgspec.Struct, kw_only=True):
    """A thread with the uids of its comments, oldest first."""

    thread_id: str
    comments: list[str]


class SourceThreads(Ok, kw_only=True):
    """Threads of a source."""

    threads: list[SourceThread]


def shown_source(source: Source) -> ShownSource:
    """A source as clients read it."""
    changed_at = source.updated_at or source.created_at
    return ShownSource(
        id=source.source_id,
        owner=source.project,
        name=source.name,
        title=source.title,
        description=source.description,
        language=_PUBLISHED_MULTILINGUAL if source.language == MULTILINGUAL else source.language,
        should_translate=source.should_translate,
        created_at=source.created_at,
        updated_at=changed_at,
        last_modified=changed_at,
        bucket_id=source.bucket_id,
        kind=source.kind if source.kind in ("call", "chat") else "unknown",
        sensitive_properties=list(source.sensitive_properties),
        email_transform_tag=source.transform_tag or UNSET,
    )


def _listed(asked: Asked) -> Sources:
    return Sources(sources=[shown_source(one) for one in asked.operations.sources()])


def _listed_of_owner(asked: Asked) -> Sources:
    found = asked.operations.sources(check_name("project", asked.path["owner"]))
    return Sources(sources=[shown_source(one) for one in found])


def _one(asked: Asked) -> OneSource:
    return OneSource(source=shown_source(find_source(asked)))


def _create(asked: Asked) -> OneSource:
    values = _values(asked.body.source)
    there = _there(asked)
    if there is None:
        owner, name = asked.path["owner"], asked.path["source"]
        require_project(asked, owner)
        try:
            return OneSource(source=shown_source(asked.operations.create_source(owner, name, **values)))
        except DuplicateNameError:  # somebody else was faster, perhaps with the same
            there = find_source(asked)
    if not _is_such(there, {"title": there.name, **values}):
        raise DuplicateNameError("source", there.full_name)
    return OneSource(source=shown_source(there))


def _values(given: SourceToMake) -> dict[str, Any]:
    """What ``create_source`` is told."""
    language = MULTILINGUAL if given.language == _PUBLISHED_MULTILINGUAL else given.language
    said = {
        "title": given.title,
        "description": given.description,
        "language": language,
        "should_translate": given.should_translate,
        "bucket_id": given.bucket_id,
        "sensitive_properties": tuple(dict.fromkeys(given.sensitive_properties or ())),
        "kind": _OTHER if given.kind in (None, "unknown") else given.kind,
        "transform_tag": given.email_transform_tag,
    }
    return {key: value for key, value in said.items() if value not in (None, "")}


def _there(asked: Asked) -> Source | None:
    try:
        return find_source(asked)
    except UnknownNameError:
        return None


def _is_such(source: Source, values: dict[str, Any]) -> bool:
    plain = {
        "description": "",
        "language": "en",
        "should_translate": False,
        "bucket_id": None,
        "transform_tag": "",
    }
    return all(getattr(source, key) == value for key, value in {**plain, **values}.items())


def _change(asked: Asked) -> OneSource:
    there, given, operations = find_source(asked), asked.body.source, asked.operations
    listed = given.sensitive_properties
    changes = {
        "title": given.title,
        "description": given.description,
        "should_translate": given.should_translate,
        "sensitive_properties": None if listed is None else tuple(dict.fromkeys(listed)),
        "transform_tag": given.email_transform_tag,
    }
    said = {key: value for key, value in changes.items() if value is not None}
    if any(getattr(there, key) != value for key, value in said.items()):
        operations.amend_source(there.source_id, **said)
    if given.bucket_id is not UNSET and given.bucket_id != there.bucket_id:
        if given.bucket_id is not None:
            operations.bucket(given.bucket_id)  # one that is not there detaches nothing
        if there.bucket_id is not None:
            operations.detach_bucket(there.source_id)
        if given.bucket_id is not None:
            operations.start_attach(there.source_id, BucketId(given.bucket_id))
    return OneSource(source=shown_source(operations.source(there.source_id)))


def _delete(asked: Asked) -> Ok:
    doomed = find_source(asked)
    asked.operations.delete_source(doomed.source_id, doomed.full_name)
    return Ok()


def _statistics(asked: Asked) -> SourceStatistics:
    where = message_filter(asked.body.comment_filter, asked.operations, None)
    n = asked.operations.count_in_source(find_source(asked).source_id, where)
    return SourceStatistics(statistics=SourceNumbers(num_comments=n))


def _threads(asked: Asked) -> SourceThreads:
    found = asked.operations.source_threads(find_source(asked).source_id).to_pylist()
    return SourceThreads(
        threads=[SourceThread(thread_id=one["thread_id"], comments=one["uids"]) for one in found]
    )


_ALL = "/api/v1/sources"
_ONE = "/api/v1/sources/{source}"

ENDPOINTS = (
    Endpoint(method="GET", path=_ALL, summary="Sources", handle=_listed, reply=Sources),
    Endpoint(
        method="GET",
        path=f"{_ALL}/{{owner}}",
        summary="Sources of a project",
        handle=_listed_of_owner,
        reply=Sources,
        names={"owner": NAME},
    ),
    Endpoint(method="GET", path=_ONE, summary="One source", handle=_one, reply=OneSource),
    Endpoint(
        method="PUT",
        path=_ONE,
        by_id=False,
        summary="Create a source",
        handle=_create,
        reply=OneSource,
        body=NewSource,
    ),
    Endpoint(
        method="POST",
        path=_ONE,
        summary="Change a source",
        handle=_change,
        reply=OneSource,
        body=ChangedSource,
    ),
    Endpoint(method="DELETE", path=_ONE, summary="Delete a source with its comments", handle=_delete),
    Endpoint(
        method="POST",
        path=f"{_ONE}/statistics",
        summary="How many comments of a source pass a filter",
        handle=_statistics,
        reply=SourceStatistics,
        body=StatisticsOf,
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/threads",
        summary="Threads of a source",
        handle=_threads,
        reply=SourceThreads,
    ),
)
