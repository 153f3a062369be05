"""``MessageFilter``: which messages; every part must hold, several values in one part mean any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workbench.domain.conditions import (
    AddressFilter,
    AttachmentFilter,
    ExceptionFilter,
    LabelFilter,
    PropertyFilter,
    check_values,
)
from workbench.domain.ids import SourceId, Uid
from workbench.domain.threads import ThreadFilter
from workbench.errors import FilterError

MOST_TEXT = 2_000
"""Characters a search may have."""


@dataclass(frozen=True, kw_only=True)
class MessageFilter:
    """Which messages of a dataset.

    Attributes
    ----------
    since, until
        Bounds on the message's timestamp: ``since`` inclusive, ``until`` exclusive; aware datetimes.
    text
        Words that must all occur in subject or body, in any order, case-insensitive; ``"quoted words"`` form
        a phrase, ``-word`` must not occur, ``ref*`` begins a word, ``a OR b`` is either
        (``workbench.domain.parse_text``).
    reviewed
        True, False, or None for both.
    text_in
        ``any`` looks for the words in translations too; they must all stand in the one or in the other.
    thread_id, thread
        Messages of this thread; messages whose thread is such: how long, how soon answered, begun by whom.
    sender, recipient, cc, bcc
        Who wrote it, and who received it, openly, as a copy and unseen; of several any.
    translated
        Whether there is a translation beside it, or its own text is one; None for both.
    exceptions
        Whether the automation behind a stream could not handle it; None for both.
    clusters
        Cluster ids of the newest run, -1 = unclustered.
    uids
        Only these messages, e.g. a lasso's; None = all. An empty tuple passes nothing.
    """

    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    text_in: Literal["original", "any"] = "original"
    reviewed: bool | None = None
    sources: tuple[SourceId, ...] = ()
    languages: tuple[str, ...] = ()
    thread_id: str | None = None
    thread: ThreadFilter | None = None
    sender: AddressFilter | None = None
    recipient: AddressFilter | None = None
    cc: AddressFilter | None = None
    bcc: AddressFilter | None = None
    attachments: AttachmentFilter | None = None
    translated: bool | None = None
    exceptions: ExceptionFilter | None = None
    clusters: tuple[int, ...] = ()
    properties: tuple[PropertyFilter, ...] = ()
    labels: tuple[LabelFilter, ...] = ()
    labels_match: Literal["all", "any"] = "all"
    uids: tuple[Uid, ...] | None = field(default=None)

    def __post_init__(self) -> None:
        """Refuse what cannot pass anything or would compare unlike things."""
        for bound in (self.since, self.until):
            if bound is not None and bound.tzinfo is None:
                raise FilterError(
                    f"filter time {bound.isoformat()} has no time zone.",
                    next_step="Pass an aware datetime, e.g. with tzinfo=UTC.",
                )
        if self.since and self.until and self.since >= self.until:
            raise FilterError(
                f"filter starts at {self.since.isoformat()} but ends at {self.until.isoformat()}.",
                next_step="Make 'since' earlier than 'until'.",
            )
        if len(self.text) > MOST_TEXT:
            raise FilterError(
                f"the search {self.text[:60]!r}… has {len(self.text):,} characters.",
                next_step=f"Use at most {MOST_TEXT:,}.",
            )
        check_values("source", self.sources)
        check_values("language", self.languages)
