"""Comments and annotations as the client decodes them. A key without a default is demanded; null only where it stands."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Instant = Annotated[datetime, Meta(tz=True)]
"""RFC 3339 with an offset; one without is not read."""
Count = Annotated[int, Meta(ge=0)]
Version = Annotated[int, Meta(ge=0, le=4_294_967_295)]
Sentiment = Literal["positive", "negative"]


class Reply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Unknown keys are passed over; what was left out is left out when it is written to a file."""


class Text(Reply):
    text: str
    translated_from: str | None = None
    text_markup: Any = None
    translated_from_markup: Any = None


class Turn(Reply, rename={"sender": "from"}):
    body: Text
    subject: Text | None = None
    signature: Text | None = None
    sender: str | None = None
    to: list[str] | None = None
    cc: list[str] | None = None
    bcc: list[str] | None = None
    sent_at: Instant | None = None
    language: str | None = None


class Attachment(Reply):
    name: str
    size: Count
    content_type: str
    attachment_reference: str | None = None
    content_hash: str | None = None


def check_properties(given: dict[str, str | float] | None) -> None:
    """Refuse a key without a type, or with a value of another one."""
    for key, value in (given or {}).items():
        kind, colon, _ = key.partition(":")
        if not colon or kind not in ("string", "number"):
            raise ValueError(f"user property full name `{key}` has invalid type prefix")
        if isinstance(value, str) != (kind == "string"):
            raise ValueError(f"user property `{key}` has a value of another type")


class Comment(Reply):
    id: str
    uid: str
    timestamp: Instant
    messages: list[Turn]
    created_at: Instant
    thread_id: str | None = None
    user_properties: dict[str, str | float] | None = None
    attachments: list[Attachment] = []
    has_annotations: bool = False

    def __post_init__(self) -> None:
        check_properties(self.user_properties)


class Label(Reply):
    name: str
    sentiment: Sentiment


class PredictedLabel(Reply):
    name: list[str] | str
    probability: float
    sentiment: float | None = None
    auto_thresholds: list[str] | None = None


class LabellingGroup(Reply):
    group: str
    assigned: list[Label] = []
    dismissed: list[Label] = []
    predicted: list[PredictedLabel] | None = None


class Span(Reply):
    content_part: str
    message_index: Count
    char_start: Count
    char_end: Count
    utf16_byte_start: Count
    utf16_byte_end: Count


class Entity(Reply):
    name: str
    formatted_value: str
    spans: list[Span]
    field_id: str | None = None


class Entities(Reply):
    """The two lists are demanded as soon as there is the object."""

    assigned: list[Entity]
    dismissed: list[Entity]
    predicted: list[Entity] | None = None


class FormField(Reply):
    name: str
    kind: str
    formatted_value: str
    spans: list[Span]
    document_spans: list[Any] = []


class Capture(Reply):
    fields: list[FormField]


class LabelForm(Reply):
    label: Label
    captures: list[Capture]


class FormGroup(Reply):
    group: str
    assigned: list[LabelForm] = []
    dismissed: list[LabelForm] = []
    predicted: list[LabelForm] | None = None


class ThreadProperties(Reply):
    num_messages: Count
    duration: float | None = None
    response_time: float | None = None
    thread_position: Count | None = None
    first_sender: str | None = None


class LabelProperty(Reply):
    id: str
    value: float
    name: str | None = None


class AnnotatedComment(Reply):
    """A comment with what people and models say of it."""

    comment: Comment
    labelling: list[LabellingGroup] | None = None
    entities: Entities | None = None
    thread_properties: ThreadProperties | None = None
    moon_forms: list[FormGroup] | None = None
    label_properties: list[LabelProperty] | None = None


class OneComment(Reply):
    comment: Comment


class CommentPage(Reply):
    comments: list[Comment]
    continuation: str | None = None


class QueryPage(Reply):
    results: list[AnnotatedComment]
    continuation: str | None = None


class LabellingsPage(Reply):
    results: list[AnnotatedComment]
    after: str | None = None


class Synced(Reply):
    new: Count
    updated: Count
    unchanged: Count


class Prediction(Reply):
    uid: str
    labels: list[PredictedLabel] | None = None
    entities: list[Entity] | None = None


class Predictions(Reply):
    predictions: list[Prediction]


class AutoLabel(Reply):
    """With automatic thresholds their list is demanded of every label."""

    name: list[str] | str
    probability: float
    auto_thresholds: list[str]
    sentiment: float | None = None


class AutoPrediction(Reply):
    uid: str
    labels: list[AutoLabel] | None = None
    entities: list[Entity] | None = None


class AutoPredictions(Reply):
    predictions: list[AutoPrediction]


class FetchedComment(Reply):
    comment: Comment
    sequence_id: str
    labels: list[PredictedLabel] | None = None
    entities: list[Entity] | None = None


class Batch(Reply):
    results: list[FetchedComment]
    filtered: Annotated[int, Meta(ge=0, le=4_294_967_295)]
    sequence_id: str
    is_end_sequence: bool


class ContentHash(Reply):
    content_hash: str
