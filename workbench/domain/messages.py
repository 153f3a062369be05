"""Messages, and the Arrow schema in which batches of them travel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec
import pyarrow as pa

from workbench.domain.ids import LabelId, MessageId, SourceId, Uid
from workbench.domain.parts import MessagePart, PartText
from workbench.domain.sentiments import Sentiment
from workbench.domain.text_query import TextHits

PropertyValue = str | float
MESSAGE_SCHEMA = pa.schema(
    [
        pa.field("message_id", pa.string(), nullable=False),
        pa.field("timestamp", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("thread_id", pa.string()),
        pa.field("subject", pa.string(), nullable=False),
        pa.field("body", pa.string(), nullable=False),
        pa.field("signature", pa.string(), nullable=False),
        pa.field("full_text", pa.string(), nullable=False),
        pa.field("sender", pa.string()),
        pa.field("recipients", pa.list_(pa.string()), nullable=False),
        pa.field("language", pa.string()),
        pa.field("properties", pa.string(), nullable=False),
    ]
)
"""One row per message. ``body`` is the cleaned text (quoted history and signature cut off), ``full_text``
the text as it came; ``properties`` is a JSON object whose keys begin ``string:`` or ``number:``."""

ATTACHMENT_TYPE = pa.struct(
    [
        pa.field("name", pa.string(), nullable=False),
        pa.field("size", pa.int64(), nullable=False),
        pa.field("content_type", pa.string(), nullable=False),
        pa.field("content_hash", pa.string()),
        pa.field("inline", pa.bool_(), nullable=False),
        pa.field("content", pa.binary()),
    ]
)
"""One attachment as it travels: ``content`` None = only its name and size are known."""

MESSAGE_EXTRAS = pa.schema(
    [
        pa.field("parts", pa.string()),
        pa.field("cc", pa.list_(pa.string())),
        pa.field("bcc", pa.list_(pa.string())),
        pa.field("sent_at", pa.timestamp("us", tz="UTC")),
        pa.field("attachments", pa.list_(ATTACHMENT_TYPE)),
    ]
)
"""Columns that a batch may have behind those of ``MESSAGE_SCHEMA``, each or none; null = none.

``parts`` is the JSON of ``write_parts`` where a message has more to say than the plain columns, which then
hold what ``plain_columns`` makes of it."""

MessageOrder = Literal["recent", "oldest", "shuffle", "relevance"]


@dataclass(frozen=True, kw_only=True)
class LabelProbability:
    """A predicted label: calibrated probability in [0, 1].

    Attributes
    ----------
    sentiment
        (P(positive) - P(negative)) / P(label), in [-1, 1]; None where the dataset has no label sentiment.
    """

    label_id: LabelId
    probability: float
    sentiment: float | None = None


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that came with a message.

    Attributes
    ----------
    position
        From 0, in the order they came.
    size
        In bytes.
    content_type
        A media type or an ending, as it came.
    content_hash
        As it came; SHA-256 in hex digits where the content is stored and none came; None = unknown.
    stored
        Whether ``attachment_content`` has it.
    """

    position: int
    name: str
    size: int
    content_type: str = ""
    content_hash: str | None = None
    inline: bool = False
    stored: bool = False


@dataclass(frozen=True, kw_only=True)
class MessageTranslation:
    """Subject and body in another language, to be read beside the original: that is what people annotate.

    Attributes
    ----------
    language, translated_from
        ISO 639-1 codes of the translation and of the original.
    translator
        Who translated, as the settings name it.
    """

    language: str
    translated_from: str
    translator: str
    subject: str
    body: str


@dataclass(frozen=True, kw_only=True)
class ThreadPlace:
    """Where a message stands in its thread, over all messages of the dataset with the same ``thread_id``.

    Attributes
    ----------
    position
        From 1, by time.
    duration_s
        Seconds between the first and the last message; 0 with one.
    response_s
        Seconds between the first message and the first one of another sender; None without an answer.
    first_sender
        Who wrote the first message, None = not known.
    """

    n_messages: int
    position: int
    duration_s: float
    response_s: float | None = None
    first_sender: str | None = None


