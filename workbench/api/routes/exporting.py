"""Comments with their labels, taken away page by page (``POST /api/v1/datasets/…/export``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.endpoint import Asked, Endpoint
from workbench.api.envelope import Ok
from workbench.api.shapes.annotated import ThreadProperties, annotated_of, label_paths
from workbench.api.shapes.comments import Comment
from workbench.api.shapes.filters import CommentFilter, TimeRange, message_filter
from workbench.api.shapes.labels import Label, joined
from workbench.api.shapes.names import find_dataset
from workbench.api.shapes.queries import Limit
from workbench.api.shapes.times import Moment
from workbench.domain import LabelId, LabelPath, Message, MessageFilter, Operations, Uid


class ExportQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """Which comments; times are inclusive at both ends."""

    comment_uids: Annotated[list[str], Meta(min_length=1, max_length=1_024)] | None = None
    source_ids: Annotated[list[str], Meta(min_length=1, max_length=128)] | None = None
    since: Moment | None = None
    to: Moment | None = None
    continuation: str | None = None
    order_by: Literal["timestamp", "created_at"] = "timestamp"
    limit: Limit = 64


class AssignedLabels(msgspec.Struct, kw_only=True):
    """Labels that people assigned."""

    assigned: list[Label]


class Annotations(msgspec.Struct, kw_only=True):
    """What people say."""

    labels: AssignedLabels


class ExportedLabel(msgspec.Struct, kw_only=True):
    """A label that the newest model says; its name is one text here."""

    name: str
    probability: float
    sentiment: float | UnsetType = UNSET


class Predictions(msgspec.Struct, kw_only=True):
    """What the newest model says."""

    labels: list[ExportedLabel]


class ExportedComment(msgspec.Struct, kw_only=True):
    """A comment with what people and the newest model say of it."""

    comment: Comment
    annotations: Annotations
    predictions: Predictions
    thread_properties: ThreadProperties | UnsetType = UNSET


class Exported(Ok, kw_only=True):
    """A page; ``continuation`` is null on the last."""

    comments: list[ExportedComment]
    continuation: str | None = None


def _export(asked: Asked) -> Exported:
    there, dataset = asked.operations, find_dataset(asked)
    given: ExportQuery = asked.body
    found = there.export_messages(
        dataset.dataset_id,
        _where(given, there),
        "oldest" if given.order_by == "timestamp" else "arrival",
        given.continuation or "",
        given.limit,
    )
    paths = label_paths(there.taxonomy(dataset.dataset_id))
    return Exported(
        comments=[_exported(one, paths) for one in found.messages],
        continuation=(found.after or None) if len(found.messages) == given.limit else None,
    )


def _where(given: ExportQuery, there: Operations) -> MessageFilter:
    times = TimeRange(minimum=given.since, maximum=given.to)
    where = message_filter(CommentFilter(timestamp=times, sources=given.source_ids), there, None)
    if given.comment_uids is None:
        return where
    return replace(where, uids=tuple(map(Uid, given.comment_uids)))


def _exported(message: Message, paths: dict[LabelId, LabelPath]) -> ExportedComment:
    told = annotated_of(message, paths, predicted=message.predicted)
    (group,) = told.labelling
    return ExportedComment(
        comment=told.comment,
        annotations=Annotations(labels=AssignedLabels(assigned=group.assigned)),
        predictions=Predictions(
            labels=[
                ExportedLabel(name=joined(one.name), probability=one.probability, sentiment=one.sentiment)
                for one in group.predicted or ()
            ]
        ),
        thread_properties=told.thread_properties,
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/v1/datasets/{dataset}/export",
        summary="Comments with their labels, page by page",
        handle=_export,
        reply=Exported,
        body=ExportQuery,
    ),
)
