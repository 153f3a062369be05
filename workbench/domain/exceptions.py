"""Exceptions: messages of a stream that the automation behind it could not handle."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from workbench.domain.ids import DatasetId, Uid
from workbench.domain.limits import LIMITS


@dataclass(frozen=True, kw_only=True)
class StreamException:
    """One message that could not be handled.

    Attributes
    ----------
    type
        Why, in the words of whoever handles the stream: ``No Prediction``, ``Wrong Prediction``; 1 to 256 characters.
    metadata
        What else is to be known of it: at most 32 entries, with 4,096 characters in all.

    Raises
    ------
    LimitError
        The type or the metadata is too long, or the type is empty.
    """

    uid: Uid
    type: str
    metadata: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be counted by type, and more than a note."""
        where = f"message {self.uid[:300]!r}"
        LIMITS["exception_type_characters"].check(len(self.type.strip()), where)
        LIMITS["exception_metadata"].check(len(self.metadata), where)
        n_characters = sum(len(name) + len(value) for name, value in self.metadata.items())
        LIMITS["exception_metadata_characters"].check(n_characters, where)


@dataclass(frozen=True, kw_only=True)
class TagCounts:
    """What tagging changed: ``new`` exceptions, ``updated`` ones (another type or metadata), ``unchanged`` ones."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True, kw_only=True)
class ExceptionTotal:
    """How many messages of a dataset carry an exception of one type in one stream.

    ``newest_at`` is when the newest of them was tagged.
    """

    stream: str
    type: str
    n: int
    newest_at: datetime


class ExceptionOperations(Protocol):
    """Exceptions of streams. A stream that does not exist raises ``UnknownNameError``.

    A stream whose filter asks for a property that the caller may not read is refused with ``AccessError``: its messages
    would tell what the property is.
    """

    def tag_exceptions(
        self, dataset_id: DatasetId, name: str, exceptions: tuple[StreamException, ...]
    ) -> TagCounts:
        """Say of messages (at most 1,024) that what the stream feeds could not handle them.

        A message is an exception of a stream once: tagged again, the new type and metadata take the place of the old
        ones, and the same ones change nothing. All are tagged or none: ``UnknownNameError`` when a message is not in the
        dataset, ``InputError`` when one is named twice.
        """
        ...

    def untag_exceptions(self, dataset_id: DatasetId, name: str, uids: tuple[Uid, ...]) -> int:
        """Take exceptions (at most 1,024) off messages; returns how many there were. What is none is passed over."""
        ...

    def stream_exceptions(
        self, dataset_id: DatasetId, name: str, after: int = 0, n_rows: int = 1_024
    ) -> pa.Table:
        """Exceptions of a stream: uid, type, metadata (JSON), tagged_at, tagged_by; those tagged last come first.

        Those after the first ``after``, at most ``n_rows`` (1-65,536); empty at the end.
        """
        ...

    def exception_totals(self, dataset_id: DatasetId) -> tuple[ExceptionTotal, ...]:
        """How many exceptions there are by stream and type, by stream, the most frequent type first.

        Streams that the caller may not ask are left out.
        """
        ...


__all__ = ["ExceptionOperations", "ExceptionTotal", "StreamException", "TagCounts"]