@dataclass(frozen=True, kw_only=True)
class ThreadLetter:
    """A message as it is read beside another one of its thread.

    Attributes
    ----------
    beside
        The message that it stands beside.
    uid
        The message itself.
    """

    beside: Uid
    uid: Uid
    timestamp: datetime
    sender: str | None
    body: str


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as a person reads it, with what is known of it in one dataset.

    Attributes
    ----------
    predicted
        Labels whose probability is worth showing (>= 0.05), most probable first.
    assigned, dismissed
        What people said; disjoint.
    sentiments
        Of the assigned labels, parents included; empty in a dataset without label sentiment.
    revision
        Counts the judgements on this message in this dataset, 0 = never reviewed. A judgement names the
        revision it was made on, so that two people on one message do not undo each other unseen.
    cluster_id
        Cluster of the newest run, -1 = none.
    probability
        Inclusion probability of the query strategy that offered it, None outside a batch.
    cc, bcc, sent_at
        As the mail says; ``timestamp`` is what everything is sorted by.
    parts
        The message at full fidelity; empty when subject, body and signature say all there is.
    language, declared_language
        What the message declares, else what was found in its text; and only what it declares. None = not known.
    translation
        Its text in another language, where a translator made one.
    thread
        Its place among the dataset's messages of the same ``thread_id``, None without one.
    created_at, updated_at
        When the workspace first stored it, and when it last changed.
    """

    uid: Uid
    source_id: SourceId
    message_id: MessageId
    timestamp: datetime
    thread_id: str | None
    subject: str
    body: str
    signature: str = ""
    full_text: str = ""
    sender: str | None = None
    recipients: tuple[str, ...] = ()
    language: str | None = None
    properties: dict[str, PropertyValue] = field(default_factory=dict)
    predicted: tuple[LabelProbability, ...] = ()
    assigned: tuple[LabelId, ...] = ()
    dismissed: tuple[LabelId, ...] = ()
    reviewed: bool = False
    revision: int = 0
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    cluster_id: int = -1
    probability: float | None = None
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    sent_at: datetime | None = None
    parts: tuple[MessagePart, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    thread: ThreadPlace | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    translation: MessageTranslation | None = None
    sentiments: dict[LabelId, Sentiment] = field(default_factory=dict)
    declared_language: str | None = None

    @property
    def is_translated(self) -> bool:
        """Whether there is a translation beside it, or its own text is one."""
        texts = (text for part in self.parts for text in part.texts)
        return self.translation is not None or any(text.translated_from is not None for text in texts)

    @property
    def all_parts(self) -> tuple[MessagePart, ...]:
        """The parts, one made of the plain columns where none are stored; its language is the declared one."""
        return self.parts or (
            MessagePart(
                body=PartText(text=self.body),
                subject=PartText(text=self.subject) if self.subject else None,
                signature=PartText(text=self.signature) if self.signature else None,
                sender=self.sender,
                to=self.recipients,
                cc=self.cc,
                bcc=self.bcc,
                sent_at=self.sent_at,
                language=self.declared_language,
            ),
        )


@dataclass(frozen=True, kw_only=True)
class MessagePage:
    """Some of the messages that pass a filter, in order.

    Attributes
    ----------
    n_total
        How many pass in all; with ``n_total_is`` = ``at_least``, how many are known to pass. All are counted
        on the way where that costs little; ``count_messages`` always counts them, and once it has, pages tell
        the exact number too until something is written.
    hits
        Where the searched words stand in each message; empty without a search.
    """

    messages: tuple[Message, ...]
    n_total: int
    n_total_is: Literal["exact", "at_least"] = "exact"
    offset: int
    hits: tuple[TextHits, ...] = ()


def read_properties(text: str) -> dict[str, PropertyValue]:
    """Decode the ``properties`` column."""
    return msgspec.json.decode(text, type=dict[str, PropertyValue])
