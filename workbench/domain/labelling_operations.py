"""The operations of programs that read a dataset from end to end and say labels by name. A part of ``Operations``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import pyarrow as pa

from workbench.domain.filters import MessageFilter
from workbench.domain.ids import DatasetId, LabelId, Uid
from workbench.domain.labels import Label, LabelPath
from workbench.domain.messages import Message
from workbench.domain.sentiments import Sentiment
from workbench.domain.times import Resolution

MessageSequence = Literal["recent", "oldest", "arrival", "shuffle", "relevance"]
"""How messages follow one another: newest first, oldest first, as they arrived, by chance, what fits best first."""


@dataclass(frozen=True, kw_only=True)
class Labelling:
    """What stands on a message from now on, by names (``Parent > Child``); labels that are not there are made.

    Attributes
    ----------
    assigned, dismissed
        Labels that apply, and labels that do not; a message with neither is not reviewed.
    sentiments
        Of assigned labels, where the dataset has label sentiment; elsewhere they are passed over.
    """

    assigned: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()
    sentiments: dict[str, Sentiment] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LabelledMessage:
    """A message, and the paths of the labels that stand on it, assigned or dismissed."""

    message: Message
    paths: dict[LabelId, LabelPath]


@dataclass(frozen=True, kw_only=True)
class MessagesAfter:
    """Some messages, and the mark behind the last of them; empty = there are no messages here, and none follow."""

    messages: tuple[Message, ...]
    after: str = ""


class LabellingOperations(Protocol):
    """Reading a dataset on, page after page, and saying what stands on its messages."""

    def taxonomy(self, dataset_id: DatasetId) -> tuple[Label, ...]:
        """The labels in their order, as ``labels`` gives them, but without expected counts, which take long."""
        ...

    def set_labels(self, dataset_id: DatasetId, uid: Uid, labelling: Labelling) -> LabelledMessage:
        """Say what stands on a message, whatever stood there: of two who say it the later one counts.

        What stands there already changes nothing and is no review. Returns the message as it is now;
        ``UnknownNameError`` when the dataset has none of that uid.
        """
        ...

    def query_messages(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageSequence = "recent",
        after: str = "",
        limit: int = 64,
        seed: int = 0,
    ) -> MessagesAfter:
        """The next messages (limit 1-1,024) behind a mark; an empty one = the first.

        By time and by arrival marks hold while messages come and go: none is passed over or shown twice. In the other
        orders they count places. ``seed`` fixes the shuffle. ``InputError`` for a mark that is none of this order.
        """
        ...

    def export_messages(
        self,
        dataset_id: DatasetId,
        where: MessageFilter,
        order: MessageSequence = "arrival",
        after: str = "",
        limit: int = 64,
    ) -> MessagesAfter:
        """As ``query_messages``, for who takes messages away: it needs the right to export, and the audit log says so."""
        ...

    def label_counts(
        self, dataset_id: DatasetId, where: MessageFilter, resolution: Resolution | None = None
    ) -> pa.Table:
        """On how many of the messages that pass each label is assigned, or on unreviewed ones predicted from 0.5 on.

        Columns: period (date; null without a resolution), label (its name), positive, negative: without label
        sentiment all are positive. Labels and periods without any are left out.
        """
        ...
