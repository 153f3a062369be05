"""Messages, and the Arrow schema in which batches of them travel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec
import pyarrow as pa

from workbench.domain.ids import LabelId, MessageId, SourceId, Uid
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

MessageOrder = Literal["recent", "oldest", "shuffle", "relevance"]


@dataclass(frozen=True, kw_only=True)
class LabelProbability:
    """A predicted label: calibrated probability in [0, 1]."""

    label_id: LabelId
    probability: float


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as a person reads it, with what is known of it in one dataset.

    Attributes
    ----------
    predicted
        Labels whose probability is worth showing (>= 0.05), most probable first.
    assigned, dismissed
        What people said; disjoint.
    revision
        Counts the judgements on this message in this dataset, 0 = never reviewed. A judgement names the
        revision it was made on, so that two people on one message do not undo each other unseen.
    cluster_id
        Cluster of the newest run, -1 = none.
    probability
        Inclusion probability of the query strategy that offered it, None outside a batch.
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
