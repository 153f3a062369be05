"""What one webhook request holds: the next messages of a stream, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from workbench.domain import MAX_STREAM_MESSAGES, SEPARATOR, Dataset, Message, Stream, StreamPrediction
from workbench.primitives import hex_digest
from workbench.store import HookRow, Session
from workbench.workspace.context import Caller
from workbench.workspace.sensitive import hidden_from, without_hidden
from workbench.workspace.streaming import said_of

MESSAGES_EVENT = "stream.messages"
TEST_EVENT = "stream.test"


@dataclass(frozen=True, kw_only=True)
class PushBatch:
    """What is to be sent next.

    Attributes
    ----------
    event_id
        The same whenever the same batch is sent.
    end
        The number of the last message that it covers, passed over or not.
    n_messages
        Messages in it; 0 = there is nothing to send, and all up to ``end`` is passed over.
    awaits
        Whether it ends before a message of which the stream's version has said nothing yet.
    is_end
        Whether the dataset has nothing after it now.
    """

    event_id: str
    end: int
    n_messages: int
    body: bytes
    awaits: bool
    is_end: bool


class _Label(msgspec.Struct, kw_only=True):
    name: list[str]
    probability: float
    sentiment: float | UnsetType = UNSET


class _Sent(msgspec.Struct, kw_only=True):
    """A message as targets read it; ``labels`` is there where the stream has a version."""

    uid: str
    id: str
    source_id: str
    timestamp: datetime
    created_at: datetime | None
    thread_id: str | None
    subject: str
    body: str
    sender: str | None
    recipients: Sequence[str]
    language: str | None
    properties: dict[str, Any]
    labels: list[_Label] | UnsetType = UNSET


class _Data(msgspec.Struct, kw_only=True):
    project: str
    dataset: str
    stream: str
    version: int | None
    num_filtered: int
    messages: list[msgspec.Raw]


def next_batch(
    caller: Caller, session: Session, dataset: Dataset, stream: Stream, row: HookRow, *, max_bytes: int
) -> PushBatch:
    """What comes after the position of a target; the batch that was begun, where one was.

    Parameters
    ----------
    caller
        Whose rights say which properties are left out.
    max_bytes
        Most bytes of messages; the first one goes however long it is.
    """
    settings, queues = stream.settings, session.stream_queues
    begun = row.batch_end
    size = row.batch_size if begun is None else MAX_STREAM_MESSAGES
    ahead = queues.ahead(stream.dataset_id, settings.where, row.position, size, None)
    if begun is not None:
        ahead = ahead.up_to(int(np.searchsorted(ahead.seqs, begun, side="right")))
    said = said_of(session, stream.dataset_id, settings, ahead.uids, passing=True)
    n_said = len(said)
    if settings.version is not None:
        n_said = next((i for i, one in enumerate(said) if not one.predicted), n_said)
    awaits = n_said < len(ahead.uids)
    ahead = ahead.up_to(n_said)
    messages = without_hidden(queues.messages(stream.dataset_id, ahead), hidden_from(caller, session))
    has_version = settings.version is not None
    written = _written(
        messages, said, has_version=has_version, max_bytes=max_bytes if begun is None else None
    )
    is_cut = awaits or len(written) < len(messages)
    ahead = ahead.up_to(len(written))
    end = begun if begun is not None and not is_cut else ahead.last_seq(row.position)
    event_id = f"evt_{hex_digest('webhook', row.webhook_id, str(row.position), str(end))}"
    data = _Data(
        project=dataset.project,
        dataset=dataset.name,
        stream=stream.name,
        version=settings.version,
        num_filtered=int((ahead.filtered <= end).sum()),
        messages=written,
    )
    return PushBatch(
        event_id=event_id,
        end=end,
        n_messages=len(written),
        body=event_body(MESSAGES_EVENT, caller.workspace.clock(), data),
        awaits=awaits,
        is_end=ahead.is_end,
    )


def test_body(dataset: Dataset, stream: Stream, at: datetime) -> bytes:
    """A body without messages."""
    told = {"project": dataset.project, "dataset": dataset.name, "stream": stream.name}
    return event_body(TEST_EVENT, at, told)


def event_body(kind: str, at: datetime, data: object) -> bytes:
    """An event as it is sent: its type, when it is sent, and what it says."""
    return msgspec.json.encode({"type": kind, "timestamp": at, "data": data})


def _written(
    messages: Sequence[Message], said: Sequence[StreamPrediction], *, has_version: bool, max_bytes: int | None
) -> list[msgspec.Raw]:
    found: list[msgspec.Raw] = []
    n_bytes = 0
    for message, one in zip(messages, said, strict=False):
        raw = msgspec.json.encode(_sent(message, one, has_version=has_version))
        n_bytes += len(raw)
        if found and max_bytes is not None and n_bytes > max_bytes:
            break
        found.append(msgspec.Raw(raw))
    return found


def _sent(message: Message, said: StreamPrediction, *, has_version: bool) -> _Sent:
    labels = [
        _Label(
            name=one.name.split(SEPARATOR),
            probability=one.probability,
            sentiment=UNSET if one.sentiment is None else one.sentiment,
        )
        for one in said.labels
    ]
    return _Sent(
        uid=message.uid,
        id=message.message_id,
        source_id=message.source_id,
        timestamp=message.timestamp,
        created_at=message.created_at,
        thread_id=message.thread_id,
        subject=message.subject,
        body=message.body,
        sender=message.sender,
        recipients=message.recipients,
        language=message.language,
        properties=dict(message.properties),
        labels=labels if has_version else UNSET,
    )
