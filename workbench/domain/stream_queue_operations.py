"""Consuming streams: fetch, advance, reset. A part of ``Operations``, in a module of its own for its length."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workbench.domain.ids import DatasetId, LabelId
from workbench.domain.messages import Message
from workbench.domain.results import ExpectedErrors
from workbench.domain.streams import StreamLabel, StreamPrediction


@dataclass(frozen=True, kw_only=True)
class StreamItem:
    """A message of a stream, what the stream says of it, and how a consumer says that it is done with it.

    Attributes
    ----------
    message
        Without what the newest version says (``predicted``), and without its place in its thread.
    prediction
        What the version of the stream says.
    sequence_id
        Advancing to it passes over this message and all before it.
    """

    message: Message
    prediction: StreamPrediction
    sequence_id: str


@dataclass(frozen=True, kw_only=True)
class StreamBatch:
    """The next messages of a stream.

    Attributes
    ----------
    items
        In the order in which they were stored.
    n_filtered
        Messages of the dataset that do not pass the filter and are covered by ``sequence_id``.
    sequence_id
        Advancing to it passes over the whole batch and what was filtered.
    is_end
        Whether the dataset has nothing after this batch now.
    awaits_predictions
        Whether the batch ends before a message of which the stream's version has said nothing yet.
    version
        The version whose predictions these are; None = the stream has none.
    """

    items: tuple[StreamItem, ...]
    n_filtered: int
    sequence_id: str
    is_end: bool
    awaits_predictions: bool = False
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class StreamPosition:
    """How far a stream has been consumed.

    Attributes
    ----------
    sequence_id
        Of the place where it stands.
    n_behind
        Messages of the dataset that were stored after that place, whether they pass the filter or not.
    behind_since
        When the first of them was stored; None = there is none.
    n_resets
        How often it was reset.
    moved_at, moved_by
        When it was last moved, and by whom; by nobody since it was made = when, and by whom it was made.
    """

    stream: str
    sequence_id: str
    n_behind: int
    behind_since: datetime | None
    n_resets: int
    moved_at: datetime
    moved_by: str


@dataclass(frozen=True, kw_only=True)
class StreamErrors:
    """What to expect of a label of a stream at the threshold that it comes by.

    Attributes
    ----------
    errors
        Wrong and missed messages a week among those that pass the filter; None = too few were held out to tell, or the
        predictions of the version were not kept.
    """

    label_id: LabelId
    name: str
    threshold: float
    errors: ExpectedErrors | None


@dataclass(frozen=True, kw_only=True)
class LabelDifference:
    """Among compared messages, how many a label of a stream comes with, now and with another version.

    Attributes
    ----------
    gained, lost
        Messages that it would come with and does not now; messages that it comes with now and would not.
    known
        Whether the other version knows it.
    """

    label_id: LabelId
    name: str
    n_now: int
    n_then: int
    gained: int
    lost: int
    known: bool = True


@dataclass(frozen=True, kw_only=True)
class StreamComparison:
    """What a stream would say with another version, among the newest messages that both have predicted.

    Attributes
    ----------
    n
        Messages compared.
    n_changed
        Of these, how many would come with other labels.
    labels
        By label of either version that comes with any of them, the most changed first.
    """

    stream: str
    version: int
    other: int
    n: int
    n_changed: int
    labels: tuple[LabelDifference, ...] = ()


class StreamQueueOperations(Protocol):
    """Streams as queues. One that does not exist raises ``UnknownNameError``, which lists those of the dataset.

    A stream hands on the messages of the dataset in the order in which they were stored first, from its creation on.
    """

    def fetch_stream(
        self, dataset_id: DatasetId, name: str, size: int = 16, max_filtered: int | None = None
    ) -> StreamBatch:
        """The next messages: at most ``size`` (1-1,024) that pass, and at most ``max_filtered`` (1-1,024) passed over.

        Moves nothing: the same call gives the same messages until somebody advances. Ends before a message of which the
        stream's version has said nothing yet, and sees to it that it does. ``AccessError`` where the filter asks for a
        property that the caller may not read.
        """
        ...

    def advance_stream(self, dataset_id: DatasetId, name: str, sequence_id: str) -> StreamPosition:
        """Pass over everything up to a sequence id, of a message or a batch. Never goes back.

        ``InputError`` when the stream did not give it, or gave it before it was reset.
        """
        ...

    def reset_stream(self, dataset_id: DatasetId, name: str, to_created_at: datetime) -> StreamPosition:
        """Go to the first message that was stored at a time or later, back or ahead.

        Sequence ids from before stop counting, so that who still holds one cannot undo it.
        """
        ...

    def stream_position(self, dataset_id: DatasetId, name: str) -> StreamPosition:
        """How far a stream has been consumed, and how much is behind that place."""
        ...

    def stream_errors(self, dataset_id: DatasetId, name: str) -> tuple[StreamErrors, ...]:
        """Wrong and missed messages a week to expect of each label that comes by a threshold, in the version's order.

        As ``expected_errors``, at the volumes of the messages that pass the filter. Empty without a version.
        """
        ...

    def compare_stream(
        self, dataset_id: DatasetId, name: str, version: int, n: int = 1_000
    ) -> StreamComparison:
        """What would change with another version, among the newest ``n`` messages (1-10,000) that pass the filter.

        Thresholds of its own go with the stream, kept ones with each version. Messages that one of the two has not
        predicted are left out; so is what the versions do not know of each other's labels, but for ``known``.
        """
        ...


__all__ = [
    "LabelDifference",
    "StreamBatch",
    "StreamComparison",
    "StreamErrors",
    "StreamItem",
    "StreamLabel",
    "StreamPosition",
    "StreamQueueOperations",
]
