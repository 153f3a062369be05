"""Streams: what a dataset hands on to other systems, with the predictions of one model version that it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, get_args

import numpy as np

from workbench.domain.filters import MessageFilter
from workbench.domain.ids import DatasetId, LabelId, StreamId, Uid
from workbench.domain.limits import LIMITS
from workbench.errors import InputError, UnknownNameError

Unlisted = Literal["kept", "off", "every"]
"""What a stream does with labels that it lists no threshold for. ``kept``: they come from the threshold on that is kept
with the version, and not at all where none is. ``off``: they do not come. ``every``: each comes, however improbable."""
ThresholdOrigin = Literal["own", "kept", "every", "off"]
"""Where a threshold of a stream comes from: it is listed (``own``), it is kept with the version, every label comes, or
the label is off for want of one."""
MAX_STREAM_MESSAGES = 1_024
"""Messages whose predictions are told in one call."""
OFF = 1.0
"""The threshold that switches a label off."""


@dataclass(frozen=True, kw_only=True)
class LabelThreshold:
    """From which probability on a stream returns a label.

    Attributes
    ----------
    threshold
        In [0, 1]; the label is returned at or above it. Exactly 1 switches the label off, however sure the model is.
    name
        What the label is called, filled in by the workbench; what is handed in is not looked at.

    Raises
    ------
    InputError
        The threshold is not in [0, 1].
    """

    label_id: LabelId
    threshold: float
    name: str = ""

    def __post_init__(self) -> None:
        """Refuse what is no probability; nan is none."""
        if not 0 <= self.threshold <= OFF:
            raise InputError(
                f"a threshold of {self.threshold} cannot be used for the label {_called(self)!r}.",
                next_step="Use a number from 0 to 1; 1 switches the label off.",
                details={"label_id": self.label_id, "threshold": str(self.threshold)},
            )


def _called(one: LabelThreshold) -> str:
    return (one.name or one.label_id)[:300]


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """All of a stream that can be changed.

    Attributes
    ----------
    title
        Empty = its name.
    where
        Only messages that pass come with the stream. What it asks of predictions, it asks of the newest version's.
    version
        The model version whose predictions come with the messages; None = none come.
    thresholds
        Thresholds of the stream's own. They win over what is kept with the version.
    unlisted
        What becomes of labels that ``thresholds`` does not list; None = ``off`` where it lists any, else ``kept``.

    Raises
    ------
    InputError
        A label has two thresholds, or there are thresholds and no version.
    UnknownNameError
        ``unlisted`` is none of its three words.
    LimitError
        There are more than 4,096 thresholds.
    """

    title: str = ""
    description: str = ""
    where: MessageFilter = field(default_factory=MessageFilter)
    version: int | None = None
    thresholds: tuple[LabelThreshold, ...] = ()
    unlisted: Unlisted | None = None

    def __post_init__(self) -> None:
        """Refuse thresholds that contradict one another or have nothing to choose from."""
        if self.unlisted is not None and self.unlisted not in get_args(Unlisted):
            raise UnknownNameError("use of unlisted labels", str(self.unlisted)[:100], get_args(Unlisted))
        LIMITS["thresholds_per_stream"].check(len(self.thresholds), "the stream")
        if self.thresholds and self.version is None:
            raise InputError(
                f"the stream has thresholds ({len(self.thresholds):,}) and no model version.",
                next_step="Name the version whose predictions they are for, or leave the thresholds out.",
                details={"n_thresholds": len(self.thresholds)},
            )
        seen: set[LabelId] = set()
        for one in self.thresholds:
            if one.label_id in seen:
                raise InputError(
                    f"the label {_called(one)!r} has two thresholds.",
                    next_step="Give each label one threshold.",
                    details={"label_id": one.label_id},
                )
            seen.add(one.label_id)

    @property
    def for_unlisted(self) -> Unlisted:
        """What becomes of labels without a threshold of the stream's own, with the default filled in."""
        if self.unlisted is not None:
            return self.unlisted
        return "off" if self.thresholds else "kept"


@dataclass(frozen=True, kw_only=True)
class Stream:
    """A stream of a dataset. It holds its model version: while it does, the version stays pinned.

    Attributes
    ----------
    name
        Its own among the streams of the dataset, and fixed: other systems know the stream by it.
    settings
        All that can be changed.
    """

    stream_id: StreamId
    dataset_id: DatasetId
    name: str
    settings: StreamSettings
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class StreamThreshold:
    """From which probability on a stream returns a label now, and why from there.

    Attributes
    ----------
    name
        What it is called now, or was called last: the version knows labels that were merged or deleted since.
    threshold
        In [0, 1]; exactly 1 = the label never comes.
    origin
        Where it comes from. What is ``kept`` is read anew each time: it changes when somebody keeps another.
    """

    label_id: LabelId
    name: str
    threshold: float
    origin: ThresholdOrigin


