"""Comments with what people and models say of them in a dataset."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.shapes.comments import Comment, comment_of
from workbench.api.shapes.labels import Label, PredictedLabel
from workbench.domain import Label as DomainLabel
from workbench.domain import LabelId, LabelPath, LabelProbability, Message, ThreadPlace

GROUP = "default"
"""The one group of labels that a dataset has."""
Group = Annotated[str, Meta(min_length=1, max_length=64)]


class LabellingGroup(msgspec.Struct, kw_only=True):
    """What is said of the labels of one group."""

    group: Group = GROUP
    assigned: list[Label] = []
    dismissed: list[Label] = []
    predicted: list[PredictedLabel] | UnsetType = UNSET


class Entities(msgspec.Struct, kw_only=True):
    """What is said of fields: nothing yet."""

    assigned: list[Any] = []
    dismissed: list[Any] = []


class ThreadProperties(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The thread of a comment; durations in seconds."""

    num_messages: int
    duration: float
    thread_position: int
    response_time: float | UnsetType = UNSET
    first_sender: str | UnsetType = UNSET


class AnnotatedComment(msgspec.Struct, kw_only=True):
    """A comment as a dataset sees it."""

    comment: Comment
    labelling: list[LabellingGroup]
    entities: Entities
    thread_properties: ThreadProperties | UnsetType = UNSET
    model_version: int | UnsetType = UNSET


def annotated_of(
    message: Message,
    paths: Mapping[LabelId, LabelPath],
    *,
    predicted: Collection[LabelProbability] | None = None,
    model_version: int | None = None,
    markup: bool = True,
) -> AnnotatedComment:
    """A message as an annotated comment.

    Parameters
    ----------
    paths
        Of the labels of its dataset (``label_paths``); what is said of others is left out.
    predicted
        What a model says; None = nothing is told of it.
    model_version
        The version that says it, None = is not told.
    """
    has_annotations = bool(message.assigned or message.dismissed)
    return AnnotatedComment(
        comment=comment_of(message, markup=markup, has_annotations=has_annotations),
        labelling=[
            LabellingGroup(
                assigned=_said(message, message.assigned, paths),
                dismissed=_said(message, message.dismissed, paths),
                predicted=UNSET if predicted is None else predicted_labels(predicted, paths),
            )
        ],
        entities=Entities(),
        thread_properties=UNSET if message.thread is None else thread_properties(message.thread),
        model_version=model_version or UNSET,
    )


def label_paths(labels: Collection[DomainLabel]) -> dict[LabelId, LabelPath]:
    """Paths by id, in the order of the taxonomy."""
    return {label.label_id: label.path for label in labels}


def predicted_labels(
    predicted: Collection[LabelProbability], paths: Mapping[LabelId, LabelPath]
) -> list[PredictedLabel]:
    """What a model says, most probable first; a parent comes with its child."""
    known = [one for one in predicted if one.label_id in paths]
    return [
        PredictedLabel(
            name=list(paths[one.label_id]),
            probability=one.probability,
            sentiment=UNSET if one.sentiment is None else one.sentiment,
        )
        for one in sorted(known, key=lambda one: -one.probability)
    ]


def thread_properties(place: ThreadPlace) -> ThreadProperties:
    """The thread of a message."""
    return ThreadProperties(
        num_messages=place.n_messages,
        duration=place.duration_s,
        thread_position=place.position,
        response_time=UNSET if place.response_s is None else place.response_s,
        first_sender=place.first_sender or UNSET,
    )


def _said(message: Message, labels: Collection[LabelId], paths: Mapping[LabelId, LabelPath]) -> list[Label]:
    """Labels in the order of the taxonomy."""
    listed = set(labels)
    return [
        Label(name=" > ".join(path), sentiment=message.sentiments.get(label_id, "positive"))
        for label_id, path in paths.items()
        if label_id in listed
    ]
