"""Which messages to delete, what that would touch, what it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workbench.domain.ids import BucketId, DatasetId, MessageId, SourceId
from workbench.errors import InputError

AnnotatedChoice = Literal["keep", "delete"]
MailMessages = Literal["keep", "keep_annotated", "delete"]
"""What happens to the messages that deleted mails became: all stay, those that people annotated stay, none stays."""


@dataclass(frozen=True, kw_only=True)
class MessageChoice:
    """Messages of one source: by id, or by time, or all of them.

    Attributes
    ----------
    message_ids
        Ids within the source; ids that it does not have are passed over. None = not by id.
    since, until
        Bounds on the message's timestamp, **both inclusive**; aware datetimes, None = open.
    """

    message_ids: tuple[MessageId, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse a choice that contradicts itself."""
        bounds = [bound for bound in (self.since, self.until) if bound is not None]
        if self.message_ids is not None and bounds:
            raise InputError(
                "messages are to be chosen both by id and by time.",
                next_step="Pass message_ids, or since and until.",
            )
        for bound in bounds:
            if bound.tzinfo is None:
                raise InputError(
                    f"the time {bound.isoformat()} has no time zone.",
                    next_step="Pass an aware datetime, e.g. with tzinfo=UTC.",
                )
        if self.since and self.until and self.since > self.until:
            raise InputError(
                f"the time range begins at {self.since.isoformat()} but ends at {self.until.isoformat()}.",
                next_step="Make 'since' the earlier one.",
            )

    @property
    def is_everything(self) -> bool:
        """Whether the whole source is chosen."""
        return self.message_ids is None and self.since is None and self.until is None


@dataclass(frozen=True, kw_only=True)
class TouchedDataset:
    """A dataset that loses messages: ``n_annotated`` of them carry people's labels there."""

    dataset_id: DatasetId
    full_name: str
    n_annotated: int


@dataclass(frozen=True, kw_only=True)
class DeletionPreview:
    """What a deletion would take.

    Attributes
    ----------
    n_messages
        Messages chosen.
    n_annotated
        Those among them that are annotated in any dataset, one that hides the source included.
    n_unknown
        Ids that the source does not have.
    datasets
        Every dataset over the source; its model is affected where ``n_annotated`` is not 0.
    bucket, n_mails
        The bucket that the source reads, empty = none, and the raw mails in it. They stay, unless the source is
        deleted with its bucket.
    """

    source_id: SourceId
    source: str
    n_messages: int
    n_annotated: int
    n_unknown: int = 0
    datasets: tuple[TouchedDataset, ...] = ()
    bucket: str = ""
    n_mails: int = 0


@dataclass(frozen=True, kw_only=True)
class MailDeletionPreview:
    """What deleting raw mails from a bucket would take.

    Attributes
    ----------
    bucket
        Its full name.
    n_mails, n_bytes
        Mails chosen that the bucket has, and their bytes as received.
    n_unknown
        Message ids that it does not have.
    messages
        For every source that reads the bucket, the messages that these mails became.
    """

    bucket_id: BucketId
    bucket: str
    n_mails: int
    n_bytes: int
    n_unknown: int = 0
    messages: tuple[DeletionPreview, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeletionReport:
    """What a deletion took; no units are returned.

    Attributes
    ----------
    n_messages, n_annotated
        Messages gone, and those among them that were annotated.
    n_kept
        Annotated messages that stayed because the caller chose so.
    n_predictions, n_vectors, n_contents
        Predictions, vectors of texts that no message has any more, and contents of attachments gone.
    n_datasets, n_sources, n_buckets
        Datasets, sources and buckets gone.
    n_mails
        Raw mails gone, by themselves or with their bucket.
    """

    name: str
    n_messages: int = 0
    n_annotated: int = 0
    n_kept: int = 0
    n_predictions: int = 0
    n_vectors: int = 0
    n_contents: int = 0
    n_datasets: int = 0
    n_sources: int = 0
    n_buckets: int = 0
    n_mails: int = 0
