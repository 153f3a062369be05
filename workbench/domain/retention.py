"""How long messages are kept: what is past that, by source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workbench.domain.ids import SourceId

INCLUDED_DAYS = 730
"""Days of storage that a message's unit includes: two years."""


@dataclass(frozen=True, kw_only=True)
class PastRetention:
    """Messages of one source that are stored longer than asked about.

    Attributes
    ----------
    source
        Its full name.
    n_messages, n_annotated
        Messages past it, and those of them that people annotated in any dataset.
    n_bytes
        Bytes of their subjects, texts and signatures, without attachments and vectors.
    oldest
        When the one that is stored longest was stored, UTC.
    """

    source_id: SourceId
    source: str
    n_messages: int
    n_annotated: int
    n_bytes: int
    oldest: datetime


@dataclass(frozen=True, kw_only=True)
class RetentionReport:
    """What is past a number of days of storage.

    Attributes
    ----------
    before
        Stored before this moment, UTC.
    sources
        Sources that hold such messages, most messages first.
    """

    keep_days: int
    before: datetime
    sources: tuple[PastRetention, ...]

    @property
    def n_messages(self) -> int:
        """Messages of all sources."""
        return sum(one.n_messages for one in self.sources)


class RetentionOperations(Protocol):
    """How long messages are kept."""

    def retention_report(self, keep_days: int = INCLUDED_DAYS) -> RetentionReport:
        """Messages stored for more than ``keep_days`` days, by source; changes nothing.

        ``InputError`` for less than one day.
        """
        ...
