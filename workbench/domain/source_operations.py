"""The operations on one source without a dataset: its messages in order, and the files that belong to them.

A part of ``Operations``, in a module of its own for its length.
"""

# ruff: noqa: FBT001, FBT002 - flags travel by name

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from workbench.domain.filters import MessageFilter
from workbench.domain.ids import MessageId, SourceId, Uid
from workbench.domain.imports import SyncCounts
from workbench.domain.mail import RawMail
from workbench.domain.messages import Message


@dataclass(frozen=True, kw_only=True)
class MessagePosition:
    """Where a message stands in its source: by time, then by id."""

    timestamp: datetime
    message_id: MessageId


@dataclass(frozen=True, kw_only=True)
class SourceMessages:
    """Messages of a source as they are in no dataset: without labels, predictions, clusters.

    Attributes
    ----------
    annotated
        Those of them that people said something of in any dataset.
    next
        Position to ask from for what follows, None = nothing does.
    """

    messages: tuple[Message, ...]
    annotated: frozenset[Uid] = frozenset()
    next: MessagePosition | None = None


@dataclass(frozen=True, kw_only=True)
class SyncedMails:
    """What storing mails as messages of a source did: the counts, and the id of each mail's message, in order."""

    counts: SyncCounts
    message_ids: tuple[MessageId, ...]


class SourceOperations(Protocol):
    """Messages by source."""

    def source_page(
        self,
        source_id: SourceId,
        after: MessagePosition | None = None,
        limit: int = 64,
        since: datetime | None = None,
        until: datetime | None = None,
        newest_first: bool = False,
    ) -> SourceMessages:
        """The next messages of a source by time and id, at most ``limit`` (1-256).

        ``since`` and ``until`` are both inclusive. What comes and goes between two pages moves nothing else.
        """
        ...

    def source_messages(self, source_id: SourceId, message_ids: tuple[MessageId, ...]) -> SourceMessages:
        """These messages of a source (at most 16,384), in the order asked; unknown ones are left out."""
        ...

    def count_in_source(self, source_id: SourceId, where: MessageFilter) -> int:
        """How many messages of a source pass.

        Only conditions on the message itself: its time, texts, people, properties and files. ``UnsupportedError``
        for those on what a dataset knows of it.
        """
        ...

    def source_threads(self, source_id: SourceId) -> pa.Table:
        """Threads of a source with the uids of their messages, oldest first: thread_id, uids. At most 100,000."""
        ...

    def sync_mails(
        self,
        source_id: SourceId,
        mails: tuple[RawMail, ...],
        message_ids: tuple[str, ...] = (),
        no_charge: bool = False,
    ) -> SyncedMails:
        """Store mails (at most 4,096) as messages of a source: new ones are made, known ones written over.

        ``message_ids`` has an id for each mail, empty = the one that follows from the mail; left out = for all.
        ``InputError`` names the first mail that cannot be a message; then none is stored. ``no_charge`` is that of
        ``put_messages``.
        """
        ...

    def put_message_file(
        self, source_id: SourceId, message_id: MessageId, content: bytes, position: int | None = None
    ) -> str:
        """Keep the content of attachment ``position`` (from 0) of a message, or (None) its sound; gives its SHA-256.

        The message may come later: what no message has asked for after 7 days is thrown away.
        """
        ...

    def message_file(self, source_id: SourceId, message_id: MessageId, position: int | None = None) -> bytes:
        """The content of attachment ``position`` of a message, or (None) its sound; ``InputError`` when not stored."""
        ...
