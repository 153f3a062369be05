"""Streams as clients read and write them, what comes with their messages, and the same under the old name.

``stream`` was called ``trigger`` once; both names have the same addresses, and only the keys differ.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from workbench.api.addresses import NAME
from workbench.api.envelope import Ok
from workbench.api.shapes.comments import Comment
from workbench.api.shapes.filters import CommentFilter
from workbench.api.shapes.labels import PredictedLabel
from workbench.api.shapes.times import Moment

Title = Annotated[str, Meta(max_length=128)]
Description = Annotated[str, Meta(max_length=16_384)]
Part = Annotated[str, Meta(min_length=1, max_length=64)]
Few = Annotated[int, Meta(ge=1, le=1_024)]


class NamedThreshold(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """From which probability on a label comes; at exactly 1 it never does."""

    name: Annotated[list[Part], Meta(min_length=1, max_length=64)]
    threshold: Annotated[float, Meta(ge=0, le=1)]


class StreamModel(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The version whose labels come. Without thresholds every label comes, with some only those listed."""

    version: Annotated[int, Meta(ge=0, le=4_294_967_295)]
    label_thresholds: Annotated[list[NamedThreshold], Meta(max_length=4_096)] = []


class NewStream(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A stream that is to be."""

    name: Annotated[str, Meta(pattern=NAME)]
    title: Title | None = None
    description: Description | None = None
    comment_filter: CommentFilter | None = None
    model: StreamModel | None = None


class ChangedStream(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be different; what is left out stays. A model of null takes it away."""

    title: Title | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    comment_filter: CommentFilter | UnsetType | None = UNSET
    model: StreamModel | UnsetType | None = UNSET
    name: Annotated[str, Meta(pattern=NAME)] | UnsetType = UNSET


class ShownStream(msgspec.Struct, kw_only=True):
    """A stream as it is read."""

    id: str
    dataset_id: str
    name: str
    title: str
    description: str
    created_at: Moment
    updated_at: Moment
    comment_filter: CommentFilter | UnsetType = UNSET
    model: StreamModel | UnsetType = UNSET


class FetchedComment(msgspec.Struct, kw_only=True):
    """A comment of a stream. ``labels`` and ``entities`` are there where the stream has a model."""

    comment: Comment
    sequence_id: str
    labels: list[PredictedLabel] | UnsetType = UNSET
    entities: list[Any] | UnsetType = UNSET


class Fetched(Ok, kw_only=True):
    """A batch; advancing to ``sequence_id`` passes over all of it."""

    results: list[FetchedComment]
    filtered: int
    sequence_id: str
    is_end_sequence: bool


class Confidence(msgspec.Struct, kw_only=True):
    """How sure; ``thresholds`` has the word ``stream`` where the threshold of the stream is met."""

    value: float
    thresholds: list[str]


class Occurrence(msgspec.Struct, kw_only=True):
    """A label that comes with a comment."""

    name: str
    occurrence_confidence: Confidence
    extraction_confidence: Confidence
    fields: list[Any] = []


class Taxonomy(msgspec.Struct, kw_only=True):
    """Labels of the one group that there is."""

    name: str = "default"
    labels: list[Occurrence]
    general_fields: list[Any] = []


class Prediction(msgspec.Struct, kw_only=True):
    """What the version says of a comment."""

    taxonomies: list[Taxonomy]
    scores: list[Any] = []


class StreamResult(msgspec.Struct, kw_only=True):
    """A comment of a stream; ``continuation`` is what its advance takes."""

    comment: Comment
    prediction: Prediction | None
    continuation: str


class ModelUsed(msgspec.Struct, kw_only=True):
    """Whose predictions these are."""

    version: int


class StreamResults(Ok, kw_only=True):
    """A batch in the newer form."""

    results: list[StreamResult]
    num_filtered: int
    more_results: bool
    continuation: str
    model: ModelUsed | UnsetType = UNSET


class ResultsQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many at once."""

    max_results: Few = 16
    max_filtered: Few | None = None


class FetchAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many at once."""

    size: Few
    max_filtered: Few | None = None


class AdvanceAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Up to where the consumer is done."""

    sequence_id: Annotated[str, Meta(max_length=1_024)]


class ResetAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """When the first comment that is to come was stored; a time without an offset is in UTC."""

    to_comment_created_at: Moment


class Advanced(Ok, kw_only=True):
    """Where the stream stands now."""

    sequence_id: str


# ---- the same under both names


class StreamPut(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A stream to create."""

    stream: NewStream


class TriggerPut(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """As ``StreamPut``."""

    trigger: NewStream


class StreamPost(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A stream to change."""

    stream: ChangedStream


class TriggerPost(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """As ``StreamPost``."""

    trigger: ChangedStream


class OneStream(Ok, kw_only=True):
    """A stream."""

    stream: ShownStream


class OneTrigger(Ok, kw_only=True):
    """As ``OneStream``."""

    trigger: ShownStream


class AllStreams(Ok, kw_only=True):
    """The streams of a dataset, by name."""

    streams: list[ShownStream]


class AllTriggers(Ok, kw_only=True):
    """As ``AllStreams``."""

    triggers: list[ShownStream]


class ResetStream(Ok, kw_only=True):
    """Where the stream stands now."""

    sequence_id: str
    stream: ShownStream


class ResetTrigger(Ok, kw_only=True):
    """As ``ResetStream``."""

    sequence_id: str
    trigger: ShownStream