@dataclass(frozen=True, kw_only=True)
class StreamLabel:
    """A label that a stream returns with a message.

    Attributes
    ----------
    name
        As in ``StreamThreshold``.
    probability
        As the version predicts it, [0, 1].
    threshold, origin
        What it reached, and where that comes from.
    sentiment
        In [-1, 1]; None where the dataset has no label sentiment.
    """

    label_id: LabelId
    name: str
    probability: float
    threshold: float
    origin: ThresholdOrigin
    sentiment: float | None = None


@dataclass(frozen=True, kw_only=True)
class StreamPrediction:
    """What a stream says of a message that passes its filter.

    Attributes
    ----------
    labels
        The most probable first.
    predicted
        False where nothing is predicted of the message: the stream has no version, or the version has not seen it yet.
        ``labels`` is empty then, and does not mean that none applies.
    """

    uid: Uid
    labels: tuple[StreamLabel, ...] = ()
    predicted: bool = False


def effective_thresholds(
    settings: StreamSettings, label_ids: Iterable[LabelId], kept: Mapping[LabelId, float]
) -> dict[LabelId, tuple[float, ThresholdOrigin]]:
    """The threshold that a stream goes by for each of these labels, in their order, and where it comes from.

    Parameters
    ----------
    settings
        Of the stream.
    label_ids
        Those that its version knows.
    kept
        Thresholds kept with the version, [0, 1].
    """
    own = {one.label_id: one.threshold for one in settings.thresholds}
    rest = settings.for_unlisted
    found: dict[LabelId, tuple[float, ThresholdOrigin]] = {}
    for label_id in label_ids:
        if label_id in own:
            found[label_id] = own[label_id], "own"
        elif rest == "every":
            found[label_id] = 0.0, "every"
        elif rest == "kept" and label_id in kept:
            found[label_id] = kept[label_id], "kept"
        else:
            found[label_id] = OFF, "off"
    return found


def returned(probabilities: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Which labels a stream returns.

    Parameters
    ----------
    probabilities
        float32 (n, k): k labels of n messages.
    thresholds
        float64 (k,), in [0, 1].

    Returns
    -------
    np.ndarray
        bool (n, k).
    """
    # In the precision of what is stored: 0.7 as it is typed is not above 0.7 as it was predicted.
    reached = probabilities >= thresholds.astype(np.float32)
    # As it was typed: 0.99999999 becomes 1 in that precision, and is on.
    chosen: np.ndarray = reached & (thresholds != OFF)
    return chosen


class StreamOperations(Protocol):
    """Streams. One that does not exist raises ``UnknownNameError``, which lists those of the dataset."""

    def streams(self, dataset_id: DatasetId) -> tuple[Stream, ...]:
        """Streams of a dataset, by name."""
        ...

    def stream(self, dataset_id: DatasetId, name: str) -> Stream:
        """One stream."""
        ...

    def create_stream(self, dataset_id: DatasetId, name: str, settings: StreamSettings) -> Stream:
        """Create a stream; its name is fixed from here on: 1 to 256 letters, digits, ``_`` or ``-``.

        In the same transaction its model version is pinned, and can be neither unpinned nor deleted while the stream
        holds it. ``UnknownNameError`` when a threshold is for a label that the version does not know.
        """
        ...

    def amend_stream(self, dataset_id: DatasetId, name: str, settings: StreamSettings) -> Stream:
        """Put other settings in the place of all that the stream has; its name stays.

        Another version is pinned as for ``create_stream``; the one it held stays pinned until somebody unpins it.
        """
        ...

    def delete_stream(self, dataset_id: DatasetId, name: str) -> Stream:
        """Delete a stream; returns what it was. Its version stays pinned until somebody unpins it."""
        ...

    def stream_predictions(
        self, dataset_id: DatasetId, name: str, uids: tuple[Uid, ...]
    ) -> tuple[StreamPrediction, ...]:
        """What the stream says of these messages (at most 1,024), each once, in the order asked.

        Messages that do not pass its filter, or are not in the dataset, are left out. A label comes at or above its
        threshold, in single precision as probabilities are stored; at a threshold of exactly 1 it never comes. Which
        threshold that is, ``stream_thresholds`` says, and each label that comes.
        """
        ...

    def stream_thresholds(self, dataset_id: DatasetId, name: str) -> tuple[StreamThreshold, ...]:
        """The threshold that each label of the stream's version comes by now, in the order of the version.

        Its own, or where ``unlisted`` says so the one kept with the version. Empty without a version.
        """
        ...


__all__ = [
    "MAX_STREAM_MESSAGES",
    "LabelThreshold",
    "Stream",
    "StreamLabel",
    "StreamOperations",
    "StreamPrediction",
    "StreamSettings",
    "StreamThreshold",
    "ThresholdOrigin",
    "Unlisted",
    "effective_thresholds",
    "returned",
]
