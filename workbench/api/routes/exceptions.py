"""Exceptions of streams over HTTP: tagged and taken off, under both names of streams."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from workbench.api.addresses import NAME
from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.names import find_dataset
from workbench.domain import StreamException, Uid

_Uid = Annotated[str, Meta(min_length=1, max_length=1_100)]


class ExceptionMetadata(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a comment could not be handled, in free words."""

    type: Annotated[str, Meta(min_length=1, max_length=256)]


class TaggedComment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A comment that could not be handled."""

    uid: _Uid
    metadata: ExceptionMetadata


class Tagged(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Comments that could not be handled."""

    exceptions: Annotated[list[TaggedComment], Meta(max_length=1_024)]


class Untagged(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Comments whose exceptions are taken off."""

    uid: list[_Uid]


def _tag(asked: Asked) -> Ok:
    told = tuple(StreamException(uid=Uid(one.uid), type=one.metadata.type) for one in asked.body.exceptions)
    asked.operations.tag_exceptions(find_dataset(asked).dataset_id, asked.path["stream"], told)
    return Ok()


def _untag(asked: Asked) -> Ok:
    uids = tuple(Uid(one) for one in asked.query.uid)
    asked.operations.untag_exceptions(find_dataset(asked).dataset_id, asked.path["stream"], uids)
    return Ok()


def _under(several: str) -> tuple[Endpoint, ...]:
    where: dict[str, Any] = {
        "path": f"/api/v1/datasets/{{dataset}}/{several}/{{stream}}/exceptions",
        "names": {"stream": NAME},
    }
    return (
        Endpoint(
            method="PUT", summary="Tag comments that could not be handled", handle=_tag, body=Tagged, **where
        ),
        Endpoint(
            method="DELETE", summary="Take exceptions off comments", handle=_untag, query=Untagged, **where
        ),
    )


ENDPOINTS = (*_under("streams"), *_under("triggers"))
